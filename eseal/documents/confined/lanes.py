"""The lines in which documents wait, so that nobody waits for a hostile one.

Most documents are read in milliseconds. Those that take longer are old after a tenth of a second:
they go on, with less of the processor, and newcomers no longer wait for them. If there are too many
of them where strangers wait, the oldest has to end: whoever sends what takes long comes last.

Large files are few, and take long however honest they are; they wait in lines of their own.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from eseal.errors import BusyError

OLD_SECONDS: Final = 0.1
"""After which work gets less of the processor, and others begin beside it."""
NEW_AT_ONCE: Final = max(4, min(16, 2 * (os.cpu_count() or 1)))
"""Documents of one line that are begun and not old: as many as processors can do something for, and
one process of ours can take the answers of."""
MOST_AT_ONCE: Final = 8 * NEW_AT_ONCE
"""Documents of one line, the old ones included; each may take its budget's memory."""
BYTES_AT_ONCE: Final = 512 << 20
"""Of files that are read at once in one line; a larger one is read when no other is."""
LARGE: Final = BYTES_AT_ONCE // MOST_AT_ONCE
"""Bytes from which on a file is large: of smaller ones, so many fit in."""
MOST_WAITING: Final = 256
"""Who comes later is told at once."""
WAIT_SECONDS: Final = 60.0
"""After which the same is said to those who wait."""


@dataclass(slots=True, eq=False)
class Turn:
    """The turn of one document.

    Attributes:
        size: bytes of its files.
        begun: when, on the monotonic clock.
        is_over: whether it has to end, because too many others have come.
    """

    size: int
    begun: float = 0.0
    is_over: bool = False


class Line:
    """One line: first come, first served. For several threads.

    Args:
        gives_way: whether the oldest has to end when there are too many; else newcomers wait.
    """

    def __init__(self, *, gives_way: bool) -> None:
        self._gives_way = gives_way
        self._changed = threading.Condition()
        self._waiting: deque[Turn] = deque()
        self._begun: dict[Turn, None] = {}
        """In the order in which they began, without those that have to end."""

    @contextmanager
    def turn(self, size: int) -> Iterator[Turn]:
        """Wait for a turn, and hold it.

        Args:
            size: bytes of the files.

        Raises:
            BusyError: too many wait, or it takes too long.
        """
        me = Turn(size)
        self._enter(me)
        try:
            yield me
        finally:
            with self._changed:
                self._begun.pop(me, None)
                self._changed.notify_all()

    def _enter(self, me: Turn) -> None:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                raise busy()
            self._waiting.append(me)
            try:
                until = time.monotonic() + WAIT_SECONDS
                while (pause := self._pause(me)) > 0:
                    left = until - time.monotonic()
                    if left <= 0:
                        raise busy()
                    self._changed.wait(min(pause, left))
                me.begun = time.monotonic()
                self._begun[me] = None
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()  # the next one is first now

    def _pause(self, me: Turn) -> float:
        """Seconds until it makes sense to ask again; 0 if it is this one's turn."""
        if self._waiting[0] is not me:
            return WAIT_SECONDS
        if self._begun and me.size + sum(each.size for each in self._begun) > BYTES_AT_ONCE:
            return WAIT_SECONDS
        now = time.monotonic()
        new = [each for each in self._begun if now - each.begun < OLD_SECONDS]
        if len(new) >= NEW_AT_ONCE:
            return new[0].begun + OLD_SECONDS - now
        if len(self._begun) >= MOST_AT_ONCE:
            if not self._gives_way:
                return WAIT_SECONDS
            oldest = next(iter(self._begun))
            oldest.is_over = True
            del self._begun[oldest]
        return 0.0


def busy() -> BusyError:
    """What those are told that cannot have a turn now, or not any longer."""
    return BusyError("too many documents are being read; try again in a moment")
