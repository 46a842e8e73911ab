"""A dishonest operator with the keys of log, seals and books: second logs, hidden uses, silence."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.documents import cms
from eseal.documents.cms.algorithms import algorithm_of
from eseal.errors import CorruptionError, LedgerRejectedError, NoVolumeError
from eseal.ledger.administration import Administration
from eseal.ledger.calls import Calls
from eseal.ledger.finality import Finality
from eseal.ledger.protocol import Head, NewVolume
from eseal.log import tree
from eseal.log.checkpoint import parse_checkpoint, sign_checkpoint
from eseal.log.compact import RootBuilder
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.log.vkey import KeyType, VerifierKey
from eseal.model.book import Book, VolumeTree, new_book_key, tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.statement import Statement
from eseal.monitor import disowned
from eseal.monitor import watch as monitoring
from eseal.monitor.extending import Extension
from eseal.monitor.tags import TagIndex
from eseal.service import batch
from eseal.service.batch import Batch
from eseal.service.volumes import Volumes
from eseal.store.log import LogRepository
from eseal.verify import CheckName, Finding, Indication, history_checks
from eseal.verify.case import Torn
from eseal.verify.policy import Policy, WitnessQuorum
from eseal.watch import reading, watch
from eseal.watch.alarms import UNDECIDED
from eseal.watch.ledger_side import BookVolume, LedgerSide
from eseal.watch.openings import Opened
from eseal.watch.reading import LogReading, Patience
from eseal.watch.state import WatchState
from eseal.watch.tickets import Tickets
from eseal.watch.watch import _Round
from tests.integration.dishonest import DEPTH, Tiles
from tests.integration.promise.switches import by_the_contract, check, defended, gone, none, nothing

LATER = 1 << DEPTH
PATIENCE = int(Patience().unread)
OF_LOGS = ("disown", "succeed")


def believed(_side, seal, _file, opened, _since):
    """The volumes of a seal, as the ledger shows them."""
    mine = [event for event in opened if event.handle == seal.handle]
    return [BookVolume(seal.book, seal.handle, each.number, each.block.number) for each in mine]


def unproven(_reading, log, source, _start):
    """Leaves, as a source shows them."""
    builder = RootBuilder()
    return builder, reading.scan(source, builder, log.head.size, log.tickets)


def patient(*_, silent, **__):
    """Who fails is waited for."""
    return not silent


def tiles_said(_reading, _log, source, _epoch, size, root):
    """Leaves were read with the others if the log's tiles make the head over them."""
    return reading.begins_with(source, size, root)


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


class TestHiddenUse:
    @defended(gone("the search for one's own tickets", (Tickets, "find", lambda *_: iter(()))))
    def test_leaf_kept_and_row_deleted(self, stage):
        """History and register look complete, the document is green; the owner finds the leaf."""
        stage.office.seal("known", "hidden")
        stage.office.anchor()
        stage.forge("DELETE FROM uses WHERE log_index = 1")
        done = stage.owner_sees("hidden_use")
        assert "leaf 1 " in done.alarms[0].message

    @defended(gone("the deadline of silent histories", (_Round, "_is_overdue", patient)))
    def test_a_history_that_fails_at_it(self, stage):
        """It opens nothing and denies nothing, for as long as the owner waits."""
        stage.office.seal("hidden")
        stage.office.anchor()
        stage.office.portal.answer = lambda request: (
            httpx.Response(500) if "/openings" in str(request.url) else None
        )
        assert stage.office.watch().exit_code == UNDECIDED, "at first it accuses nobody"
        stage.office.time += 2 * PATIENCE
        stage.owner_sees("hidden_use")

    @defended(gone("the proof of what is shown", (watch, "verify_opening", lambda *_: Opened("x"))))
    def test_shown_as_another_one(self, stage):
        """The history shows another use, of the same seal and genuine, in its place."""
        stage.office.seal("known", "hidden")
        stage.office.anchor()
        stage.forge("DELETE FROM uses WHERE log_index = 1")

        def lie(request):
            if "/openings" not in str(request.url):
                return None
            page = stage.office.portal.pass_on(request).json()
            (known,) = page["openings"]
            return httpx.Response(200, json=page | {"openings": [known, known | {"log_index": 1}]})

        stage.office.portal.answer = lie
        stage.owner_sees("hidden_use", "wrong_opening")

    @defended(gone("the company's own list", (WatchState, "uses", none)))
    def test_opened_and_not_recognised(self, stage):
        """The service's history opens it: that the company knows the document is another thing."""
        stage.office.seal("known", "not known")
        stage.office.anchor()
        stage.office.digests = frozenset({hashlib.sha256(b"known").digest()})
        stage.owner_sees("unrecognised_use")

    @defended(gone("the volumes made again", (LedgerSide, "_volumes", believed)))
    def test_ticket_planted_in_a_volume(self, stage):
        """A volume of somebody else's tickets, under the seal: green, and not in the book."""
        stage.office.watch()
        foreign = Book(new_book_key(), DEPTH)
        root = VolumeTree(foreign, 1).root
        stage.operator.ledger.open_volumes([NewVolume(stage.seal.handle, 1, root)])
        planted = replace(stage.own, book=foreign)
        use = stage.operator.use(planted, ticket=foreign.ticket(LATER))
        assert stage.verdict(use).finding is Finding.AUTHENTIC, "found, not prevented"
        stage.shows_his_log()
        done = stage.owner_sees("foreign_volume")
        assert f"volume 1 of seal {stage.seal.handle.hex()}" in done.alarms[0].message

    @defended(gone("the memory of disowned leaves", (WatchState, "gone", none)))
    def test_disowned_after(self, stage):
        """The head over a use is disowned, and the log goes on without it."""
        stage.office.seal("stays")
        stage.office.anchor()
        stage.office.seal("vanishes")
        stage.office.anchor()
        stage.owner_is_content()
        stage.admin.disown(stage.log_id, 1)
        stage.owner_sees("head_disowned", "disowned_use")

    @defended(gone("the reading of disowned leaves", (LogReading, "_reads_disowned", tiles_said)))
    def test_disowned_while_the_log_still_shows_it(self, stage):
        """The watch reads up to the ledger's head; the leaf lies behind it, and then it is gone."""
        stage.office.seal("stays")
        stage.office.anchor()
        stage.owner_is_content()
        use = stage.operator.use(stage.own)
        assert stage.verdict(use).finding is Finding.AUTHENTIC, "somebody relies on it"
        stage.admin.disown(stage.log_id, 1)
        stage.shows_his_log()
        stage.owner_sees("head_disowned")
        stage.office.portal.answer = None  # what the service has: the log goes on otherwise
        stage.service.anchoring.anchor()
        stage.owner_sees("disowned_use")

    @defended(
        gone(
            "reading disowned leaves",
            (LogReading, "_scan_disowned", lambda *_: True),
            (disowned, "_reads", lambda *_: True),
        )
    )
    def test_disowned_before_anybody_read_it(self, stage):
        """Tiles still make the disowned head, at its size alone; the leaves served are others."""
        stage.office.seal("stays")
        stage.office.anchor()
        stage.owner_is_content()
        stage.monitor()
        operator = stage.operator
        operator.use(stage.own)
        size, hidden = operator.tiles.size, operator.tiles.tile(0, 0, operator.tiles.size)
        stage.admin.disown(stage.log_id, 1)
        operator.tiles, operator.anchored = Tiles(operator.tiles, 1), 1
        del operator.leaves[1:]
        for _ in range(2):
            operator.put(Leaf(operator.tiles.size + 1, b"c" * 32, os.urandom(32)))
        stage.shows_his_log()
        shown = stage.office.portal.answer

        def answer(request):
            if request.url.path == f"/log/tile/0/000.p/{size}":
                return httpx.Response(200, content=hidden)
            return shown(request)

        stage.office.portal.answer = answer
        stage.owner_sees("head_disowned", "leaves_withheld")
        stage.monitor_sees("head_disowned", "disowned_unserved")

    @defended(
        gone("the monitor's index of tags", (TagIndex, "_compare", nothing)),
    )
    def test_torn_again_is_seen_by_every_monitor(self, stage):
        """What was hidden needs a ticket: torn for two uses, its tag stands twice."""
        torn_twice(stage)
        stage.shows_his_log()
        stage.monitor_sees("torn_twice")

    @defended(gone("the watch's comparison", (WatchState, "torn_twice", none)))
    def test_torn_again_is_seen_by_the_owner(self, stage):
        torn_twice(stage)
        stage.shows_his_log()
        stage.owner_sees("torn_twice")


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


