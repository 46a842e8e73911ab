"""The system calls that are left to a process that reads a document of a stranger.

A list of what is allowed: to compute, to take memory, to read what is open, to open for reading
what Landlock leaves, to write into what is open, to end. Everything else is refused as if it were
not permitted: sockets of every kind, programs, processes, threads, signals, other processes'
memory, new files, and whatever later kernels add. See seccomp(2), from which names are; the
filter is a program of the classic BPF (linux/filter.h).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from dataclasses import dataclass
from typing import Final

from eseal.documents.confined import kernel

_X86_64: Final = (
    0,  # read
    1,  # write
    2,  # open
    3,  # close
    4,  # stat
    5,  # fstat
    6,  # lstat
    8,  # lseek
    9,  # mmap
    10,  # mprotect
    11,  # munmap
    12,  # brk
    14,  # rt_sigprocmask
    17,  # pread64
    18,  # pwrite64
    19,  # readv
    20,  # writev
    21,  # access
    24,  # sched_yield
    25,  # mremap
    28,  # madvise
    35,  # nanosleep
    39,  # getpid
    60,  # exit
    79,  # getcwd
    89,  # readlink
    96,  # gettimeofday
    98,  # getrusage
    99,  # sysinfo
    102,  # getuid
    104,  # getgid
    107,  # geteuid
    108,  # getegid
    186,  # gettid
    201,  # time
    202,  # futex
    217,  # getdents64
    228,  # clock_gettime
    230,  # clock_nanosleep
    231,  # exit_group
    257,  # openat
    262,  # newfstatat
    267,  # readlinkat
    269,  # faccessat
    318,  # getrandom
    332,  # statx
    439,  # faccessat2
)
_AARCH64: Final = (
    17,  # getcwd
    48,  # faccessat
    56,  # openat
    57,  # close
    61,  # getdents64
    62,  # lseek
    63,  # read
    64,  # write
    65,  # readv
    66,  # writev
    67,  # pread64
    68,  # pwrite64
    78,  # readlinkat
    79,  # newfstatat
    80,  # fstat
    93,  # exit
    94,  # exit_group
    98,  # futex
    101,  # nanosleep
    113,  # clock_gettime
    115,  # clock_nanosleep
    124,  # sched_yield
    135,  # rt_sigprocmask
    165,  # getrusage
    169,  # gettimeofday
    172,  # getpid
    174,  # getuid
    175,  # geteuid
    176,  # getgid
    177,  # getegid
    178,  # gettid
    179,  # sysinfo
    214,  # brk
    215,  # munmap
    216,  # mremap
    222,  # mmap
    226,  # mprotect
    233,  # madvise
    278,  # getrandom
    291,  # statx
    439,  # faccessat2
)


@dataclass(frozen=True, slots=True)
class _Machine:
    """How a kind of processor calls the kernel.

    Attributes:
        audit: its number (linux/audit.h).
        allowed: the calls that are left.
        opening: calls that open a file, with the position of their flags among the arguments.
    """

    audit: int
    allowed: tuple[int, ...]
    opening: dict[int, int]


MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, _X86_64, {2: 1, 257: 2}),
    "aarch64": _Machine(0xC00000B7, _AARCH64, {56: 2}),
}
"""By the name ``uname`` gives; on others there is no filter."""

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | 0o20000000
"""Flags of a file that is opened for more than reading; the last is O_TMPFILE's own bit."""
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K."""
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data."""
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 1
"""SECCOMP_RET_ERRNO with EPERM."""
_KILL: Final = 0x80000000
"""SECCOMP_RET_KILL_PROCESS: calls by the numbers of another architecture."""
_SET_SECCOMP, _FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def program(machine: str) -> bytes:
    """The filter for a kind of processor: instructions of eight bytes (struct sock_filter).

    Raises:
        KeyError: there is none for it.
    """
    this = MACHINES[machine]
    plain = [number for number in this.allowed if number not in this.opening]
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, this.audit, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    for number, position in this.opening.items():
        steps += [
            _step(_EQUAL, number, 0, 4),
            _step(_LOAD, _ARGUMENTS + 8 * position),
            _step(_ANY, _WRITING, 0, 1),
            _step(_RETURN, _REFUSE),
            _step(_RETURN, _ALLOW),
        ]
    for left, number in zip(range(len(plain), 0, -1), plain, strict=True):
        steps.append(_step(_EQUAL, number, left, 0))
    return b"".join([*steps, _step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)


def install(instructions: bytes | None) -> bool:
    """Leave this process only the calls a filter allows, for good.

    Args:
        instructions: as :func:`program` makes them, or ``None`` where there are none.

    Returns:
        Whether it could be done: not on every kernel, nor for every processor.
    """
    if instructions is None:
        return False
    libc = kernel.libc()
    whole = _Program(len(instructions) // 8, instructions)
    done: bool = (
        libc.prctl(kernel.SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(whole), 0, 0) == 0
    )
    return done


def for_this_machine() -> bytes | None:
    """The filter for the processor this runs on, or ``None``."""
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in MACHINES:
        return None
    return program(machine)
