"""Small files that are there whole and durable, or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PRIVATE_MODE = 0o600
"""Files of ours are their owner's unless a caller says otherwise."""
PRIVATE_DIRECTORY_MODE = 0o700


def replace_file(path: Path, data: bytes, *, mode: int = PRIVATE_MODE) -> None:
    """Put ``data`` at ``path`` in one step; durable when this returns.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    temporary = write_beside(path, (data,), mode)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def create_file(path: Path, data: bytes, *, mode: int = PRIVATE_MODE) -> None:
    """The same, but never in place of another file.

    Raises:
        FileExistsError: there is one of this name.
        OSError: it cannot be written.
    """
    create_file_of(path, (data,), mode=mode)


def create_file_of(
    path: Path, pieces: Iterable[bytes | memoryview], *, mode: int = PRIVATE_MODE
) -> None:
    """The same for a large file, given in pieces that follow each other.

    Raises:
        FileExistsError: there is one of this name.
        OSError: it cannot be written.
    """
    temporary = write_beside(path, pieces, mode)
    try:
        # A link, unlike a rename, fails when the name is taken.
        path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


@contextlib.contextmanager
def only_process(path: Path) -> Iterator[None]:
    """Keep every other process out that asks for the same file; the kernel lets go at our death.

    Raises:
        BlockingIOError: another one is in.
        OSError: the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def write_beside(path: Path, pieces: Iterable[bytes | memoryview], mode: int) -> Path:
    """Write a file under a passing name beside ``path``; its content is durable on return.

    Raises:
        OSError: it cannot be written, and is not there.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:32]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable: syncing a file does not."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot, and need not
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
