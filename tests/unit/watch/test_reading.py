"""Reading a log that lies, lags or was disowned, under a ledger that is told what to say."""

from dataclasses import dataclass, field

import httpx
import pytest

from eseal.ledger.facts import Head
from eseal.log.leaf import Leaf
from eseal.log.tiles import encode_entries, parse_entries_path
from eseal.model.book import Book, tag
from eseal.monitor.anchors import MOST_LEAVES
from eseal.monitor.client import LogClient
from eseal.watch.alarms import Gathered
from eseal.watch.log import leaves
from eseal.watch.log.heads import AnchoredLog
from eseal.watch.log.reading import LogReading, Patience
from eseal.watch.log.state import WatchState
from eseal.watch.log.tickets import BookVolume, Shelf, Tickets
from tests.unit.monitor.conftest import START, AnchorLedger, Site, leaf

HANDLE = b"h" * 32
BOOK = Book(b"k" * 32, 4)


def use(index, number, thing=b"c"):
    """A leaf with the tag of our use of this number."""
    return Leaf(index, thing.ljust(32, b"\0"), tag(HANDLE, BOOK.ticket(number))).encode()


@dataclass
class Reader:
    """A reading that has just been started, of a log at the ledger's head."""

    site: Site
    ledger: AnchorLedger
    directory: object
    volumes: list = field(default_factory=lambda: [BookVolume(BOOK, HANDLE, 0, 1, None)])
    sites: list = field(default_factory=list)
    time: int = START
    gathered: Gathered = None
    log: AnchoredLog = None
    whole: bool = False
    gone: list = field(default_factory=list)
    slept: list = field(default_factory=list)

    def __call__(self):
        clients = [
            LogClient(f"http://log{at}.test/log/", transport=httpx.MockTransport(site), wait=0)
            for at, site in enumerate([self.site, *self.sites])
        ]
        state = WatchState(self.directory, {})
        self.gathered = Gathered()
        reading = LogReading(
            sources=clients,
            ledger=self.ledger,
            state=state,
            patience=Patience(60, 60),
            gathered=self.gathered,
            now=self.time,
            sleep=self.slept.append,
        )
        name = self.ledger.name
        tickets = Tickets(self.volumes, Shelf(self.directory / "volumes").volume)
        try:
            log = reading.look(
                self.ledger.log(name),
                self.ledger.head(name),
                self.ledger.final_block().number,
                self.ledger.changes(0),
            )
            self.log, self.whole = log, reading.read(log, tickets)
            self.gone = [found.leaf.index for found in state.gone([HANDLE])]
            (self.progress,) = reading.progress or (None,)
            rows = state._db.execute("SELECT epoch, leaf FROM found ORDER BY epoch, leaf")
            return [tuple(row) for row in rows]
        finally:
            state.close()

    def anchor(self):
        self.ledger.accept(self.site.size, self.site.root())
        return self

    @property
    def kinds(self):
        return [finding.kind.value for finding in self.gathered.findings]


@pytest.fixture
def reader(tmp_path):
    site = Site().grow(300)
    return Reader(site, AnchorLedger(site), tmp_path / "state")


def test_only_what_is_new_is_read(reader):
    reader.site.append([use(300, 3)])
    assert reader.anchor()() == [(0, 300)]
    reader.site.asked.clear()
    assert reader() == [(0, 300)]
    assert reader.site.entries_asked() == []
    reader.site.grow(2).append([use(303, 5)])
    assert reader.anchor()() == [(0, 300), (0, 303)]
    assert reader.site.entries_asked() == ["tile/entries/001.p/48"]


def test_a_ledger_without_heads_has_nothing_to_read(reader):
    assert reader() == []
    assert (reader.kinds, reader.gathered.undecided) == ([], [])


def test_a_late_volume_means_reading_all_again(reader):
    """It was opened before what was read, and the node did not say so then."""
    reader.site.append([use(300, 16 + 3)])
    assert reader.anchor()() == []
    reader.volumes = [*reader.volumes, BookVolume(BOOK, HANDLE, 1, reader.ledger.height, None)]
    assert reader() == [(0, 300)]
    reader.site.asked.clear()
    reader()
    assert reader.site.entries_asked() == [], "once"


def test_a_volume_that_is_younger_needs_only_what_is_new(reader):
    reader.anchor()()
    reader.site.asked.clear()
    reader.volumes = [*reader.volumes, BookVolume(BOOK, HANDLE, 1, reader.ledger.height + 1, None)]
    reader.site.append([use(300, 16 + 3)])
    assert reader.anchor()() == [(0, 300)]
    assert reader.site.entries_asked() == ["tile/entries/001.p/45"]


def test_a_volume_the_ledger_knows_no_block_of(reader):
    reader.site.append([use(300, 16)])
    reader.anchor()()
    reader.volumes = [*reader.volumes, BookVolume(BOOK, HANDLE, 1, None, None)]
    assert reader() == [(0, 300)]


