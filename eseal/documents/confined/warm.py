"""The warm process: it has loaded what tasks need, and forks one child for each document.

It reads no byte of a document, knows no secret, and does one thing at a time; so a fork of it is a
clean beginning, which takes a millisecond instead of a third of a second. It looks after its
children: those that get old give way to newcomers, late ones are ended, and when the process that
has started it is gone, so are they all.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eseal.channel import Channel
from eseal.documents.confined import child, exchange, kernel
from eseal.documents.confined.confinement import (
    Confinement,
    Limits,
    addresses,
    be_first_to_go,
    end_with_parent,
)
from eseal.documents.confined.lanes import OLD_SECONDS
from eseal.documents.confined.tasks import Tasks

_OLD_NICENESS: Final = 10
"""More for work that is old: a newcomer gets nine times as much of the processor."""
_GRACE: Final = 0.5
"""Seconds after which a child that has not ended itself is ended."""
_FILES: Final = 3
"""Descriptors of a question."""
_TRIED: Final = Limits(1.0, 5.0, 1 << 30, 0)


@dataclass(slots=True)
class _Child:
    """One at work.

    Attributes:
        done: descriptor where its end is told.
        begun: when, on the monotonic clock.
        until: when it must have ended.
        niceness: it began with.
        old: whether it was told to give way.
        late: whether it was ended for being late.
    """

    done: int
    begun: float
    until: float
    niceness: int
    old: bool = False
    late: bool = False


class Warm:
    """Answers what comes through a channel until it is closed.

    Args:
        channel: to the process that has started this one.
        tasks: what can be asked for.
        readable: directories whose files the tasks may read.
    """

    def __init__(self, channel: Channel, tasks: Tasks, readable: Iterable[Path]) -> None:
        self._channel = channel
        self._tasks = tasks
        self._ready: set[str] = set()
        self._children: dict[int, _Child] = {}
        self._confinement = Confinement.ready(readable)
        self._addresses = addresses()
        self._poll = select.poll()
        self._signalled = _child_signals()
        be_first_to_go()

    def run(self) -> None:
        """Work until the channel is closed."""
        self._promised = self._tried()
        self._channel.send(json.dumps(self._promised).encode())
        self._poll.register(self._channel.fileno(), select.POLLIN)
        self._poll.register(self._signalled, select.POLLIN)
        try:
            while True:
                for descriptor, _ in self._poll.poll(self._patience()):
                    if descriptor == self._channel.fileno():
                        self._take()
                    elif descriptor == self._signalled:
                        os.read(descriptor, 1 << 12)
                    else:
                        self._end_of(descriptor)
                self._reap()
                self._look_after()
        finally:
            for pid in self._children:
                _kill(pid)

    def _tried(self) -> tuple[bool, bool, bool]:
        """Which parts of the confinement hold, as a child finds out."""
        pid = kernel.fork()
        if pid == 0:
            with suppress(BaseException):
                held = self._confinement.enter(_TRIED, self._addresses)
                os._exit(sum(1 << place for place, each in enumerate(held) if each))
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        files, calls, limits = (code > 0 and bool(code & 1 << place) for place in range(3))
        return files, calls, limits

    def _take(self) -> None:
        """Take a question, or the order to make ready."""
        message, files = self._channel.receive_with_files(_FILES)
        if not files:
            for task in self._tasks:
                self._make_ready(task)
            return
        with _closed(files):
            order = exchange.Order.decode(message)
            self._make_ready(order.task)
            self._begin(order, (files[0], files[1], files[2]))

    def _make_ready(self, task: str) -> None:
        """Load what a task needs, once."""
        if task in self._ready or task not in self._tasks:
            return
        self._ready.add(task)
        with suppress(Exception):  # then the task itself fails, and says so
            child.function(task)
            for preparation in self._tasks[task]:
                if preparation not in self._ready:
                    self._ready.add(preparation)
                    child.function(preparation)()
        self._addresses = addresses()
        gc.collect()
        gc.freeze()  # children need not look through it, nor copy it by doing so

    def _begin(self, order: exchange.Order, files: tuple[int, int, int]) -> None:
        if order.task not in self._tasks:
            exchange.write(files[2], exchange.ENDED + bytes([1, 0]))
            return
        parent, begun = os.getpid(), time.monotonic()
        try:
            pid = kernel.fork()
        except OSError:
            exchange.write(files[2], exchange.ENDED + bytes([exchange.NONE_LEFT, 0]))
            return
        if pid == 0:
            with suppress(BaseException):
                end_with_parent(parent)
                child.work(order, files, self._confinement, self._addresses, self._promised)
            os._exit(1)
        done = os.dup(files[2])
        until = begun + order.limits.wall_seconds + _GRACE
        self._children[pid] = _Child(done, begun, until, order.niceness)
        self._poll.register(done, 0)  # tells when nobody waits for it any more

    def _end_of(self, descriptor: int) -> None:
        """End the child whose answer nobody waits for."""
        for pid, each in self._children.items():
            if each.done == descriptor:
                self._poll.unregister(descriptor)
                _kill(pid)

    def _reap(self) -> None:
        """Tell of children that have ended."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            each = self._children.pop(pid)
            with suppress(KeyError):
                self._poll.unregister(each.done)
            code = os.waitstatus_to_exitcode(status)
            with suppress(OSError):  # nobody waits any more
                exchange.write(each.done, exchange.ENDED + bytes([code & 0xFF, each.late]))
            os.close(each.done)

    def _look_after(self) -> None:
        now = time.monotonic()
        for pid, each in self._children.items():
            if not each.old and now >= each.begun + OLD_SECONDS:
                each.old = True
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, pid, each.niceness + _OLD_NICENESS)
            if not each.late and now >= each.until:
                each.late = True
                _kill(pid)

    def _patience(self) -> float | None:
        """Milliseconds until a child must be looked after."""
        times = [
            each.until if each.old else each.begun + OLD_SECONDS
            for each in self._children.values()
            if not each.late
        ]
        return max(0.0, (min(times) - time.monotonic()) * 1000 + 1) if times else None


def _child_signals() -> int:
    """A descriptor at which one can wait for children to end."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


@contextmanager
def _closed(files: Iterable[int]) -> Iterator[None]:
    try:
        yield
    finally:
        for descriptor in files:
            os.close(descriptor)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
