import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidInputError, NotFoundError
from eseal.log.compact_range import CHUNK_LEAVES, RootBuilder
from eseal.log.rfc9162 import EMPTY_ROOT


@given(st.lists(st.integers(0, 120), max_size=6))
def test_the_root_follows_the_leaves_however_they_come(reference, leaves, pieces):
    builder, size = RootBuilder(), 0
    assert builder.root() == EMPTY_ROOT
    for piece in pieces:
        builder.append_many(iter(leaves(piece, size)))
        size += piece
        assert builder.size == size
        assert builder.root() == reference.root(leaves(size))


@given(st.sets(st.integers(0, 300)))
def test_roots_along_the_way(reference, leaves, sizes):
    wanted, data = sorted(sizes), leaves(300)
    source, builder = iter(data), RootBuilder()
    for size, root in builder.roots_at(source, wanted):
        assert builder.size == size
        assert root == reference.root(data[:size])
    builder.append_many(source)
    assert builder.size == 300
    assert builder.root() == reference.root(data)


def test_more_leaves_than_a_chunk(reference, leaves):
    data = leaves(2 * CHUNK_LEAVES + 5)
    builder = RootBuilder()
    wanted = [CHUNK_LEAVES - 1, CHUNK_LEAVES, CHUNK_LEAVES + 1, len(data)]
    roots = list(builder.roots_at(data, wanted))
    assert roots == [(size, reference.root(data[:size])) for size in wanted]


def test_a_log_that_ends_too_early_is_noticed(leaves):
    builder = RootBuilder()
    with pytest.raises(NotFoundError, match="expected 10 leaves, got 7"):
        list(builder.roots_at(leaves(7), [3, 10]))


def test_a_size_already_passed_is_refused(leaves):
    builder = RootBuilder()
    builder.append_many(leaves(5))
    with pytest.raises(NotFoundError, match="from 5, got 4"):
        list(builder.roots_at([], [4]))
    assert list(builder.roots_at([], [5])) == [(5, builder.root())]


def test_memory_does_not_grow_with_the_log():
    builder = RootBuilder()
    builder.append_many(b"%d" % n for n in range(CHUNK_LEAVES))
    tracemalloc.start()
    try:
        builder.append_many(b"%d" % n for n in range(20 * CHUNK_LEAVES))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 300])
def test_a_builder_carries_on_from_its_peaks(size):
    data = [b"leaf %d" % number for number in range(size + 9)]
    first, whole = RootBuilder(), RootBuilder()
    first.append_many(data[:size])
    again = RootBuilder.resume(first.size, first.peaks)
    assert again.root() == first.root()
    again.append_many(data[size:])
    whole.append_many(data)
    assert (again.size, again.root(), again.peaks) == (whole.size, whole.root(), whole.peaks)


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, ()), (0, (bytes(32),)), (1, (bytes(31),)), (-1, ())]
)
def test_peaks_no_tree_has(size, peaks):
    with pytest.raises(InvalidInputError, match="peaks"):
        RootBuilder.resume(size, peaks)
