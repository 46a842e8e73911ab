"""The compact range: a whole tree held as the roots of its perfect subtrees, O(log n) memory.

A tree of ``size`` leaves is a row of perfect subtrees, one for each 1 in the binary form of
``size``. Their roots, the *peaks*, are all one needs to append further leaves and to know the
root at any moment; an auditor replays a log of any length with nothing more.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Self

from eseal.errors import InvalidInputError, NotFoundError
from eseal.log.rfc9162 import EMPTY_ROOT, HASH_BYTES, LEAF_PREFIX, NODE_PREFIX, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CHUNK_LEAVES = 4096
"""Leaves hashed at a time: enough to amortise the loop, and 0.5 MB of hashes do not matter."""


class RootBuilder:
    """Recomputes the root of a log from its leaves, as a stream, in memory that does not grow."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._peaks: list[bytes | None] = []
        self._size = 0

    @classmethod
    def resume(cls, size: int, peaks: Sequence[bytes]) -> Self:
        """Carry on where another builder stood.

        Args:
            size: leaves it had seen.
            peaks: its :attr:`peaks` then.

        Raises:
            InvalidInputError: not as many peaks as such a tree has, or one that is no hash.
        """
        if (
            size < 0
            or len(peaks) != size.bit_count()
            or {len(peak) for peak in peaks} - {HASH_BYTES}
        ):
            raise InvalidInputError(
                f"compact range: expected {max(size, 0).bit_count()} peaks of {HASH_BYTES} bytes "
                f"for {size} leaves, got {len(peaks)}"
            )
        builder = cls()
        rest = iter(peaks)
        builder._size = size
        builder._peaks = [
            next(rest) if size >> height & 1 else None for height in range(size.bit_length())
        ]
        return builder

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees, lowest first: with :attr:`size`, all of its state."""
        return tuple(peak for peak in self._peaks if peak is not None)

    @property
    def size(self) -> int:
        """Leaves seen so far."""
        return self._size

    def root(self) -> bytes:
        """The root of the leaves seen so far, 32 bytes (RFC 9162 section 2.1.1)."""
        root = fold(self._peaks)
        return EMPTY_ROOT if root is None else root

    def append_many(self, leaves: Iterable[bytes]) -> None:
        """Append leaves, given as their bytes (not their hashes), until the iterator ends."""
        source = iter(leaves)
        while self._take(source, CHUNK_LEAVES):
            pass

    def roots_at(
        self, leaves: Iterable[bytes], sizes: Iterable[int]
    ) -> Iterator[tuple[int, bytes]]:
        """Append leaves and tell the root whenever the log reaches one of ``sizes``.

        An iterator given as ``leaves`` is read up to the last size and no further, so that the
        rest can go to :meth:`append_many`.

        Args:
            leaves: bytes of the leaves that follow those already seen.
            sizes: sizes in leaves, ascending, none below :attr:`size`.

        Yields:
            Size and root (32 bytes), for each of ``sizes``.

        Raises:
            NotFoundError: the leaves end before a size, or the log has grown past it already.
        """
        source = iter(leaves)
        for size in sizes:
            if size < self._size:
                raise NotFoundError(f"expected a size from {self._size}, got {size}")
            while self._size < size:
                if not self._take(source, min(CHUNK_LEAVES, size - self._size)):
                    raise NotFoundError(f"expected {size} leaves, got {self._size}")
            yield size, self.root()

    def _take(self, source: Iterator[bytes], limit: int) -> int:
        """Append at most ``limit`` leaves from ``source`` and return how many there were."""
        hashes = [sha256(LEAF_PREFIX + leaf).digest() for leaf in islice(source, limit)]
        for _ in extend(self._peaks, hashes):
            pass
        self._size += len(hashes)
        return len(hashes)


def extend(peaks: list[bytes | None], hashes: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Append leaf hashes to a compact range, telling the nodes that come into being.

    Args:
        peaks: by height, the root of the perfect subtree of ``2**height`` leaves, or ``None``
            where the size has a 0; changed in place as the iterator advances.
        hashes: the new leaf hashes, 32 bytes each.

    Yields:
        For each height from 0 the new nodes at that height, left to right, until there are none.
    """
    height = 0
    nodes = hashes
    while nodes:
        yield nodes
        if height == len(peaks):
            peaks.append(None)
        peak = peaks[height]
        row = nodes if peak is None else [peak, *nodes]
        peaks[height] = row[-1] if len(row) & 1 else None
        nodes = hash_pairs(row)
        height += 1


def hash_pairs(row: Sequence[bytes]) -> list[bytes]:
    """The parents of the nodes of ``row``, left to right; an odd last node has none yet."""
    # The hash is written out here because a call per node would cost as much as half the hash.
    nodes = iter(row)
    return [
        sha256(NODE_PREFIX + left + right).digest()
        for left, right in zip(nodes, nodes, strict=False)
    ]


def fold(peaks: Iterable[bytes | None]) -> bytes | None:
    """The root over all peaks, lowest first, 32 bytes; ``None`` if there are none."""
    root: bytes | None = None
    for peak in peaks:
        if peak is not None:
            root = peak if root is None else node_hash(peak, root)
    return root
