"""Evidence files: beside a document, instead of a signature file, and alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from eseal.errors import InvalidInputError
from eseal.ledger.facts import Head
from eseal.log.receipt import Receipt
from eseal.verify import CheckName, CheckStatus, Finding, SubIndication
from tests.unit.verify.asking import verify_digest, verify_document, verify_evidence

CONTRACT = b"The parties agree to agree."
OTHER = b"The parties agree to disagree."


@pytest.fixture
def use(world, seal):
    """Recorded, then buried under more leaves before the anchor: its own receipt is not enough."""
    made = world.use(seal)
    world.fill(5)
    world.anchor()
    return made


def test_evidence_upgrades_a_receipt_that_was_never_anchored(world, use):
    evidence = world.evidence(use)
    report = verify_document(CONTRACT, signature=use.p7s, evidence=evidence, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.EVIDENCE).status is CheckStatus.VALID
    assert report.check(CheckName.ANCHOR).rests_on.transaction == evidence.anchor.transaction


def test_evidence_serves_in_place_of_the_signature_file(world, use):
    evidence = world.evidence(use)
    assert verify_document(CONTRACT, evidence=evidence, ledger=world.ledger).finding is (
        Finding.AUTHENTIC
    )
    digest = hashlib.sha256(CONTRACT).digest()
    assert verify_digest(digest, evidence=evidence, ledger=world.ledger).finding is (
        Finding.AUTHENTIC
    )


def test_evidence_alone_proves_the_use_and_says_that_no_document_was_compared(world, use):
    report = verify_evidence(world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.DOCUMENT).status is CheckStatus.SKIPPED
    assert "No document was compared" in report.message


def test_evidence_survives_its_file(world, use):
    evidence = world.evidence(use)
    again = type(evidence).parse(evidence.encode())
    assert verify_evidence(again, ledger=world.ledger).finding is Finding.AUTHENTIC


def test_evidence_offline_checks_everything_but_the_ledger(world, use):
    report = verify_document(CONTRACT, evidence=world.evidence(use))
    assert report.finding is Finding.LEDGER_UNREACHABLE
    checkpoint = report.check(CheckName.CHECKPOINT)
    assert checkpoint.status is CheckStatus.VALID
    assert "not confirmed" in checkpoint.detail


def test_a_checkpoint_its_own_evidence_denies_is_listed_but_no_alarm(world, use):
    evidence = replace(world.evidence(use), public_key=bytes(32))
    report = verify_document(CONTRACT, evidence=evidence)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert report.check(CheckName.CHECKPOINT).status is CheckStatus.INVALID
    assert not report.alarm


@pytest.mark.parametrize("online", [True, False])
def test_evidence_of_another_document_does_not_accuse_what_proves_itself(world, seal, online):
    use = world.use(seal)
    world.anchor()
    other = world.use(seal, OTHER)
    world.anchor()
    evidence, ledger = world.evidence(other), world.ledger if online else None
    beside = verify_document(CONTRACT, signature=use.p7s, evidence=evidence, ledger=ledger)
    assert beside.finding is (Finding.AUTHENTIC if online else Finding.LEDGER_UNREACHABLE)
    check = beside.check(CheckName.EVIDENCE)
    assert (check.status, "another document" in check.detail) == (CheckStatus.INVALID, True)


@pytest.mark.parametrize("online", [True, False])
def test_a_document_known_only_by_the_evidence_of_another_is_transplanted(world, seal, online):
    other = world.use(seal, OTHER)
    world.anchor()
    evidence, ledger = world.evidence(other), world.ledger if online else None
    alone = verify_document(CONTRACT, evidence=evidence, ledger=ledger)
    assert (alone.finding, alone.sub_indication) == (
        Finding.TRANSPLANTED,
        SubIndication.HASH_FAILURE,
    )
    digest = hashlib.sha256(CONTRACT).digest()
    assert verify_digest(digest, evidence=evidence, ledger=ledger).finding is (Finding.TRANSPLANTED)


def test_an_altered_document_with_its_own_evidence_is_altered(world, use):
    report = verify_document(
        OTHER, signature=use.p7s, evidence=world.evidence(use), ledger=world.ledger
    )
    assert report.finding is Finding.DOCUMENT_ALTERED


def test_foreign_evidence_proves_no_record(world, seal, use):
    """The signature file lost its receipt, and the evidence beside it is another document's."""
    other = world.use(seal, OTHER)
    world.anchor()
    report = verify_document(
        CONTRACT,
        signature=use.with_receipt(None).p7s,
        evidence=world.evidence(other),
        ledger=world.ledger,
    )
    assert report.finding is Finding.RECORD_MISSING


