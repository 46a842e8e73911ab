"""What a verdict says beside itself: who vouches for the company, and what ended later."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from eseal.ledger.facts import Status
from eseal.model.seal import Reason
from eseal.verify import CheckName, Finding
from tests.unit.verify.asking import (
    proof_of,
    shown,
    verify_document,
)
from tests.unit.verify.memory_ledger import AUTHORITY

CONTRACT = b"The parties agree to agree."
VICTIM_ID = "NTRCN-91330106MA2GLYQ19H"
OTHER = "NTRCN-91110108MA01KPGK0L"
FOUNDERS = ["founders_by_operator"]


def test_an_authority_that_is_the_issuer_itself_is_told(world, ledger):
    """The trial set-up, as every verdict of it says."""
    ledger.authority_keys = {
        key: replace(one, authority=world.issuer) for key, one in ledger.authority_keys.items()
    }
    ledger.schemes = dict.fromkeys(ledger.schemes, world.issuer)
    report = verify_document(CONTRACT, ledger=ledger, **shown(world, world.use(world.new_seal())))
    assert report.finding is Finding.AUTHENTIC
    codes = [note.code.value for note in report.seals[0].facts.notes]
    assert "built_in_authority" in codes
    assert "trial set-up" in report.check(CheckName.SUBJECT).detail
    assert world.issuer != AUTHORITY


def test_who_vouches_for_the_founders_is_said(world):
    founders = hashlib.sha256(b"founders").digest()
    vouched = world.new_seal("Bolt GmbH", proof=proof_of(VICTIM_ID, "Bolt GmbH", founders))
    for seal, told in ((vouched, []), (world.new_seal("Other Ltd", identifier=OTHER), FOUNDERS)):
        report = verify_document(CONTRACT, ledger=world.ledger, **shown(world, world.use(seal)))
        assert report.finding is Finding.AUTHENTIC
        assert [note.code.value for note in report.seals[0].facts.notes] == told


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (Status.REVOKED, Reason.RENAME, "company_renamed"),
        (Status.REVOKED, Reason.LOSS, "seal_ended_later"),
        (Status.SUSPENDED, Reason.BY_ORDER, "seal_ended_later"),
    ],
)
def test_a_seal_that_ended_later_stays_green_with_a_note(world, status, reason, code):
    seal = world.new_seal()
    given = shown(world, world.use(seal))
    world.ledger.change(seal.handle, status, reason)
    report = verify_document(CONTRACT, ledger=world.ledger, **given)
    assert report.finding is Finding.AUTHENTIC
    note = report.seals[0].facts.notes[-1]
    assert note.code.value == code
    assert note.since is not None
