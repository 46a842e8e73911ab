"""The highest head that was released, outside of the database.

A database that is restored from an older state, or a failover that loses commits, would number its
uses again: the same tickets would be torn twice, and the released seals would have no leaves. So
the head of each commit is written here, durably, before a byte of its uses leaves, and every commit
begins with a look whether the database still holds it.

Two slots are written in turn, so that one is whole whatever happens to a write.
"""

from __future__ import annotations

import fcntl
import os
import threading
from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.durable import PRIVATE_MODE
from eseal.errors import CorruptionError, DatabaseUnreachableError
from eseal.ledger.facts import Head
from eseal.service.instance.heads import root_of

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.store.repositories.log import LogRepository, StoredCheckpoint

_SIZE_BYTES = 8
_ROOT_BYTES = 32
_SLOT_BYTES = 512
"""A sector: disks write one whole, or not at all."""
_HEAD_BYTES = _SIZE_BYTES + _ROOT_BYTES


class ReleasedHead:
    """The highest released head of one instance. Safe to use from threads and processes.

    Args:
        path: its file; made with the first head.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known: Head | None = None

    def head(self) -> Head | None:
        """What this process or the file knows, whichever is larger; ``None`` before the first use.

        Raises:
            CorruptionError: the file is damaged.
            DatabaseUnreachableError: it cannot be read.
        """
        with self._lock:
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                data = b""
            except OSError as error:
                raise self._unusable(error) from None
            known = (self._known, self._read(data))  # other processes of ours release, too
            return max(filter(None, known), key=lambda head: head.size, default=None)

    def advance(self, head: Head) -> None:
        """Remember a head that is durable in the database; durable itself when this returns.

        Raises:
            DatabaseUnreachableError: it cannot be written: nothing of it may be released.
        """
        with self._lock:
            try:
                self._write(head)
            except OSError as error:
                raise self._unusable(error) from None
            self._known = head

    def replace(self, head: Head) -> None:
        """Begin anew with ``head``, after a loss that was looked into.

        Raises:
            DatabaseUnreachableError: it cannot be written.
        """
        with self._lock:
            try:
                self.path.unlink(missing_ok=True)
                self._write(head)
            except OSError as error:
                raise self._unusable(error) from None
            self._known = head

    def _write(self, head: Head) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, PRIVATE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # other processes of ours write here, too
            slots = _slots(os.pread(descriptor, 2 * _SLOT_BYTES, 0))
            if max((known.size for known in slots.values()), default=-1) >= head.size:
                return
            slot = 0 if 0 not in slots else 1 if 1 not in slots else _older(slots)
            os.pwrite(descriptor, _packed(head), slot * _SLOT_BYTES)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def _read(self, data: bytes) -> Head | None:
        slots = _slots(data)
        if data and not slots:
            raise CorruptionError(
                f"{self.path}, which holds the highest released head, is damaged; run: eseal audit "
                "and, if all is well, remove it"
            )
        return max(slots.values(), key=lambda head: head.size, default=None)

    def _unusable(self, error: OSError) -> DatabaseUnreachableError:
        return DatabaseUnreachableError(
            f"{self.path}, which holds the highest released head, cannot be used: {error.strerror}"
        )


def check_holds(log: LogRepository, checkpoint: StoredCheckpoint, released: Head | None) -> None:
    """Check that the log holds all that was ever released.

    Args:
        log: the log as one transaction sees it.
        checkpoint: its newest, as the same transaction sees it.
        released: what :meth:`ReleasedHead.head` said *before* that transaction began to see, or
            while it kept others from appending: others release at any moment.

    Raises:
        CorruptionError: it is behind, or holds other leaves: nothing may be sealed.
    """
    if released is None or (released.size, released.root) == (checkpoint.size, checkpoint.root):
        return
    if released.size > checkpoint.size:
        raise CorruptionError(
            f"a head of {released.size} leaves was released, the database holds only "
            f"{checkpoint.size}: it was restored from an older state, or lost commits; bring "
            "the newest one back, or run: eseal recover --after-loss"
        )
    if root_of(log, released.size) != released.root:
        raise CorruptionError(
            f"the head of {released.size} leaves that was released has another root than the "
            "database: it went on from an older state; run: eseal audit"
        )


def _packed(head: Head) -> bytes:
    data = head.size.to_bytes(_SIZE_BYTES, "big") + head.root
    return (data + sha256(data).digest()).ljust(_SLOT_BYTES, b"\0")


def _slots(data: bytes) -> dict[int, Head]:
    """The slots that are whole."""
    found = {}
    for slot in (0, 1):
        written = data[slot * _SLOT_BYTES : (slot + 1) * _SLOT_BYTES]
        head = Head(int.from_bytes(written[:_SIZE_BYTES], "big"), written[_SIZE_BYTES:_HEAD_BYTES])
        if len(written) == _SLOT_BYTES and written == _packed(head):
            found[slot] = head
    return found


def _older(slots: dict[int, Head]) -> int:
    return min(slots, key=lambda slot: slots[slot].size)
