"""A dishonest operator with the keys of log, seals and books: second logs, tickets torn twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.documents import cms
from eseal.documents.cms.algorithms import algorithm_of
from eseal.errors import CorruptionError, LedgerRejectedError, NoVolumeError
from eseal.ledger.facts import Head, NewVolume
from eseal.ledger.sending.calls import Calls
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.finality import Finality
from eseal.log import tree
from eseal.log.checkpoint import parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import Book, VolumeTree, new_book_key, tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.statement import Statement
from eseal.monitor.replay import Extension
from eseal.service.record import batch
from eseal.service.record.batch import Batch
from eseal.service.seals.volumes import Volumes
from eseal.store.repositories.log import LogRepository
from eseal.verify import CheckName, Finding, Indication
from eseal.verify.checks import history_checks
from eseal.verify.inputs.case import Torn
from tests.integration.dishonest import DEPTH
from tests.integration.promise.switches import by_the_contract, check, defended, gone, nothing

LATER = 1 << DEPTH
OF_LOGS = ("disown", "succeed")


def leaked(_handle, ticket):
    return hashlib.sha256(b"\x00" + ticket.value).digest()


@by_the_contract
def test_a_second_log(stage):
    """The contract knows one log for each issuer; the operator's key opens no other."""
    key = stage.operator.context.log_public_key
    call = Calls(stage.office.deployment()).of("openLog", stage.issuer, "shadow.example/log", key)
    with stage.refused(LedgerRejectedError, "LogAlreadyOpen"):
        stage.send(stage.operator_account, call)
    assert stage.ledger.log_of(stage.issuer) == stage.log_id


def shadow(stage, evidence, *, origin=None, key=None):
    """The receipt's head under another origin, or signed with another key; all else the same."""
    receipt, context = Receipt.parse(evidence.receipt), stage.operator.context
    head = receipt.checkpoint.checkpoint
    head = head if origin is None else replace(head, origin=origin)
    sign, public = context.sign_head, context.log_public_key
    if key is not None:
        sign, public = key.sign, key.public_key().public_bytes_raw()
    text = replace(receipt, checkpoint=parse_checkpoint(sign_checkpoint(head, sign, public)))
    return replace(evidence, receipt=text.encode(), origin=head.origin, anchor=None)


@defended(
    check(CheckName.LOG, CheckName.EVIDENCE, log=lambda stage: stage.ledger.log(stage.log_id))
)
def test_a_shadow_log(stage):
    """Kept beside the true one, signed with its key, with the uses that should not be seen."""
    genuine = stage.operator.use(stage.own)
    forged = shadow(stage, genuine, origin="shadow.example/log")
    stage.finds(Finding.RECORD_MISSING, forged)


@defended(check(CheckName.CHECKPOINT))
def test_a_head_that_the_log_did_not_sign(stage):
    """Anchored or not, a checkpoint needs the log's signature, too."""
    genuine = stage.operator.use(stage.own)
    stage.finds(Finding.RECORD_MISSING, shadow(stage, genuine, key=Ed25519PrivateKey.generate()))


@defended(check(CheckName.ANCHOR, anchor=lambda stage: stage.ledger.anchors(stage.log_id)[-1]))
def test_a_head_that_is_promised_and_never_anchored(stage):
    """The log's signature alone is no record."""
    stage.operator.use(stage.own)
    forged = stage.operator.use(stage.own, ticket=stage.own.book.ticket(4), published=False)
    stage.finds(Finding.ANCHOR_PENDING, forged)


@by_the_contract
@pytest.mark.parametrize("act", ["disown", "succeed", "add_root", "add_authority_key"])
def test_the_operators_account_does_nothing_of_the_administrators(stage, act):
    """Succession, disowning, roots and authorities are the administrator's, and visible."""
    deployment = stage.office.deployment()
    office = Administration(stage.office.w3(), deployment, Finality(), stage.operator_account)
    arguments = {
        "disown": (stage.log_id, 0),
        "succeed": (stage.log_id, b"k" * 32),
        "add_root": (stage.issuer, b"r" * 32),
        "add_authority_key": (stage.issuer, b"v" * 32, b"a" * 32),
    }
    with stage.refused(LedgerRejectedError, "NotAdmin" if act in OF_LOGS else "AccessControl"):
        getattr(office, act)(*arguments[act])


class TestRewrittenLog:
    @by_the_contract
    def test_the_contract_takes_no_head_that_does_not_extend_the_last(self, stage):
        stage.office.seal("one", "two")
        stage.office.anchor()
        old = stage.ledger.head(stage.log_id)
        stage.operator.rewrite(0)
        size = stage.operator.tiles.append(Leaf(2, bytes(32), bytes(32)).hash()) and 3
        root = tree.root(stage.operator.tiles, size)
        proof = tree.Prover(stage.operator.tiles, size).consistency(old.size)
        with stage.refused(LedgerRejectedError):
            stage.operator.ledger.advance(stage.log_id, old.size, Head(size, root), proof)
        assert stage.ledger.head(stage.log_id) == old

    @defended(gone("the comparison with the ledger's roots", (Extension, "_compare", nothing)))
    def test_a_monitor_compares_the_log_with_the_ledger(self, stage):
        """A leaf swapped, all above it made anew and signed: the ledger holds another root."""
        stage.office.seal("one", "two")
        stage.office.anchor()
        stage.operator.rewrite(0)
        stage.shows_his_log()
        stage.monitor_sees("anchor_mismatch")


