"""The C library, for calls that Python has no name for."""

from __future__ import annotations

import ctypes
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
