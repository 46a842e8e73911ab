"""Answers of others, kept fresh in the background: no commit waits for ledger or database."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import structlog

from eseal.errors import ESealError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)

FIRST_SECONDS: Final = 1.0
"""So long the first answer is waited for where one can go on without."""


class KeptFresh(Generic[_T]):
    """The last answer to a question, which is asked again once it is old. Safe between threads.

    One that nobody wants is not asked for; the question is never asked twice at a time.

    Args:
        ask: the question; takes as long as it takes.
        seconds: how old an answer may be before the question is asked again.
        clock: seconds that never go back.
    """

    def __init__(
        self, ask: Callable[[], _T], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None
        self._asked = -math.inf
        self._answered = -math.inf
        self._answer: _T | None = None

    @property
    def newest(self) -> _T | None:
        """The last answer; ``None`` before the first."""
        return self._answer

    @property
    def age(self) -> float:
        """Seconds since the last answer was asked for; infinite before the first."""
        return self._clock() - self._answered

    def look(self, wait: float = 0.0) -> _T | None:
        """The last answer. If it is old the question is asked, and not waited for.

        Args:
            wait: so many seconds the very first answer is waited for.
        """
        with self._lock:
            asking = self._asking
            if asking is None and self._clock() - self._asked >= self._seconds:
                asking = self._asking = threading.Thread(
                    target=self._in_background, name="eseal-kept-fresh", daemon=True
                )
                asking.start()
        if asking is not None and wait and math.isinf(self._answered):
            asking.join(wait)
        return self._answer

    def ask(self) -> _T:
        """Ask now, and wait.

        Raises:
            ESealError: whatever the question raises.
        """
        self._asked = moment = self._clock()
        answer = self._ask()
        with self._lock:
            if moment >= self._answered:  # another thread may have asked since
                self._answer, self._answered = answer, moment
        return answer

    def _in_background(self) -> None:
        try:
            self.ask()
        except ESealError as error:
            _log.warning("not_answered", error=str(error))
        finally:
            with self._lock:
                self._asking = None
