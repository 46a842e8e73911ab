import sqlite3
from contextlib import closing

import pytest

from eseal.errors import ConfigurationError, CorruptionError
from eseal.log.compact_range import RootBuilder
from eseal.log.leaf import Leaf
from eseal.watch.log.leaves import Hit
from eseal.watch.log.state import ReadLog, WatchState
from eseal.watch.log.tickets import Place

LOG = b"l" * 32
HANDLE = b"h" * 32


def hit(index, commitment=b"c", tag=b"t", volume=0):
    leaf = Leaf(index, commitment.ljust(32, b"\0"), tag.ljust(32, b"\0"))
    return Hit(leaf, Place(HANDLE, volume, 7))


def read(size=0, epoch=0, block=1, *, whole=True):
    builder = RootBuilder()
    builder.append_many(b"%d" % n for n in range(size))
    return ReadLog(epoch, builder, block, whole)


@pytest.fixture
def state(tmp_path):
    opened = WatchState(tmp_path, {"chain": "1"})
    yield opened
    opened.close()


def again(state, tmp_path, bound=None):
    state.close()
    return WatchState(tmp_path, bound or {"chain": "1"})


def test_what_was_committed_survives_and_nothing_else(state, tmp_path):
    state.put_log(LOG, read(5, 2, 9))
    state.put_found(LOG, 2, [hit(3)])
    state.put_volumes(LOG, [(HANDLE, 0), (HANDLE, 1)])
    state.put("block", 7)
    state.commit()
    state.put("block", 8)
    state.put_told(["a"], forget=False)
    other = again(state, tmp_path)
    found = other.log(LOG, 2)
    assert (found.epoch, found.block, found.builder.size) == (2, 9, 5)
    assert found.builder.root() == read(5).builder.root()
    assert (other.volumes(LOG), other.volumes(b"x" * 32)) == ({(HANDLE, 0), (HANDLE, 1)}, set())
    assert (other.get("block"), other.told(), other.counts()) == (7, set(), (1, 0))
    assert (tmp_path / "watch.db").stat().st_mode & 0o077 == 0
    other.close()


def test_it_is_of_one_ledger_and_one_company(state, tmp_path):
    with pytest.raises(ConfigurationError, match="expected the state of chain 2, got that of 1"):
        again(state, tmp_path, {"chain": "2"})


def test_one_watch_at_a_time(state, tmp_path):
    with pytest.raises(ConfigurationError, match="another watch"):
        WatchState(tmp_path, {"chain": "1"})
    assert state.get("nothing") is None


@pytest.mark.parametrize("spoil", [b"", b"damaged", b"SQLite format 3\0" + b"x" * 8000])
def test_a_damaged_state_is_named_and_not_overwritten(state, tmp_path, spoil):
    state.close()
    (tmp_path / "watch.db").write_bytes(spoil)
    with pytest.raises(CorruptionError, match=r"watch\.db: expected a watch's state"):
        WatchState(tmp_path, {"chain": "1"})
    assert (tmp_path / "watch.db").read_bytes() == spoil


def open_and_use(tmp_path):
    with closing(WatchState(tmp_path, {"chain": "1"})) as state:
        use_all(state)


def use_all(state):
    """Ask a state all that a round asks it."""
    state.roll_back()
    state.get("block")
    state.logs(LOG)
    state.volumes(LOG)
    state.newest_volume(HANDLE)
    state.waiting("x", 5, 100)
    state.torn_twice([HANDLE])
    state.gone([HANDLE])
    state.counts()
    for found in state.unopened([HANDLE]):
        state.opened(found, "use", b"d" * 32, None)
    state.uses([HANDLE])
    state.put_told(state.told(), forget=True)
    state.commit()


def filled(state):
    """Something in every table."""
    state.put_log(LOG, read(300))
    state.put_found(LOG, 0, [hit(n, tag=b"%d" % n) for n in range(200)])
    state.put_volumes(LOG, [(HANDLE, n) for n in range(50)])
    state.put("block", 7)
    state.waiting("x", 5, 100)
    state.put_told(["a", "b"], forget=True)
    state.commit()
    state.close()


def test_a_state_cut_off_anywhere_is_named(state, tmp_path):
    filled(state)
    whole = (tmp_path / "watch.db").read_bytes()
    for length in [*range(1, 200, 13), *range(200, len(whole), 1500), len(whole) - 1]:
        (tmp_path / "watch.db").write_bytes(whole[:length])
        with pytest.raises(CorruptionError, match=r"watch\.db: expected a watch's state"):
            WatchState(tmp_path, {"chain": "1"}).close()


