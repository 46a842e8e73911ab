"""Tickets of books, looked for among leaves by the thousand.

Of each ticket only the first eight bytes of its tag are held, sorted, with its place: 16 bytes a
ticket. What agrees in eight bytes is compared whole; an operator can make tickets that agree in
them, so all that do are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

import numpy as np

from eseal.durable import PRIVATE_DIRECTORY_MODE, replace_file
from eseal.log.compact import hash_pairs
from eseal.model.book import Ticket, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eseal.model.book import Book

BLOCK_TICKETS = 1 << 12
"""Tickets made at a time: a volume of millions is never in memory as Python's objects."""
_PREFIX_BYTES = 8
_PLACE_BYTES = 4
_DIGEST_BYTES = 32


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


class Shelf:
    """Volumes that were made before, as files: ``<handle>-<number>``, private.

    Args:
        directory: where; made if it is not there.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        self._directory = directory

    def holds(self, book: Book, handle: bytes, number: int) -> bool:
        """Whether a volume was made before, by its file's length: nothing is read."""
        path = self._directory / f"{handle.hex()}-{number}"
        return path.is_file() and path.stat().st_size == _file_bytes(book.volume_size)

    def volume(self, book: Book, handle: bytes, number: int) -> Volume:
        """A volume: from its file, or made. A damaged file, or one of another key, is made anew.

        Raises:
            OSError: it cannot be kept.
        """
        path = self._directory / f"{handle.hex()}-{number}"
        of_key = sha256(book.value(number, 0)).digest()
        known = _read(path, book.volume_size, of_key)
        if known is not None:
            return known
        made = make_volume(book, handle, number)
        body = made.root + made.prefixes.tobytes() + made.positions.tobytes()
        replace_file(path, sha256(of_key + body).digest() + body)
        return made


def _file_bytes(size: int) -> int:
    return 2 * _DIGEST_BYTES + size * (_PREFIX_BYTES + _PLACE_BYTES)


def _read(path: Path, size: int, of_key: bytes) -> Volume | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    places = _DIGEST_BYTES + size * _PREFIX_BYTES
    if len(data) != _file_bytes(size) or sha256(of_key + body).digest() != digest:
        return None
    return Volume(
        body[:_DIGEST_BYTES],
        np.frombuffer(body[_DIGEST_BYTES:places], dtype=np.uint64),
        np.frombuffer(body[places:], dtype=np.uint32),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands: its book by the handle in its tags (32 bytes), volume, position."""

    handle: bytes
    volume: int
    position: int


class Tickets:
    """Tickets of many volumes.

    Args:
        volumes: each with its book and the handle in its tags.
    """

    def __init__(self, volumes: Sequence[tuple[TicketSource, bytes, int, Volume]]) -> None:
        self._books = [(book, handle, number) for book, handle, number, _ in volumes]
        made = [volume for *_, volume in volumes]
        prefixes = np.concatenate([_NONE, *(volume.prefixes for volume in made)])
        sizes = [len(volume.prefixes) for volume in made]
        of_volume = np.repeat(np.arange(len(made), dtype=np.uint32), sizes)
        positions = np.concatenate([_NOWHERE, *(volume.positions for volume in made)])
        order = np.argsort(prefixes, kind="stable")
        self._prefixes = prefixes[order]
        self._of_volume = of_volume[order]
        self._positions = positions[order]

    def __len__(self) -> int:
        return len(self._prefixes)

    def find(self, prefixes: NDArray[np.uint64]) -> Iterator[tuple[int, bytes, Place]]:
        """Which of these tags may be of our tickets.

        Args:
            prefixes: the first eight bytes of tags.

        Yields:
            Which of ``prefixes``; the whole tag, 32 bytes, that it must have; the ticket's place.
        """
        left = np.searchsorted(self._prefixes, prefixes, side="left")
        right = np.searchsorted(self._prefixes, prefixes, side="right")
        for which in np.flatnonzero(right > left):
            for at in range(int(left[which]), int(right[which])):
                book, handle, number = self._books[int(self._of_volume[at])]
                place = Place(handle, number, int(self._positions[at]))
                ticket = Ticket(number, place.position, book.value(number, place.position))
                yield int(which), tag(handle, ticket), place


_NONE = np.empty(0, dtype=np.uint64)
_NOWHERE = np.empty(0, dtype=np.uint32)
