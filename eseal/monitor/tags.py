"""Every tag of a log, to see one that stands twice: in files, so that memory stays flat.

A record of 40 bytes a leaf: 16 of its tag, 16 of its commitment (to find others that agree in
16 bytes takes 2**64 attempts), its place. They lie in 256 files by the tag's first byte; tags are
hashes, so the files grow alike, and a few new leaves touch a few of them.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numpy as np

from eseal.durable import PRIVATE_DIRECTORY_MODE, PRIVATE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FLUSH_LEAVES = 1 << 20
"""Leaves collected before files are touched: 40 megabytes."""
_STAGED = "new"
_RECORD = np.dtype([("tag", "<u8", 2), ("commitment", "<u8", 2), ("place", "<u8")])
_EPOCH_SHIFT = 48
"""A place is the epoch of the ledger's heads and the leaf's index; 2**48 leaves are enough."""
_BUCKET_SHIFT = 56

Place = tuple[int, int]
"""Epoch and index of a leaf."""


class TagIndex:
    """The tags of one log.

    What was added counts once it is kept: leaves that make no head are nobody's, and must neither
    tear a ticket nor take the place of one. What was kept and then not remembered by the monitor (a
    crash) is added again: a record at a place that comes anew takes the other's place.

    Args:
        directory: made if it is not there.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        self._directory = directory
        self.drop()
        self.torn: set[tuple[Place, Place]] = set()
        """Pairs of leaves that show one tag and commit to different things, so far."""

    def add(self, table: NDArray[np.void], epoch: int) -> None:
        """Add leaves that follow each other.

        Args:
            table: as :func:`eseal.log.leaf_table.leaf_table` gives them.
            epoch: of the ledger's heads that cover them.

        Raises:
            OSError: a file cannot be read or written.
        """
        records = np.empty(len(table), dtype=_RECORD)
        records["tag"] = table["tag"][:, :2]
        records["commitment"] = table["commitment"][:, :2]
        records["place"] = table["index"] + np.uint64(epoch << _EPOCH_SHIFT)
        self._waiting.append(records)
        self._count += len(records)
        if self._count >= FLUSH_LEAVES:
            staged = self._directory / _STAGED
            staged.mkdir(mode=PRIVATE_DIRECTORY_MODE, exist_ok=True)
            for name, part in self._parts():
                with (staged / name).open("ab") as file:
                    file.write(part.tobytes())

    def drop(self) -> None:
        """Forget what was added since it was kept last: it makes no head."""
        self._waiting: list[NDArray[np.void]] = []
        self._count = 0
        shutil.rmtree(self._directory / _STAGED, ignore_errors=True)

    def keep(self, epoch: int, size: int) -> None:
        """Look at what was added, up to a head that it makes; durable when this returns.

        Args:
            epoch: of the heads.
            size: leaves under that head; those beyond it are forgotten.

        Raises:
            OSError: a file cannot be read or written.
        """
        staged, end = self._directory / _STAGED, (epoch << _EPOCH_SHIFT) + size
        for path in sorted(staged.iterdir()) if staged.exists() else ():
            self._add_to(path.name, np.frombuffer(path.read_bytes(), _RECORD), end)
        for name, part in self._parts():
            self._add_to(name, part, end)
        self.drop()

    def _parts(self) -> Iterator[tuple[str, NDArray[np.void]]]:
        """What waits, by the file it belongs in; nothing waits any more."""
        if not self._waiting:
            return
        records = np.concatenate(self._waiting)
        self._waiting, self._count = [], 0
        buckets = (records["tag"][:, 0] >> np.uint64(_BUCKET_SHIFT)).astype(np.uint8)
        order = np.argsort(buckets, kind="stable")
        records, buckets = records[order], buckets[order]
        present, starts = np.unique(buckets, return_index=True)
        for bucket, part in zip(present, np.split(records, starts[1:]), strict=True):
            yield f"{int(bucket):02x}", part

    def _add_to(self, name: str, added: NDArray[np.void], end: int) -> None:
        new = added[added["place"] < np.uint64(end)]
        if not len(new):
            return
        descriptor = os.open(
            self._directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE
        )
        with os.fdopen(descriptor, "r+b") as file:
            old = np.frombuffer(_whole(file.read()), dtype=_RECORD)
            fresh = new[~np.isin(new["place"], old["place"])]
            if len(fresh) < len(new):  # of a round that did not come to its end
                old = old[~np.isin(old["place"], new["place"])]
                file.seek(0)
                file.write(old.tobytes())
            else:
                file.seek(old.nbytes)
            file.write(new.tobytes())
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self._compare(np.concatenate([old, new]))

    def _compare(self, records: NDArray[np.void]) -> None:
        """Records with one tag lie beside each other once sorted, those of one thing together."""
        tags, things = records["tag"], records["commitment"]
        order = np.lexsort((things[:, 1], things[:, 0], tags[:, 1], tags[:, 0]))
        tags, things, places = tags[order], things[order], records["place"][order]
        torn = (tags[1:] == tags[:-1]).all(axis=1) & (things[1:] != things[:-1]).any(axis=1)
        for at in np.flatnonzero(torn):
            one, other = sorted((int(places[at]), int(places[at + 1])))
            self.torn.add((_place(one), _place(other)))


def _whole(data: bytes) -> bytes:
    """Without a record that was cut short when the machine went down."""
    return data[: len(data) - len(data) % _RECORD.itemsize]


def _place(number: int) -> Place:
    return number >> _EPOCH_SHIFT, number & ((1 << _EPOCH_SHIFT) - 1)
