"""The reader as its user sees it: questions, answers, and what they may cost."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging import INFO, WARNING
from typing import Any, Final

from eseal.channel import Helper
from eseal.documents.confined import crossing, exchange, lanes
from eseal.documents.confined.budget import Budget, File, Lane
from eseal.documents.confined.confinement import Limits
from eseal.documents.confined.lanes import Line, Turn, busy
from eseal.documents.confined.tasks import name_of
from eseal.errors import (
    ConfigurationError,
    ESealError,
    TooCostlyError,
    UnsupportedDocumentError,
)

PROGRAM: Final = "eseal.documents.confined"
_START_SECONDS: Final = 60.0
"""Until a warm process says that it is there; it takes a fifth of one."""
_LOOK_SECONDS: Final = 0.05
"""Between two looks whether its turn is over."""
_SEND_SECONDS: Final = 10.0
"""Until it takes a question: it may be loading what another one needs."""
_GRACE: Final = 5.0
"""Seconds after which a warm process that says nothing of a late child is ended itself."""
_EXIT_SECONDS: Final = 1.0
"""It notices at once that nobody is there any more."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
"""Variables it gets to see: others hold secrets."""
_HUGE_PAGES: Final = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Large documents lie in large pages: to be given half a million small ones takes longer than to
copy what is in them. Other C libraries do not know the word."""
_TIMERS: Final = frozenset({signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU})
_AT_ONCE: Final = 1 << 16
"""Bytes that are read of answers."""
_SHOWN: Final = 200
"""Characters of what is logged of an error nobody foresaw."""


class _GoneError(Exception):
    """The warm process has ended before its child did."""


class Steps:
    """The answers of a task, step by step.

    Args:
        came: values, and errors of the steps that failed.
        missing: why there are no more.

    Attributes:
        are_missing: whether an answer was asked for that never came: what failed is that step, and
            none behind it.
    """

    def __init__(self, came: list[Any], missing: ESealError) -> None:
        self.are_missing = False
        self._came = deque(came)
        self._missing = missing

    def take(self) -> Any:
        """The answer of the next step.

        Returns:
            What the step returns: a file, plain values as JSON knows them, or both, as
            :meth:`Reader.ask`.

        Raises:
            InvalidInputError: the step did, or a class under it.
            TooCostlyError: it, or one before it, would have taken more than the budget.
            UnsupportedDocumentError: what it uses failed at it, or at one before it.
            ConfigurationError: no process could be started.
        """
        if not self._came:
            self.are_missing = True
            raise self._missing
        answer = self._came.popleft()
        if isinstance(answer, ESealError):
            raise answer
        return answer


class Reader:
    """Has documents read in processes of their own. Safe to call from several threads.

    Args:
        program: the module that the warm process runs.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = program
        self.forget()

    def ask(self, task: Callable[..., Any], *files: File, budget: Budget, **arguments: Any) -> Any:
        """Have one task done, in a process of its own.

        Args:
            task: one of those listed in ``eseal.documents.confined.tasks``.
            files: the documents, its positional arguments.
            budget: what it may take.
            arguments: what else it needs, as plain values.

        Returns:
            What the task returns: a file, plain values as JSON knows them (lists in the place of
            tuples), or both. The values are bounded in size, but may be any: check them.

        Raises:
            InvalidInputError: the task did, or a class under it.
            TooCostlyError: it would have taken more than the budget.
            UnsupportedDocumentError: what the task uses failed at it.
            BusyError: too many others wait.
            ConfigurationError: no process can be started.
        """
        return self.ask_in_steps(task, *files, budget=budget, **arguments).take()

    def ask_in_steps(
        self, task: Callable[..., Any], *files: File, budget: Budget, **arguments: Any
    ) -> Steps:
        """The same for a task that has steps: all in one process, and all in one budget.

        What a step has said stands, whatever happens to the process in a later one: it is written
        before that is begun, and cannot be taken back.

        Raises:
            BusyError, ConfigurationError: as :meth:`ask`; what else may happen is told step by
                step.
        """
        size = sum(len(piece) for file in files for piece in exchange.pieces(file))
        name, bounds = name_of(task), budget.of(size)
        with self._lines[budget.lane, size >= lanes.LARGE].turn(size) as turn:
            try:
                return self._asked(name, files, bounds, arguments, turn)
            except _GoneError:  # killed, perhaps for what another document did
                try:
                    return self._asked(name, files, bounds, arguments, turn)
                except _GoneError:
                    why = _broken(name, bounds, "the process that reads it ended")
                    return Steps([], why)

    def load(self) -> None:
        """Let the warm process load what any task may need, before somebody waits for it.

        Raises:
            ConfigurationError: no process can be started.
        """
        with self._lock, suppress(OSError):  # it has ended again: it is replaced when it is asked
            self._running().channel.send(b"")

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._stop(self._helper)

    def forget(self) -> None:
        """Begin anew, and leave the process to the one that started it; for a fork of that one."""
        helper: Helper | None = getattr(self, "_helper", None)
        if helper is not None:
            helper.channel.close()  # or it would not notice the end of the one that started it
            helper.process.returncode = 0  # not a child of this one: nothing to wait for
        self._lock = threading.Lock()
        self._helper: Helper | None = None
        self._lines = {
            (lane, large): Line(gives_way=lane is Lane.STRANGERS and not large)
            for lane in Lane
            for large in (False, True)
        }

    def _asked(
        self,
        task: str,
        files: tuple[File, ...],
        budget: Budget,
        arguments: dict[str, Any],
        turn: Turn,
    ) -> Steps:
        with (
            _closed(exchange.memory_file("question")) as question,
            _closed(exchange.memory_file("answer")) as made,
        ):
            head = exchange.write_question(question, files, arguments)
            limits = Limits(
                budget.cpu_seconds, budget.wall_seconds, budget.memory, budget.answer_bytes
            )
            order = exchange.Order(task, head, limits, budget.lane.value)
            reading, writing = exchange.one_way()
            with _closed(reading):
                with _closed(writing):
                    helper = self._send(order, (question, made, writing))
                answers = self._wait(reading, helper, budget, turn)
            files_made = exchange.Files(made, budget.answer_bytes)
            return Steps(
                [_answered(task, budget, said, files_made) for said in answers.said],
                _missing(task, budget, answers),
            )

    def _send(self, order: exchange.Order, files: tuple[int, int, int]) -> Helper:
        with self._lock:
            helper = self._running()
            try:
                helper.channel.send(order.encode(), files)
            except OSError as error:
                self._stop(helper)
                raise _GoneError from error
            except BaseException:  # interrupted: it may wait for the rest of this question
                self._stop(helper)
                raise
            return helper

    def _wait(self, reading: int, helper: Helper, budget: Budget, turn: Turn) -> exchange.Answers:
        """Wait for all answers, or until there can be no more.

        Raises:
            BusyError: the turn is over before; that nobody waits any more ends the work.
        """
        answers, poll = exchange.Answers(), select.poll()
        poll.register(reading, select.POLLIN)
        until = time.monotonic() + budget.wall_seconds + _GRACE
        more = True
        while more:
            if turn.is_over:
                raise busy()
            left = max(0.0, until - time.monotonic())
            if poll.poll(min(left, _LOOK_SECONDS) * 1000):
                more = answers.take(os.read(reading, _AT_ONCE))
            elif time.monotonic() >= until:
                with self._lock:
                    self._stop(helper)
                answers.ended = (-signal.SIGALRM, True)
                return answers
        if not (answers.is_done or answers.is_nonsense or answers.ended):
            with self._lock:  # nobody is left who could say something: the warm process is gone
                self._stop(helper)
            raise _GoneError
        return answers

    def _running(self) -> Helper:
        if self._helper is not None and self._helper.process.poll() is not None:
            self._stop(self._helper)
        return self._helper or self._start()

    def _start(self) -> Helper:
        helper = None
        try:
            helper = Helper(
                self._program,
                env=_HUGE_PAGES | {name: os.environ[name] for name in _KEPT if name in os.environ},
                output=subprocess.DEVNULL,
            )
            helper.channel.wait(_START_SECONDS)
            landlock, seccomp, limits = json.loads(helper.channel.receive())
            helper.channel.wait(_SEND_SECONDS)
        except (OSError, EOFError) as error:
            if helper is not None:
                helper.stop(_EXIT_SECONDS)
            raise ConfigurationError(
                f"the program that reads documents, {sys.executable} -m {self._program}, "
                f"does not start: {str(error) or 'it ended'}"
            ) from None
        _say(
            "documents_confined",
            warn=not (landlock and seccomp and limits),
            landlock=landlock,
            seccomp=seccomp,
            limits=limits,
        )
        self._helper = helper
        return helper

    def _stop(self, helper: Helper | None) -> None:
        """End a process, which may have been replaced already."""
        if helper is None:
            return
        if self._helper is helper:
            self._helper = None
            ended = helper.stop(_EXIT_SECONDS)
            if ended:
                _say("document_reader_ended", code=ended)


