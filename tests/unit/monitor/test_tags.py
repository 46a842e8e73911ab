"""Tags that stand twice, among leaves that come in any portions and after any crash."""

import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.log.leaf import Leaf
from eseal.log.leaf_table import leaf_table
from eseal.monitor import tags as module
from eseal.monitor.tags import TagIndex


def table(things, first=0):
    """Leaves of these (tag, commitment) names."""
    leaves = [
        Leaf(first + at, hashlib.sha256(b"%d" % thing).digest(), hashlib.sha256(tag).digest())
        for at, (tag, thing) in enumerate(things)
    ]
    return leaf_table([leaf.encode() for leaf in leaves], first)


def expected(things):
    """Neighbours, once sorted, of one tag and different things: by counting them out."""
    return {
        tag
        for (tag, one), (other, another) in itertools.combinations(things, 2)
        if tag == other and one != another
    }


@given(
    st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 2)), max_size=12),
    st.lists(st.integers(0, 12), max_size=3),
)
def test_torn_tickets_are_found_in_whatever_portions_they_come(tmp_path_factory, things, cuts):
    index = TagIndex(tmp_path_factory.mktemp("tags"))
    edges = sorted({0, len(things), *(min(cut, len(things)) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        if end > start:
            index.add(table(things[start:end], start), 0)
            index.keep(0, end)
    found = {things[one[1]][0] for one, _ in index.torn}
    assert found == expected(things)
    assert all(things[one[1]][0] == things[other[1]][0] for one, other in index.torn)


def test_a_copy_is_no_fork(tmp_path):
    index = TagIndex(tmp_path)
    index.add(table([(b"a", 1), (b"a", 1)]), 0)
    index.add(table([(b"a", 1)]), 1)
    index.keep(1, 1)
    assert index.torn == set()
    index.add(table([(b"a", 2)], 7), 1)
    index.keep(1, 8)
    ((one, other),) = index.torn
    assert other == (1, 7)
    assert one in {(0, 0), (0, 1), (1, 0)}


def test_what_was_not_remembered_comes_again_and_is_no_fork(tmp_path):
    """A round of other leaves that came to no end, and a record cut short."""
    index = TagIndex(tmp_path)
    index.add(table([(b"a", 1), (b"b", 2)]), 0)
    index.keep(0, 1000)
    index.add(table([(b"a", 3), (b"c", 4)], 2), 0)
    index.keep(0, 1000)
    assert index.torn == {((0, 0), (0, 2))}
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes() + b"x" * 7)
    again = TagIndex(tmp_path)
    again.add(table([(b"d", 5), (b"c", 6)], 2), 0)
    again.keep(0, 1000)
    assert again.torn == set(), "the leaves at 2 and 3 took the others' places"
    again.add(table([(b"b", 9), (b"c", 7)], 4), 0)
    again.keep(0, 1000)
    assert again.torn == {((0, 1), (0, 4)), ((0, 3), (0, 5))}


def test_leaves_beyond_the_head_that_was_reached_are_nobody_s(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_LEAVES", 3)
    index = TagIndex(tmp_path)
    index.add(table([(b"a", 1), (b"b", 2), (b"a", 3)]), 0)
    index.add(table([(b"b", 4)], 3), 0)
    index.keep(0, 2)
    assert index.torn == set()
    index.add(table([(b"b", 9)], 2), 0)
    index.keep(0, 3)
    assert index.torn == {((0, 1), (0, 2))}


def test_memory_stays_flat_and_nothing_counts_before_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_LEAVES", 100)
    for again in (False, True):
        index = TagIndex(tmp_path)
        index.add(table([(b"%d" % n, n) for n in range(99)]), 0)
        assert list(tmp_path.iterdir()) == []
        index.add(table([(b"%d" % n, n) for n in range(99, 300)], 99), 0)
        assert sum(path.stat().st_size for path in (tmp_path / "new").iterdir()) == 300 * 40
        if again:
            index.add(table([(b"7", 8)], 300), 0)
            index.keep(0, 1000)
        else:
            index.drop()
    assert index.torn == {((0, 7), (0, 300))}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 301 * 40


@pytest.mark.parametrize(
    ("leaves", "first"), [([b"x" * 71], 0), ([Leaf(3, bytes(32), bytes(32)).encode()], 2)]
)
def test_a_table_of_no_leaves(leaves, first):
    with pytest.raises(ValueError, match=f"leaf {first}"):
        leaf_table(leaves, first)


def test_a_table_says_what_leaves_say():
    leaf = Leaf(5, bytes(range(32)), bytes(range(32, 64)))
    (row,) = leaf_table([leaf.encode()], 5)
    assert int(row["index"]) == 5
    assert row["commitment"].tobytes() + row["tag"].tobytes() == bytes(range(64))
    assert np.uint64(row["tag"][0]) == int.from_bytes(bytes(range(32, 40)))
