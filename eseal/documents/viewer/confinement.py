"""What a process that reads documents of strangers gives up before it reads the first.

Landlock (Linux 5.13, 2021) lets a process restrict itself, for good: see the kernel's
``Documentation/userspace-api/landlock.rst``, from which names and numbers are.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY: Final = 2 << 30
"""Bytes of addresses: two documents of the largest size, pictures of pages of both, and more."""
_FILES: Final = 256
"""Open at the same time."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION: Final = 1
"""A flag: ask for the version instead."""
_PATH_BENEATH: Final = 1
_READ: Final = 1 << 2 | 1 << 3
"""LANDLOCK_ACCESS_FS_READ_FILE and _READ_DIR."""
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version knows; later ones know as many as version 5."""
_SINCE_NETWORK: Final = 4
_SINCE_SCOPES: Final = 6
_BOTH: Final = 0b11
"""Of the network: bind and connect; of the scopes: abstract sockets and signals."""
_SET_NO_NEW_PRIVS: Final = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("directory", ctypes.c_int32))


def limit() -> None:
    """Limit memory and open files; no file can grow, no memory be dumped into one.

    And if the machine has none left, the kernel is to take this process before others.
    """
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # it is lower already, or the system has no such limit
            resource.setrlimit(what, (most, most))


def confine(readable: Iterable[Path]) -> bool:
    """Give up all files but some, programs, connections, and what other processes do.

    Args:
        readable: directories whose files can still be read.

    Returns:
        Whether it could be done: not on every kernel, and not in every container.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    rules = _Ruleset(
        files=(1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS[5])) - 1,
        network=_BOTH if version >= _SINCE_NETWORK else 0,
        scopes=_BOTH if version >= _SINCE_SCOPES else 0,
    )
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            with suppress(OSError):
                directory = os.open(path, os.O_PATH | os.O_CLOEXEC)
                beneath = _Beneath(rights=_READ, directory=directory)
                libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0)
                os.close(directory)
        done: bool = (
            libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
        )
        return done
    finally:
        os.close(ruleset)
