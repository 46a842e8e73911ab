"""The log as rows: leaves, tiles, the newest checkpoint, anchors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select

from eseal.errors import CorruptionError, NotFoundError
from eseal.ledger.facts import Head
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.rows import insert_rows, replace_rows
from eseal.store.schema.tables import anchors, log_checkpoint, log_cosigned, log_leaves, log_tiles
from eseal.store.schema.types import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Row

HASH_BYTES = 32
LEAVES_PER_READ = 16_384
"""An auditor's step through the leaves: a few megabytes in memory at a time."""

_CHECKPOINT = select(log_checkpoint.c.size, log_checkpoint.c.root, log_checkpoint.c.note)
_TILE = select(log_tiles.c.hashes).where(
    log_tiles.c.level == bindparam("level"), log_tiles.c.tile_index == bindparam("tile_index")
)
"""Asked two or three times a proof, and dearer to put together than to answer."""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The newest checkpoint.

    Attributes:
        size: leaves in the tree.
        root: its root, 32 bytes.
        note: the signed note (C2SP tlog-checkpoint), empty while the log is.
    """

    size: int
    root: bytes
    note: bytes

    @property
    def head(self) -> Head:
        """Size and root."""
        return Head(self.size, self.root)


@dataclass(frozen=True, slots=True)
class StoredAnchor:
    """A head the contract accepted, and the checkpoint the log signed for it."""

    size: int
    root: bytes
    note: bytes
    transaction: bytes
    block_number: int
    block_hash: bytes
    block_time: int
    epoch: int


class LogRepository:
    """The log within one transaction. Reads tiles as ``eseal.log.tiles.TileReader``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def checkpoint(self, *, lock: bool = False) -> StoredCheckpoint:
        """The newest checkpoint; size 0 before the first leaf.

        Args:
            lock: keep others from appending until this transaction ends.
        """
        if lock and self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("LOCK TABLE log_checkpoint IN EXCLUSIVE MODE")
        row = self._connection.execute(_CHECKPOINT).one_or_none()
        if row is None:
            return StoredCheckpoint(0, EMPTY_ROOT, b"")
        return StoredCheckpoint(row.size, row.root, row.note)

    def cosigned(self) -> tuple[StoredCheckpoint, datetime] | None:
        """The newest checkpoint that was shown to witnesses, and when; ``None`` without any."""
        row = self._connection.execute(select(log_cosigned)).one_or_none()
        if row is None:
            return None
        return StoredCheckpoint(row.size, row.root, row.note), row.cosigned_at

    def set_cosigned(self, checkpoint: StoredCheckpoint, at: datetime) -> None:
        """Keep a checkpoint with its cosignatures, unless a larger one is there."""
        known = self.cosigned()
        if known is None or known[0].size <= checkpoint.size:
            row = (1, checkpoint.size, checkpoint.root, checkpoint.note, microseconds(at))
            replace_rows(self._connection, log_cosigned, [row])

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        Raises:
            NotFoundError: the log has fewer.
        """
        asked = {"level": level, "tile_index": index}
        hashes: bytes = self._connection.execute(_TILE, asked).scalar_one_or_none() or b""
        if len(hashes) < width * HASH_BYTES:
            raise NotFoundError(f"the log holds no {width} hashes of tile {level}/{index}")
        return hashes[: width * HASH_BYTES]

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves with an index from ``start`` up to, not including, ``end``."""
        query = select(log_leaves.c.leaf).where(
            log_leaves.c.log_index >= start, log_leaves.c.log_index < end
        )
        return list(self._connection.execute(query.order_by(log_leaves.c.log_index)).scalars())

    def iterate_leaves(self) -> Iterator[tuple[int, bytes]]:
        """All leaves with their index, in order, a few megabytes in memory at a time."""
        start = 0
        while True:
            query = select(log_leaves).where(log_leaves.c.log_index >= start)
            query = query.order_by(log_leaves.c.log_index).limit(LEAVES_PER_READ)
            rows = self._connection.execute(query).all()
            if not rows:
                return
            yield from ((row.log_index, row.leaf) for row in rows)
            start = rows[-1].log_index + 1

    def append(
        self,
        first: int,
        leaves: Sequence[bytes],
        tiles: Mapping[tuple[int, int], bytes],
        checkpoint: StoredCheckpoint,
        signed_at: datetime,
    ) -> None:
        """Write new leaves, the tiles they change and the new checkpoint."""
        if first + len(leaves) != checkpoint.size:
            raise CorruptionError(
                f"{len(leaves)} leaves from {first} do not make a log of {checkpoint.size}"
            )
        insert_rows(self._connection, log_leaves, list(enumerate(leaves, first)))
        changed = [(level, index, hashes) for (level, index), hashes in tiles.items()]
        replace_rows(self._connection, log_tiles, changed)
        self.set_checkpoint(checkpoint, signed_at)
        rows_of(self._connection).appended(first, checkpoint.size)

    def set_checkpoint(self, checkpoint: StoredCheckpoint, signed_at: datetime) -> None:
        """Put a checkpoint in the place of the newest: a larger one, or the same signed again."""
        head = (1, checkpoint.size, checkpoint.root, checkpoint.note, microseconds(signed_at))
        replace_rows(self._connection, log_checkpoint, [head])

    def drop_cosigned(self) -> None:
        """Forget the checkpoint that was shown to witnesses: another key signs from now on."""
        self._connection.execute(delete(log_cosigned))

    def add_anchor(self, anchor: StoredAnchor) -> None:
        """Keep an anchor; one that is on record already stays as it is."""
        if self.anchor_at(anchor.size) is None:
            values = {name: getattr(anchor, name) for name in content_names(anchors)}
            rows_of(self._connection).insert(anchors, values)

    def remove_anchor(self, anchor: StoredAnchor) -> None:
        """Forget an anchor, unless it was written anew since it was read."""
        this = (anchors.c.size == anchor.size) & (anchors.c.block_hash == anchor.block_hash)
        rows_of(self._connection).delete(anchors, this)

    def anchor_at(self, size: int) -> StoredAnchor | None:
        """The anchor of exactly this size."""
        return self._anchor(anchors.c.size == size)

    def anchor_covering(self, index: int) -> StoredAnchor | None:
        """The earliest anchor that holds the leaf ``index``."""
        return self._anchor(anchors.c.size > index)

    def last_anchor(self) -> StoredAnchor | None:
        """The newest anchor."""
        newest = select(func.max(anchors.c.size)).scalar_subquery()
        return self._anchor(anchors.c.size == newest)

    def size_before(self, moment: int) -> int:
        """Leaves under the last anchor whose block is of before a moment, Unix seconds."""
        query = select(anchors).where(anchors.c.block_time < moment)
        row = rows_of(self._connection).one(query.order_by(anchors.c.size.desc()).limit(1), anchors)
        return 0 if row is None else _anchor(row).size

    def anchors(self, from_size: int = 0) -> list[StoredAnchor]:
        """All anchors of at least a size, by size."""
        query = select(anchors).where(anchors.c.size >= from_size).order_by(anchors.c.size)
        return [_anchor(row) for row in rows_of(self._connection).all(query, anchors)]

    def _anchor(self, condition: ColumnElement[bool]) -> StoredAnchor | None:
        query = select(anchors).where(condition).order_by(anchors.c.size).limit(1)
        row = rows_of(self._connection).one(query, anchors)
        return None if row is None else _anchor(row)


def _anchor(row: Row[Any]) -> StoredAnchor:
    return StoredAnchor(**{name: getattr(row, name) for name in content_names(anchors)})
