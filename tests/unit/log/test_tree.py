import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.errors import CorruptionError, InvalidInputError, NotFoundError
from eseal.log import tree
from eseal.log.rfc9162 import (
    EMPTY_ROOT,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from eseal.log.tiles import width_at
from eseal.log.tree import Prover, append, consistency, root

AROUND_TILES = [1, 2, 3, 255, 256, 257, 511, 512, 513, 1000]
SIZES = st.integers(1, 40) | st.integers(1, 700)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_appending_in_pieces_is_appending_at_once(reference, new_tiles, leaves, pieces):
    piecewise, size = new_tiles(), 0
    for piece in pieces:
        appended = piecewise.grow(size, leaves(piece, size))
        size += piece
        assert appended.size == size
        assert appended.root == root(piecewise, size)
    at_once = new_tiles()
    appended = at_once.grow(0, leaves(size))
    assert piecewise.tiles == at_once.tiles
    assert appended.root == root(piecewise, size) == reference.root(leaves(size))


@pytest.mark.parametrize("size", AROUND_TILES)
def test_tiles_hold_the_subtree_roots_tlog_tiles_defines(reference, new_tiles, leaves, size):
    data, tiles = leaves(size), new_tiles()
    tiles.grow(0, data)
    for (level, index), content in tiles.tiles.items():
        span = 256**level
        width = width_at(size, level, index)
        assert len(content) == width * 32
        for place in range(0, width, 51):
            start = (index * 256 + place) * span
            expected = reference.root(data[start : start + span])
            assert content[place * 32 : place * 32 + 32] == expected
    expected_tiles = {
        (level, index) for level in range(3) for index in range(5) if width_at(size, level, index)
    }
    assert set(tiles.tiles) == expected_tiles


def test_only_changed_tiles_are_handed_back_whole(new_tiles, leaves):
    tiles = new_tiles()
    before = tiles.grow(0, leaves(300))
    after = tiles.grow(300, leaves(1, 300))
    assert set(after.tiles) == {(0, 1)}
    assert after.tiles[0, 1] == before.tiles[0, 1] + leaf_hash(leaves(1, 300)[0])


def test_appending_nothing_changes_nothing(new_tiles, leaves):
    tiles = new_tiles()
    assert append(tiles, 0, []) == tree.Appended(0, EMPTY_ROOT, {})
    grown = tiles.grow(0, leaves(300))
    assert append(tiles, 300, ()) == tree.Appended(300, grown.root, {})


@settings(deadline=None)
@given(SIZES, st.data())
def test_proofs_are_those_of_the_reference_and_verify(reference, new_tiles, leaves, size, data):
    d, tiles = leaves(size), new_tiles()
    head = tiles.grow(0, d)
    prover = Prover(tiles, size)
    assert (prover.size, prover.root) == (size, head.root)
    index = data.draw(st.integers(0, size - 1))
    proof = prover.inclusion(index)
    assert list(proof) == reference.path(index, d)
    verify_inclusion(leaf_hash(d[index]), index, size, proof, head.root)
    old = data.draw(st.integers(1, size))
    extension = consistency(tiles, old, size)
    assert list(extension) == reference.proof(old, d)
    verify_consistency(old, size, reference.root(d[:old]), head.root, extension)


@pytest.mark.parametrize("size", [1, 2, 7, 256, 257, 513])
def test_every_proof_of_a_tree_verifies(reference, new_tiles, leaves, size):
    d, tiles = leaves(size), new_tiles()
    roots = [EMPTY_ROOT, *(tiles.grow(start, d[start : start + 1]).root for start in range(size))]
    assert roots[-1] == reference.root(d)
    prover = Prover(tiles, size)
    for index in range(size):
        verify_inclusion(leaf_hash(d[index]), index, size, prover.inclusion(index), roots[-1])
    for old in range(size + 1):
        verify_consistency(old, size, roots[old], roots[-1], prover.consistency(old))


def test_a_log_of_three_tile_levels(large, reference):
    tiles, data = large
    size = len(data)
    prover = Prover(tiles, size)
    assert prover.root == root(tiles, size) == reference.root(data)
    for index in (0, 255, 256, 65_535, 65_536, 65_791, 66_047, 66_048, size - 1):
        assert list(prover.inclusion(index)) == reference.path(index, data)
    for old in (1, 256, 257, 65_535, 65_536, 65_537, 66_048, 66_050):
        assert list(prover.consistency(old)) == reference.proof(old, data)


def test_earlier_trees_of_a_log_can_still_be_proved(large, reference):
    tiles, data = large
    for size in (65_536, 65_537, 65_792, 513):
        prover = Prover(tiles, size)
        assert prover.root == reference.root(data[:size])
        index = size - 1
        verify_inclusion(leaf_hash(data[index]), index, size, prover.inclusion(index), prover.root)
        verify_consistency(
            300, size, reference.root(data[:300]), prover.root, prover.consistency(300)
        )


def test_a_prover_that_has_let_tiles_go_reads_them_again(large):
    tiles, data = large
    prover = Prover(tiles, len(data))
    first = prover.inclusion(0)
    for index in range(0, len(data), 256):
        verify_inclusion(
            leaf_hash(data[index]), index, len(data), prover.inclusion(index), prover.root
        )
    assert prover.inclusion(0) == first
    assert len(prover._tiles) <= tree.MAX_TILES_HELD


def test_work_per_operation_is_a_tile_a_level(large):
    tiles, data = large
    size = len(data)

    def reads(action):
        tiles.reads = 0
        action()
        return tiles.reads

    assert reads(lambda: append(tiles, size, [leaf_hash(b"one more")])) <= 3
    assert reads(lambda: root(tiles, size)) <= 3
    assert reads(lambda: Prover(tiles, size).inclusion(0)) <= 6
    assert reads(lambda: consistency(tiles, 65_793, size)) <= 6
    prover = Prover(tiles, size)
    prover.inclusion(1024)
    assert reads(lambda: [prover.inclusion(index) for index in range(1024, 1280)]) == 0


def test_an_empty_log_has_the_empty_root_and_nothing_to_prove(new_tiles):
    prover = Prover(new_tiles(), 0)
    assert prover.root == root(new_tiles(), 0) == EMPTY_ROOT
    assert prover.consistency(0) == ()
    with pytest.raises(InvalidInputError, match="index"):
        prover.inclusion(0)


def test_trivial_consistency_proofs_are_empty(new_tiles, leaves):
    tiles = new_tiles()
    tiles.grow(0, leaves(5))
    assert consistency(tiles, 0, 5) == consistency(tiles, 5, 5) == ()


def test_what_the_tree_does_not_hold_is_refused(new_tiles, leaves):
    tiles = new_tiles()
    tiles.grow(0, leaves(5))
    prover = Prover(tiles, 5)
    for index in (-1, 5):
        with pytest.raises(InvalidInputError, match="expected an index from 0 to 4"):
            prover.inclusion(index)
    for old in (-1, 6):
        with pytest.raises(InvalidInputError, match="expected an old size from 0 to 5"):
            prover.consistency(old)
    for size in (-1, 2**63):
        with pytest.raises(InvalidInputError, match="expected a size"):
            root(tiles, size)
    with pytest.raises(NotFoundError):
        root(tiles, 6)
    with pytest.raises(NotFoundError):
        Prover(tiles, 300)


def test_leaf_hashes_must_be_hashes(new_tiles):
    with pytest.raises(InvalidInputError, match="32 bytes"):
        append(new_tiles(), 0, [bytes(32), bytes(31)])
    with pytest.raises(InvalidInputError, match="expected a size"):
        append(new_tiles(), 2**63 - 1, [bytes(32)])


def test_a_store_that_returns_the_wrong_length_is_corrupt(new_tiles):
    class Short(new_tiles):
        def tile(self, level, index, width):
            return super().tile(level, index, width)[:-1]

    tiles = Short()
    tiles.tiles[0, 0] = bytes(320)
    with pytest.raises(CorruptionError, match="tile 0/0: expected 10 hashes in 320 bytes"):
        root(tiles, 10)
