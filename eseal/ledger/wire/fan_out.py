"""Putting one question to several endpoints at once, and hearing the answers as they come."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from eseal.errors import LedgerError

ANSWER_SECONDS = 40.0
"""So long a question may take at an endpoint: one may be made of several requests, each of which
has its own, shorter time limit."""
MAX_UNANSWERED = 64
"""Questions an endpoint may owe answers to: more would only pile up threads behind a slow one."""

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the endpoint of this name, ``host:port``, said."""

    name: str
    value: T


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the endpoint of this name did not answer."""

    name: str
    why: str


class Answers(Generic[T]):
    """The answers to one question, the quickest first: one answer or fault an endpoint."""

    def __init__(
        self,
        waiting: set[str],
        heard: queue.SimpleQueue[Answer[T] | Fault | Exception],
        seconds: float,
    ) -> None:
        self._waiting, self._heard = waiting, heard
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def hurry(self, seconds: float) -> None:
        """Wait at most so many seconds more."""
        self._deadline = min(self._deadline, time.monotonic() + seconds)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Answer[T] | Fault:
        if not self._waiting:
            raise StopIteration
        try:
            one = self._heard.get(timeout=max(self._deadline - time.monotonic(), 0))
        except queue.Empty:
            one = Fault(min(self._waiting), f"no answer within {self._seconds:g} s")
        if isinstance(one, Exception):
            raise one  # ours, not the endpoint's
        self._waiting.discard(one.name)
        return one


class FanOut(Generic[R]):
    """Some endpoints. Safe to use from several threads.

    Attributes:
        members: what to ask, by name.
    """

    def __init__(self, members: Mapping[str, R], timeout: float = ANSWER_SECONDS) -> None:
        """Ask ``members``; wait ``timeout`` seconds for the last of them."""
        self.members = dict(members)
        self._timeout = timeout
        self._free = {name: threading.Semaphore(MAX_UNANSWERED) for name in self.members}

    def ask(
        self,
        question: Callable[[str, R], T],
        names: Iterable[str] | None = None,
        timeout: float | None = None,
    ) -> Answers[T]:
        """Ask, each endpoint in a thread of its own; whoever has heard enough stops listening.

        Args:
            question: called with an endpoint's name and member; a ``LedgerError`` is a fault.
            names: whom to ask; everybody if ``None``.
            timeout: seconds to wait; the panel's if ``None``.
        """
        asked = set(self.members if names is None else names)
        heard: queue.SimpleQueue[Answer[T] | Fault | Exception] = queue.SimpleQueue()
        for name in asked:
            self._start(name, question, heard)
        return Answers(asked, heard, self._timeout if timeout is None else timeout)

    def _start(
        self,
        name: str,
        question: Callable[[str, R], T],
        heard: queue.SimpleQueue[Answer[T] | Fault | Exception],
    ) -> None:
        if not self._free[name].acquire(blocking=False):
            heard.put(Fault(name, f"{MAX_UNANSWERED} questions are unanswered already"))
            return

        def run() -> None:
            try:
                heard.put(Answer(name, question(name, self.members[name])))
            except LedgerError as error:
                heard.put(Fault(name, str(error)))
            except Exception as error:  # noqa: BLE001  # raised where the question was put
                heard.put(error)
            finally:
                self._free[name].release()

        # a daemon, since a program that has its verdict must not wait for a slow endpoint to end
        threading.Thread(target=run, name=f"eseal-ask-{name}", daemon=True).start()
