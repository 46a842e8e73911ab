"""Whether an instance can seal now, and if not, why: what ``/readyz`` and ``eseal status`` say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eseal.errors import (
    ClockError,
    DatabaseUnreachableError,
    ESealError,
    LedgerError,
    UnsafeReplicationError,
)
from eseal.service.instance.heads import root_of
from eseal.service.instance.kept_fresh import KeptFresh
from eseal.service.oversight.log_position import standing_of
from eseal.store.replication import check_replication
from eseal.store.repositories.log import LogRepository

if TYPE_CHECKING:
    from eseal.service.instance.context import Context

WRITE_SECONDS: Final = 10.0
"""How old the knowledge may be that the database can be written."""
FIRST_SECONDS: Final = 2.0
"""So long the first answer to that is waited for."""


class Trouble(StrEnum):
    """What keeps an instance from sealing, or will."""

    STOPPED = "stopped"
    DATABASE = "database"
    CLOCK = "clock"
    TILES = "tiles"
    ANCHOR_LAG = "anchor_lag"
    LEDGER_SILENT = "ledger_silent"
    LEDGER_BEHIND = "ledger_behind"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong.

    Attributes:
        trouble: of which kind.
        words: what it is, and what to do.
    """

    trouble: Trouble
    words: str


class Readiness:
    """Looks at everything that sealing needs.

    Args:
        context: the instance.
        stopped: says why nothing is sealed any more, or ``None``.
    """

    def __init__(self, context: Context, stopped: Callable[[], str | None]) -> None:
        self._context = context
        self._stopped = stopped
        self._unwritable = KeptFresh(self._try_to_write, WRITE_SECONDS)

    def look(self) -> list[Reason]:
        """What is wrong, the worst first; empty while all is well.

        Takes as long as the ledger takes to answer.
        """
        found: list[Reason] = []
        try:
            found.extend(self._reasons())
        except ESealError as error:
            found.append(Reason(Trouble.DATABASE, str(error)))
        return found

    def _reasons(self) -> Iterator[Reason]:
        if (stopped := self._stopped()) is not None:
            yield Reason(Trouble.STOPPED, f"sealing has stopped: {stopped}")
        if unwritable := self._unwritable.look(FIRST_SECONDS):
            yield Reason(Trouble.DATABASE, unwritable)
        yield from self._of_replication()
        yield from self._of_log()
        try:
            self._context.blocks.check_clock(self._context.now())
        except ClockError as error:
            yield Reason(Trouble.CLOCK, str(error))
        yield from self._of_ledger()

    def _of_replication(self) -> Iterator[Reason]:
        context = self._context
        if context.database.dialect != "postgresql":
            return
        accepts_loss = context.settings.accepted_loss != "none"
        with context.database.read() as connection:
            try:
                check_replication(connection, accepts_loss=accepts_loss)
            except UnsafeReplicationError as error:
                yield Reason(Trouble.DATABASE, str(error))

    def _of_log(self) -> Iterator[Reason]:
        context = self._context
        with context.database.read() as connection:
            log = LogRepository(connection)
            checkpoint = log.checkpoint()
            try:
                whole = root_of(log, checkpoint.size) == checkpoint.root
            except ESealError:
                whole = False
        if not whole:
            yield Reason(
                Trouble.TILES,
                f"the log's tiles do not lead to its head of {checkpoint.size} leaves; "
                "run: eseal audit",
            )
        standing = standing_of(context.database)
        lag, limit = standing.lag(context.now()), context.settings.anchor_lag_limit
        if lag > limit:
            yield Reason(
                Trouble.ANCHOR_LAG,
                f"{standing.pending} leaves are not anchored, the oldest for {lag:.0f} s; "
                f"at most {limit:.0f} s are allowed (ESEAL_ANCHOR_LAG_LIMIT)",
            )

    def _of_ledger(self) -> Iterator[Reason]:
        try:
            newest = self._context.connection.reader.final_block()
        except LedgerError as error:
            yield Reason(Trouble.LEDGER_SILENT, f"the ledger does not answer: {error}")
            return
        with self._context.database.read() as connection:
            last = LogRepository(connection).last_anchor()
        if last is not None and last.block_number > newest.number:
            yield Reason(
                Trouble.LEDGER_BEHIND,
                f"the ledger's newest final block is {newest.number}, but block "
                f"{last.block_number} anchors this log: its node is behind, or was restored from "
                "an older state",
            )

    def _try_to_write(self) -> str:
        """Why the database cannot be written, or nothing."""
        try:
            self._context.database.try_to_write()
        except DatabaseUnreachableError as error:
            return str(error)
        return ""
