"""Books and their volumes, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, select

from eseal.errors import NotFoundError
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import books, seals, volumes

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row


class VolumeState(StrEnum):
    """How far a volume is."""

    PREPARED = "prepared"
    """Its root is on record here; the ledger may not have it yet."""
    OPEN = "open"
    """The ledger has its root in a final block: tickets may be torn from it."""


_CURRENT = books.c.next.bitwise_rshift(books.c.depth)
"""The volume of the next ticket."""
_THESE = books.c.seal_id.in_(bindparam("seal_ids", expanding=True))
_BOOKS = select(books).where(_THESE).order_by(books.c.seal_id)
_OPEN = (
    select(volumes)
    .join(books, volumes.c.seal_id == books.c.seal_id)
    .where(_THESE, volumes.c.state == VolumeState.OPEN, volumes.c.number >= _CURRENT)
)
"""Asked in every commit: put together once."""


@dataclass(frozen=True, slots=True)
class StoredBook:
    """A seal's book.

    Attributes:
        seal_id: the seal.
        wrapped: its key, encrypted.
        depth: a volume holds 2**depth tickets.
        next: number of the next ticket.
    """

    seal_id: str
    wrapped: bytes
    depth: int
    next: int


@dataclass(frozen=True, slots=True)
class StoredVolume:
    """A volume of a seal's book.

    Attributes:
        seal_id: the seal.
        number: from 0.
        root: what the ledger holds, or will hold, of it, 32 bytes.
        state: how far it is.
        block_number: the final block that opened it, or ``None`` before.
    """

    seal_id: str
    number: int
    root: bytes
    state: VolumeState
    block_number: int | None


@dataclass(slots=True)
class Shelf:
    """Where a book stands within one commit.

    Attributes:
        depth: a volume holds 2**depth tickets.
        next: number of the next ticket.
        open: block that opened each open volume, by number, from the current one on.
    """

    depth: int
    next: int
    open: dict[int, int]


class BookRepository:
    """Books within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._rows = rows_of(connection)
        self._locked: dict[str, Row[Any]] = {}

    def add(self, seal_id: str, wrapped: bytes, depth: int) -> None:
        """Keep the book of a new seal."""
        values = {"seal_id": seal_id, "wrapped": wrapped, "depth": depth, "next": 0}
        self._rows.insert(books, values)

    def get(self, seal_id: str) -> StoredBook:
        """The book of a seal.

        Raises:
            NotFoundError: it has none.
        """
        row = self._rows.one(select(books).where(books.c.seal_id == seal_id), books)
        if row is None:
            raise NotFoundError(f"no book of seal {seal_id!r}")
        return _book(row)

    def page(self, *, after: str = "", limit: int) -> list[StoredBook]:
        """Books by seal id, those behind ``after``."""
        query = select(books).where(books.c.seal_id > after).order_by(books.c.seal_id)
        return [_book(row) for row in self._rows.all(query.limit(limit), books)]

    def lock(self, seal_ids: Iterable[str]) -> dict[str, Shelf]:
        """Where the books of these seals stand; nobody else takes a number of them meanwhile."""
        these = {"seal_ids": list(seal_ids)}
        found = self._rows.all(_BOOKS, books, lock=True, given=these)
        self._locked = {row.seal_id: row for row in found}
        shelves = {row.seal_id: Shelf(row.depth, row.next, {}) for row in found}
        for row in self._rows.all(_OPEN, volumes, given=these):
            shelves[row.seal_id].open[row.number] = row.block_number
        return shelves

    def go_on(self, numbers: Mapping[str, int]) -> None:
        """The numbers of the next tickets, by seal; of books that :meth:`lock` has locked, once."""
        for seal_id, number in numbers.items():
            self._rows.change(books, self._locked[seal_id], {"next": number})

    def add_volume(self, seal_id: str, number: int, root: bytes) -> None:
        """Keep a volume that is to be opened."""
        values = {
            "seal_id": seal_id,
            "number": number,
            "root": root,
            "state": VolumeState.PREPARED.value,
        }
        self._rows.insert(volumes, values)

    def volumes(self, seal_id: str) -> list[StoredVolume]:
        """The volumes of a book in order."""
        return self._volumes(volumes.c.seal_id == seal_id)

    def prepared(self) -> list[StoredVolume]:
        """Volumes that the ledger may not have yet, all but those it gets with their seals."""
        return self._volumes(and_(volumes.c.state == VolumeState.PREPARED, volumes.c.number > 0))

    def opened(self, seal_id: str, number: int, block_number: int) -> None:
        """Record that the ledger has a volume in a final block, unless that is known."""
        condition = and_(
            volumes.c.seal_id == seal_id,
            volumes.c.number == number,
            volumes.c.state == VolumeState.PREPARED,
        )
        values = {"state": VolumeState.OPEN.value, "block_number": block_number}
        self._rows.update(volumes, condition, values)

    def short_of(self, ahead: int, states: Sequence[str]) -> list[tuple[StoredBook, int]]:
        """Books that lack volumes, each with how many it has.

        Args:
            ahead: volumes a book is to have behind its current one.
            states: of the seals that are looked at.
        """
        counted = func.count(volumes.c.number)
        query = (
            select(books, counted.label("held"))
            .join(seals, seals.c.id == books.c.seal_id)
            .outerjoin(volumes, volumes.c.seal_id == books.c.seal_id)
            .where(seals.c.state.in_(states))
            .group_by(*books.c)
            .having(counted < _CURRENT + 1 + ahead)
        )
        return [(_book(row), int(row.held)) for row in self._rows.all(query, books)]

    def _volumes(self, condition: ColumnElement[bool]) -> list[StoredVolume]:
        query = select(volumes).where(condition).order_by(volumes.c.seal_id, volumes.c.number)
        rows = self._rows.all(query, volumes)
        return [
            StoredVolume(
                row.seal_id, row.number, row.root, VolumeState(row.state), row.block_number
            )
            for row in rows
        ]


def _book(row: Row[Any]) -> StoredBook:
    return StoredBook(**{name: getattr(row, name) for name in content_names(books)})