def _answered(task: str, budget: Budget, text: bytes, made: exchange.Files) -> Any:
    """What an answer says: a value, or the error it tells of or is itself."""
    try:
        said = exchange.read_said(text)
        if "error" in said:
            return crossing.raised(said["error"])
        if "spent" in said:
            return _costly(task, budget, "memory", "it needs more memory than it may take")
        if "broken" in said:
            return _broken(task, budget, crossing.printable(str(said["broken"]), _SHOWN))
        if "file" not in said:
            return said["value"]
        file = made.read(said["file"])
        return (said["value"], file) if "value" in said else file
    except (ValueError, KeyError) as malformed:
        return _broken(task, budget, f"malformed answer: {malformed}"[:_SHOWN])


def _missing(task: str, budget: Budget, answers: exchange.Answers) -> ESealError:
    """Why there are no more answers."""
    if answers.ended is not None:
        return _ended(task, budget, *answers.ended)
    if answers.is_nonsense:  # of the child: it says nothing of the others
        return _broken(task, budget, "it says what nobody asked for")
    return UnsupportedDocumentError(f"the {budget.field} cannot be read", field=budget.field)


def _ended(task: str, budget: Budget, code: int, late: bool) -> ESealError:
    """Why there is no answer, by how the child ended."""
    if code == exchange.UNCONFINED:
        return ConfigurationError(
            "the process that reads documents could not give up its rights any more"
        )
    if code == exchange.NONE_LEFT:
        return ConfigurationError("no process can be started to read documents in")
    if late or -code == signal.SIGALRM:
        said = f"it takes longer than {budget.wall_seconds:g} seconds"
        return _costly(task, budget, "time", said)
    if -code in _TIMERS:
        said = f"it takes more than {budget.cpu_seconds:g} seconds of processor time"
        return _costly(task, budget, "processor time", said)
    if -code == signal.SIGKILL:  # by the kernel
        return _costly(task, budget, "memory", "it needs more memory than there is")
    return _broken(task, budget, f"ended by {code}")


def _costly(task: str, budget: Budget, what: str, said: str) -> TooCostlyError:
    _say("document_too_costly", task=task, what=what)
    return TooCostlyError(f"the {budget.field} is too costly to read: {said}", field=budget.field)


def _broken(task: str, budget: Budget, why: str) -> UnsupportedDocumentError:
    _say("document_unreadable", task=task, why=why)
    return UnsupportedDocumentError(
        f"the {budget.field} cannot be read: it is broken, or takes too much memory",
        field=budget.field,
    )


def _say(event: str, *, warn: bool = True, **values: Any) -> None:
    import structlog  # not above: the warm process loads this module too, and says nothing

    log = structlog.get_logger(__name__)
    if not structlog.is_configured():  # a program's output is its own
        log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))
    log.log(WARNING if warn else INFO, event, **values)


@contextmanager
def _closed(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


READER: Final = Reader()
"""The one of this process; started at the first question."""
atexit.register(READER.close)
os.register_at_fork(after_in_child=READER.forget)
ask = READER.ask
ask_in_steps = READER.ask_in_steps
