"""Evidence files: beside a document, instead of a signature file, and alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from eseal.errors import InvalidInputError
from eseal.ledger.protocol import Head
from eseal.log.receipt import Receipt
from eseal.verify import (
    CheckName,
    CheckStatus,
    Finding,
    SubIndication,
    Trust,
    verify_digest,
    verify_document,
    verify_evidence,
)

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


def test_the_ledger_s_key_counts_not_the_evidence_s(world, use):
    evidence = replace(world.evidence(use), public_key=bytes(32))
    report = verify_document(CONTRACT, evidence=evidence, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize("online", [True, False])
def test_evidence_of_another_document_is_transplanted(world, seal, use, online):
    other = world.use(seal, OTHER)
    world.anchor()
    evidence, ledger = world.evidence(other), world.ledger if online else None
    beside = verify_document(CONTRACT, signature=use.p7s, evidence=evidence, ledger=ledger)
    assert beside.finding is Finding.TRANSPLANTED
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


def test_foreign_evidence_is_no_reason_to_cry_theft(world, seal, use):
    """The signature file lost its receipt, and the evidence beside it is another document's."""
    other = world.use(seal, OTHER)
    world.anchor()
    report = verify_document(
        CONTRACT,
        signature=use.with_receipt(None).p7s,
        evidence=world.evidence(other),
        ledger=world.ledger,
    )
    assert report.finding is Finding.TRANSPLANTED
    assert not report.alarm


def test_evidence_heals_a_signature_file_without_receipt(world, use):
    report = verify_document(
        CONTRACT,
        signature=use.with_receipt(None).p7s,
        evidence=world.evidence(use),
        ledger=world.ledger,
    )
    assert report.finding is Finding.AUTHENTIC


def test_the_parts_of_an_evidence_file_must_belong_together(world, seal, use):
    other = world.use(seal, OTHER)
    world.anchor()
    mine, theirs = world.evidence(use), world.evidence(other)
    for mixed in (
        replace(mine, statement=theirs.statement),
        replace(mine, receipt=theirs.receipt, anchor=theirs.anchor),
        replace(mine, anchor=theirs.anchor),
        replace(mine, origin="log.example/two"),
        replace(mine, cms=theirs.cms),
    ):
        for ledger in (world.ledger, None):
            report = verify_evidence(mixed, ledger=ledger)
            assert report.finding is Finding.TRANSPLANTED, mixed


def test_the_statement_beside_the_signature_must_be_the_signed_one(world, seal, use):
    mixed = world.evidence(use, statement=world.statement(seal, use.statement.digest))
    report = verify_document(CONTRACT, signature=use.p7s, evidence=mixed, ledger=world.ledger)
    assert report.finding is Finding.TRANSPLANTED
    assert "statement of another use" in report.check(CheckName.EVIDENCE).detail


def test_evidence_with_a_broken_cms_is_no_seal_signature(world, use):
    broken = replace(world.evidence(use), cms=b"garbage")
    assert verify_evidence(broken, ledger=world.ledger).finding is Finding.SIGNATURE_INVALID
    beside = verify_document(CONTRACT, signature=use.p7s, evidence=broken, ledger=world.ledger)
    assert beside.finding is Finding.TRANSPLANTED


def test_evidence_of_an_anchor_that_was_re_organised_away(world, use):
    """Pending while the head is on no block; authentic once it is on another one."""
    evidence = world.evidence(use)
    world.ledger.reorganise(evidence.anchor.block_number)
    world.ledger.mine()
    report = verify_evidence(evidence, ledger=world.ledger)
    assert report.finding is Finding.ANCHOR_PENDING
    assert "a re-organisation removed it" in report.check(CheckName.ANCHOR).detail
    receipt = Receipt.parse(evidence.receipt).checkpoint.checkpoint
    world.ledger.force(world.name, Head(receipt.size, receipt.root))
    report = verify_evidence(evidence, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    check = report.check(CheckName.ANCHOR)
    assert "a re-organisation removed it" in check.detail
    assert check.rests_on.block == world.ledger.final_block()


def test_an_anchor_the_ledger_denies_is_a_mismatch(world, use):
    evidence = world.evidence(use)
    anchor = evidence.anchor
    for claimed in (
        replace(anchor, block_hash=bytes(32), root=bytes(32)),
        replace(anchor, block_timestamp=anchor.block_timestamp - 3600),
        replace(anchor, transaction=bytes(32)),
        replace(anchor, root=bytes(32)),
    ):
        report = verify_evidence(replace(evidence, anchor=claimed), ledger=world.ledger)
        assert report.finding is Finding.RECORD_MISMATCH, claimed


def test_an_anchor_that_is_nowhere_on_the_ledger_is_a_mismatch(world, seal):
    use = world.use(seal)
    evidence = world.evidence(use)
    invented = replace(evidence, anchor=_claim(world, evidence, number=1))
    report = verify_evidence(invented, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISMATCH
    assert "no such anchor" in report.check(CheckName.ANCHOR).detail


def test_an_anchor_ahead_of_a_lagging_node_is_due_not_denied(world, seal):
    use = world.use(seal)
    evidence = world.evidence(use)
    ahead = replace(evidence, anchor=_claim(world, evidence, number=10_000))
    assert verify_evidence(ahead, ledger=world.ledger).finding is Finding.ANCHOR_PENDING


def test_an_anchor_of_a_contract_not_trusted_proves_nothing_and_harms_nothing(world, use):
    evidence = world.evidence(use)
    for elsewhere in (
        replace(evidence.anchor, chain_id=1, transaction=bytes(32)),
        replace(evidence.anchor, contract="0x" + "11" * 20, transaction=bytes(32)),
    ):
        claimed = replace(evidence, anchor=elsewhere)
        assert verify_evidence(claimed, ledger=world.ledger).finding is Finding.AUTHENTIC
        assert verify_evidence(claimed).finding is Finding.LEDGER_UNREACHABLE


def test_the_evidence_s_chain_helps_a_signature_without_one(world, use, authority):
    bare = replace(use, seal=replace(use.seal, chain=()))
    trust = Trust(roots=(authority.root.certificate,))
    alone = verify_document(CONTRACT, signature=bare.p7s, ledger=world.ledger, trust=trust)
    assert alone.finding is Finding.UNTRUSTED_ISSUER
    report = verify_document(
        CONTRACT,
        signature=bare.p7s,
        evidence=world.evidence(use),
        ledger=world.ledger,
        trust=trust,
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
