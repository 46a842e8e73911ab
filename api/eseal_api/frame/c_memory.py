"""How the C library keeps the memory of a process with many threads."""

from __future__ import annotations

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
"""The parameters' numbers in glibc's ``malloc.h``."""
ARENAS = 2
"""As many as threads that can run Python and C code at the same moment; glibc would make eight for
each core, and each keeps what a large batch once needed."""
MAPPED_BYTES = 256 * 1024
"""Blocks from here on go back to the system when they are freed. glibc would raise the mark to the
largest block it has seen, and keep those for later."""


def keep_little() -> None:
    """Trade a little speed for a heap that shrinks again. Elsewhere than on glibc: nothing."""
    with contextlib.suppress(AttributeError, OSError):
        set_parameter = ctypes.CDLL(None).mallopt
        set_parameter(_M_ARENA_MAX, ARENAS)
        set_parameter(_M_MMAP_THRESHOLD, MAPPED_BYTES)
