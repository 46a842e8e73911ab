"""The book: the secret tickets of a seal, in numbered volumes whose roots are on the ledger.

Each use tears off one ticket. The leaf of the use shows the ticket's *tag*: who holds the book's
key finds every leaf of the book among all leaves, nobody else can link two of them. A ticket torn
twice shows to everybody, because its tag then stands twice.

One key makes all of it::

    ticket    HMAC-SHA-256(key, volume (4) ‖ position (4))
    volume    perfect binary tree of 2^depth tickets: leaf H(0x00 ‖ ticket), inner H(0x01 ‖ l ‖ r)
    position  of use n in volume n >> depth: a keyed permutation of n mod 2^depth
    tag       H("eseal tag 2" ‖ 0x00 ‖ handle ‖ volume (4) ‖ position (4) ‖ ticket)

H is SHA-256; integers are big-endian.
"""

from __future__ import annotations

import secrets
import struct
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

HASH_BYTES = 32
BOOK_KEY_BYTES = 32
MIN_DEPTH = 4
"""16 tickets: less would let a count of volumes come close to a count of uses."""
MAX_DEPTH = 24
"""16 million tickets; building such a volume takes half a minute."""
MAX_VOLUME = 2**32 - 1
BUILT_AT_ONCE = 1 << 10
"""Leaves in memory while a tree is built; it keeps none of them."""

_PLACE = struct.Struct(">II")
_TAG_LABEL = b"eseal tag 2\x00"
_PERMUTE_LABEL = b"eseal permute\x00"
_ROUND = struct.Struct(">IBI")
_ROUNDS = 4
"""Luby and Rackoff: four rounds make a pseudo-random permutation both ways."""
_BLOCK_BYTES = 64
"""SHA-256's, for HMAC (RFC 2104)."""


class Ticket(NamedTuple):
    """One ticket of a book. A tuple, because it is made by the thousand.

    Attributes:
        volume: the volume it stands in, from 0, below 2**32.
        position: its place there, from 0, below 2**depth.
        value: the ticket itself, 32 bytes.
    """

    volume: int
    position: int
    value: bytes


def new_book_key() -> bytes:
    """A fresh book key, 32 bytes."""
    return secrets.token_bytes(BOOK_KEY_BYTES)


def tag(handle: bytes, ticket: Ticket) -> bytes:
    """What a leaf shows of a ticket, 32 bytes; of another seal's, another tag.

    Args:
        handle: of the seal, or of the company's roster book, 32 bytes.
        ticket: the ticket.
    """
    return sha256(
        _TAG_LABEL + handle + _PLACE.pack(ticket.volume, ticket.position) + ticket.value
    ).digest()


def check_depth(depth: int) -> int:
    """Return ``depth`` if a volume can have it.

    Raises:
        InvalidInputError: it is not from 4 to 24.
    """
    if not MIN_DEPTH <= depth <= MAX_DEPTH:
        raise InvalidInputError(
            f"book depth: expected {MIN_DEPTH} to {MAX_DEPTH}, got {depth}", field="depth"
        )
    return depth


