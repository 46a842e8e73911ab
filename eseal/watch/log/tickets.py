"""Tickets of books, looked for among leaves by the hundred thousand.

Of each ticket only the first eight bytes of its tag are kept, sorted, with its position: 12 bytes a
ticket, in a file for each volume. Leaves are held, and one volume after the other is looked up
among them: memory does not grow with the volumes. What agrees in eight bytes is compared whole; an
operator can make tickets that agree in them, so all that do are looked at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

import numpy as np

from eseal.durable import PRIVATE_DIRECTORY_MODE, replace_file
from eseal.log.compact_range import hash_pairs
from eseal.model.book import Ticket, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK_TICKETS = 1 << 12
"""Tickets made at a time: a volume of millions is never in memory as Python's objects."""
_PREFIX_BYTES = 8
_PLACE_BYTES = 4
_DIGEST_BYTES = 32
_HEAD_BYTES = 3 * _DIGEST_BYTES


class TicketSource(Protocol):
    """Who has the tickets of a volume: a book, or a list of them that was handed over."""

    @property
    def volume_size(self) -> int:
        """How many tickets a volume holds."""
        ...

    def value(self, volume: int, position: int, /) -> bytes:
        """The ticket at a place, 32 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Volume:
    """The tags of one volume.

    Attributes:
        root: of its tree, 32 bytes.
        prefixes: the first eight bytes of each tag, sorted, 2**depth.
        positions: the position of each.
    """

    root: bytes
    prefixes: NDArray[np.uint64]
    positions: NDArray[np.uint32]


def make_volume(book: TicketSource, handle: bytes, number: int) -> Volume:
    """All tags of a volume, and its root; 5 µs a ticket."""
    prefixes = np.empty(book.volume_size, dtype=np.uint64)
    nodes: list[bytes] = []
    for start in range(0, book.volume_size, BLOCK_TICKETS):
        end = min(start + BLOCK_TICKETS, book.volume_size)
        values = [book.value(number, position) for position in range(start, end)]
        tags = b"".join(
            tag(handle, Ticket(number, position, value))
            for position, value in enumerate(values, start)
        )
        prefixes[start:end] = np.frombuffer(tags, dtype=">u8")[:: _DIGEST_BYTES // _PREFIX_BYTES]
        nodes.append(_root([sha256(b"\x00" + value).digest() for value in values]))
    order = np.argsort(prefixes, kind="stable")
    return Volume(_root(nodes), prefixes[order], order.astype(np.uint32))


def _root(nodes: list[bytes]) -> bytes:
    while len(nodes) > 1:
        nodes = hash_pairs(nodes)
    return nodes[0]


@dataclass(frozen=True, slots=True)
class BookVolume:
    """A volume in which tickets are looked for.

    Attributes:
        book: of which book.
        handle: in its tags, 32 bytes.
        number: from 0.
        block: height of the block that opened it; ``None`` where the ledger knows none.
        root: that the ledger has of it, 32 bytes; ``None`` where it knows none.
    """

    book: TicketSource
    handle: bytes
    number: int
    block: int | None = None
    root: bytes | None = None


class Shelf:
    """Volumes that were made before, as files: ``<handle>-<number>``, private.

    A file is a digest of the key and all that follows it, the volume's root, SHA-256 of the rest,
    tags, positions: the root is known from its first 96 bytes.

    Args:
        directory: where; made if it is not there.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        self._directory = directory

    def root(self, one: BookVolume) -> bytes | None:
        """The root that the book's key makes, 32 bytes; ``None`` if the volume is to be made."""
        try:
            with self._path(one).open("rb") as file:
                head = file.read(_HEAD_BYTES)
                length = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return None
        if length != _file_bytes(one.book.volume_size) or head != _head(one, *_split(head)):
            return None
        return _split(head)[0]

    def make(self, one: BookVolume) -> Volume:
        """Make a volume, and keep it.

        Raises:
            OSError: it cannot be kept.
        """
        made = make_volume(one.book, one.handle, one.number)
        body = made.prefixes.tobytes() + made.positions.tobytes()
        head = _head(one, made.root, sha256(body).digest())
        replace_file(self._path(one), head + body)
        return made

    def volume(self, one: BookVolume) -> Volume:
        """A volume: from its file, or made. A damaged file, or one of another key, is made anew.

        Raises:
            OSError: it cannot be kept.
        """
        root = self.root(one)
        data = b"" if root is None else self._path(one).read_bytes()
        size = one.book.volume_size
        whole = len(data) == _file_bytes(size)
        digest = sha256(memoryview(data)[_HEAD_BYTES:]).digest()
        if root is None or not whole or _split(data[:_HEAD_BYTES]) != (root, digest):
            return self.make(one)
        places = _HEAD_BYTES + size * _PREFIX_BYTES
        return Volume(
            root,
            np.frombuffer(data, dtype=np.uint64, count=size, offset=_HEAD_BYTES),
            np.frombuffer(data, dtype=np.uint32, count=size, offset=places),
        )

    def _path(self, one: BookVolume) -> Path:
        return self._directory / f"{one.handle.hex()}-{one.number}"


def _file_bytes(size: int) -> int:
    return _HEAD_BYTES + size * (_PREFIX_BYTES + _PLACE_BYTES)


def _head(one: BookVolume, root: bytes, body: bytes) -> bytes:
    """What a file begins with; of another key, another."""
    return sha256(one.book.value(one.number, 0) + root + body).digest() + root + body


def _split(head: bytes) -> tuple[bytes, bytes]:
    """Of such a beginning, the root and the digest of the rest."""
    return head[_DIGEST_BYTES : 2 * _DIGEST_BYTES], head[2 * _DIGEST_BYTES :]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands: its book by the handle in its tags (32 bytes), volume, position."""

    handle: bytes
    volume: int
    position: int


class Tickets:
    """Tickets of many volumes, of which one is in memory at a time.

    Args:
        volumes: which.
        volume: brings one of them, e.g. :meth:`Shelf.volume`.
    """

    def __init__(
        self, volumes: Sequence[BookVolume], volume: Callable[[BookVolume], Volume]
    ) -> None:
        self.volumes = volumes
        self._volume = volume

    def find(self, prefixes: NDArray[np.uint64]) -> Iterator[tuple[int, bytes, Place]]:
        """Which of these tags may be of our tickets; the more at a time, the cheaper.

        Args:
            prefixes: the first eight bytes of tags.

        Yields:
            Which of ``prefixes``; the whole tag, 32 bytes, that it must have; the ticket's place.

        Raises:
            OSError: a volume had to be made again and cannot be kept.
        """
        order = np.argsort(prefixes, kind="stable")
        shown = prefixes[order]
        for one in self.volumes:
            volume = self._volume(one)
            for which, at in _common(shown, volume.prefixes):
                position = int(volume.positions[at])
                ticket = Ticket(one.number, position, one.book.value(one.number, position))
                place = Place(one.handle, one.number, position)
                yield int(order[which]), tag(one.handle, ticket), place


def _common(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Where two sorted rows of numbers agree: places in both. The shorter is looked up."""
    if len(one) > len(other):
        yield from ((at, which) for which, at in _common(other, one))
        return
    left = np.searchsorted(other, one, side="left")
    inside = np.minimum(left, len(other) - 1)
    for which in np.flatnonzero(other[inside] == one) if len(other) else ():
        at = int(left[which])
        while at < len(other) and other[at] == one[which]:
            yield int(which), at
            at += 1
