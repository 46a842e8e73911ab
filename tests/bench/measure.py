"""Timing, memory and numbers for people."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Number = TypeVar("_Number", int, float)

MEBIBYTE = 1 << 20
_STAT_UTIME = 11
"""Of the fields behind the command's name in ``/proc/PID/stat``: user time; system time follows."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure.

    Attributes:
        quick: a first look in seconds instead of figures worth quoting.
    """

    quick: bool

    def pick(self, full: _Number, quick: _Number) -> _Number:
        """One of two numbers."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, ready to print.

    Attributes:
        work: what was done.
        measured: what came out.
        beside: what stood beside it in the same run.
        ratio: the first over the second.
        goal: what is aimed at.
    """

    work: str
    measured: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""


def rate(act: Callable[[], object], *, seconds: float, rounds: int = 3, per_call: int = 1) -> float:
    """How often a second ``act`` gets something done: the median of some rounds.

    Args:
        act: does it once, or ``per_call`` times.
        seconds: length of all rounds together.
        rounds: how many.
        per_call: what one call counts for.
    """
    return rates((act,), seconds=seconds, rounds=rounds)[0] * per_call


def rates(
    acts: Sequence[Callable[[], object]], *, seconds: float, rounds: int = 8
) -> tuple[float, ...]:
    """How often a second each of several gets done: the medians of some rounds.

    They take turns, so that what else the machine does meets all of them alike.

    Args:
        acts: each does its work once.
        seconds: length of all rounds of all together.
        rounds: how many.
    """
    found: list[list[float]] = [[] for _ in acts]
    for act in acts:
        act()
    for _ in range(rounds):
        for act, measured in zip(acts, found, strict=True):
            calls, started = 0, time.perf_counter()
            until = started + seconds / rounds / len(acts)
            while (now := time.perf_counter()) < until:
                act()
                calls += 1
            measured.append(calls / (now - started))
    return tuple(map(statistics.median, found))


def seconds_of(act: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median_seconds(act: Callable[[], object], times: int) -> float:
    """The median length of so many calls."""
    return statistics.median(seconds_of(act) for _ in range(times))


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def peak_memory(pid: int | None = None) -> int:
    """The most memory a process (this one by default) ever had resident, in bytes."""
    return _kilobytes(f"/proc/{pid or 'self'}/status", "VmHWM")


def memory(pid: int) -> int:
    """The memory a process takes now, in bytes; what it shares counts in part (``Pss``)."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss")


def family(pid: int) -> list[int]:
    """A process and its children."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for thread in threads for child in thread.read_text().split())]


def cpu_seconds(pid: int) -> float:
    """The processor time a process has used, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[_STAT_UTIME]) + int(fields[_STAT_UTIME + 1])
    return ticks / os.sysconf("SC_CLK_TCK")


def per_second(value: float) -> str:
    """A rate for people, such as ``12,345/s``."""
    return f"{value:,.0f}/s"


def micros(seconds: float) -> str:
    """A time in microseconds for people."""
    return f"{seconds * 1e6:,.0f} µs"


def millis(seconds: float) -> str:
    """A time in milliseconds for people."""
    return f"{seconds * 1e3:,.1f} ms"


def mebibytes(size: int) -> str:
    """A size for people."""
    return f"{size / MEBIBYTE:,.0f} MiB"


def _kilobytes(path: str, name: str) -> int:
    text = Path(path).read_text()
    line = next(line for line in text.splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024