class Book:
    """All tickets of one key. Safe to share between threads.

    Args:
        key: 32 secret bytes.
        depth: a volume holds 2**depth tickets.

    Raises:
        InvalidInputError: a key of another length, or a depth no volume can have.
    """

    def __init__(self, key: bytes, depth: int) -> None:
        if len(key) != BOOK_KEY_BYTES:
            raise InvalidInputError(
                f"book key: expected {BOOK_KEY_BYTES} bytes, got {len(key)}", field="key"
            )
        self.depth = check_depth(depth)
        # RFC 2104 with both keyed blocks hashed once: a third of the time of hmac.digest.
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))
        self._rounds_of = lru_cache(maxsize=2)(self._make_rounds)

    @property
    def volume_size(self) -> int:
        """How many tickets a volume holds."""
        return 1 << self.depth

    def ticket(self, number: int) -> Ticket:
        """The ticket of the use with this number, from 0.

        Raises:
            InvalidInputError: a book has no such number.
        """
        volume = number >> self.depth
        if not 0 <= volume <= MAX_VOLUME:
            raise InvalidInputError(f"book: expected a number from 0, got {number}", field="number")
        position = self.position(volume, number & (self.volume_size - 1))
        return Ticket(volume, position, self.value(volume, position))

    def position(self, volume: int, index: int) -> int:
        """Where the ticket torn as the ``index``-th of a volume stands in it.

        Four Feistel rounds on two halves. An odd depth is permuted as the next even one, again and
        again until the result is a position (cycle walking).
        """
        half = (self.depth + 1) // 2
        mask = (1 << half) - 1
        rounds = self._rounds_of(volume)
        while True:
            left, right = index >> half, index & mask
            for table in rounds:
                left, right = right, left ^ table[right]
            index = left << half | right
            if index < self.volume_size:
                return index

    def value(self, volume: int, position: int) -> bytes:
        """The ticket at a place, 32 bytes."""
        return self._mac(_PLACE.pack(volume, position))

    def _mac(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def _make_rounds(self, volume: int) -> list[list[int]]:
        """The round functions of a volume, as tables: they are asked for each use."""
        halves = range(1 << (self.depth + 1) // 2)
        mask = len(halves) - 1
        return [
            [
                int.from_bytes(self._mac(_PERMUTE_LABEL + _ROUND.pack(volume, number, half))[:4])
                & mask
                for half in halves
            ]
            for number in range(_ROUNDS)
        ]

    def leaf_hashes(self, volume: int, start: int, end: int) -> list[bytes]:
        """Hashes of the leaves of a volume's tree from ``start`` up to, not including, ``end``."""
        inner_copy, outer_copy = self._inner.copy, self._outer.copy
        pack, hashed = _PLACE.pack, sha256
        leaves = []
        for position in range(start, end):  # in line: a volume has thousands
            inner, outer = inner_copy(), outer_copy()
            inner.update(pack(volume, position))
            outer.update(inner.digest())
            leaves.append(hashed(b"\x00" + outer.digest()).digest())
        return leaves


class VolumeTree:
    """The tree of one volume. Keeps all but the leaves: half of it, for 1 µs a path.

    The upper halves of all paths are kept put together: they are few, and each is asked for often.

    Args:
        book: the book.
        volume: which of its volumes.
    """

    def __init__(self, book: Book, volume: int) -> None:
        self._book = book
        self._volume = volume
        levels = [b"".join(self._lowest())]
        while len(levels[-1]) > HASH_BYTES:
            levels.append(_parents(levels[-1]))
        self._root = levels.pop()
        self._below, above = levels[: book.depth // 2], levels[book.depth // 2 :]
        self._above = _paths(above)

    @property
    def root(self) -> bytes:
        """What the ledger holds of the volume, 32 bytes."""
        return self._root

    @property
    def kept_bytes(self) -> int:
        """How much memory its hashes take."""
        return sum(map(len, (*self._below, *self._above))) + HASH_BYTES

    def path(self, position: int) -> bytes:
        """From the leaf's sibling upward, depth × 32 bytes.

        Raises:
            InvalidInputError: the volume has no such position.
        """
        if not 0 <= position < self._book.volume_size:
            raise InvalidInputError(
                f"position: expected one below {self._book.volume_size}, got {position}",
                field="position",
            )
        sibling = self._book.value(self._volume, position ^ 1)
        found = [sha256(b"\x00" + sibling).digest()]
        for level in self._below:
            position >>= 1
            at = (position ^ 1) * HASH_BYTES
            found.append(level[at : at + HASH_BYTES])
        found.append(self._above[position >> 1])
        return b"".join(found)

    def _lowest(self) -> Iterator[bytes]:
        """The lowest level that is kept, in parts."""
        size = self._book.volume_size
        width = min(size, BUILT_AT_ONCE)
        for start in range(0, size, width):
            leaves = self._book.leaf_hashes(self._volume, start, start + width)
            yield _parents(b"".join(leaves))


def verify_path(ticket: Ticket, path: bytes, root: bytes, depth: int) -> bool:
    """Whether a ticket stands at its position in the volume with this root.

    Rests on the root alone, which comes from the ledger; anybody may have made ticket and path.

    Args:
        ticket: as the statement names it.
        path: from the leaf's sibling upward, depth × 32 bytes.
        root: of the volume that the ticket names, 32 bytes.
        depth: of the seal's book.
    """
    if not MIN_DEPTH <= depth <= MAX_DEPTH or len(path) != depth * HASH_BYTES:
        return False
    if len(ticket.value) != HASH_BYTES or not 0 <= ticket.position < 1 << depth:
        return False
    node, index = sha256(b"\x00" + ticket.value).digest(), ticket.position
    for at in range(0, len(path), HASH_BYTES):
        sibling = path[at : at + HASH_BYTES]
        left, right = (sibling, node) if index & 1 else (node, sibling)
        node = sha256(b"\x01" + left + right).digest()
        index >>= 1
    return node == root


def _paths(levels: list[bytes]) -> list[bytes]:
    """The paths of all nodes of the lowest of these levels of a tree, up to its top."""
    paths = [b""]
    for level in reversed(levels):
        siblings = [level[at : at + HASH_BYTES] for at in range(0, len(level), HASH_BYTES)]
        paths = [siblings[at ^ 1] + paths[at >> 1] for at in range(len(siblings))]
    return paths


def _parents(nodes: bytes) -> bytes:
    """The level above one level of a tree, both of 32 bytes a node."""
    pairs = range(0, len(nodes), 2 * HASH_BYTES)
    return b"".join([sha256(b"\x01" + nodes[at : at + 2 * HASH_BYTES]).digest() for at in pairs])
