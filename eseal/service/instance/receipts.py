"""Receipts: the proof that a leaf is in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import CorruptionError
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.receipt import Receipt, TileReceipts
from eseal.log.tree import Prover
from eseal.service.instance.heads import root_of
from eseal.service.instance.tiles import TileCache
from eseal.store.repositories.log import LogRepository, StoredCheckpoint

if TYPE_CHECKING:
    from eseal.log.tiles import TileReader
    from eseal.store.database import Database


class ReceiptMaker:
    """Makes the receipts of one commit after another; owned by the sequencer's thread."""

    def __init__(self, database: Database) -> None:
        self._cache = TileCache(database)
        self._checkpoint: StoredCheckpoint | None = None
        self._prover: Prover | None = None
        self._newest: TileReceipts | None = None

    def tiles(self, checkpoint: StoredCheckpoint, repository: LogRepository) -> TileReader:
        """The tiles under the newest checkpoint, for an append inside a transaction.

        Raises:
            CorruptionError: they have another root than the checkpoint says.
        """
        if checkpoint.root != self._cache.root:  # somebody else appended, or we just started
            root = root_of(repository, checkpoint.size)
            if root != checkpoint.root:
                raise CorruptionError(
                    f"the checkpoint of {checkpoint.size} leaves says root "
                    f"{checkpoint.root.hex()}, its tiles give {root.hex()}"
                )
        return self._cache.at(checkpoint.root, repository)

    def stand_at(
        self, checkpoint: StoredCheckpoint, changed: dict[tuple[int, int], bytes] | None = None
    ) -> None:
        """Make the receipts that follow at this checkpoint.

        Args:
            checkpoint: a signed one.
            changed: the tiles its append changed.
        """
        if self._checkpoint == checkpoint:
            return
        self._cache.advance(checkpoint.root, changed or {})
        self._prover = Prover(self._cache.at(checkpoint.root), checkpoint.size)
        # Last: were the database to fail above, the next commit must stand here anew.
        self._checkpoint = checkpoint
        self._newest = None

    def receipts(self, index: int) -> TileReceipts:
        """The receipts of the tile with the leaf at ``index``, at the checkpoint stood at."""
        if self._checkpoint is None or self._prover is None:
            raise LookupError("stand at a checkpoint first")
        paths = self._prover.paths(index)
        if self._newest is None or self._newest[0] is not paths.rows:
            self._newest = paths.rows, paths.above, self._checkpoint.note
        return self._newest


def receipt_at(repository: LogRepository, note: bytes, index: int) -> bytes:
    """The receipt of one leaf at one checkpoint, read within a transaction."""
    signed = parse_checkpoint(note)
    proof = Prover(repository, signed.checkpoint.size).inclusion(index)
    return Receipt(index, proof, signed).encode()
