"""The files that are left to a process that reads a document of a stranger.

Landlock (Linux 5.13, 2021) lets a process restrict itself, for good: see the kernel's
``Documentation/userspace-api/landlock.rst``, from which names and numbers are.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from eseal.documents.confined import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION: Final = 1
"""A flag: ask for the version instead."""
_PATH_BENEATH: Final = 1
_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version knows; later ones know as many as version 5."""
_SINCE_NETWORK: Final = 4
_SINCE_SCOPES: Final = 6
_BOTH: Final = 0b11
"""Of the network: bind and connect; of the scopes: abstract sockets and signals."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("there", ctypes.c_int32))


def ruleset(readable: Iterable[Path]) -> int | None:
    """Rules that leave a process to read some files, and nothing else of the file system.

    They also deny TCP (since Linux 6.7), and sockets and signals of other processes (6.12).

    Args:
        readable: files, and directories whose files can still be read.

    Returns:
        A descriptor for :func:`restrict`, or ``None``: not on every kernel, and not in every
        container.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = kernel.libc()
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return None
    rules = _Ruleset(
        files=(1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS[5])) - 1,
        network=_BOTH if version >= _SINCE_NETWORK else 0,
        scopes=_BOTH if version >= _SINCE_SCOPES else 0,
    )
    made: int = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if made < 0:
        return None
    for path in readable:
        with suppress(OSError):
            there = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rights = _READ_FILE | _READ_DIRECTORY if path.is_dir() else _READ_FILE
            beneath = _Beneath(rights=rights, there=there)
            libc.syscall(_ADD_RULE, made, _PATH_BENEATH, ctypes.byref(beneath), 0)
            os.close(there)
    return made


def restrict(rules: int | None) -> bool:
    """Put this process under rules of :func:`ruleset`, for good; whether it could be done."""
    if rules is None:
        return False
    libc = kernel.libc()
    done: bool = (
        libc.prctl(kernel.SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    )
    return done
