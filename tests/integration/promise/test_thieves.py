"""Thieves of a seal's key, of its book, and of the operator's account on the ledger."""

from __future__ import annotations

import secrets
from dataclasses import replace
from hashlib import sha256

import httpx
import pytest

from eseal.authority.word.attestation import subject_of
from eseal.documents import cms
from eseal.errors import CorruptionError, LedgerRejectedError
from eseal.ledger.facts import Head, NewCompany
from eseal.ledger.setup.owner_stop import scope_of
from eseal.log import tree
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.log.rfc9162 import node_hash
from eseal.model.book import Book, Ticket, VolumeTree, new_book_key
from eseal.model.seal import Party, Reason
from eseal.model.stop_codes import make_codes
from eseal.service.record import continuity
from eseal.store.repositories.log import LogRepository
from eseal.verify import CheckName, Finding, Indication, verify_document
from tests.actors import acting
from tests.integration.dishonest import BESIDE, DEPTH, DOCUMENT
from tests.integration.promise.switches import by_the_contract, check, defended, gone

LATER = 1 << DEPTH
"""A use of the volume after the first."""
LARGEST = 2**64 - 1


def another_root(stage):
    return stage.operator.context.instance.root_certificate


@defended(check(CheckName.BOOK))
def test_a_thief_of_the_seal_key_has_no_ticket(stage):
    """Even with a leaf in the log: what he tears is from no book of the seal's."""
    thief = replace(stage.own, book=Book(new_book_key(), DEPTH))
    report = stage.finds(Finding.TICKET_UNKNOWN, stage.operator.use(thief))
    assert report.indication is Indication.TOTAL_FAILED


@defended(check(CheckName.BOOK))
def test_a_thief_of_the_seal_key_copies_a_ticket_to_another_position(stage):
    ticket = stage.own.book.ticket(3)
    path = VolumeTree(stage.own.book, 0).path(ticket.position)
    moved = Ticket(ticket.volume, ticket.position ^ 1, ticket.value)
    stage.finds(Finding.TICKET_UNKNOWN, stage.operator.use(stage.own, ticket=moved, path=path))


@defended(check(CheckName.INCLUSION, inclusion=lambda _: bytes(32)))
def test_a_thief_of_both_keys_has_no_log_and_borrows_a_receipt(stage):
    """The ticket is good; a receipt of another use is all he can show of a record."""
    recorded = stage.operator.use(stage.own)
    made = stage.operator.use(stage.own, ticket=stage.own.book.ticket(4), published=False)
    forged = replace(made, receipt=recorded.receipt, anchor=recorded.anchor)
    stage.finds(Finding.RECORD_MISSING, forged)


@defended(
    check(
        *(CheckName.RECEIPT, CheckName.INCLUSION),
        receipt=lambda stage: stage.kept["receipt"],
        inclusion=lambda _: bytes(32),
    )
)
def test_absence_alone_is_amber_and_accuses_nobody(stage):
    """A signature without any proof of record: good, and not to be relied on until one is shown."""
    recorded = stage.operator.use(stage.own)
    stage.kept["receipt"] = Receipt.parse(recorded.receipt)
    made = cms.decode(recorded.cms)
    maker = cms.SealCms(made.signer, made.chain, made.subject_proof)
    bare = maker.encode(made.signed_attributes, made.signature, None)
    report = verify_document(
        DOCUMENT, signature=bare, ledger=stage.ledger, trust=stage.office.trust
    )
    stage.holds(report.finding is not Finding.AUTHENTIC, why="green without a record")
    assert (report.finding, report.indication) == (
        Finding.RECORD_MISSING,
        Indication.INDETERMINATE,
    )


@defended(check(CheckName.BOOK))
def test_a_thief_of_a_backup_tears_from_a_volume_that_is_not_open(stage):
    """The book's key makes every volume; the ledger opens them."""
    report = stage.finds(
        Finding.TICKET_UNKNOWN, stage.operator.use(stage.own, ticket=stage.own.book.ticket(LATER))
    )
    assert report.indication is Indication.INDETERMINATE, "it may be on its way"


@defended(check(CheckName.BOOK))
def test_a_ticket_is_older_than_its_volume(stage):
    """Backdated to a block at which nothing can have been torn from this volume."""
    early = stage.operator.statement(stage.own).not_before
    stage.service.upkeep.round()
    forged = stage.operator.use(stage.own, ticket=stage.own.book.ticket(LATER), not_before=early)
    report = stage.finds(Finding.TICKET_UNKNOWN, forged)
    assert report.indication is Indication.TOTAL_FAILED


@defended(check(CheckName.BOOK))
def test_a_ticket_of_another_book(stage):
    """Two seals of one company: a ticket of the one is none of the other."""
    other = stage.operator.own(stage.office.seals[1])
    ticket = other.book.ticket(3)
    path = VolumeTree(other.book, 0).path(ticket.position)
    stage.finds(Finding.TICKET_UNKNOWN, stage.operator.use(stage.own, ticket=ticket, path=path))


@defended(
    check(CheckName.CHAIN, CheckName.ROOT, chain=another_root),
)
def test_a_thief_of_the_operators_account_registers_a_certificate_of_his_own(stage):
    """With the company's own subject proof, which is public; the CA's key he does not have."""
    twin = stage.operator.register(stage.operator.another_ca(), stage.office.company)
    stage.finds(Finding.UNTRUSTED_ISSUER, stage.operator.use(twin))


