"""The C library, for calls that Python has no name for, or does more than is asked for."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Final

SET_NO_NEW_PRIVS: Final = 38
"""prctl: no program that is run gets more rights; Landlock and seccomp ask for it."""
SET_DEATH_SIGNAL: Final = 1
"""prctl: the signal for this process when its parent ends."""


@cache
def libc() -> ctypes.CDLL:
    """Loaded once, so that no child has to."""
    return ctypes.CDLL(None, use_errno=True)


@cache
def _interpreter() -> ctypes.PyDLL:
    return ctypes.PyDLL(None, use_errno=True)


def fork() -> int:
    """As :func:`os.fork`, for a process with one thread.

    Without what interpreter and modules do in a child then: they make locks of other threads anew,
    and sow random numbers. That touches hundreds of pages, each of which the kernel has to copy.

    Raises:
        OSError: there are no processes left.
    """
    pid: int = _interpreter().fork()
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return pid