def test_a_head_that_the_ledger_holds_no_more(reader):
    reader.anchor()()
    reader.ledger.held.clear()
    reader.ledger.accept(300, bytes(32))
    assert (reader(), reader.kinds) == ([], ["ledger_rewritten"])


def test_a_node_that_is_behind_is_no_alarm(reader):
    reader.anchor()()
    reader.ledger.held.clear()
    reader()
    assert reader.kinds == []
    assert "behind" in reader.gathered.undecided[0]
    reader.time += 50
    reader()
    reader.anchor()()
    reader.ledger.held.clear()
    reader.time += 50
    reader()
    assert reader.kinds == [], "it was back in between"
    reader.time += 61
    reader()
    assert reader.kinds == ["ledger_rewritten"], "behind for ever is a head that is gone"


def test_more_leaves_than_are_looked_at_at_once(reader, monkeypatch):
    monkeypatch.setattr(leaves, "CHUNK_LEAVES", 16)
    monkeypatch.setattr(leaves, "CHUNKS_AT_ONCE", 3)
    reader.site.append([use(300, 3), use(301, 4), *(leaf(n) for n in range(302, 400)), use(400, 5)])
    assert reader.anchor()() == [(0, 300), (0, 301), (0, 400)]


def test_a_mirror_where_the_log_lies(reader):
    honest = Site().append(reader.site.leaves).append([use(300, 1)])
    reader.site.append([Leaf(300, bytes(32), bytes(32)).encode()])
    reader.sites = [honest]
    reader.ledger.accept(301, honest.root())
    assert reader() == [(0, 300)]
    assert reader.kinds == ["wrong_leaves"]


@pytest.mark.parametrize("wrong", [b"short", use(7, 1)])
def test_leaves_that_are_none(reader, wrong):
    reader.site.append([wrong])
    reader.anchor()()
    assert reader.kinds == ["wrong_leaves"]


def test_another_log_at_the_address(reader):
    reader.anchor()
    reader.site = Site(origin="log.example/two").grow(3)
    reader()
    assert reader.kinds == []
    assert "no --log or --mirror shows" in reader.gathered.undecided[0]
    reader.time += 61
    reader()
    assert reader.kinds == ["leaves_withheld"]


class TestDisowned:
    @pytest.fixture
    def disowned(self, reader):
        """Leaf 300 is ours; its head is disowned, and the log goes on without it."""
        old = reader.site
        old.append([use(300, 3)])
        reader.ledger.accept(100, old.root(100))
        reader.anchor()
        reader.ledger.disown(100)
        reader.site = Site().append(old.leaves[:100]).grow(20, b"other")
        reader.anchor()
        return old

    def test_what_was_read_before_is_remembered(self, reader):
        old = reader.site
        old.append([use(300, 3)])
        reader.ledger.accept(100, old.root(100))
        assert reader.anchor()() == [(0, 300)]
        reader.ledger.disown(100)
        reader.site = Site().append(old.leaves[:100]).grow(20, b"other")
        assert reader.anchor()() == [(0, 300)]
        assert reader.kinds == [], "nothing of it is left to read"

    def test_a_use_nobody_read_in_time_is_found_where_it_is_served(self, reader, disowned):
        reader.site.over = {0: disowned}
        assert reader() == [(0, 300)]
        assert reader.kinds == []
        reader.site.asked.clear()
        reader()
        assert reader.site.entries_asked() == []

    def test_and_where_it_is_not_that_is_an_alarm(self, reader, disowned):
        del disowned
        assert (reader(), reader.kinds) == ([], ["leaves_withheld"])
        reader.site.over = {0: Site().grow(301, b"invented")}
        assert (reader(), reader.kinds) == ([], ["leaves_withheld"])

    def test_a_use_that_stands_again(self, reader, disowned):
        reader.site.over = {0: disowned}
        reader.site.append([use(120, 3)])
        assert reader.anchor()() == [(0, 300), (1, 120)]


def test_nothing_of_an_empty_head(reader):
    reader.ledger.accept(0, Head(0, bytes(32)).root)
    assert reader() == []


@dataclass
class Endless:
    """A log that makes leaves as they are asked for, under a head of any size."""

    site: Site
    size: int
    below: str = "tile/entries/"

    def __call__(self, request):
        path = request.url.path.removeprefix("/log/")
        self.site.asked.append(path)
        if path.startswith(self.below):
            tile = parse_entries_path(path[self.below.index("tile") :])
            first = tile.index * 256
            held = self.site.leaves[first:][: tile.width]
            made = [leaf(at) for at in range(first + len(held), first + tile.width)]
            return httpx.Response(200, content=encode_entries([*held, *made]))
        if path == "checkpoint":
            return httpx.Response(200, content=self.site.note(self.size, bytes(32)))
        return self.site(request)


