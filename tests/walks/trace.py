"""Which files of ours a piece of work enters, and who calls whom across files."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import eseal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ROOT = Path(eseal.__file__).parents[1]
OURS = ("eseal/", "api/")


@dataclass
class Trace:
    """What was seen.

    Attributes:
        files: path from the top of the tree, and the function by which it was entered first; in the
            order in which they were.
        calls: file that calls, file and function that are called; each once, however often.
    """

    files: dict[str, str] = field(default_factory=dict)
    calls: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, frame: FrameType) -> None:
        """See a call. Frames of libraries between two of ours are looked through."""
        file = file_of(frame.f_code.co_filename)
        if file is None:
            return
        function = frame.f_code.co_qualname
        self.files.setdefault(file, function)
        caller, above = None, frame.f_back
        while above is not None and caller is None:
            caller, above = file_of(above.f_code.co_filename), above.f_back
        if caller not in {None, file}:
            self.calls.add((caller, file, function))


class Tracer:
    """Sees the calls of all threads that are started after it."""

    def __init__(self) -> None:
        self._trace: Trace | None = None
        threading.setprofile(self._see)

    @contextmanager
    def tracing(self) -> Iterator[Trace]:
        """Trace what is done meanwhile, here and in other threads."""
        self._trace = trace = Trace()
        sys.setprofile(self._see)
        try:
            yield trace
        finally:
            sys.setprofile(None)
            self._trace = None

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        trace = self._trace
        if trace is not None and event == "call":
            trace.add(frame)


@cache
def file_of(name: str) -> str | None:
    """A code object's file from the top of the tree, if it is one of ours."""
    path = Path(name)
    if not path.is_relative_to(ROOT):
        return None
    file = path.relative_to(ROOT).as_posix()
    return file if file.startswith(OURS) else None
