"""What a process gives up before it reads the first byte of a stranger."""

from __future__ import annotations

import math
import os
import resource
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eseal.documents.confined import kernel, landlock, seccomp

_FILES: Final = 64
"""Open at the same time: fonts and modules."""
_UNKNOWN: Final = 1 << 30
"""Bytes of addresses that a process is taken to have where the system does not say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the kernel is told of a budget.

    Attributes:
        cpu_seconds: processor time.
        wall_seconds: time.
        memory: bytes of addresses, beside those the process has.
        file_bytes: that a file it writes can have: of its answer.
    """

    cpu_seconds: float
    wall_seconds: float
    memory: int
    file_bytes: int

    def impose(self, addresses: int) -> bool:
        """Limit this process, which has so many bytes of addresses; whether all could be done.

        Two timers end it, which nothing handles; behind them stands the limit of processor time
        that no process can lift.
        """
        signal.setitimer(signal.ITIMER_REAL, self.wall_seconds)
        signal.setitimer(signal.ITIMER_PROF, self.cpu_seconds)
        seconds = math.ceil(self.cpu_seconds) + 1
        return all(
            [
                _at_most(resource.RLIMIT_CPU, seconds),
                _at_most(resource.RLIMIT_AS, addresses + self.memory),
                _at_most(resource.RLIMIT_FSIZE, self.file_bytes),
                _at_most(resource.RLIMIT_NOFILE, _FILES),
                _at_most(resource.RLIMIT_NPROC, 0),
                _at_most(resource.RLIMIT_CORE, 0),
            ]
        )


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this system offers, made ready once.

    Attributes:
        rules: a descriptor of Landlock's, or ``None``.
        calls: a filter of system calls, or ``None``.
    """

    rules: int | None
    calls: bytes | None

    @classmethod
    def ready(cls, readable: Iterable[Path]) -> Confinement:
        """Make it ready: directories whose files can still be read are opened."""
        return cls(landlock.ruleset(readable), seccomp.for_this_machine())

    def enter(self, limits: Limits, addresses: int) -> tuple[bool, bool, bool]:
        """Confine this process, for good: files, system calls, limits; which of them hold."""
        limited = limits.impose(addresses)
        return landlock.restrict(self.rules), seccomp.install(self.calls), limited


def end_with_parent(parent: int) -> None:
    """Let this process end when its parent does, however it ends (Linux)."""
    if sys.platform.startswith("linux"):
        kernel.libc().prctl(kernel.SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def be_first_to_go() -> None:
    """If the machine has no memory left, the kernel is to take this process before others."""
    with suppress(OSError):  # Linux only, and not in every container
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _at_most(what: int, most: int) -> bool:
    """Whether a limit holds: ours, or a lower one that was there."""
    try:
        resource.setrlimit(what, (most, most))
    except (ValueError, OSError):
        there = resource.getrlimit(what)[1]
        return there != resource.RLIM_INFINITY and there <= most
    return True


def addresses() -> int:
    """Bytes of addresses this process has."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[0]
    except OSError:
        return _UNKNOWN
    return int(pages) * resource.getpagesize()
