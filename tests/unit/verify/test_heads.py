"""Heads that were signed anew, disowned, or are not there: what a verdict makes of each."""

from __future__ import annotations

from dataclasses import replace

from eseal.ledger.facts import Volume
from eseal.log.checkpoint import parse_checkpoint, sign_checkpoint
from eseal.log.receipt import Receipt
from eseal.suites import KeyAlgorithm
from eseal.verify import CheckName, CheckStatus, Finding, Indication
from tests.unit.verify.asking import (
    verify_document,
)

CONTRACT = b"The parties agree to agree."


def test_a_thief_of_both_keys_without_the_log_has_no_record(world):
    """He tears a ticket that is good, and nothing records it."""
    use = world.use(world.new_seal(), record=False)
    report = verify_document(CONTRACT, ledger=world.ledger, signature=use.p7s)
    assert report.finding is Finding.RECORD_MISSING
    assert report.check(CheckName.BOOK).status is CheckStatus.VALID
    assert report.alarm


def test_a_new_key_of_the_log_signs_what_was_signed_before(world):
    """Succession keeps the log: heads of the old key stand, and the new one may sign them again."""
    seal = world.new_seal()
    use = world.use(seal)
    anchor = world.anchor()
    key = world.keys.generate(KeyAlgorithm.ED25519)
    new = world.keys.public_key(key)[-32:]
    log = world.ledger.logs[world.name]
    world.ledger.logs[world.name] = replace(log, keys=(*log.keys, (world.size, new)))
    for p7s in (use.p7s, resigned(use, world, key, new).p7s):
        report = verify_document(CONTRACT, ledger=world.ledger, signature=p7s)
        assert report.finding is Finding.AUTHENTIC
    assert new.hex() in report.check(CheckName.CHECKPOINT).detail
    assert report.check(CheckName.ANCHOR).rests_on.root == anchor.head.root


def resigned(use, world, key, public_key):
    mine = Receipt.parse(use.receipt)
    head = mine.checkpoint.checkpoint
    note = sign_checkpoint(head, lambda text: world.keys.sign(key, text), public_key)
    return use.with_receipt(replace(mine, checkpoint=parse_checkpoint(note)).encode())


def test_a_disowned_use_that_was_appended_anew_is_genuine_by_new_evidence(world):
    """The leaf stands elsewhere then; the old receipt alone stays undecided."""
    seal = world.new_seal()
    use = world.use(seal)
    world.anchor()
    world.ledger.disown(world.name, 3)
    world.size = world.anchored = 3
    world.fill(2)
    index = world.record(seal, use.statement, use.signature)
    world.anchor()
    alone = verify_document(CONTRACT, ledger=world.ledger, signature=use.p7s)
    assert alone.finding is Finding.HEAD_DISOWNED
    assert alone.indication is Indication.INDETERMINATE
    again = replace(use, index=index, receipt=world.receipt(index))
    report = verify_document(CONTRACT, ledger=world.ledger, signature=again.p7s)
    assert report.finding is Finding.AUTHENTIC
    report = verify_document(
        CONTRACT, ledger=world.ledger, signature=use.p7s, evidence=world.evidence(again)
    )
    assert report.finding is Finding.AUTHENTIC


def test_a_receipt_of_a_log_that_went_on_otherwise_accuses_nobody_after_a_disowning(world):
    """A head that was signed and never anchored: nobody can tell it from an honest one."""
    seal = world.new_seal()
    use = world.use(seal)
    world.fill(1)
    world.ledger.disown(world.name, 3)
    world.size = world.anchored = 3
    world.fill(4)
    world.anchor()
    report = verify_document(CONTRACT, ledger=world.ledger, signature=use.p7s, logs=world.logs)
    assert report.finding is Finding.HEAD_DISOWNED


def test_a_volume_with_another_root_accuses(world):
    """The operator who planted a ticket cannot put another root in its place."""
    seal = world.new_seal()
    use = world.use(seal)
    world.anchor()
    known = world.ledger.volumes[seal.handle, 0]
    world.ledger.volumes[seal.handle, 0] = Volume(seal.handle, 0, bytes(32), known.block_number)
    report = verify_document(CONTRACT, ledger=world.ledger, signature=use.p7s)
    assert report.finding is Finding.TICKET_UNKNOWN
    assert report.indication is Indication.TOTAL_FAILED
    assert report.alarm
