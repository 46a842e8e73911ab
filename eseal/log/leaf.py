"""The leaf: what the log says about one use of a seal, and all it says.

A leaf is public. It tells its place in the log and commits to a statement without giving anything
of it away; the index is in the leaf because a consistency proof does not bind the tree's size.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.rfc9162 import HASH_BYTES, MAX_SIZE, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

_LAYOUT = struct.Struct(f">BQ{HASH_BYTES}s")
LEAF_BYTES = _LAYOUT.size
"""Type, index (big-endian) and commitment: 41 bytes."""


class LeafType(IntEnum):
    """What a leaf records. A number, once given, never changes its meaning."""

    USE = 0x01
    """One use of a seal; the commitment is that of its statement."""
    DISCLOSURE = 0x02
    """One look of an authority into the records; the commitment is that of its order."""


_TYPES = {int(kind): kind for kind in LeafType}


def encode_leaves(kind: LeafType, first: int, commitments: Sequence[bytes]) -> list[bytes]:
    """The bytes of leaves of one kind that follow each other; as :meth:`Leaf.encode`.

    Args:
        kind: what they record.
        first: the position of the first one in the log, from 0.
        commitments: one a leaf, 32 bytes each.

    Raises:
        InvalidInputError: an index or a commitment no leaf can hold.
    """
    _check_index(first)
    _check_index(first + max(len(commitments) - 1, 0))
    for length in set(map(len, commitments)):
        _check_length(length)
    number = int(kind)
    return [_LAYOUT.pack(number, index, each) for index, each in enumerate(commitments, first)]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log.

    Attributes:
        type: what it records.
        index: its position in the log, from 0.
        commitment: SHA-256 that commits to what it records, 32 bytes.

    Raises:
        InvalidInputError: an index or a commitment no leaf can hold.
    """

    type: LeafType
    index: int
    commitment: bytes

    def __post_init__(self) -> None:
        _check_index(self.index)
        _check_length(len(self.commitment))

    def encode(self) -> bytes:
        """The leaf's bytes, 41 of them: type, index (8, big-endian), commitment."""
        return _LAYOUT.pack(self.type, self.index, self.commitment)

    def hash(self) -> bytes:
        """The leaf's hash in the tree, 32 bytes (RFC 9162 section 2.1.1)."""
        return leaf_hash(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> Leaf:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: another length, an unknown type, or an index of 2**63 - 1 or more.
        """
        if len(data) != LEAF_BYTES:
            raise InvalidFormatError(f"leaf: expected {LEAF_BYTES} bytes, got {len(data)} bytes")
        number, index, commitment = _LAYOUT.unpack(data)
        if number not in _TYPES:
            raise InvalidFormatError(
                f"leaf: expected a type of {sorted(_TYPES)}, got {number:#04x}"
            )
        if index >= MAX_SIZE:
            raise InvalidFormatError(f"leaf: expected an index below 2**63 - 1, got {index}")
        return cls(_TYPES[number], index, commitment)


def _check_index(index: int) -> None:
    if not 0 <= index < MAX_SIZE:
        raise InvalidInputError(
            f"leaf: expected an index from 0 to 2**63 - 2, got {index}", field="index"
        )


def _check_length(length: int) -> None:
    if length != HASH_BYTES:
        raise InvalidInputError(
            f"leaf: expected a commitment of {HASH_BYTES} bytes, got {length} bytes",
            field="commitment",
        )