def test_evidence_heals_a_signature_file_without_receipt(world, use):
    report = verify_document(
        CONTRACT,
        signature=use.with_receipt(None).p7s,
        evidence=world.evidence(use),
        ledger=world.ledger,
    )
    assert report.finding is Finding.AUTHENTIC


def members(world, seal, use):
    """Evidence with one member that is wrong, by the member's name."""
    other = world.use(seal, OTHER)
    world.anchor()
    mine, theirs = world.evidence(use), world.evidence(other)
    anchor = mine.anchor
    return {
        "statement": replace(mine, statement=theirs.statement),
        "chain": replace(mine, chain=mine.chain[::-1]),
        "receipt": replace(mine, receipt=b"garbage"),
        "log.origin": replace(mine, origin="log.example/two"),
        "log.public_key": replace(mine, public_key=bytes(32)),
        "anchor.size": replace(mine, anchor=theirs.anchor),
        "anchor.log_id": replace(mine, anchor=replace(anchor, log_id=bytes(32))),
        "anchor.root": replace(mine, anchor=replace(anchor, root=bytes(32))),
        "anchor.chain_id": replace(mine, anchor=replace(anchor, chain_id=1)),
        "anchor.contract": replace(mine, anchor=replace(anchor, contract=anchor.contract.lower())),
        "anchor.block.timestamp": replace(
            mine, anchor=replace(anchor, block_timestamp=anchor.block_timestamp - 3600)
        ),
        "anchor.transaction": replace(mine, anchor=replace(anchor, transaction=bytes(32))),
    }


def test_evidence_with_a_wrong_member_proves_nothing_and_names_it(world, seal, use):
    for member, evidence in members(world, seal, use).items():
        report = verify_evidence(evidence, ledger=world.ledger)
        assert report.finding is Finding.RECORD_MISSING, member
        check = report.check(CheckName.EVIDENCE)
        assert check.status is CheckStatus.INVALID
        assert f"member {member} is wrong" in check.detail


def test_evidence_with_a_wrong_member_harms_no_document_that_proves_itself(world, seal):
    use = world.use(seal)
    world.anchor()
    for member, evidence in members(world, seal, use).items():
        report = verify_document(
            CONTRACT, signature=use.p7s, evidence=evidence, ledger=world.ledger
        )
        assert report.finding is Finding.AUTHENTIC, member
        check = report.check(CheckName.EVIDENCE)
        assert check.status is CheckStatus.INVALID
        assert f"member {member} is wrong" in check.detail


def test_a_receipt_of_another_use_in_evidence_proves_nothing(world, seal, use):
    other = world.use(seal, OTHER)
    world.anchor()
    mine, theirs = world.evidence(use), world.evidence(other)
    mixed = replace(mine, receipt=theirs.receipt, anchor=theirs.anchor)
    assert verify_evidence(mixed, ledger=world.ledger).finding is Finding.RECORD_MISSING
    recorded = use.with_receipt(world.receipt(use.index))
    report = verify_document(
        CONTRACT, signature=recorded.p7s, evidence=mixed, ledger=world.ledger, logs=world.logs
    )
    assert report.finding is Finding.AUTHENTIC
    assert "set aside" in report.check(CheckName.EVIDENCE).detail


def test_evidence_with_a_broken_cms_is_not_understood(world, use):
    broken = replace(world.evidence(use), cms=b"garbage")
    assert verify_evidence(broken, ledger=world.ledger).finding is Finding.NOT_UNDERSTOOD
    beside = verify_document(
        CONTRACT, signature=use.p7s, evidence=broken, ledger=world.ledger, logs=world.logs
    )
    assert beside.finding is Finding.AUTHENTIC


