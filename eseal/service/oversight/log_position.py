"""Where the log stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.model.statement import parse_time
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.records import waiting_since

if TYPE_CHECKING:
    from eseal.store.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the log, read in one transaction.

    Attributes:
        size: leaves in the log.
        note: its newest signed checkpoint, empty while the log is.
        anchored: leaves under the newest head on the ledger that this instance knows of.
        waiting_since: when the first leaf above that was made, ``None`` if there is none.
    """

    size: int
    note: bytes
    anchored: int
    waiting_since: datetime | None

    def lag(self, now: datetime) -> float:
        """Seconds for which the oldest leaf has waited for an anchor; 0 if none waits."""
        if self.waiting_since is None:
            return 0.0
        return max((now - self.waiting_since).total_seconds(), 0.0)

    @property
    def pending(self) -> int:
        """Leaves that no anchored head covers."""
        return self.size - self.anchored


def standing_of(database: Database) -> Standing:
    """Read where the log stands."""
    with database.read() as connection:
        log = LogRepository(connection)
        checkpoint, last = log.checkpoint(), log.last_anchor()
        anchored = 0 if last is None else last.size
        since = waiting_since(connection, anchored)
    waiting = None if since is None else parse_time(since)
    return Standing(checkpoint.size, checkpoint.note, anchored, waiting)
