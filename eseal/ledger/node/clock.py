"""Time, at the edge: the embedded node asks a clock, a test brings its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from eseal.clock_watch import FILE, ClockWatch

if TYPE_CHECKING:
    from pathlib import Path


class Clock(Protocol):
    """Wall time."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def check(self) -> None:
        """Refuse to go by this clock if it cannot be right.

        A block from the future would hold up all that come after it, until its time has come.

        Raises:
            ClockError: it is known to be well ahead.
        """
        ...


class SystemClock:
    """The machine's clock, as far as it can be right.

    Args:
        directory: of the data, where it is remembered when the clock was right.
    """

    def __init__(self, directory: Path) -> None:
        self._watch = ClockWatch(directory / FILE)

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def check(self) -> None:
        """Refuse to go by this clock if it cannot be right.

        Raises:
            ClockError: it is known to be well ahead.
        """
        now = datetime.fromtimestamp(self.now(), UTC)
        self._watch.check(now)
        self._watch.confirm(now)
