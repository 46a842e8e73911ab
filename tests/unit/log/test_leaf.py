import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.leaf import LEAF_BYTES, Leaf, LeafType, encode_leaves


def test_a_leaf_is_type_index_and_commitment():
    leaf = Leaf(LeafType.USE, 258, b"c" * 32)
    assert leaf.encode() == b"\x01" + b"\0\0\0\0\0\0\x01\x02" + b"c" * 32
    assert LEAF_BYTES == 41


def test_its_hash_is_that_of_an_rfc9162_leaf():
    leaf = Leaf(LeafType.DISCLOSURE, 7, b"d" * 32)
    assert leaf.hash() == hashlib.sha256(b"\x00" + leaf.encode()).digest()


@given(st.sampled_from(LeafType), st.integers(0, 2**63 - 2), st.binary(min_size=32, max_size=32))
def test_what_was_encoded_decodes(kind, index, commitment):
    leaf = Leaf(kind, index, commitment)
    decoded = Leaf.decode(leaf.encode())
    assert decoded == leaf
    assert decoded.type is kind


@given(st.binary(max_size=60) | st.binary(min_size=41, max_size=41))
def test_any_bytes_are_refused_or_encode_to_themselves(data):
    try:
        leaf = Leaf.decode(data)
    except InvalidFormatError:
        return
    assert leaf.encode() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected 41 bytes, got 0"),
        (bytes(40), "got 40"),
        (bytes(42), "got 42"),
        (b"\x00" + bytes(40), r"expected a type of \[1, 2\], got 0x00"),
        (b"\x03" + bytes(40), "got 0x03"),
        (b"\x01" + b"\xff" * 8 + bytes(32), r"below 2\*\*63"),
        (b"\x01\x7f" + b"\xff" * 7 + bytes(32), r"below 2\*\*63"),
    ],
)
def test_bad_leaves_are_named(data, message):
    with pytest.raises(InvalidFormatError, match=message):
        Leaf.decode(data)


@pytest.mark.parametrize(
    ("index", "commitment"), [(-1, bytes(32)), (2**63 - 1, bytes(32)), (0, bytes(31)), (0, b"")]
)
def test_impossible_leaves_cannot_be_made(index, commitment):
    with pytest.raises(InvalidInputError):
        Leaf(LeafType.USE, index, commitment)


@given(
    st.sampled_from(LeafType),
    st.integers(0, 2**63 - 10),
    st.lists(st.binary(min_size=32, max_size=32), max_size=8),
)
def test_leaves_made_at_once_are_the_same(kind, first, commitments):
    alone = [Leaf(kind, index, each).encode() for index, each in enumerate(commitments, first)]
    assert encode_leaves(kind, first, commitments) == alone


@pytest.mark.parametrize(
    ("first", "commitments"),
    [
        (-1, [bytes(32)]),
        (2**63 - 2, [bytes(32)] * 2),
        (0, [bytes(32), bytes(31)]),
        (0, [bytes(33), bytes(32)]),
    ],
)
def test_impossible_leaves_cannot_be_made_at_once_either(first, commitments):
    with pytest.raises(InvalidInputError):
        encode_leaves(LeafType.USE, first, commitments)