class TestHeadsOfAnySize:
    def test_one_far_ahead_is_told_and_nothing_of_it_read(self, reader):
        """Nor does it keep back what lies under the heads before it, now and later."""
        site = reader.site
        site.append([use(300, 3)])
        reader.anchor().ledger.accept(2**64 - 1, bytes(32))
        reader.site = Endless(site, 2**63 - 1)
        for _ in range(2):
            assert reader() == [(0, 300)]
            assert reader.kinds == ["head_far_ahead"]
            assert (reader.progress.read, reader.progress.anchored) == (301, 2**64 - 1)
        assert len(site.entries_asked()) == 2

    def test_the_first_of_all(self, reader):
        reader.ledger.accept(MOST_LEAVES + 1, bytes(32))
        reader.site = Endless(reader.site, MOST_LEAVES + 1)
        assert (reader(), reader.kinds) == ([], ["head_far_ahead"])
        assert reader.log.leaves == 0, "nor does it give room to volumes"

    def test_disowned_ones(self, reader):
        """Below ``epoch/0`` there are leaves without end; and those that are the log's."""
        site = reader.site
        reader.anchor()
        site.append([use(300, 3)])
        reader.anchor().ledger.accept(2**64 - 1, bytes(32))
        reader.ledger.disown(300)
        reader.site = Endless(site, 300, "epoch/0/tile/entries/")
        for _ in range(2):
            assert reader() == [(0, 300)]
            assert reader.kinds == ["head_far_ahead"]
            assert reader.whole, "but for what is never read"


class TestSeveralRounds:
    @pytest.fixture
    def long(self, reader, monkeypatch):
        """A round reads 512 leaves; heads lie 400 apart."""
        monkeypatch.setattr(leaves, "CHUNK_LEAVES", 512)
        monkeypatch.setattr("eseal.watch.log.reading.READING_SECONDS", 0.0)
        site = reader.anchor().site
        for first in range(300, 2300, 400):
            site.append([use(first, first // 400)]).grow(399)
            reader.anchor()
        return reader

    def rounds(self, reader):
        sizes = []
        for _ in range(9):
            found = reader()
            sizes.append(reader.progress.read)
            assert {at for _, at in found} >= set(range(300, sizes[-1], 400))
            if reader.whole:
                break
        return sizes

    def test_a_long_log(self, long):
        long()
        assert "the next round reads on" in long.gathered.undecided[0]
        assert (long.kinds, long.progress.read, long.whole) == ([], 300, False)
        assert self.rounds(long) == [700, 1100, 1500, 1900, 2300]
        assert (long.kinds, long.gathered.undecided, long.whole) == ([], [], True)
        long.site.asked.clear()
        long()
        assert long.site.entries_asked() == []

    def test_too_long_is_told(self, long):
        long()
        long.time += 61
        long()
        assert long.kinds == ["leaves_left"]

    def test_a_late_volume_in_between(self, long):
        """All is read again, once, and over several rounds like the first time."""
        long()
        long()
        long.volumes = [*long.volumes, BookVolume(BOOK, HANDLE, 1, None, None)]
        assert self.rounds(long) == [300, 700, 1100, 1500, 1900, 2300]

    def test_a_mirror_reads_on(self, long):
        """What one source does not show, the next one does, from the same head on."""
        honest = Site().append(long.site.leaves)
        long.site.leaves[600:] = []
        long.sites = [honest]
        long()
        assert long.progress.read == 700
        assert honest.entries_asked()[0] == "tile/entries/001"

    def test_up_to_a_head_whatever_comes_after(self, long):
        """Ours under a head that was reached, and leaves that are none behind it."""
        long.site.leaves[900:] = [b"short"] * 1400
        long()
        long()
        assert long() == [(0, 300)]
        assert long.kinds == ["wrong_leaves"]
        assert long.progress.read == 700

    def test_disowned_heads(self, long):
        old = long.site
        long.ledger.disown(300)
        long.site = Site().append(old.leaves[:300]).grow(5, b"other")
        long.site.over = {0: old}
        long.anchor()
        found = [[at for epoch, at in long() if epoch == 0] for _ in range(5)]
        assert found == [[], [300], [300, 700], [300, 700, 1100], [300, 700, 1100, 1500]]
        assert "the next round reads on" in long.gathered.undecided[0]
        assert (long(), long.kinds, long.whole) == (
            [(0, n) for n in range(300, 2300, 400)],
            [],
            True,
        )

    def test_what_may_stand_under_a_head_not_read_yet_is_not_gone(self, long):
        """A log that was disowned and goes on with the same leaves: long, and honest."""
        old = long.site
        self.rounds(long)
        long.ledger.disown(300)
        for size in range(700, 2301, 400):
            long.ledger.accept(size, old.root(size))
        for _ in range(6):
            long()
            assert long.gone == []
        assert (long.kinds, long.whole) == ([], True)
        long.ledger.disown(1500)
        long()
        assert (long.gone, long.whole) == ([], False)
        for _ in range(6):
            long()
        assert long.gone == [1500, 1900] * 2, "of both epochs"
