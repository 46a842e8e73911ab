"""Where the log stands now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.store.log import LogRepository

if TYPE_CHECKING:
    from eseal.store.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the log, read in one transaction.

    Attributes:
        size: leaves in the log.
        note: its newest signed checkpoint, empty while the log is.
        anchored: leaves under the newest head on the ledger that this instance knows of.
    """

    size: int
    note: bytes
    anchored: int

    @property
    def pending(self) -> int:
        """Leaves that no anchored head covers."""
        return self.size - self.anchored


def standing_of(database: Database) -> Standing:
    """Read where the log stands."""
    with database.read() as connection:
        log = LogRepository(connection)
        checkpoint, last = log.checkpoint(), log.last_anchor()
    return Standing(checkpoint.size, checkpoint.note, 0 if last is None else last.size)
