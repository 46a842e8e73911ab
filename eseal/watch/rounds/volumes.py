"""Which volumes are looked for: made again from their book's key, and compared with the ledger.

An operator opens as many as it likes. What that costs the watch is bounded, and what the bounds
leave out is told: volumes that uses cannot have come to yet are not made and are an alarm; the
others are made turn by turn among the books, so that none waits for another's; and what is left
for too long is an alarm, too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from eseal.watch.alarms import AlarmKind, Gathered

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from eseal.model.book import Book
    from eseal.watch.log.state import WatchState
    from eseal.watch.log.tickets import BookVolume, Shelf

MAKING_SECONDS = 300.0
"""What a round spends on making volumes; the first of each book is made in any case."""
TICKETS_AHEAD = 1 << 20
"""As many tickets as are torn in minutes, and wait for a head on the ledger, may be open ahead."""
VOLUMES_AHEAD = 16
"""So many volumes in any case: a service opens two ahead, and after a loss takes fresh ones."""


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A watched book and what is open of it.

    Attributes:
        company: the company's name.
        issuer: in whose log its tickets are torn, 32 bytes.
        book: it.
        handle: in its tags, 32 bytes.
        volumes: all that are open, from 0.
    """

    company: str
    issuer: bytes
    book: Book
    handle: bytes
    volumes: Sequence[BookVolume]


def may_be_open(depth: int, newest: int, leaves: int) -> int:
    """How many volumes of a book there can be need of.

    Args:
        depth: a volume holds 2**depth tickets.
        newest: number of the newest volume of which a leaf was found; -1 if none was.
        leaves: in which its tickets were not looked for: each may be of one.
    """
    ahead = max(VOLUMES_AHEAD, TICKETS_AHEAD >> depth)
    return newest + 1 + (leaves >> depth) + ahead


class Volumes:
    """Volumes in one round. Findings go where :class:`Gathered` keeps them.

    Args:
        shelf: volumes made before.
        state: what is remembered.
        gathered: what the round has found.
        patience: seconds for which volumes may wait to be made before that is an alarm.
        now: Unix seconds.
    """

    def __init__(
        self, shelf: Shelf, state: WatchState, gathered: Gathered, patience: float, now: int
    ) -> None:
        self._shelf = shelf
        self._state = state
        self._gathered = gathered
        self._patience = patience
        self._now = now
        self._told: dict[str, int] = {}
        self._left: set[bytes] = set()

    def settle(
        self, books: Sequence[OpenBook], leaves: Mapping[bytes, int]
    ) -> dict[bytes, list[BookVolume]]:
        """Make and compare what there is need of, and time for.

        Args:
            books: all that are watched.
            leaves: under the heads of each issuer's log, those disowned too.

        Returns:
            The volumes whose tickets to look for in each issuer's log.

        Raises:
            OSError: a volume cannot be kept.
        """
        needed = {book.handle: self._needed(book, leaves[book.issuer]) for book in books}
        self._make([self._unmade(volumes) for volumes in needed.values()])
        made: dict[bytes, list[BookVolume]] = {issuer: [] for issuer in leaves}
        for book in books:
            made[book.issuer] += self._checked(book, needed[book.handle])
        return made

    def look_ahead(
        self, books: Sequence[OpenBook], leaves: Mapping[bytes, int], read: Container[bytes]
    ) -> None:
        """Whether more is open than there can be need of, once leaves were read.

        Args:
            books: as above.
            leaves: as above.
            read: issuers all of whose leaves were read.
        """
        for book in books:
            newest = self._state.newest_volume(book.handle)
            known = book.issuer in read and book.handle not in self._left
            limit = may_be_open(book.book.depth, newest, 0 if known else leaves[book.issuer])
            opened = len(book.volumes)
            if opened > limit:
                text = (
                    f"{opened} volumes of seal {book.handle.hex()} are open, {newest + 1} have "
                    f"been torn from: expected {limit} at most"
                )
                self._add(AlarmKind.VOLUMES_AHEAD, f"{book.handle.hex()}-{opened}", text, book)

    def remember(self) -> None:
        """Remember which volumes were told of: at the end of a round, with its other events."""
        for name, number in self._told.items():
            self._state.put(name, number)

    def _needed(self, book: OpenBook, leaves: int) -> Sequence[BookVolume]:
        newest = self._state.newest_volume(book.handle)
        return book.volumes[: may_be_open(book.book.depth, newest, leaves)]

    def _unmade(self, volumes: Sequence[BookVolume]) -> list[BookVolume]:
        return [one for one in volumes if self._shelf.root(one) is None]

    def _make(self, books: Sequence[Sequence[BookVolume]]) -> None:
        """Make volumes while there is time: of every book one, then of every book another."""
        until = time.monotonic() + MAKING_SECONDS
        for turn in count():
            waiting = [volumes[turn] for volumes in books if len(volumes) > turn]
            if not waiting:
                return
            for one in waiting:
                if turn > 0 and time.monotonic() > until:
                    return
                self._shelf.make(one)

    def _checked(self, book: OpenBook, needed: Sequence[BookVolume]) -> list[BookVolume]:
        """The volumes that were made, up to the first that was not; each compared."""
        made: list[BookVolume] = []
        name = f"volumes-{book.handle.hex()}"
        told = self._state.get(name)
        for one in needed:
            root = self._shelf.root(one)
            if root is None:
                break
            made.append(one)
            self._compare(book, one, root, new=told is not None and one.number >= told)
        self._told[name] = len(book.volumes) if told is None else max(told, len(made))
        self._leave(book, len(made), len(needed))
        return made

    def _compare(self, book: OpenBook, one: BookVolume, root: bytes, *, new: bool) -> None:
        if one.root is None:
            return  # the ledger knows no volumes of a roster's book
        key = f"{one.handle.hex()}-{one.number}"
        if root != one.root:
            text = (
                f"volume {one.number} of seal {one.handle.hex()} is not made of its book's key: "
                "uses with its tickets cannot be found"
            )
            self._add(AlarmKind.FOREIGN_VOLUME, key, text, book)
        elif new:
            text = f"volume {one.number} of seal {one.handle.hex()} was opened, and is its own"
            self._add(AlarmKind.VOLUME_OPENED, key, text, book)

    def _leave(self, book: OpenBook, made: int, needed: int) -> None:
        """What is not looked for: undecided; and an alarm once it has lasted."""
        name = f"volumes-{book.handle.hex()}"
        opened = len(book.volumes)
        if made == opened:
            self._state.not_waiting(name)
            return
        text = (
            f"{opened - made} of {opened} volumes of seal {book.handle.hex()} are not made: "
            "uses with their tickets are not looked for"
        )
        self._gathered.undecided.append(text)
        if made < needed:
            self._left.add(book.handle)
        seconds = self._state.waiting(name, 0, self._now)
        if seconds > self._patience:
            text = f"{text}, for {seconds} seconds at least"
            self._add(AlarmKind.VOLUMES_LEFT, book.handle, text, book)

    def _add(self, kind: AlarmKind, key: bytes | str, message: str, book: OpenBook) -> None:
        self._gathered.add(kind, key, message, book.company)