def test_a_state_with_other_bytes_is_as_it_was_or_named(state, tmp_path):
    filled(state)
    whole = (tmp_path / "watch.db").read_bytes()
    named = 0
    for at in range(0, len(whole), 991):
        spoilt = bytearray(whole)
        spoilt[at] ^= 0x41
        (tmp_path / "watch.db").write_bytes(spoilt)
        try:
            open_and_use(tmp_path)
        except (CorruptionError, OSError):
            named += 1
    assert named > 10


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE logs SET size = 8, peaks = x'00'",
        "UPDATE logs SET peaks = zeroblob(length(peaks))",
        "UPDATE logs SET block = 9",
        "UPDATE meta SET value = '9' WHERE name = 'block'",
        "UPDATE meta SET value = '' WHERE name = 'chain'",
        "UPDATE found SET commitment = zeroblob(32)",
        "UPDATE found SET tag = zeroblob(3)",
        "UPDATE found SET position = 8",
        "DROP TABLE told; CREATE TABLE told (other TEXT)",
    ],
)
def test_a_row_that_was_changed_accuses_nobody(state, tmp_path, change):
    filled(state)
    with sqlite3.connect(tmp_path / "watch.db") as db:
        db.executescript(change)
    db.close()
    with pytest.raises(CorruptionError, match=r"watch\.db: expected a watch's state"):
        open_and_use(tmp_path)


def test_a_full_disk_is_no_damage(state):
    state._db.execute("PRAGMA max_page_count = 15")
    with pytest.raises(OSError, match=r"watch\.db: database or disk is full"):
        state.put_told([str(n) * 100 for n in range(1000)], forget=False)


def test_leaves_of_one_ticket(state):
    state.put_log(LOG, read(9))
    state.put_found(LOG, 0, [hit(1), hit(2), hit(3, tag=b"u"), hit(4, b"d", tag=b"u")])
    torn = state.torn_twice([HANDLE])
    assert [found.leaf.index for found in torn] == [3, 4], "a copy is no fork"
    state.put_found(LOG, 0, [hit(1, b"e")])
    assert state.torn_twice([HANDLE]) == torn, "what was found stays as it was"
    assert state.torn_twice([b"x" * 32]) == []


def test_a_disowned_leaf_is_gone_unless_it_stands_again(state):
    state.put_log(LOG, read(9))
    state.put_found(LOG, 0, [hit(1, tag=b"a"), hit(2, tag=b"b"), hit(3, tag=b"c")])
    assert state.gone([HANDLE]) == []
    state.put_log(LOG, read(5, epoch=1, whole=False))
    assert state.gone([HANDLE]) == [], "what is not read yet may hold them"
    state.put_log(LOG, read(5, epoch=1))
    state.put_found(LOG, 1, [hit(1, tag=b"a"), hit(7, tag=b"b"), hit(8, b"other", tag=b"c")])
    assert [found.leaf.index for found in state.gone([HANDLE])] == [3]
    assert [found.leaf.index for found in state.unopened([HANDLE])] == [1, 7, 8]


def test_opened_leaves_and_counts(state):
    state.put_log(LOG, read(9))
    state.put_found(LOG, 0, [hit(1, tag=b"a", volume=4), hit(2, tag=b"b")])
    one, two = state.unopened([HANDLE])
    state.opened(one, "use", b"d" * 32, None)
    state.opened(two, "declaration", None, None)
    assert state.unopened([HANDLE]) == []
    (use,) = state.uses([HANDLE])
    assert (use.record, use.digest, use.source) == ("use", b"d" * 32, None)
    assert (state.counts(), state.newest_volume(HANDLE)) == ((2, 2), 4)
    assert state.newest_volume(b"x" * 32) == -1


def test_waiting(state):
    assert state.waiting("x", 5, 100) == 0
    assert state.waiting("x", 5, 160) == 60
    assert state.waiting("x", 6, 170) == 0, "it moved"
    assert state.waiting("x", 6, 160) == 0, "a clock that goes back"
    state.not_waiting("x")
    assert state.waiting("x", 6, 500) == 0


def test_told(state):
    state.put_told(["a", "b"], forget=True)
    state.put_told(["b", "c"], forget=False)
    assert state.told() == {"a", "b", "c"}
    state.put_told(["c"], forget=True)
    assert state.told() == {"c"}