@defended(check(CheckName.SUBJECT, subject=lambda _: None))
def test_a_thief_of_the_operators_account_has_no_authority(stage):
    """What the issuer's CA certified, without the authority's word for this company."""
    other, _ = stage.service.onboarding.add_company(
        "Others Ltd", "uscc:91110000802100433B", seals=[], actor=acting()
    )
    forged = stage.operator.register(stage.operator.ca, other, name=stage.office.company.name)
    stage.finds(Finding.NAME_UNPROVEN, stage.operator.use(forged))


@by_the_contract
def test_a_thief_of_the_operators_account_registers_no_company(stage):
    """Companies are registered as an authority's account signed them; his is none."""
    key = stage.office.file.proofs[0].key
    output = b"m" * 32
    company = NewCompany(output, key, None, None)
    with stage.refused(LedgerRejectedError):
        stage.operator.ledger.register_companies([company], [bytes(65)])
    assert stage.ledger.company(subject_of(key, output)) is None


def garbage(stage):
    """Advance the log on the ledger to leaves that are nobody's."""
    forger = stage.operator
    forger.put(Leaf(forger.tiles.size + 1, sha256(b"garbage").digest(), BESIDE))


@defended(
    gone(
        "the comparison of log and ledger",
        (continuity, "check_extends", lambda *_: None),
    )
)
def test_garbage_heads_stop_the_service(stage):
    """It never works on a log that the ledger has gone past."""
    garbage(stage)
    with stage.refused(CorruptionError, "this log has only 0"):
        stage.office.seal("one")
    assert stage.service.stopped
    with pytest.raises(CorruptionError):
        stage.service.anchoring.anchor()


@defended()
def test_a_garbage_head_of_a_size_that_no_log_has_blinds_nobody(stage):
    """A proof for one size is one for many: the largest number there is stays on the ledger."""
    stage.office.seal("before")
    stage.office.anchor()
    stage.owner_is_content()
    stage.monitor()
    old = stage.ledger.head(stage.log_id)
    beside, root = [], old.root
    for _ in range(64):  # each on the right of all before it: leaf 0 and a tree full of nothing
        beside.append(BESIDE)
        root = node_hash(root, BESIDE)
    stage.operator.ledger.advance(stage.log_id, old.size, Head(LARGEST, root), beside)
    stage.owner_sees("head_far_ahead")
    stage.monitor_sees("ledger_ahead")
    answer = stage.office.portal.pass_on(httpx.Request("GET", "http://office.test/v1/ledger"))
    assert answer.json()["head"]["size"] == LARGEST
    stage.admin.disown(stage.log_id, old.size)
    stage.owner_sees("head_disowned", "head_far_ahead")
    stage.monitor_sees("head_disowned", "head_far_ahead")
    stage.office.seal("hidden")
    stage.office.anchor()
    stage.forge("DELETE FROM uses WHERE log_index = 1")
    stage.owner_sees("hidden_use")


@by_the_contract
def test_garbage_heads_are_disowned_and_the_log_goes_on_with_another_operator(stage):
    """The log is not lost, as it once was: visible to everybody, and honest uses come again."""
    stage.office.seal("before")
    stage.office.anchor()
    stage.owner_is_content()
    stage.monitor()
    garbage(stage)
    thief = stage.operator.ledger
    stage.admin.disown(stage.log_id, 1)
    successor = stage.stranger()
    stage.admin.admit_issuer(stage.issuer, successor.address)
    stage.admin.remove_operator(stage.issuer, thief.operator)
    with stage.refused(LedgerRejectedError):
        thief.advance(stage.log_id, 1, Head(9, secrets.token_bytes(32)), [])
    stage.monitor_sees("head_disowned")
    stage.owner_sees("head_disowned", "issuer_changed")
    # the same log, from the database that was never touched
    stage.office.seal("after")
    with stage.service.context.database.read() as connection:
        log = LogRepository(connection)
        size, root = log.checkpoint().size, log.checkpoint().root
        proof = tree.consistency(log, 1, size)
    stage.writes(successor).advance(stage.log_id, 1, Head(size, root), proof)
    assert stage.ledger.head(stage.log_id) == Head(2, root)


@pytest.mark.parametrize("by", ["owner", "regulator"])
@defended(check(CheckName.STATUS))
def test_a_thief_of_the_operators_account_lifts_no_stop_of_others(stage, by):
    if by == "regulator":
        stage.service.lifecycle.suspend(
            stage.seal.id, reason=Reason.BY_ORDER, actor=acting("r", Party.REGULATOR)
        )
    else:
        stop_by_code(stage)
    with pytest.raises(LedgerRejectedError):
        stage.operator.ledger.resume(stage.seal.handle, Reason.NONE)
    stage.finds(Finding.SEAL_NOT_ACTIVE, stage.operator.use(stage.own))


def stop_by_code(stage):
    codes = make_codes(scope_of(stage.ledger, stage.seal.handle), 4)
    stage.service.stops.set_end(stage.seal.id, codes.end, actor=acting())
    stage.operator.ledger.stop_by_owner(stage.seal.handle, codes.codes[0])
    return codes
