import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.leaf import LEAF_BYTES, Leaf, encode_leaves


def test_a_leaf_is_index_commitment_and_tag():
    leaf = Leaf(258, b"c" * 32, b"t" * 32)
    assert leaf.encode() == b"\0\0\0\0\0\0\x01\x02" + b"c" * 32 + b"t" * 32
    assert LEAF_BYTES == 72


def test_its_hash_is_that_of_an_rfc9162_leaf():
    leaf = Leaf(7, b"d" * 32, b"t" * 32)
    assert leaf.hash() == hashlib.sha256(b"\x00" + leaf.encode()).digest()


hashes = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 2**63 - 2), hashes, hashes)
def test_what_was_encoded_decodes(index, commitment, tag):
    leaf = Leaf(index, commitment, tag)
    assert Leaf.decode(leaf.encode()) == leaf


@given(st.binary(max_size=100) | st.binary(min_size=72, max_size=72))
def test_any_bytes_are_refused_or_encode_to_themselves(data):
    try:
        leaf = Leaf.decode(data)
    except InvalidFormatError:
        return
    assert leaf.encode() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected 72 bytes, got 0"),
        (bytes(41), "got 41"),
        (bytes(71), "got 71"),
        (bytes(73), "got 73"),
        (b"\xff" * 8 + bytes(64), r"below 2\*\*63"),
        (b"\x7f" + b"\xff" * 7 + bytes(64), r"below 2\*\*63"),
    ],
)
def test_bad_leaves_are_named(data, message):
    with pytest.raises(InvalidFormatError, match=message):
        Leaf.decode(data)


@pytest.mark.parametrize(
    ("index", "commitment", "tag"),
    [
        (-1, bytes(32), bytes(32)),
        (2**63 - 1, bytes(32), bytes(32)),
        (0, bytes(31), bytes(32)),
        (0, bytes(32), b""),
        (0, b"", bytes(64)),
    ],
)
def test_impossible_leaves_cannot_be_made(index, commitment, tag):
    with pytest.raises(InvalidInputError):
        Leaf(index, commitment, tag)


@given(st.integers(0, 2**63 - 10), st.lists(st.tuples(hashes, hashes), max_size=8))
def test_leaves_made_at_once_are_the_same(first, entries):
    alone = [Leaf(index, *each).encode() for index, each in enumerate(entries, first)]
    assert encode_leaves(first, entries) == alone


@pytest.mark.parametrize(
    ("first", "entries"),
    [
        (-1, [(bytes(32), bytes(32))]),
        (2**63 - 2, [(bytes(32), bytes(32))] * 2),
        (0, [(bytes(32), bytes(32)), (bytes(31), bytes(33))]),
        (0, [(bytes(32), bytes(31)), (bytes(32), bytes(32))]),
    ],
)
def test_impossible_leaves_cannot_be_made_at_once_either(first, entries):
    with pytest.raises(InvalidInputError):
        encode_leaves(first, entries)
