"""Books and their volumes, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, insert, select, update

from eseal.errors import NotFoundError
from eseal.store.tables import books, seals, volumes

if TYPE_CHECKING:
    from sqlalchemy import Connection


class VolumeState(StrEnum):
    """How far a volume is."""

    PREPARED = "prepared"
    """Its root is on record here; the ledger may not have it yet."""
    OPEN = "open"
    """The ledger has its root in a final block: tickets may be torn from it."""


_CURRENT = books.c.next.bitwise_rshift(books.c.depth)
"""The volume of the next ticket."""
_LOCKED = (
    select(books.c.seal_id, books.c.depth, books.c.next, volumes.c.number, volumes.c.block_number)
    .outerjoin(
        volumes,
        and_(
            volumes.c.seal_id == books.c.seal_id,
            volumes.c.state == VolumeState.OPEN,
            volumes.c.number >= _CURRENT,
        ),
    )
    .where(books.c.seal_id.in_(bindparam("seal_ids", expanding=True)))
    .order_by(books.c.seal_id)
    .with_for_update(of=books, key_share=True)
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
        self._connection = connection

    def add(self, seal_id: str, wrapped: bytes, depth: int) -> None:
        """Keep the book of a new seal."""
        values = {"seal_id": seal_id, "wrapped": wrapped, "depth": depth, "next": 0}
        self._connection.execute(insert(books).values(values))

    def get(self, seal_id: str) -> StoredBook:
        """The book of a seal.

        Raises:
            NotFoundError: it has none.
        """
        row = self._connection.execute(
            select(books).where(books.c.seal_id == seal_id)
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"no book of seal {seal_id!r}")
        return StoredBook(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor

    def page(self, *, after: str = "", limit: int) -> list[StoredBook]:
        """Books by seal id, those behind ``after``."""
        query = select(books).where(books.c.seal_id > after).order_by(books.c.seal_id)
        rows = self._connection.execute(query.limit(limit))
        return [StoredBook(**row._mapping) for row in rows]  # noqa: SLF001  # public accessor

    def lock(self, seal_ids: Iterable[str]) -> dict[str, Shelf]:
        """Where the books of these seals stand; nobody else takes a number of them meanwhile."""
        shelves: dict[str, Shelf] = {}
        for row in self._connection.execute(_LOCKED, {"seal_ids": list(seal_ids)}):
            shelf = shelves.setdefault(row.seal_id, Shelf(row.depth, row.next, {}))
            if row.number is not None:
                shelf.open[row.number] = row.block_number
        return shelves

    def go_on(self, numbers: Mapping[str, int]) -> None:
        """The numbers of the next tickets, by seal."""
        for seal_id, number in numbers.items():
            condition = books.c.seal_id == seal_id
            self._connection.execute(update(books).where(condition).values(next=number))

    def add_volume(self, seal_id: str, number: int, root: bytes) -> None:
        """Keep a volume that is to be opened."""
        values = {
            "seal_id": seal_id,
            "number": number,
            "root": root,
            "state": VolumeState.PREPARED.value,
        }
        self._connection.execute(insert(volumes).values(values))

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
        self._connection.execute(update(volumes).where(condition).values(values))

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
        return [
            (StoredBook(row.seal_id, row.wrapped, row.depth, row.next), int(row.held))
            for row in self._connection.execute(query)
        ]

    def _volumes(self, condition: object) -> list[StoredVolume]:
        query = select(volumes).where(condition)  # type: ignore[arg-type]  # a column expression
        rows = self._connection.execute(query.order_by(volumes.c.seal_id, volumes.c.number))
        return [
            StoredVolume(
                row.seal_id, row.number, row.root, VolumeState(row.state), row.block_number
            )
            for row in rows
        ]
