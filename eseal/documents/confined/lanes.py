"""The lines in which documents wait, so that nobody waits for a hostile one.

Most documents are read in milliseconds. Those that take longer are old after a third of a second:
they go on, with less of the processor, and newcomers no longer wait for them.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eseal.errors import BusyError

OLD_SECONDS: Final = 0.3
"""After which work gets less of the processor, and others begin beside it."""
NEW_AT_ONCE: Final = max(4, 2 * (os.cpu_count() or 1))
"""Documents of one line that are begun and not old."""
MOST_AT_ONCE: Final = 2 * NEW_AT_ONCE + 8
"""Documents of one line, the old ones included; each may take its budget's memory."""
BYTES_AT_ONCE: Final = 512 << 20
"""Of files that are read at once in one line; a larger one is read when no other is."""
MOST_WAITING: Final = 256
"""Who comes later is told at once."""
WAIT_SECONDS: Final = 60.0
"""After which the same is said to those who wait."""


class Line:
    """One line: first come, first served. For several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._begun: dict[object, tuple[float, int]] = {}

    @contextmanager
    def turn(self, size: int) -> Iterator[None]:
        """Wait for a turn, and hold it.

        Args:
            size: bytes of the files.

        Raises:
            BusyError: too many wait, or it takes too long.
        """
        me = object()
        self._enter(me, size)
        try:
            yield
        finally:
            with self._changed:
                del self._begun[me]
                self._changed.notify_all()

    def _enter(self, me: object, size: int) -> None:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                raise _busy()
            self._waiting.append(me)
            try:
                until = time.monotonic() + WAIT_SECONDS
                while (pause := self._pause(me, size)) > 0:
                    left = until - time.monotonic()
                    if left <= 0:
                        raise _busy()
                    self._changed.wait(min(pause, left))
                self._begun[me] = (time.monotonic(), size)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()  # the next one is first now

    def _pause(self, me: object, size: int) -> float:
        """Seconds until it makes sense to ask again; 0 if it is this one's turn."""
        if self._waiting[0] is not me or len(self._begun) >= MOST_AT_ONCE:
            return WAIT_SECONDS
        if self._begun and size + sum(each for _, each in self._begun.values()) > BYTES_AT_ONCE:
            return WAIT_SECONDS
        now = time.monotonic()
        ages = sorted(now - begun for begun, _ in self._begun.values())
        new = [age for age in ages if age < OLD_SECONDS]
        return OLD_SECONDS - new[-1] if len(new) >= NEW_AT_ONCE else 0.0


def _busy() -> BusyError:
    return BusyError("too many documents are being read; try again in a moment")
