"""A dishonest operator who hides a use from its owner, or keeps the leaves back."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.errors import InvalidProofError
from eseal.ledger.facts import NewVolume
from eseal.log.leaf import Leaf
from eseal.log.leaf_table import leaf_table
from eseal.log.vkey import KeyType, VerifierKey
from eseal.model.book import Book, VolumeTree, new_book_key
from eseal.monitor import disowned, monitor
from eseal.monitor.state import Tree
from eseal.monitor.tags import TagIndex
from eseal.verify import CheckName, Finding
from eseal.verify.inputs.policy import Policy, WitnessQuorum
from eseal.watch.alarms import UNDECIDED
from eseal.watch.history import completeness
from eseal.watch.history.completeness import _Check
from eseal.watch.history.openings import Opened
from eseal.watch.log import reading
from eseal.watch.log.leaves import Scan
from eseal.watch.log.reading import LogReading, Patience
from eseal.watch.log.state import WatchState
from eseal.watch.log.tickets import Tickets
from eseal.watch.rounds import watch
from eseal.watch.rounds.volumes import Volumes
from eseal.watch.rounds.watch import _Round
from tests.integration.dishonest import DEPTH, Tiles
from tests.integration.promise.switches import check, defended, gone, none, nothing

LATER = 1 << DEPTH
PATIENCE = int(Patience().unread)


def unproven(self, chunk):
    """Leaves, as a source shows them."""
    self._held.append(leaf_table(chunk, self._builder.size))
    self._builder.append_many(chunk)
    self._reached = self._builder


def patient(*_, silent, **__):
    """Who fails is waited for."""
    return not silent


def tiles_said(self, _log, heads, *_):
    """Leaves were read with the others if the log's tiles make the head over them."""
    last = heads.heads[-1]
    return any(reading.begins_with(source, last.size, last.root) for source in self.sources)


def believed(_log, _epoch, heads, *_):
    """Leaves that nobody has read."""
    size = heads[-1].size
    return Tree(size, (bytes(32),) * size.bit_count()), False


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

    @defended(gone("the volumes made again", (Volumes, "_compare", nothing)))
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

    @defended(gone("the reading of disowned leaves", (LogReading, "_read_disowned", tiles_said)))
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
            (LogReading, "_read_disowned", lambda *_: True),
            (disowned, "_read", believed),
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
        for _ in range(2):
            stage.operator.use(stage.own)
        stage.shows_his_log()
        stage.monitor_sees("torn_twice")

    @defended(gone("the watch's comparison", (WatchState, "torn_twice", none)))
    def test_torn_again_is_seen_by_the_owner(self, stage):
        for _ in range(2):
            stage.operator.use(stage.own)
        stage.shows_his_log()
        stage.owner_sees("torn_twice")


class TestHiddenFromTheRegulator:
    """He has an order, the tickets of a period and the issuer's list; nobody's word is enough."""

    @defended(
        gone("the search for the tickets", (Tickets, "find", lambda *_: iter(()))),
        gone("the comparison with the list", (_Check, "_left_out", nothing)),
    )
    def test_leaf_kept_and_row_deleted(self, stage):
        stage.office.seal("known", "hidden")
        stage.office.anchor()
        period = stage.office.hand_over()
        lie = replace(period, openings=period.openings[:1])
        done = stage.regulator_sees(self.signed(stage, lie), "hidden_use")
        assert "is torn in leaf 1," in done.findings[0].message

    @defended(gone("the proof of what is shown", (completeness, "verify_opening", lambda *_: None)))
    def test_shown_as_another_one(self, stage):
        stage.office.seal("known", "hidden")
        stage.office.anchor()
        period = stage.office.hand_over()
        known = period.openings[0]
        lie = replace(period, openings=(known, replace(known, index=1)))
        stage.regulator_sees(self.signed(stage, lie), "wrong_opening", "hidden_use")

    @defended(gone("the comparison with the ledger's root", (_Check, "_compare", nothing)))
    def test_other_tickets_than_the_volumes(self, stage):
        """The ticket that was torn is not among those that are handed over."""
        stage.office.seal("hidden")
        stage.office.anchor()
        period = stage.office.hand_over()
        volumes = (replace(period.volumes[0], values=os.urandom(32 << DEPTH)),)
        lie = replace(period, volumes=volumes, openings=())
        stage.regulator_sees(self.signed(stage, lie), "foreign_volume")

    @defended(gone("the ledger's count of volumes", (completeness, "volumes_before", lambda *_: 0)))
    def test_a_volume_that_is_kept_back(self, stage):
        """Nobody can be accused of it, and nothing is complete without it."""
        stage.service.upkeep.round()
        stage.office.seal("hidden")
        stage.office.anchor()
        period = stage.office.hand_over()
        lie = replace(period, volumes=period.volumes[1:], openings=())
        done = stage.regulator_sees(self.signed(stage, lie))
        stage.holds(done.exit_code == UNDECIDED, why="complete without a volume")

    @defended(gone("the signature of the list", (_Check, "_signature", nothing)))
    def test_a_list_that_somebody_else_cut(self, stage):
        """A regulator's clerk, say: the issuer has left nothing out."""
        stage.office.seal("known")
        stage.office.anchor()
        period = stage.office.hand_over()
        with stage.refused(InvalidProofError, "anybody's list"):
            stage.office.completeness(replace(period, openings=()))

    @staticmethod
    def signed(stage, period):
        """A lie, as the operator signs it."""
        return period.signed(stage.service.context.sign_head)


class TestWithheld:
    @defended(gone("the alarm on what is unread", (LogReading, "_unread", nothing)))
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
            (Scan, "_take", unproven),
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

    @defended(gone("the look below epochs that are over", (monitor, "read_disowned", believed)))
    def test_disowned_leaves_that_nobody_serves(self, stage):
        stage.office.seal("one")
        stage.office.anchor()
        stage.monitor()
        stage.operator.put(Leaf(stage.operator.tiles.size + 1, b"c" * 32, b"t" * 32))
        stage.admin.disown(stage.log_id, 1)
        stage.monitor_sees("head_disowned", "disowned_unserved")
