"""Leaving a dead endpoint alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError

from eseal.errors import LedgerUnreachableError

FAILURES = 3
"""Requests that must fail in a row, each after its own retries, before an endpoint counts as dead:
one lost request is not an outage."""
PAUSE = 5.0
"""Seconds for which a dead endpoint is not asked: a restarted node is back within as many."""

T = TypeVar("T")


class Breaker:
    """A circuit breaker that lets many threads through while closed, and one while it tries.

    pybreaker holds its lock as long as a call lasts, which would let requests to one endpoint only
    go one by one. So while the circuit is closed the request runs outside, and only its outcome is
    told; the one request that tries whether a dead endpoint is back runs inside.
    """

    def __init__(self, name: str, *, failures: int = FAILURES, pause: float = PAUSE) -> None:
        """Guard an endpoint.

        Args:
            name: what to call it in messages.
            failures: how many in a row open the circuit.
            pause: seconds until an open circuit is tried again.
        """
        self._name, self._pause = name, pause
        self._circuit = CircuitBreaker(
            fail_max=failures, reset_timeout=pause, throw_new_error_on_trip=False
        )
        self._trial = threading.Lock()
        self._last = "no answer"

    @property
    def closed(self) -> bool:
        """Whether the endpoint is asked without more ado."""
        return bool(self._circuit.current_state == STATE_CLOSED)

    def run(self, request: Callable[[], T]) -> T:
        """The request's answer.

        Raises:
            LedgerUnreachableError: the request raised it, or the endpoint is not asked now.
        """
        if not self.closed:
            return self._try(request)
        try:
            answer = request()
        except LedgerUnreachableError as error:
            self._last = str(error)
            self._tell(error)
            raise
        self._tell(None)
        return answer

    def _try(self, request: Callable[[], T]) -> T:
        if not self._trial.acquire(blocking=False):
            raise self._open()
        try:
            answer: T = self._circuit.call(request)
        except CircuitBreakerError:
            raise self._open() from None
        except LedgerUnreachableError as error:
            self._last = str(error)
            raise
        finally:
            self._trial.release()
        return answer

    def _tell(self, error: LedgerUnreachableError | None) -> None:
        if not self.closed:
            return  # another thread's failure opened it; only a trial closes it again

        def outcome() -> None:
            if error is not None:
                raise error

        try:
            self._circuit.call(outcome)
        except (LedgerUnreachableError, CircuitBreakerError):
            return

    def _open(self) -> LedgerUnreachableError:
        return LedgerUnreachableError(
            f"{self._last} ({self._name} is left alone for {self._pause:.0f} s)"
        )
