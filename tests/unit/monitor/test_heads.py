"""Heads of any size, and leaves that are made as fast as they are read."""

from types import SimpleNamespace

import httpx
import pytest

from eseal.log.tiles import TILE_WIDTH, encode_entries, parse_entries_path
from eseal.monitor import client, monitor, replay, time_budget
from eseal.monitor.anchors import MOST_LEAVES, readable
from tests.unit.monitor.test_protocol_2 import kinds


@pytest.mark.parametrize(
    ("sizes", "size", "within"),
    [
        ([], 0, []),
        ([1, MOST_LEAVES], 0, [1, MOST_LEAVES]),
        ([MOST_LEAVES + 1], 0, []),
        ([MOST_LEAVES + 1], 1, [MOST_LEAVES + 1]),
        ([5, MOST_LEAVES + 6, MOST_LEAVES + 7], 0, [5]),
        ([MOST_LEAVES, 2 * MOST_LEAVES, 2**64 - 1], 0, [MOST_LEAVES, 2 * MOST_LEAVES]),
    ],
)
def test_each_is_within_reach_of_the_one_before(sizes, size, within):
    assert list(readable(sizes, size)) == within


class Endless:
    """A log that shows a head of 2**63 - 1 leaves, and makes leaves without end behind its own."""

    def __init__(self, site, make_leaf, below="tile/entries/"):
        self.site, self.make_leaf, self.below = site, make_leaf, below
        self.bundles = 0

    def __call__(self, request):
        path = request.url.path.removeprefix("/log/")
        if path == "checkpoint" and self.below.startswith("tile"):
            return httpx.Response(200, content=self.site.note(2**63 - 1, bytes(32)))
        if not path.startswith(self.below):
            return self.site(request)
        self.bundles += 1
        tile = parse_entries_path(path[self.below.index("tile") :])
        first = tile.index * TILE_WIDTH
        held = self.site.leaves[first:][: tile.width]
        made = [self.make_leaf(at) for at in range(first + len(held), first + tile.width)]
        return httpx.Response(200, content=encode_entries([*held, *made]))


def test_one_far_ahead_is_told_and_nothing_of_it_read(watch, site, make_leaf):
    """What lies under the heads before it is looked at all the same, and the round after too."""
    site.append([make_leaf(300, tag=b"mine"), make_leaf(301, tag=b"mine")])
    watch.anchor()
    watch.site = endless = Endless(site, make_leaf)
    for _ in range(2):
        done = watch()
        assert kinds(done) == ["head_far_ahead", "torn_twice"]
        assert (done.size, done.compared) == (0, 302)
    assert endless.bundles == 2
    site.grow(40)
    watch.ledger.accept(342, site.root())
    assert watch().compared == 342, "and what comes later"
    watch.site = site
    done = watch()
    assert (kinds(done), done.size, done.compared) == (["torn_twice"], 342, 342)


def test_on_the_ledger_and_not_in_the_log(watch):
    watch.anchor()
    watch.ledger.accept(2**64 - 1, bytes(32))
    done = watch()
    assert (kinds(done), done.size, done.compared) == (["ledger_ahead"], 300, 300)


def test_disowned_ones(watch, site, make_leaf):
    watch.anchor()
    site.append([make_leaf(300, tag=b"mine"), make_leaf(301, tag=b"mine")])
    watch.anchor()
    watch.ledger.accept(2**64 - 1, bytes(32))
    watch.ledger.disown(300)
    site.shown = site.note(300)
    watch.site = endless = Endless(site, make_leaf, "epoch/0/tile/entries/")
    first, second = watch(), watch()
    assert kinds(first) == ["head_far_ahead", "torn_twice"]
    assert kinds(second) == kinds(first)
    assert endless.bundles == 0, "the log begins with them"
    watch.accepted = frozenset({"head_far_ahead:0", *(one.name for one in first.alarms)})
    assert watch().exit_code == 0


class TestSeveralRounds:
    @pytest.fixture
    def long(self, watch, site, make_leaf, monkeypatch):
        """A round reads the 256 leaves of one bundle; heads lie 200 apart, and some beyond."""
        monkeypatch.setattr(replay, "CHUNK_LEAVES", 64)
        self.clock = [0.0]
        for module in (client, monitor, time_budget):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.clock[0]))
        watch.anchor(200)
        for _ in range(5):
            site.grow(199).append([make_leaf(site.size, tag=b"t%d" % (site.size // 400))])
            watch.anchor(site.size - 100)
        self.left, bundle = 0, site.content

        def content(path):
            if path.startswith("tile/entries/"):
                self.left -= 1
                if self.left < 0:
                    self.clock[0] += 3600
            return bundle(path)

        site.content = content
        return watch

    def one(self, watch):
        self.left = 1
        return watch()

    def test_the_log_is_read_on_from_the_last_head(self, long):
        done = [self.one(long) for _ in range(6)]
        assert [one.compared for one in done] == [400, 600, 1000, 1200, 1200, 1200]
        assert [one.size for one in done] == [0, 0, 0, 0, 1300, 1300]
        assert [kinds(one).count("torn_twice") for one in done] == [0, 0, 1, 2, 2, 2]
        assert [len(kinds(one)) for one in done] == [0, 0, 1, 2, 2, 2], "and nothing else"
        assert "reads on from 400 leaves" in done[0].undecided[0]
        assert [len(one.undecided) for one in done] == [1, 1, 1, 1, 0, 0]

    def test_disowned_heads(self, long, site, make_site):
        long.ledger.disown(200)
        long.site = make_site().append(site.leaves[:200])
        long.site.over = {0: site}
        done = [self.one(long) for _ in range(6)]
        assert [kinds(one).count("torn_twice") for one in done] == [0, 0, 1, 2, 2, 2]
        assert [len(kinds(one)) for one in done] == [0, 0, 1, 2, 2, 2], "and nothing else"
        assert "the next round reads on" in done[0].undecided[0]
        assert done[-1].undecided == ()
