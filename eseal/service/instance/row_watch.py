"""A thread that looks again and again whether the database holds what this instance wrote.

A foreign row is refused by whoever reads it. That a row is missing, or an old one was put back, is
seen only by looking at a whole table: so that is done all the time, as often as it is cheap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from eseal.errors import ESealError, ForeignRowError
from eseal.store.row_check import check_rows

if TYPE_CHECKING:
    from eseal.store.database import Database

PAUSE_SECONDS: Final = 10.0
"""Between two rounds, at least."""
PAUSE_TIMES: Final = 50
"""A pause is so many times as long as the round before: a round may take 2 % of one core."""
NAMED: Final = 3
"""Rows that are named in the error; the audit names all."""
_log = structlog.get_logger(__name__)


class RowWatch:
    """Looks from a thread of its own, in every process that serves."""

    def __init__(self, database: Database, stop: Callable[[ForeignRowError], object]) -> None:
        """Start.

        Args:
            database: what to look at.
            stop: called with the first thing that is wrong.
        """
        self._database = database
        self._stop_sealing = stop
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eseal-rows", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            started = time.monotonic()
            try:
                look(self._database, self._stop_sealing)
                self._database.binding.floors.keep()
            except (ESealError, OSError) as error:
                _log.warning("rows_not_checked", error=str(error))
            except Exception:  # noqa: BLE001  # the next round must come whatever happened in this
                _log.exception("rows_not_checked")
            pause = max(PAUSE_SECONDS, PAUSE_TIMES * (time.monotonic() - started))


def look(database: Database, stop: Callable[[ForeignRowError], object]) -> None:
    """One round: tell of whatever is wrong.

    Raises:
        ConfigurationError: the rows cannot be checked now.
    """
    found = check_rows(database)
    for row in found:
        database.binding.tell(row.table, row.key, row.why)
    if found:
        named = "; ".join(str(row) for row in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        stop(
            ForeignRowError(
                f"the database does not hold what this instance wrote: {named}{more}; nothing is "
                "sealed until it is put right; run: eseal audit"
            )
        )
