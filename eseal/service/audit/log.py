"""The log against itself: leaves, tiles, roots, checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from eseal.errors import ESealError, InvalidFormatError, NotFoundError
from eseal.log.checkpoint import parse_checkpoint, verify_checkpoint
from eseal.log.compact_range import extend, fold
from eseal.log.leaf import Leaf
from eseal.log.rfc9162 import EMPTY_ROOT, HASH_BYTES, leaf_hash
from eseal.log.tiles import TILE_HEIGHT, TILE_WIDTH

if TYPE_CHECKING:
    from eseal.store.repositories.log import LogRepository

CHUNK_LEAVES = 4096
"""Leaves hashed at a time."""

Tell = Callable[[str, str], None]
"""Takes the kind and the message of a disagreement."""


class LogAudit:
    """Recomputes the log from its leaves in one pass, in memory that does not grow."""

    def __init__(self, log: LogRepository, sizes: Iterable[int], tell: Tell) -> None:
        """Prepare.

        Args:
            log: the log's rows.
            sizes: the sizes whose roots are wanted.
            tell: hears of each disagreement.
        """
        self._log = log
        self._wanted = sorted(set(sizes) - {0})
        self._tell = tell
        self._peaks: list[bytes | None] = []
        self._levels: dict[int, list[bytes]] = {}
        self._tiles: dict[int, int] = {}
        self._pending: list[bytes] = []
        self.size = 0
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def leaves(self) -> Iterator[Leaf]:
        """All leaves in order; the log is recomputed as they are taken."""
        expected = 0
        for index, data in self._log.iterate_leaves():
            if index != expected:
                self._tell("leaf_missing", f"leaf {expected} is missing; the next one is {index}")
                expected = index
            expected += 1
            self._take(data)
            try:
                leaf = Leaf.decode(data)
            except InvalidFormatError as error:
                self._tell("leaf_malformed", f"leaf {index}: {error}")
                continue
            if leaf.index != index:
                self._tell("leaf_misplaced", f"leaf {index} says it is leaf {leaf.index}")
                continue
            yield leaf
        self._flush()
        for level in sorted(self._levels):
            self._compare_tile(level, self._levels[level])

    def check_checkpoint(self, public_key: bytes, origin: str) -> None:
        """Compare the newest checkpoint with the leaves; call when all leaves were taken."""
        stored = self._log.checkpoint()
        root = fold(self._peaks) or EMPTY_ROOT
        if (stored.size, stored.root) != (self.size, root):
            self._tell(
                "checkpoint_differs",
                f"the newest checkpoint says {stored.size} leaves with root {stored.root.hex()}, "
                f"the leaves give {self.size} with root {root.hex()}",
            )
        if not stored.size:
            return
        try:
            signed = parse_checkpoint(stored.note)
            verify_checkpoint(signed, public_key)
        except ESealError as error:
            self._tell("checkpoint_invalid", f"the newest checkpoint: {error}")
            return
        head = signed.checkpoint
        if (head.origin, head.size, head.root) != (origin, stored.size, stored.root):
            self._tell(
                "checkpoint_differs",
                f"the newest checkpoint is signed for {head.size} leaves of {head.origin}, "
                f"but stored as {stored.size} leaves of {origin}",
            )

    def _take(self, data: bytes) -> None:
        self._pending.append(leaf_hash(data))
        reached = self.size + len(self._pending)
        if len(self._pending) == CHUNK_LEAVES or (self._wanted and self._wanted[0] == reached):
            self._flush()

    def _flush(self) -> None:
        for height, nodes in enumerate(extend(self._peaks, self._pending)):
            if height % TILE_HEIGHT == 0:
                self._collect(height // TILE_HEIGHT, nodes)
        self.size += len(self._pending)
        self._pending = []
        if self._wanted and self._wanted[0] == self.size:
            self.roots[self._wanted.pop(0)] = fold(self._peaks) or EMPTY_ROOT

    def _collect(self, level: int, nodes: Iterable[bytes]) -> None:
        held = self._levels.setdefault(level, [])
        held.extend(nodes)
        while len(held) >= TILE_WIDTH:
            self._compare_tile(level, held[:TILE_WIDTH])
            del held[:TILE_WIDTH]

    def _compare_tile(self, level: int, hashes: list[bytes]) -> None:
        index = self._tiles.get(level, 0)
        self._tiles[level] = index + 1
        if not hashes:
            return
        try:
            stored = self._log.tile(level, index, len(hashes))
        except NotFoundError as error:
            self._tell("tile_missing", str(error))
            return
        ours = b"".join(hashes)
        if stored != ours:
            self._tell(
                "tile_differs",
                f"tile {level}/{index} differs from the leaves at hash "
                f"{_first_difference(stored, ours)}",
            )


def _first_difference(one: bytes, other: bytes) -> int:
    starts = range(0, len(other) + HASH_BYTES, HASH_BYTES)
    return next(
        start // HASH_BYTES for start, end in pairwise(starts) if one[start:end] != other[start:end]
    )