def torn_twice(stage):
    return stage.operator.use(stage.own), stage.operator.use(stage.own)


@dataclass
class Records:
    """Somebody who holds the log's records: a ``HistorySource``."""

    torn_there: list

    def torn(self, _log_id, _tag):
        return self.torn_there

    def declared(self, _log_id, _handle, _use_id):
        return []


def leaf_of(evidence, index):
    """What a use commits to, as whoever holds the records shows it."""
    seal = cms.decode(evidence.cms)
    value = normalised(seal.signature, algorithm_of(seal.signer))
    committed = commitment(Kind.USE, evidence.statement.encode(), value)
    return Torn(index, committed, lambda: evidence.cms)


class TestTornTwice:
    @defended(check(CheckName.UNIQUE))
    def test_two_signed_uses_of_one_ticket_are_an_accusation(self, stage):
        first, second = torn_twice(stage)
        history = Records([leaf_of(first, 1), leaf_of(second, 3)])
        report = stage.finds(Finding.HISTORY_FORKED, first, history=history)
        assert report.indication is Indication.TOTAL_FAILED

    @defended(check(CheckName.UNIQUE))
    def test_a_leaf_that_nobody_opens_is_only_a_doubt(self, stage):
        """Whoever keeps the log can write any leaf: it accuses no seal."""
        first = stage.operator.use(stage.own)
        invented = Torn(7, b"c" * 32)
        report = stage.finds(Finding.HISTORY_FORKED, first, history=Records([invented]))
        assert report.indication is Indication.INDETERMINATE

    @defended(
        gone("what commitments are made of", (history_checks, "commitment_of", lambda _: b""))
    )
    def test_a_copy_of_a_leaf_is_no_fork(self, stage):
        """The same tag and the same commitment: one use, appended twice."""
        first = stage.operator.use(stage.own)
        history = Records([leaf_of(first, 1), leaf_of(first, 3)])
        stage.stands(first, history=history)


@defended(check(CheckName.ANCHOR, anchor=lambda stage: stage.ledger.anchors(stage.log_id)[-1]))
def test_evidence_under_a_disowned_head_is_open_and_accuses_nobody(stage):
    use = stage.operator.use(stage.own)
    stage.operator.take_back(0)
    stage.operator.use(stage.own, ticket=stage.own.book.ticket(5))
    report = stage.finds(Finding.HEAD_DISOWNED, use)
    assert report.indication is Indication.INDETERMINATE


def torn_unseen(batch_, seal_id, signer):
    """A ticket, whether the ledger has its volume or not."""
    shelf = batch_._shelves[seal_id]
    shelf.next += 1
    batch_._taken.add(seal_id)
    return signer.book.ticket(shelf.next - 1)


@defended(gone("the look whether a volume is open", (Batch, "_tear", torn_unseen)))
def test_a_volume_that_runs_out_before_the_next_is_open(stage):
    """What is sealed from a volume that is not final could be backdated: it waits."""
    assert len(stage.office.seal(*map(str, range(LATER)))) == LATER
    (late,) = stage.office.seal("one too many")
    stage.holds(isinstance(late, NoVolumeError), why="torn from a volume that is not open")
    stage.service.upkeep.round()
    (again,) = stage.office.seal("one too many")
    assert not isinstance(again, NoVolumeError)


@defended(gone("the look at what a volume holds", (Volumes, "_is_open", lambda *_: True)))
def test_a_squatted_volume_is_never_torn_from(stage):
    """A thief opens the next volume first: the service finds other tickets there, and stops."""
    root = VolumeTree(Book(new_book_key(), DEPTH), 1).root
    stage.operator.ledger.open_volumes([NewVolume(stage.seal.handle, 1, root)])
    with stage.refused(CorruptionError, "another volume 1"):
        stage.service.upkeep.round()


@defended(gone("what tags are made of", (batch, "tag", leaked)))
def test_no_path_tells_a_neighbours_tag(stage):
    """A counterparty has a ticket, and a path through the hashes of its neighbours."""
    uses = [each.use for each in stage.office.seal(*map(str, range(LATER)))]
    shown = Statement.parse(uses[0].statement)
    book = stage.service.context.books.book(stage.seal.id)
    path = VolumeTree(book, 0).path(shown.ticket.position)
    with stage.service.context.database.read() as connection:
        leaves = [Leaf.decode(leaf) for _, leaf in LogRepository(connection).iterate_leaves()]
    tags = {leaf.tag for leaf in leaves if leaf.index != uses[0].log_index}
    known = [path[at : at + 32] for at in range(0, len(path), 32)]
    guesses = set(known)
    for value in known:
        for position in range(LATER):
            guesses.add(
                tag(stage.seal.handle, shown.ticket._replace(position=position, value=value))
            )
    stage.holds(not guesses & tags, why="a path tells where a neighbour's leaf is")
