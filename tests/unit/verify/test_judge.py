"""The verdicts on several seals in one file: whoever has it can put one of their own into it."""

from __future__ import annotations

import pytest

from eseal.verify import CheckName, Finding, verify_document
from tests.unit.verify.sealed_pdfs import plain_pdf, sealed


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


@pytest.mark.parametrize("further", [False, True])
def test_a_forged_seal_in_an_open_place_accuses_nobody_else(world, seal, pdf, further):
    """Whoever has the file can put one there. Beneath a good seal it was there before."""
    _, opened = sealed(world, seal, pdf, parties=["Bolt", "Cog"] if further else ["Bolt"])
    forger = world.new_seal("Bolt", register=False)
    _, file = sealed(world, forger, opened, said="Bolt")
    if further:
        _, file = sealed(world, world.new_seal("Cog"), file, said="Cog")
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    findings = [each.finding for each in report.seals]
    if further:
        assert findings == [Finding.AUTHENTIC, Finding.UNREGISTERED_SEAL, Finding.AUTHENTIC]
        assert report.finding is Finding.UNREGISTERED_SEAL
    else:
        assert findings == [Finding.ADDED_AFTER_SEALING, Finding.UNREGISTERED_SEAL]
        assert report.finding is Finding.ADDED_AFTER_SEALING
        assert "seal in 'Bolt'" in report.check(CheckName.REVISIONS).detail


def test_a_forged_first_seal_decides(world, pdf):
    """Nobody can have put it beneath the one that covers it."""
    forger = world.new_seal("Acme Trading Ltd", register=False)
    _, opened = sealed(world, forger, pdf, parties=["Bolt"])
    _, file = sealed(world, world.new_seal("Bolt"), opened, said="Bolt")
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.UNREGISTERED_SEAL
