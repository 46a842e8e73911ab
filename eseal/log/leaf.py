"""The leaf: what the log says about one record, and all it says.

A leaf is public. It tells its place in the log, commits to a record without giving anything of it
away, and shows the tag of the ticket that was torn for it. What kind of record it is stands inside
the commitment: from outside all leaves look alike. The index is in the leaf because a consistency
proof does not bind the tree's size.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.rfc9162 import HASH_BYTES, MAX_SIZE, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

_LAYOUT = struct.Struct(f">Q{HASH_BYTES}s{HASH_BYTES}s")
LEAF_BYTES = _LAYOUT.size
"""Index (big-endian), commitment and tag: 72 bytes."""


def encode_leaves(first: int, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """The bytes of leaves that follow each other; as :meth:`Leaf.encode`.

    Args:
        first: the position of the first one in the log, from 0.
        entries: commitment and tag of each, 32 bytes each.

    Raises:
        InvalidInputError: an index, a commitment or a tag no leaf can hold.
    """
    _check_index(first)
    _check_index(first + max(len(entries) - 1, 0))
    for lengths in {(len(commitment), len(tag)) for commitment, tag in entries}:
        _check_lengths(*lengths)
    pack = _LAYOUT.pack
    return [pack(index, commitment, tag) for index, (commitment, tag) in enumerate(entries, first)]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log.

    Attributes:
        index: its position in the log, from 0.
        commitment: SHA-256 that commits to what it records, 32 bytes.
        tag: of the ticket that was torn for it, 32 bytes; random where there is none.

    Raises:
        InvalidInputError: an index, a commitment or a tag no leaf can hold.
    """

    index: int
    commitment: bytes
    tag: bytes

    def __post_init__(self) -> None:
        _check_index(self.index)
        _check_lengths(len(self.commitment), len(self.tag))

    def encode(self) -> bytes:
        """The leaf's bytes, 72 of them: index (8, big-endian), commitment, tag."""
        return _LAYOUT.pack(self.index, self.commitment, self.tag)

    def hash(self) -> bytes:
        """The leaf's hash in the tree, 32 bytes (RFC 9162 section 2.1.1)."""
        return leaf_hash(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> Leaf:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: another length, or an index of 2**63 - 1 or more.
        """
        if len(data) != LEAF_BYTES:
            raise InvalidFormatError(f"leaf: expected {LEAF_BYTES} bytes, got {len(data)} bytes")
        index, commitment, tag = _LAYOUT.unpack(data)
        if index >= MAX_SIZE:
            raise InvalidFormatError(f"leaf: expected an index below 2**63 - 1, got {index}")
        return cls(index, commitment, tag)


def _check_index(index: int) -> None:
    if not 0 <= index < MAX_SIZE:
        raise InvalidInputError(
            f"leaf: expected an index from 0 to 2**63 - 2, got {index}", field="index"
        )


def _check_lengths(commitment: int, tag: int) -> None:
    for name, length in (("commitment", commitment), ("tag", tag)):
        if length != HASH_BYTES:
            raise InvalidInputError(
                f"leaf: expected a {name} of {HASH_BYTES} bytes, got {length} bytes", field=name
            )
