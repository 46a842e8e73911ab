"""Volumes are opened ahead of need, so that sealing never waits for the ledger.

Every round prepares what books lack and offers the ledger all that it may not have, of many seals
in one transaction, in no order: a volume tells that a seal is in use, and nothing finer. What was
prepared and not opened (a crash, a node that is down) is taken up by the next round.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import structlog

from eseal.errors import CorruptionError, LedgerRejectedError
from eseal.ledger.facts import NewVolume
from eseal.model.seal import SealState
from eseal.store.repositories.books import BookRepository, StoredVolume
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.service.instance.context import Context

AHEAD = 2
"""Volumes that are open behind the current one: one may run out while the next is on its way."""
PREPARED_AT_ONCE = 64
"""Volumes a round prepares: at depth 14 that is two seconds of one core."""
OPENED_AT_ONCE = 64
"""Volumes in one transaction: at 60,000 gas each well below any block's limit."""
_IN_USE = (SealState.ACTIVE.value, SealState.SUSPENDED.value)

_log = structlog.get_logger(__name__)


class Volumes:
    """Keeps the books of all seals in use ahead of their need. Used by the upkeep."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def open_ahead(self) -> int:
        """Prepare and open what is lacking; how many volumes became usable.

        Raises:
            LedgerError: the ledger refuses or cannot be asked; the next round carries on.
            CorruptionError: the ledger holds another volume in the place of ours.
        """
        self._prepare()
        opened = 0
        for batch in self._batches():
            opened += self._open(batch)
        return opened

    def _prepare(self) -> None:
        with self._context.database.read() as connection:
            short = BookRepository(connection).short_of(AHEAD, _IN_USE)
        wanted = [
            (book.seal_id, number)
            for book, count in short
            for number in range(count, (book.next >> book.depth) + 1 + AHEAD)
        ][:PREPARED_AT_ONCE]
        # Trees are built before the transaction: nobody waits for them.
        roots = [(*name, self._context.books.tree(*name).root) for name in wanted]
        with self._context.database.write() as connection:
            books = BookRepository(connection)
            for seal_id, number, root in roots:
                if len(books.volumes(seal_id)) == number:  # else another process was faster
                    books.add_volume(seal_id, number, root)

    def _batches(self) -> list[list[StoredVolume]]:
        """What is to be opened: the first of each book, then the second; mixed among each other."""
        with self._context.database.read() as connection:
            waiting = BookRepository(connection).prepared()
            seals = SealRepository(connection).select({volume.seal_id for volume in waiting})
        turns: list[list[StoredVolume]] = []
        taken: dict[str, int] = {}
        for volume in waiting:
            if seals[volume.seal_id].state.value not in _IN_USE:
                continue
            turn = taken[volume.seal_id] = taken.get(volume.seal_id, -1) + 1
            if turn == len(turns):
                turns.append([])
            turns[turn].append(volume)
        batches = []
        for each in turns:
            secrets.SystemRandom().shuffle(each)
            batches += [
                each[at : at + OPENED_AT_ONCE] for at in range(0, len(each), OPENED_AT_ONCE)
            ]
        return batches

    def _open(self, batch: Sequence[StoredVolume]) -> int:
        missing = [volume for volume in batch if not self._is_open(volume)]
        if not missing:
            return len(batch)
        try:
            self._send(missing)
        except LedgerRejectedError:
            if len(missing) == 1:
                raise
            # One of them stands in the way of all: a seal revoked by others, or a process of ours
            # that was faster. Alone, each finds its own answer.
            return sum(self._open_alone(volume) for volume in missing)
        return len(batch)

    def _open_alone(self, volume: StoredVolume) -> int:
        try:
            return self._open([volume])
        except LedgerRejectedError as error:
            _log.warning("volume_refused", seal=volume.seal_id, error=str(error))
            return 0

    def _is_open(self, volume: StoredVolume) -> bool:
        """Whether the ledger has the volume already; then that is written down.

        Raises:
            CorruptionError: it has another one of this number, from which nothing may be torn.
        """
        known = self._context.ledger.volume(self._handle(volume), volume.number)
        if known is None:
            return False
        if known.root != volume.root:
            raise CorruptionError(
                f"the ledger holds another volume {volume.number} of seal {volume.seal_id} than "
                "its book: it was opened by somebody without the book's key"
            )
        self._keep([volume], known.block_number)
        return True

    def _send(self, missing: Sequence[StoredVolume]) -> None:
        new = [NewVolume(self._handle(each), each.number, each.root) for each in missing]
        sent = self._context.now()
        with self._context.ledger_writes:
            receipt = self._context.ledger.open_volumes(new)
        self._context.blocks.learn(sent, self._context.now(), receipt.block)
        self._keep(missing, receipt.block.number)
        _log.info("volumes_opened", count=len(missing), block=receipt.block.number)

    def _keep(self, opened: Sequence[StoredVolume], block_number: int) -> None:
        with self._context.database.write() as connection:
            books = BookRepository(connection)
            for volume in opened:
                books.opened(volume.seal_id, volume.number, block_number)
        self._context.blocks.refresh(at_once=True)  # tickets are torn once that block is known

    def _handle(self, volume: StoredVolume) -> bytes:
        return self._context.signer(volume.seal_id).handle