def test_evidence_stands_in_for_a_signature_file_that_cannot_be_read(world, use):
    """Something nobody signed was spoilt; the signature value itself is still there. What the rest
    is, nobody knows: so it accuses nobody, and does not pass."""
    der = use.p7s
    spoilt = der.replace(bytes.fromhex("06092a864886f70d010702"), bytes(11), 1)
    assert spoilt != der
    evidence = world.evidence(use)
    alone = verify_document(CONTRACT, signature=spoilt, ledger=world.ledger)
    assert alone.finding is Finding.NOT_UNDERSTOOD
    report = verify_document(CONTRACT, signature=spoilt, evidence=evidence, ledger=world.ledger)
    assert report.finding is Finding.ADDED_AFTER_SEALING
    assert report.check(CheckName.UNSIGNED).status is CheckStatus.INVALID
    report = verify_document(OTHER, signature=spoilt, evidence=evidence, ledger=world.ledger)
    assert report.finding is Finding.DOCUMENT_ALTERED


class Kept:
    """``RecordSource`` over a list."""

    def __init__(self, *kept):
        self.kept = kept

    def evidence_for(self, digest, use_id):
        return [
            each
            for each in self.kept
            if each.statement.digest == digest and use_id in {None, each.statement.id}
        ]


def test_what_is_on_record_heals_what_was_cut_or_swapped(world, seal, use):
    other = world.use(seal, OTHER)
    twin = world.use(seal)  # another use for the same document
    world.anchor()
    records = Kept(*map(world.evidence, (twin, use, other)))
    bare = replace(use, seal=replace(use.seal, chain=()))
    spoilt = use.p7s.replace(bytes.fromhex("06092a864886f70d010702"), bytes(11), 1)
    for p7s, finding in (
        (use.with_receipt(None).p7s, Finding.AUTHENTIC),
        (use.with_receipt(other.receipt).p7s, Finding.AUTHENTIC),
        (bare.with_receipt(None).p7s, Finding.AUTHENTIC),
        (use.with_receipt(b"garbage").p7s, Finding.ADDED_AFTER_SEALING),
        (spoilt, Finding.ADDED_AFTER_SEALING),
    ):
        for evidence in (None, world.evidence(other)):
            given = {"signature": p7s, "evidence": evidence, "ledger": world.ledger}
            assert verify_document(CONTRACT, **given).finding is not Finding.AUTHENTIC
            report = verify_document(CONTRACT, records=records, **given)
            assert report.finding is finding
            assert report.seals[0].facts.statement == use.statement
    report = verify_document(OTHER, signature=use.p7s, ledger=world.ledger, records=records)
    assert report.finding is Finding.DOCUMENT_ALTERED


def test_what_is_on_record_stands_in_for_what_lay_beside(world, seal, use):
    other = world.use(seal, OTHER)
    world.anchor()
    records = Kept(world.evidence(use))
    for evidence in (None, world.evidence(other)):
        given = {"evidence": evidence, "ledger": world.ledger, "records": records}
        assert verify_document(CONTRACT, **given).finding is Finding.AUTHENTIC
        digest = hashlib.sha256(CONTRACT).digest()
        alone = Finding.AUTHENTIC if evidence is None else Finding.TRANSPLANTED
        found = verify_digest(digest, **given).finding
        assert found is alone, "who shows another use and names a digest gets no record of it"
    unknown = verify_document(b"unknown", ledger=world.ledger, records=records)
    assert unknown.finding is Finding.NO_SEAL


def test_no_record_makes_a_seal_of_a_broken_signature(world, seal, use):
    forged = replace(use, signature=seal.keys.sign(seal.key_id, b"something else"))
    report = verify_document(
        CONTRACT, signature=forged.p7s, ledger=world.ledger, records=Kept(world.evidence(use))
    )
    assert report.finding is Finding.SIGNATURE_INVALID


