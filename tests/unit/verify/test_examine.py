"""Every finding that can be found today, end to end, and what distinguishes it from the others."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eseal.errors import InvalidInputError
from eseal.ledger.facts import Head, Status
from eseal.model.seal import Reason, SealType
from eseal.verify import CheckName, CheckStatus, Finding, Indication, SubIndication
from eseal.words import Language, speak
from tests.unit.verify.asking import AUTHORITY, trusting
from tests.unit.verify.asking import verify_document as verify
from tests.unit.verify.memory_ledger import MemoryLedger

CONTRACT = b"The parties agree to agree."
OTHER = b"The parties agree to disagree."
NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)


def authentic(world, seal):
    use = world.use(seal)
    world.anchor()
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def anchor_pending(world, seal):
    return verify(CONTRACT, signature=world.use(seal).p7s, ledger=world.ledger)


def ledger_unreachable(world, seal):
    return verify(CONTRACT, signature=world.use(seal).p7s)


def document_altered(world, seal):
    use = world.use(seal)
    world.anchor()
    return verify(CONTRACT + b" ", signature=use.p7s, ledger=world.ledger)


def signature_invalid(world, seal):
    use = world.use(seal)
    forged = seal.keys.sign(seal.key_id, b"something else")
    return verify(CONTRACT, signature=replace(use, signature=forged).p7s, ledger=world.ledger)


def unregistered_seal(world, seal):
    assert seal
    use = world.use(world.new_seal(register=False))
    world.anchor()
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def record_missing(world, seal):
    return verify(CONTRACT, signature=world.use(seal, record=False).p7s, ledger=world.ledger)


def transplanted(world, seal):
    """A thief signs the statement of a recorded use over another document."""
    recorded = world.use(seal)
    world.anchor()
    digest = hashlib.sha256(OTHER).digest()
    signed, signature = seal.sign(recorded.statement.encode(), digest)
    p7s = replace(recorded, signed=signed, signature=signature).p7s
    return verify(OTHER, signature=p7s, ledger=world.ledger)


def seal_not_active(world, seal):
    world.ledger.change(seal.handle, Status.REVOKED, Reason.LOSS)
    use = world.use(seal)
    world.anchor()
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def status_uncertain(world, seal):
    use = world.use(seal)
    world.ledger.change(seal.handle, Status.REVOKED, Reason.LOSS)
    world.anchor()
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def backdated(world, seal):
    use = world.use(seal, sealed_at=datetime(2020, 1, 1, tzinfo=UTC))
    world.anchor()
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def record_mismatch(world, seal):
    use = world.use(seal)
    head = Head(world.size, hashlib.sha256(b"another root").digest())
    world.ledger.force(world.name, head)
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger)


def untrusted_issuer(world, seal):
    use = world.use(seal)
    world.anchor()
    foreign = world.new_seal().certificate
    trust = trusting(roots=(foreign,))
    return verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=trust)


def not_understood(world, seal):
    """A statement of a version that is not known yet."""
    signed, signature = seal.sign(b'{"v":3}', hashlib.sha256(CONTRACT).digest())
    p7s = seal.encode(signed, signature, world.use(seal).receipt)
    world.anchor()
    return verify(CONTRACT, signature=p7s, ledger=world.ledger)


def no_seal(world, seal):
    assert seal
    return verify(CONTRACT, ledger=world.ledger)


CASES = {
    authentic: (Indication.TOTAL_PASSED, None),
    anchor_pending: (Indication.INDETERMINATE, SubIndication.TRY_LATER),
    ledger_unreachable: (Indication.INDETERMINATE, SubIndication.TRY_LATER),
    document_altered: (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE),
    signature_invalid: (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE),
    unregistered_seal: (Indication.TOTAL_FAILED, None),
    record_missing: (Indication.INDETERMINATE, SubIndication.NO_POE),
    transplanted: (Indication.TOTAL_FAILED, None),
    seal_not_active: (Indication.TOTAL_FAILED, SubIndication.REVOKED),
    status_uncertain: (Indication.INDETERMINATE, SubIndication.REVOKED_NO_POE),
    backdated: (Indication.TOTAL_FAILED, None),
    record_mismatch: (Indication.TOTAL_FAILED, None),
    untrusted_issuer: (Indication.INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    not_understood: (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE),
    no_seal: (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND),
}
LATER = {  # their place is kept; what finds them is not built yet
    Finding.LOOKALIKE_SEAL,
    Finding.SEAL_PICTURE_ONLY,
    Finding.TICKET_UNKNOWN,
    Finding.HISTORY_FORKED,
    Finding.HEAD_DISOWNED,
    Finding.DECLARED_VOID,
    Finding.DISPUTED,
}
IN_PDF = {  # test_files.py
    Finding.ALTERED_AFTER_SEALING,
    Finding.ADDED_AFTER_SEALING,
    Finding.HIDDEN_CONTENT,
    Finding.NAME_UNPROVEN,
    Finding.TIME_STAMP_UNTRUSTED,
}
BY_POLICY = {Finding.WITNESSES_MISSING}  # test_policy.py


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_each_finding_is_reached_with_its_words(case, world, seal):
    report = case(world, seal)
    assert report.finding.value == case.__name__
    assert (report.indication, report.sub_indication) == CASES[case]
    assert report.message == speak(Language.EN)(f"findings.{report.finding}.sentence")


def test_no_finding_is_forgotten():
    assert {Finding(case.__name__) for case in CASES} | LATER | IN_PDF | BY_POLICY == set(Finding)


@pytest.mark.parametrize("case", [record_missing, record_mismatch], ids=lambda c: c.__name__)
def test_the_owner_is_alarmed(case, world, seal):
    assert case(world, seal).alarm


@pytest.mark.parametrize(
    "case",
    [authentic, document_altered, unregistered_seal, no_seal],
    ids=lambda c: c.__name__,
)
def test_the_owner_is_left_in_peace(case, world, seal):
    assert not case(world, seal).alarm


def test_an_authentic_report_shows_what_it_rests_on(world, seal):
    use = world.use(seal)
    anchor = world.anchor()
    now = datetime.fromtimestamp(anchor.block.timestamp + 60, UTC)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, now=now)
    asked = {CheckName.UNIQUE, CheckName.DECLARATIONS}
    skipped = {check.name for check in report.checks if check.status is CheckStatus.SKIPPED}
    assert skipped == asked
    valid = [each for each in report.checks if each.name not in asked]
    assert all(check.status is CheckStatus.VALID for check in valid)
    basis = report.check(CheckName.ANCHOR).rests_on
    assert basis.head_size == world.size
    assert basis.root == anchor.head.root
    assert basis.block == anchor.block
    assert (basis.finality, basis.age, basis.log_index) == ("immediate", 60, use.index)
    assert report.check(CheckName.DOCUMENT).rests_on.digest == hashlib.sha256(CONTRACT).digest()
    facts = report.seals[0].facts
    assert (facts.name, facts.registration_id) == ("Acme Trading Ltd", "NTRCN-91330106MA2GLYQ19H")
    assert facts.handle == seal.handle
    assert facts.statement == use.statement
    assert facts.window.not_after == datetime.fromtimestamp(anchor.block.timestamp, UTC)


def flipped(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


# offline failures win over a silent ledger


@pytest.mark.parametrize(
    ("alter", "finding"),
    [
        (lambda use, _: (OTHER, use.p7s), Finding.DOCUMENT_ALTERED),
        (
            lambda use, _: (CONTRACT, replace(use, signature=flipped(use.signature)).p7s),
            Finding.SIGNATURE_INVALID,
        ),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_what_is_wrong_without_a_ledger_is_wrong_anyway(alter, finding, given, world, seal):
    data, p7s = alter(world.use(seal), world)
    world.ledger.reachable = False
    report = verify(data, signature=p7s, ledger=world.ledger if given else None)
    assert report.finding is finding


def test_a_silent_ledger_is_asked_once_and_the_offline_checks_are_listed(world, seal):
    use = world.use(seal)
    world.ledger.reachable, world.ledger.asked = False, []
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert world.ledger.asked == ["block"]
    by_status = {}
    for check in report.checks:
        by_status.setdefault(check.status, []).append(check.name.value)
    assert by_status == {
        CheckStatus.VALID: [
            "seal",
            "document",
            "signature",
            "unsigned",
            "statement",
            "chain",
            "receipt",
            "inclusion",
        ],
        CheckStatus.ERROR: ["registration"],
        CheckStatus.SKIPPED: [
            "subject",
            "book",
            "log",
            "checkpoint",
            "anchor",
            "time",
            "root",
            "status",
            "unique",
            "declarations",
        ],
    }


def test_a_stranger_s_signature_raises_no_alarm_while_the_ledger_is_silent(world):
    stranger = world.new_seal(register=False)
    report = verify(CONTRACT, signature=world.use(stranger, record=False).p7s)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert not report.alarm


def test_another_ledger_than_the_trusted_one_does_not_count(world, seal):
    use = world.use(seal)
    world.anchor()
    for trust in (
        trusting(chain_id=1),
        trusting(seal_registry="0x" + "11" * 20),
        trusting(usage_ledger="0x" + "11" * 20),
    ):
        report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=trust)
        assert report.finding is Finding.LEDGER_UNREACHABLE
        assert "trusted ledger was not asked" in report.check(CheckName.REGISTRATION).detail
    same = trusting(
        chain_id=world.ledger.chain_id,
        seal_registry=world.ledger.seal_registry.lower(),
        usage_ledger=world.ledger.usage_ledger,
    )
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=same)
    assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize("p7s", [b"", b"\x30\x00", b"garbage", b"\x30\x80" + bytes(20)])
def test_a_signature_file_that_is_none_is_a_verdict_and_no_accusation(p7s, world):
    report = verify(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert report.indication is Indication.INDETERMINATE
    assert report.seals[0].facts is None


def test_a_reader_that_breaks_is_asked_again_later(world, seal, caplog):
    use = world.use(seal)
    del world.ledger.seals  # in a way nobody foresaw
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert "could not be carried out" in report.check(CheckName.REGISTRATION).detail
    assert caplog.records[0].exc_info is not None


def test_a_node_that_has_not_got_as_far_as_the_seal_accuses_nobody(world, seal):
    """Registered and used in blocks the node asked has not seen."""
    before = MemoryLedger()
    use = world.use(seal)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=before)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert "its newest is 0" in report.check(CheckName.REGISTRATION).detail


def test_a_receipt_of_another_use_is_as_good_as_none(world, seal):
    """Anybody can swap what nobody signed: it accuses nobody, and is told."""
    recorded = world.use(seal)
    stolen = world.use(seal, OTHER, record=False).with_receipt(recorded.receipt)
    genuine = world.use(seal).with_receipt(recorded.receipt)
    world.anchor()
    for data, use in ((OTHER, stolen), (CONTRACT, genuine)):
        report = verify(data, signature=use.p7s, ledger=world.ledger)
        assert report.finding is Finding.RECORD_MISSING
        assert report.check(CheckName.INCLUSION).status is CheckStatus.INVALID


def test_the_report_says_what_the_seal_is_for_and_who_vouches(world):
    seal = world.new_seal(common_name="contract seal, Acme Trading Ltd")
    use = world.use(seal)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    facts = report.seals[0].facts
    assert (facts.name, facts.seal_type) == ("Acme Trading Ltd", SealType.CONTRACT)
    assert facts.issuer == "eseal seals CA, Trial CA"
    assert facts.root == "eseal root CA, Trial CA"
    assert facts.vouched_by == "built-in CA, for trying out"
    assert facts.authority.to_dict() == {
        "key": AUTHORITY.vrf_key.hex(), "name": None, "built_in": False
    }  # fmt: skip
    register = (replace(AUTHORITY, name="Companies House"),)
    named = trusting(authorities=register)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=named)
    assert report.seals[0].facts.authority.name == "Companies House"
    nobody = trusting(roots=())
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=nobody)
    without = report.seals[0].facts
    assert (without.issuer, without.root) == (facts.issuer, None)


def test_nothing_given_is_no_seal():
    report = verify(b"")
    assert report.finding is Finding.NO_SEAL
    assert report.seals == ()
    assert report.check(CheckName.SEAL).status is CheckStatus.INVALID


def test_a_time_of_the_check_needs_a_zone():
    with pytest.raises(InvalidInputError, match="time zone"):
        verify(b"", now=datetime(2027, 1, 1))  # noqa: DTZ001 - that is the point
