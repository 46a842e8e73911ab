"""Putting one question to several endpoints at once, and hearing the answers as they come."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

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


class Panel(Generic[R]):
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
    ) -> Iterator[Answer[T] | Fault]:
        """Ask, each endpoint in a thread of its own; whoever has heard enough stops listening.

        Args:
            question: called with an endpoint's name and member; a ``LedgerError`` is a fault.
            names: whom to ask; everybody if ``None``.
            timeout: seconds to wait; the panel's if ``None``.

        Yields:
            One answer or fault an endpoint, the quickest first.
        """
        waiting = set(self.members if names is None else names)
        limit = self._timeout if timeout is None else timeout
        heard: queue.SimpleQueue[Answer[T] | Fault | Exception] = queue.SimpleQueue()
        for name in waiting:
            self._start(name, question, heard)
        deadline = time.monotonic() + limit
        while waiting:
            try:
                one = heard.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                break
            if isinstance(one, Exception):
                raise one  # ours, not the endpoint's
            waiting.discard(one.name)
            yield one
        for name in sorted(waiting):
            yield Fault(name, f"no answer within {limit:g} s")

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
