"""What a process that serves does beside requests: it compares, anchors, and does the upkeep."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

from eseal.errors import CorruptionError, DatabaseUnreachableError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.service.record.anchoring import Anchoring
    from eseal.service.record.sequencer import Sequencer
    from eseal.service.upkeep import Upkeep
    from eseal.store.repositories.leader import Leader

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25
"""From one look whether it is time to the next."""
COMPARE_SECONDS = 1.0
"""From one look whether the log holds all that was released to the next."""


class Background:
    """Anchors and does the upkeep from a thread of its own.

    Every interval, or as soon as enough leaves wait. Of several processes only the leader does; the
    others look again every moment. Each compares the log with what it has released.
    """

    def __init__(  # noqa: PLR0913  # what it is made of
        self,
        anchoring: Anchoring,
        upkeep: Upkeep,
        sequencer: Sequencer,
        leader: Leader,
        *,
        interval: float,
        max_leaves: int,
    ) -> None:
        """Start.

        Args:
            anchoring: publishes heads.
            upkeep: has its round once an interval.
            sequencer: is stopped when the ledger contradicts the log.
            leader: says whether this process is the one to act.
            interval: seconds between two anchors, at most, while there are new leaves.
            max_leaves: new leaves that trigger an anchor at once.
        """
        self._anchoring = anchoring
        anchoring.looped = True
        self._interval = interval
        self._max_leaves = max_leaves
        self._upkeep = upkeep
        self._sequencer = sequencer
        self._leader = leader
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eseal-anchor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Anchor what is left, then stop."""
        self._stop.set()
        self._thread.join()
        self._round(due=True)
        self._leader.close()

    def _run(self) -> None:
        due_at = time.monotonic() + self._interval
        compared = 0.0
        while not self._stop.wait(min(LOOK_SECONDS, max(due_at - time.monotonic(), 0.0))):
            started = time.monotonic()
            if started - compared >= COMPARE_SECONDS:
                self._guarded(self._sequencer.compare)
                compared = started
            due = started >= due_at
            if self._round(due=due) or due:
                # From when the head was read: what came after it has waited since then.
                due_at = started + self._interval

    def _round(self, *, due: bool) -> bool:
        """Anchor and do the upkeep, if it is time to; whether it was.

        The upkeep does not wait for the anchor: where the log contradicts the ledger, stops still
        have to reach it.
        """
        going = self._guarded(lambda: self._is_time(due=due))
        if going is False:
            return False
        if going:
            self._guarded(self._anchoring.anchor)
            self._guarded(self._upkeep.round)
        return True

    def _is_time(self, *, due: bool) -> bool:
        if not self._leader.holds():
            return False
        return due or self._anchoring.pending() >= self._max_leaves

    def _guarded(self, step: Callable[[], object]) -> object:
        """Take a step; ``None`` if it fails, of which somebody is told."""
        try:
            return step()
        except CorruptionError as error:
            self._sequencer.stop(error)
        except LedgerError as error:
            _log.warning("anchor_failed", error=str(error))
        except DatabaseUnreachableError as error:
            _log.warning("database_unreachable", error=str(error))
        except Exception:  # noqa: BLE001  # the loop must outlive whatever happens in one round
            _log.exception("anchor_stopped_on_error")
        return None
