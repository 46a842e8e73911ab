"""What is unrecorded, what is transplanted, and what an anchor proves."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.suites import KeyAlgorithm
from eseal.verify import CheckName, CheckStatus, Finding
from tests.unit.verify.asking import verify_document as verify
from tests.unit.verify.asking import verify_evidence
from tests.unit.verify.conftest import Logs, MemoryTiles

CONTRACT = b"The parties agree to agree."
OTHER = b"The parties agree to disagree."


def test_a_receipt_of_an_unknown_log_records_nothing(world, seal, ledger):
    use = world.use(seal)
    world.anchor()
    del ledger.logs[world.name]
    report = verify(CONTRACT, signature=use.p7s, ledger=ledger)
    assert report.finding is Finding.RECORD_MISSING
    assert report.check(CheckName.LOG).status is CheckStatus.INVALID


def test_a_shadow_log_records_nothing(seal, ledger, make_world):
    """A dishonest operator keeps a second log, with the same key: the ledger knows one."""
    shadow = make_world(ledger, origin="log.example/shadow")
    use = shadow.use(seal)
    report = verify(CONTRACT, signature=use.p7s, ledger=ledger, logs=shadow.logs)
    assert report.finding is Finding.RECORD_MISSING
    assert "not the log of issuer" in report.check(CheckName.LOG).detail
    assert report.alarm
    report = verify_evidence(shadow.evidence(use), ledger=ledger)
    assert report.finding is Finding.RECORD_MISSING
    assert "log.origin" in report.check(CheckName.EVIDENCE).detail


def test_a_head_the_log_did_not_sign_records_nothing(world, seal, keys):
    use = world.use(seal)
    key = keys.generate(KeyAlgorithm.ED25519)
    forged = sign_checkpoint(
        Checkpoint(world.origin, world.size, world.checkpoint().checkpoint.root),
        lambda text: keys.sign(key, text),
        keys.public_key(key)[-32:],
    )
    mine = Receipt.parse(use.receipt)
    receipt = replace(mine, checkpoint=parse_checkpoint(forged)).encode()
    world.anchor()
    report = verify(CONTRACT, signature=use.with_receipt(receipt).p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING
    assert report.check(CheckName.CHECKPOINT).status is CheckStatus.INVALID


def test_a_head_that_verified_once_does_not_verify_under_another_key(world, seal, ledger, keys):
    use = world.use(seal)
    world.anchor()
    assert verify(CONTRACT, signature=use.p7s, ledger=ledger).finding is Finding.AUTHENTIC
    other = keys.public_key(keys.generate(KeyAlgorithm.ED25519))[-32:]
    ledger.logs[world.name] = replace(ledger.logs[world.name], keys=((0, other),))
    report = verify(CONTRACT, signature=use.p7s, ledger=ledger)
    assert report.finding is Finding.RECORD_MISSING


def test_a_head_with_many_witnesses_is_verified_too(world, seal):
    use = world.use(seal)
    mine = Receipt.parse(use.receipt)
    witnesses = "".join(f"— witness.example/{n} {'A' * 128}\n" for n in range(40))
    note = parse_checkpoint(mine.checkpoint.note + witnesses.encode())
    world.anchor()
    receipt = replace(mine, checkpoint=note).encode()
    report = verify(CONTRACT, signature=use.with_receipt(receipt).p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_a_thief_who_makes_up_a_whole_log_is_found(world, seal, keys):
    """Inclusion in a tree of the thief's own, under a head nobody signed."""
    use = world.use(seal, record=False)
    value = normalised(use.signature, seal.cms.algorithm)
    committed = commitment(Kind.USE, use.statement.encode(), value)
    root = Leaf(0, committed, tag(seal.handle, use.statement.ticket)).hash()
    key = keys.generate(KeyAlgorithm.ED25519)
    note = sign_checkpoint(
        Checkpoint(world.origin, 1, root),
        lambda text: keys.sign(key, text),
        keys.public_key(key)[-32:],
    )
    receipt = Receipt(0, (), parse_checkpoint(note)).encode()
    report = verify(CONTRACT, signature=use.with_receipt(receipt).p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING
    assert report.check(CheckName.INCLUSION).status is CheckStatus.VALID


@pytest.mark.parametrize("receipt", [b"garbage", b"", b"c2sp.org/tlog-proof@v1\nindex +1"])
def test_an_unreadable_receipt_records_nothing(receipt, world, seal):
    use = world.use(seal).with_receipt(receipt)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING


def test_the_statement_of_another_document_is_transplanted(world, seal):
    """A thief re-signs the statement of a recorded use over another document."""
    recorded = world.use(seal)
    world.anchor()
    digest = hashlib.sha256(OTHER).digest()
    signed, signature = seal.sign(recorded.statement.encode(), digest)
    p7s = replace(recorded, signed=signed, signature=signature).p7s
    report = verify(OTHER, signature=p7s, ledger=world.ledger)
    assert report.finding is Finding.TRANSPLANTED
    assert "another digest" in report.check(CheckName.STATEMENT).detail


def test_the_statement_of_another_seal_is_transplanted(world, seal):
    other = world.new_seal("Other Ltd")
    statement = world.statement(other, hashlib.sha256(CONTRACT).digest())
    signed, signature = seal.sign(statement.encode(), statement.digest)
    p7s = seal.encode(signed, signature, world.receipt(0))
    report = verify(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding is Finding.TRANSPLANTED
    assert "another seal" in report.check(CheckName.REGISTRATION).detail


def test_a_statement_that_is_none_is_not_understood(world, seal):
    signed, signature = seal.sign(b'{"v":1}', hashlib.sha256(CONTRACT).digest())
    p7s = seal.encode(signed, signature, world.receipt(0))
    report = verify(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert report.check(CheckName.STATEMENT).status is CheckStatus.ERROR


def test_a_receipt_between_two_anchors_passes_with_the_log_s_tiles(world, seal):
    use = world.use(seal)
    world.fill(5)
    anchor = world.anchor()
    without = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert without.finding is Finding.ANCHOR_PENDING
    assert "evidence file" in without.check(CheckName.ANCHOR).detail
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.ANCHOR).rests_on.head_size == anchor.head.size


def test_tiles_that_are_gone_leave_the_anchor_pending(world, seal):
    use = world.use(seal)
    world.fill(1)
    world.anchor()
    logs = world.forget_tiles()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=logs)
    assert report.finding is Finding.ANCHOR_PENDING
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=type(logs)({}))
    assert report.finding is Finding.ANCHOR_PENDING


def test_a_log_that_was_rewritten_before_anchoring_is_a_mismatch(world, seal):
    """The operator hands out a receipt, then anchors a log without that use."""
    use = world.use(seal)
    world.fill(1)
    world.tiles = world.rewrite(use.index)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.RECORD_MISMATCH
    assert report.alarm


def test_tiles_that_are_damaged_accuse_nobody(world, seal):
    """Nobody signs what a log serves: only what leads to the ledger's root can contradict it."""
    use = world.use(seal)
    world.fill(1)
    world.anchor()
    for damaged in (world.rewrite(use.index), world.rewrite(use.index + 1), MemoryTiles()):
        logs = Logs({world.origin: damaged})
        report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=logs)
        assert report.finding is Finding.ANCHOR_PENDING
    short = MemoryTiles()
    short.tile = lambda *_: b"short"
    logs = Logs({world.origin: short})
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=logs)
    assert report.finding is Finding.ANCHOR_PENDING


def test_a_larger_head_on_the_ledger_does_not_excuse_a_smaller_one(world, seal):
    use = world.use(seal)
    world.anchor()
    world.fill(4)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