class TestWithheld:
    @defended(gone("the alarm on what is unread", (LogReading, "_unreadable", nothing)))
    def test_leaves_kept_from_the_owner(self, stage):
        """Anchored, and served to nobody."""
        stage.office.seal("one")
        stage.office.anchor()
        stage.office.portal.answer = lambda request: (
            httpx.Response(404) if "tile/entries" in str(request.url) else None
        )
        stage.owner_sees("leaves_withheld")

    @defended(
        gone(
            "the comparison with the ledger's root",
            (LogReading, "_scan_once", unproven),
        )
    )
    def test_other_leaves_shown_to_the_owner(self, stage):
        """Of the right number, with one tag changed: the use would not be found."""
        stage.office.seal("one", "two")
        stage.office.anchor()

        def spoil(request):
            if "tile/entries" not in str(request.url):
                return None
            content = bytearray(stage.office.portal.pass_on(request).content)
            content[60] ^= 1
            return httpx.Response(200, content=bytes(content))

        stage.office.portal.answer = spoil
        stage.owner_sees("wrong_leaves")

    @defended(check(CheckName.WITNESSES))
    def test_a_policy_that_demands_mirrors(self, stage):
        """Who demands cosignatures of mirrors finds nothing green that they do not hold."""
        mirror = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        key = VerifierKey("mirror.example", KeyType.COSIGNATURE, mirror)
        policy = Policy(WitnessQuorum(1, (key,)))
        stage.finds(Finding.WITNESSES_MISSING, stage.operator.use(stage.own), policy=policy)

    @defended(
        gone("the look below epochs that are over", (monitoring, "read_disowned", lambda *_: True))
    )
    def test_disowned_leaves_that_nobody_serves(self, stage):
        stage.office.seal("one")
        stage.office.anchor()
        stage.monitor()
        stage.operator.put(Leaf(stage.operator.tiles.size + 1, b"c" * 32, b"t" * 32))
        stage.admin.disown(stage.log_id, 1)
        stage.monitor_sees("head_disowned", "disowned_unserved")


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
    stage.service.upkeep()
    (again,) = stage.office.seal("one too many")
    assert not isinstance(again, NoVolumeError)


@defended(gone("the look at what a volume holds", (Volumes, "_is_open", lambda *_: True)))
def test_a_squatted_volume_is_never_torn_from(stage):
    """A thief opens the next volume first: the service finds other tickets there, and stops."""
    root = VolumeTree(Book(new_book_key(), DEPTH), 1).root
    stage.operator.ledger.open_volumes([NewVolume(stage.seal.handle, 1, root)])
    with stage.refused(CorruptionError, "another volume 1"):
        stage.service.upkeep()


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
