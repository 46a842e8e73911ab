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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging import INFO, WARNING
from typing import Any, Final

from eseal.channel import Helper
from eseal.documents.confined import crossing, exchange
from eseal.documents.confined.budget import Budget, File, Lane
from eseal.documents.confined.confinement import Limits
from eseal.documents.confined.lanes import Line
from eseal.documents.confined.tasks import name_of
from eseal.errors import ConfigurationError, TooCostlyError, UnsupportedDocumentError

PROGRAM: Final = "eseal.documents.confined"
_START_SECONDS: Final = 60.0
"""Until a warm process says that it is there; it takes a fifth of one."""
_SEND_SECONDS: Final = 10.0
"""Until it takes a question: it may be loading what another one needs."""
_GRACE: Final = 5.0
"""Seconds after which a warm process that says nothing of a late child is ended itself."""
_EXIT_SECONDS: Final = 1.0
"""It notices at once that nobody is there any more."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
"""Variables it gets to see: others hold secrets."""
_TIMERS: Final = frozenset({signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU})
_SHOWN: Final = 200
"""Characters of what is logged of an error nobody foresaw."""


class _GoneError(Exception):
    """The warm process has ended before its child did."""


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
        size = sum(len(piece) for file in files for piece in exchange.pieces(file))
        name, bounds = name_of(task), budget.of(size)
        with self._lines[budget.lane].turn(size):
            try:
                return self._asked(name, files, bounds, arguments)
            except _GoneError:  # killed, perhaps for what another document did
                try:
                    return self._asked(name, files, bounds, arguments)
                except _GoneError:
                    raise _broken(name, bounds, "the process that reads it ended") from None

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
        self._lines = {lane: Line() for lane in Lane}

    def _asked(
        self, task: str, files: tuple[File, ...], budget: Budget, arguments: dict[str, Any]
    ) -> Any:
        with (
            _closed(exchange.memory_file("question")) as question,
            _closed(exchange.memory_file("answer")) as answer,
        ):
            head = exchange.write_question(question, files, arguments)
            limits = Limits(
                budget.cpu_seconds,
                budget.wall_seconds,
                budget.memory,
                budget.answer_bytes + exchange.MAX_VALUE_BYTES,
            )
            order = exchange.Order(task, head, limits, budget.lane.value)
            reading, writing = os.pipe()
            with _closed(reading):
                with _closed(writing):
                    helper = self._send(order, (question, answer, writing))
                ended = self._wait(reading, helper, budget)
            if ended is not None:
                raise _ended(task, budget, *ended)
            return _answered(task, budget, answer)

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

    def _wait(self, reading: int, helper: Helper, budget: Budget) -> tuple[int, bool] | None:
        """Wait for an answer.

        Returns:
            ``None`` if it is there; else how the child ended, and whether for being late.
        """
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        until = time.monotonic() + budget.wall_seconds + _GRACE
        while not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            if time.monotonic() >= until:
                with self._lock:
                    self._stop(helper)
                return -signal.SIGALRM, True
        said = os.read(reading, 3)
        if not said:  # nobody is left who could say something: the warm process is gone
            with self._lock:
                self._stop(helper)
            raise _GoneError
        if said[:1] == exchange.DONE:
            return None
        if said[:1] != exchange.ENDED or len(said) < 3:  # noqa: PLR2004  kind, code, late
            return exchange.NONSENSE, False  # by the child: it says nothing of the others
        code = said[1] - 256 if said[1] > 127 else said[1]  # noqa: PLR2004  a signed byte
        return code, bool(said[2])

    def _running(self) -> Helper:
        if self._helper is not None and self._helper.process.poll() is not None:
            self._stop(self._helper)
        return self._helper or self._start()

    def _start(self) -> Helper:
        helper = None
        try:
            helper = Helper(
                self._program,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
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


def _answered(task: str, budget: Budget, answer: int) -> Any:
    """What an answer says.

    Raises:
        InvalidInputError: that is what it says.
        UnsupportedDocumentError: it says nothing that can be understood, or of a failure.
    """
    try:
        said, made = exchange.read_answer(answer, budget.answer_bytes)
        if "error" in said:
            error = crossing.raised(said["error"])
        elif "spent" in said:
            error = _costly(task, budget, "memory", "it needs more memory than it may take")
        elif "broken" in said:
            error = _broken(task, budget, crossing.printable(str(said["broken"]), _SHOWN))
        else:
            if made is None:
                return said["value"]
            return (said["value"], made) if "value" in said else made
    except (ValueError, KeyError) as malformed:
        raise _broken(task, budget, f"malformed answer: {malformed}"[:_SHOWN]) from None
    raise error


def _ended(task: str, budget: Budget, code: int, late: bool) -> Exception:
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

    structlog.get_logger(__name__).log(WARNING if warn else INFO, event, **values)


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
