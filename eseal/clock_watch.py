"""Whether this machine's clock runs ahead of the ledger's time, as far as that can be known.

A use whose statement claims a time after the block that anchors it is ``backdated`` for ever, and
the newest block alone cannot tell: where nobody writes, it is hours old although the clock is
right. Two things can. A block that holds a transaction of ours was made after we sent it, so its
time shows by how much our clock is ahead. And from a moment at which that was known, the time since
the machine was started tells what the clock must show: unless somebody has set it.

The moment is kept in a small file of the data directory, so that the next command knows it, too.
After another start of the machine the seconds begin anew. Then the clock may show any time: one
that is more than a day later is believed if the kernel says that another clock keeps it right.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from eseal.durable import replace_file
from eseal.errors import ClockError

if TYPE_CHECKING:
    from datetime import datetime

KEPT_SECONDS = 60
"""The moment is written again after so long: often enough, and no write for every use."""
MOST_AHEAD_SECONDS = 150
"""Half of what a verifier allows between a statement's time and its block's."""
DAY_SECONDS = 24 * 3600
FILE = "clock.json"
_TIMEX_BYTES = 512
"""More than ``struct timex`` takes on any machine."""
_TIME_ERROR = 5
"""What adjtimex(2) answers where nobody keeps the clock right."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment at which it was known how far ahead the clock was.

    Attributes:
        boot: which start of the machine ``elapsed`` counts from.
        elapsed: seconds since that start, which nobody can set.
        time: what the clock showed, Unix seconds.
        ahead: by how many seconds that was too much.
    """

    boot: str
    elapsed: float
    time: float
    ahead: float


def since_start() -> float:
    """Seconds since the machine was started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def is_synchronised() -> bool:
    """Whether the kernel says that its clock is kept right by another one, as NTP does."""
    state = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zero: tell, and change nothing
    told: int = ctypes.CDLL(None).adjtimex(state)
    return 0 <= told < _TIME_ERROR


class ClockWatch:
    """Remembers when the clock was right. Several threads and processes may share the file.

    Args:
        path: the file.
        elapsed: seconds that nobody can set.
        synchronised: whether another clock keeps this one right.
    """

    def __init__(
        self,
        path: Path,
        elapsed: Callable[[], float] = since_start,
        synchronised: Callable[[], bool] = is_synchronised,
    ) -> None:
        self.path = path
        self._elapsed = elapsed
        self._synchronised = synchronised
        self._boot = _boot()

    def check(self, now: datetime) -> None:
        """Refuse a time that cannot be right.

        Raises:
            ClockError: the clock is known to be well ahead.
        """
        ahead = self.ahead(now)
        if ahead > MOST_AHEAD_SECONDS:
            raise ClockError(
                f"this machine's clock is {ahead:.0f} s ahead, or was set forward since the last "
                f"use; set the clock, or, if it is right now, remove {self.path}: nothing is "
                "sealed with a wrong time"
            )

    def ahead(self, now: datetime) -> float:
        """By how many seconds the clock is known to be ahead; 0 where nothing is known."""
        known = self._known()
        if known is None:
            return 0.0
        if known.boot != self._boot:
            later = now.timestamp() - known.time
            return 0.0 if later <= DAY_SECONDS or self._synchronised() else later
        moved = (now.timestamp() - known.time) - (self._elapsed() - known.elapsed)
        return known.ahead + moved

    def learn(self, sent: datetime, now: datetime, block_time: int) -> None:
        """Take note of a block that holds a transaction of ours.

        Args:
            sent: what the clock showed just before it was sent.
            now: what it shows.
            block_time: when the block was made, since, by the ledger's time; Unix seconds.
        """
        self._keep(now, max(0.0, sent.timestamp() - block_time))

    def confirm(self, now: datetime) -> None:
        """Take note that nothing speaks against the clock; what it was ahead by, it still is."""
        known = self._known()
        fresh = known is not None and known.boot == self._boot
        if known is None or not (fresh and 0 <= self._elapsed() - known.elapsed < KEPT_SECONDS):
            self._keep(now, self.ahead(now))

    def _known(self) -> _Moment | None:
        try:
            return _Moment(**orjson.loads(self.path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None  # not there yet, or not ours: then it knows nothing

    def _keep(self, now: datetime, ahead: float) -> None:
        moment = _Moment(self._boot, self._elapsed(), now.timestamp(), ahead)
        with suppress(OSError):  # a full disk is told of by what is written next
            replace_file(self.path, orjson.dumps(asdict(moment)))


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
