from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.cosignature import add_cosignatures, cosignature_line
from eseal.log.receipt import Receipt
from eseal.log.vkey import KeyType, VerifierKey
from eseal.verify import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    Policy,
    SubIndication,
    WitnessQuorum,
)
from tests.unit.verify.asking import verify_digest, verify_document, verify_evidence

CONTRACT = b"The parties agree to agree."


def witness(number):
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    public = private.public_key().public_bytes_raw()
    return private, VerifierKey(f"w{number}.example", KeyType.COSIGNATURE, public)


KEYS = tuple(witness(number)[1] for number in (1, 2, 3))


def quorum(threshold):
    return Policy(WitnessQuorum(threshold, KEYS))


def cosigned(evidence, numbers, *, spoil=False):
    """The evidence with cosignatures of these witnesses under its receipt's head."""
    receipt = Receipt.parse(evidence.receipt)
    note = receipt.checkpoint.note
    for number in numbers:
        private, key = witness(number)
        line = cosignature_line(receipt.checkpoint.text, key, private.sign, 1_800_000_000)
        note = add_cosignatures(note, line, key)
    if spoil:
        _, key = witness(3)
        other = witness(2)[0]
        note += cosignature_line(receipt.checkpoint.text, key, other.sign, 1_800_000_000)
    return replace(evidence, receipt=replace(receipt, checkpoint=parse_checkpoint(note)).encode())


@pytest.fixture
def evidence(world, seal):
    use = world.use(seal, CONTRACT)
    world.anchor()
    return world.evidence(use)


@pytest.mark.parametrize(
    ("present", "threshold", "finding"),
    [
        ((), 1, Finding.WITNESSES_MISSING),
        ((1,), 1, Finding.AUTHENTIC),
        ((1,), 2, Finding.WITNESSES_MISSING),
        ((2, 3), 2, Finding.AUTHENTIC),
        ((1, 4), 2, Finding.WITNESSES_MISSING),
        ((1, 2, 3), 3, Finding.AUTHENTIC),
    ],
)
def test_k_of_n(ledger, evidence, present, threshold, finding):
    given_evidence = cosigned(evidence, present)
    report = verify_document(
        CONTRACT, evidence=given_evidence, ledger=ledger, policy=quorum(threshold)
    )
    check = report.check(CheckName.WITNESSES)
    assert report.finding is finding
    known = [number for number in present if number < 4]
    assert f"cosigned by {len(known)} of 3" in check.detail
    assert f"demands {threshold}" in check.detail
    passed = finding is Finding.AUTHENTIC
    assert check.status is (CheckStatus.VALID if passed else CheckStatus.INVALID)
    assert check.to_dict()["rests_on"]["head_size"] == 4


def test_too_few_witnesses_are_a_doubt_and_no_accusation(ledger, evidence):
    report = verify_evidence(evidence, ledger=ledger, policy=quorum(2))
    assert report.indication is Indication.INDETERMINATE
    assert report.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert not report.alarm


def test_without_a_policy_nobody_asks_for_witnesses(ledger, evidence):
    for policy in (None, Policy()):
        report = verify_document(CONTRACT, evidence=evidence, ledger=ledger, policy=policy)
        assert report.finding is Finding.AUTHENTIC
        assert report.check(CheckName.WITNESSES) is None


def test_a_cosignature_that_does_not_verify_spoils_the_note(ledger, evidence):
    spoilt = cosigned(evidence, (1, 2), spoil=True)
    report = verify_evidence(spoilt, ledger=ledger, policy=quorum(2))
    assert report.finding is Finding.WITNESSES_MISSING
    assert "not verify" in report.check(CheckName.WITNESSES).detail


def test_a_graver_finding_and_a_pending_anchor_come_first(world, ledger, seal, evidence):
    report = verify_document(b"another", evidence=evidence, ledger=ledger, policy=quorum(1))
    assert report.finding is Finding.TRANSPLANTED
    use = world.use(seal, b"new")
    report = verify_document(b"new", signature=use.p7s, ledger=ledger, policy=quorum(1))
    assert report.finding is Finding.ANCHOR_PENDING
    assert report.check(CheckName.WITNESSES).status is CheckStatus.INVALID


def test_without_receipt_the_check_is_skipped(world, ledger, seal):
    use = world.use(seal, CONTRACT, record=False)
    digest = use.statement.digest
    report = verify_digest(digest, signature=use.p7s, ledger=ledger, policy=quorum(1))
    assert report.finding is Finding.RECORD_MISSING
    assert report.check(CheckName.WITNESSES).status is CheckStatus.SKIPPED


def test_a_policy_file_reads():
    members = {"threshold": 2, "keys": [str(key) for key in KEYS]}
    assert Policy.parse(json.dumps({"witnesses": members}).encode()) == quorum(2)


@pytest.mark.parametrize(
    "members",
    [
        [],
        {},
        {"witnesses": None},
        {"witnesses": {}, "else": 1},
        {"witnesses": {"threshold": 1}},
        {"witnesses": {"threshold": True, "keys": [str(KEYS[0])]}},
        {"witnesses": {"threshold": "1", "keys": [str(KEYS[0])]}},
        {"witnesses": {"threshold": 0, "keys": [str(KEYS[0])]}},
        {"witnesses": {"threshold": 2, "keys": [str(KEYS[0])]}},
        {"witnesses": {"threshold": 1, "keys": str(KEYS[0])}},
        {"witnesses": {"threshold": 1, "keys": [1]}},
        {"witnesses": {"threshold": 1, "keys": ["w+00000000+AA=="]}},
        {"witnesses": {"threshold": 1, "keys": [str(KEYS[0]), str(KEYS[0])]}},
        {"witnesses": {"threshold": 1, "keys": [str(KEYS[0])], "of": 3}},
    ],
)
def test_any_other_policy_is_refused(members):
    with pytest.raises(InvalidFormatError):
        Policy.parse(json.dumps(members).encode())


def test_one_key_under_two_names_is_one_witness():
    twin = VerifierKey("twin.example", KeyType.COSIGNATURE, KEYS[0].public_key)
    with pytest.raises(InvalidInputError, match="twice"):
        WitnessQuorum(2, (KEYS[0], twin))
    many = [VerifierKey("w", KeyType.COSIGNATURE, bytes([n]) * 32) for n in range(65)]
    with pytest.raises(InvalidInputError, match="at most 64"):
        WitnessQuorum(1, tuple(many))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(InvalidFormatError):
        Policy.parse(data)
    with pytest.raises(InvalidFormatError, match="at most"):
        Policy.parse(data + b" " * ((1 << 16) + 1))
