"""Why sealing has stopped, for all processes on one database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.tables import halts

_ID = 1
_THE_ONE = halts.c.id == _ID
_HALT = select(halts).where(_THE_ONE)
MAX_HOST_CHARS = 255


@dataclass(frozen=True, slots=True)
class Halt:
    """A process has stopped sealing.

    Attributes:
        reason: what it found.
        host: where it runs.
        halted_at: when.
    """

    reason: str
    host: str
    halted_at: datetime


class HaltRepository:
    """The halt within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._rows = rows_of(connection)

    def get(self) -> Halt | None:
        """The halt; ``None`` while all is well."""
        row = self._rows.one(_HALT, halts)
        return None if row is None else Halt(row.reason, row.host, row.halted_at)

    def add(self, halt: Halt) -> None:
        """Let all stop, unless they have stopped already. Others must be kept from writing."""
        if self.get() is None:
            values = {
                "id": _ID,
                "reason": halt.reason,
                "host": halt.host[:MAX_HOST_CHARS],
                "halted_at": halt.halted_at,
            }
            self._rows.insert(halts, values)

    def clear(self) -> bool:
        """Let all go on; whether they had stopped."""
        return bool(self._rows.delete(halts, _THE_ONE))