def test_evidence_of_an_anchor_that_was_re_organised_away(world, use):
    """Pending while the head is on no block; authentic once it is on another one."""
    evidence = world.evidence(use)
    world.ledger.reorganise(evidence.anchor.block_number)
    world.ledger.mine()
    report = verify_evidence(evidence, ledger=world.ledger)
    assert report.finding is Finding.ANCHOR_PENDING
    assert "a re-organisation removed it" in report.check(CheckName.EVIDENCE).detail
    receipt = Receipt.parse(evidence.receipt).checkpoint.checkpoint
    world.ledger.force(world.name, Head(receipt.size, receipt.root))
    report = verify_evidence(evidence, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert "a re-organisation removed it" in report.check(CheckName.EVIDENCE).detail
    assert report.check(CheckName.ANCHOR).rests_on.block == world.ledger.final_block()


def test_an_anchor_that_is_nowhere_on_the_ledger_is_named(world, seal):
    use = world.use(seal)
    evidence = world.evidence(use)
    invented = replace(evidence, anchor=_claim(world, evidence, number=1))
    report = verify_evidence(invented, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING
    assert "no such anchor" in report.check(CheckName.EVIDENCE).detail


def test_a_root_the_log_signed_and_the_ledger_denies_is_a_mismatch(world, seal):
    """What the log signed and what the ledger holds: neither can be laid to anybody else."""
    use = world.use(seal)
    world.ledger.force(world.name, Head(world.size, bytes(32)))
    evidence = replace(world.evidence(use), receipt=use.receipt, anchor=None)
    report = verify_evidence(evidence, ledger=world.ledger)
    assert (report.finding, report.alarm) == (Finding.RECORD_MISMATCH, True)


def test_an_anchor_ahead_of_a_lagging_node_is_due_not_denied(world, seal):
    use = world.use(seal)
    evidence = world.evidence(use)
    ahead = replace(evidence, anchor=_claim(world, evidence, number=10_000))
    assert verify_evidence(ahead, ledger=world.ledger).finding is Finding.ANCHOR_PENDING


def test_while_the_ledger_is_silent_evidence_is_compared_with_itself(world, use):
    evidence = world.evidence(use)
    elsewhere = replace(evidence, anchor=replace(evidence.anchor, chain_id=1))
    report = verify_evidence(elsewhere)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert "could not be asked" in report.check(CheckName.EVIDENCE).detail
    mixed = replace(evidence, origin="log.example/two")
    assert verify_evidence(mixed).check(CheckName.EVIDENCE).status is CheckStatus.INVALID


def test_the_evidence_s_chain_helps_a_signature_without_one(world, use):
    bare = replace(use, seal=replace(use.seal, chain=()))
    alone = verify_document(CONTRACT, signature=bare.p7s, ledger=world.ledger)
    assert alone.finding is Finding.UNTRUSTED_ISSUER
    report = verify_document(
        CONTRACT,
        signature=bare.p7s,
        evidence=world.evidence(use),
        ledger=world.ledger,
    )
    assert report.finding is Finding.AUTHENTIC


def test_a_digest_without_anything_beside_it_is_no_seal():
    assert verify_digest(bytes(32)).finding is Finding.NO_SEAL


@pytest.mark.parametrize("length", [0, 20, 31, 33, 64])
def test_a_digest_of_another_length_is_refused(length):
    with pytest.raises(InvalidInputError, match=f"expected 32 bytes.*got {length}"):
        verify_digest(bytes(length))


def test_a_digest_and_a_signature_file(world, use):
    digest = hashlib.sha256(CONTRACT).digest()
    report = verify_digest(digest, signature=use.p7s, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.AUTHENTIC
    report = verify_digest(bytes(32), signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.DOCUMENT_ALTERED


def _claim(world, evidence, number):
    """An anchor of the evidence's own head that the ledger does not hold."""
    held = world.evidence_anchor(world.ledger.heads[world.name][0])
    head = world.head_of(evidence.receipt)
    return replace(held, size=head.size, root=head.root, block_number=number)
