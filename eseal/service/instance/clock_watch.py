"""Whether this machine's clock runs ahead of the ledger's time, as far as that can be known.

A use whose statement claims a time after the block that anchors it is ``backdated`` for ever, and
the newest block alone cannot tell: where nobody writes, it is hours old although the clock is
right. Two things can. A block that holds a transaction of ours was made after we sent it, so its
time shows by how much our clock is ahead. And from a moment at which that was known, the time since
the machine was started tells what the clock must show: unless somebody has set it.

The moment is kept in a small file of the data directory, so that the next command knows it, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from eseal.durable import replace_file

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.ledger.facts import Block

KEPT_SECONDS = 60
"""The moment is written again after so long: often enough, and no write for every use."""
FILE = "clock.json"
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


class ClockWatch:
    """Remembers when the clock was right. Several threads and processes may share the file.

    Args:
        path: the file.
        elapsed: seconds that nobody can set.
    """

    def __init__(self, path: Path, elapsed: Callable[[], float] = since_start) -> None:
        self.path = path
        self._elapsed = elapsed
        self._boot = _boot()

    def ahead(self, now: datetime) -> float:
        """By how many seconds the clock is known to be ahead; 0 where nothing is known."""
        known = self._known()
        if known is None:
            return 0.0
        moved = (now.timestamp() - known.time) - (self._elapsed() - known.elapsed)
        return known.ahead + moved

    def learn(self, sent: datetime, now: datetime, block: Block) -> None:
        """Take note of a block that holds a transaction of ours.

        Args:
            sent: what the clock showed just before it was sent.
            now: what it shows.
            block: the block, made since.
        """
        self._keep(now, max(0.0, sent.timestamp() - block.timestamp))

    def confirm(self, now: datetime) -> None:
        """Take note that nothing speaks against the clock; what it was ahead by, it still is."""
        known = self._known()
        if known is None or not 0 <= self._elapsed() - known.elapsed < KEPT_SECONDS:
            self._keep(now, self.ahead(now))

    def _known(self) -> _Moment | None:
        try:
            known = _Moment(**orjson.loads(self.path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None  # not there yet, or not ours: then it knows nothing
        return known if known.boot == self._boot else None

    def _keep(self, now: datetime, ahead: float) -> None:
        moment = _Moment(self._boot, self._elapsed(), now.timestamp(), ahead)
        with suppress(OSError):  # a full disk is told of by what is written next
            replace_file(self.path, orjson.dumps(asdict(moment)))


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
