"""Tickets of a period, for a regulator under an order: see :mod:`eseal.watch.history.period`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import ConflictError, CorruptionError, InvalidInputError, InvalidProofError
from eseal.model.commitment import Kind
from eseal.model.seal import SealState
from eseal.model.statement import format_time
from eseal.service.oversight.watch_files import opening_of
from eseal.store.repositories.log import LEAVES_PER_READ, LogRepository
from eseal.store.repositories.records import RecordRepository
from eseal.store.repositories.uses import UseRepository
from eseal.watch.history.openings import verify_opening
from eseal.watch.history.period import (
    MAX_OPENINGS,
    MAX_TICKETS,
    PeriodTickets,
    PeriodVolume,
    check_period,
    tickets_of,
    volumes_before,
)
from eseal.watch.log.leaves import BadLeavesError, search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from eseal.model.actor import Order
    from eseal.model.seal import Seal
    from eseal.model.use import Use
    from eseal.service.instance.context import Context
    from eseal.store.repositories.records import StoredRecord
    from eseal.watch.history.openings import Opening
    from eseal.watch.log.leaves import Hit
    from eseal.watch.log.tickets import Tickets


class Periods:
    """Makes what is handed over. Safe to call from several threads."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def tickets(
        self, seal: Seal, order: Order, since: datetime, until: datetime, first_volume: int = 0
    ) -> PeriodTickets:
        """The tickets of all volumes that were open before a period's end, and its records.

        The period is that of the ledger: a leaf is of the moment at which a head covers it.

        Args:
            seal: whose book.
            order: under which they are handed over.
            since: beginning of the period, aware.
            until: its end, not in the future; not of the period any more.
            first_volume: leave out those before.

        Raises:
            InvalidInputError: no such period or volume, or too much for one file.
            ConflictError: the seal is not on the ledger yet.
            CorruptionError: a volume is not the one on the ledger; or the records are not those of
                the log's leaves, so that the list would accuse us.
            LedgerUnreachableError: the ledger cannot be asked.
        """
        since, until = since.replace(microsecond=0), until.replace(microsecond=0)
        check_period(since, until)
        if until > (now := self._context.now()):
            raise InvalidInputError(
                f"until: expected a moment that is over by {format_time(now)}, got "
                f"{format_time(until)}",
                field="until",
            )
        if seal.state is SealState.PENDING:
            raise ConflictError(f"seal {seal.id} is not on the ledger yet")
        volumes = self._volumes(seal, until, first_volume)
        with self._context.database.read() as connection:
            log = LogRepository(connection)
            first, end = (log.size_before(int(each.timestamp())) for each in (since, until))
            openings = self._openings(connection, seal, first, end)
            _, tickets = tickets_of(seal.handle, volumes)
            self._check(seal, openings, _hits(log, first, end, tickets))
        return PeriodTickets(
            issuer=self._context.issuer_id,
            certificate=seal.certificate,
            depth=self._context.books.book(seal.id).depth,
            order=order.number,
            since=since,
            until=until,
            first=first,
            end=end,
            volumes=volumes,
            openings=openings,
        ).signed(self._context.sign_head)

    def _volumes(self, seal: Seal, until: datetime, first: int) -> tuple[PeriodVolume, ...]:
        count = volumes_before(self._context.reader, seal.handle, until)
        if count == 0:
            raise InvalidInputError(
                f"until: expected a moment at which the seal's first volume was open, got "
                f"{format_time(until)}: it had no tickets by then, and no uses",
                field="until",
            )
        if not 0 <= first < count:
            raise InvalidInputError(
                f"first_volume: expected one of the {count} volumes that were open before "
                f"{format_time(until)}, got number {first}",
                field="first_volume",
            )
        size = self._context.books.book(seal.id).volume_size
        if (count - first) * size > MAX_TICKETS:
            raise InvalidInputError(
                f"first_volume: expected at most {MAX_TICKETS} tickets in one file, got "
                f"{count - first} volumes of {size}: ask for the last ones alone",
                field="first_volume",
            )
        return tuple(self._volume(seal, number) for number in range(first, count))

    def _volume(self, seal: Seal, number: int) -> PeriodVolume:
        opened = self._context.reader.volume(seal.handle, number)
        if opened is None or opened.root != self._context.books.tree(seal.id, number).root:
            raise CorruptionError(
                f"volume {number} of seal {seal.id} does not make the root on the ledger"
            )
        book = self._context.books.book(seal.id)
        values = [book.value(number, position) for position in range(book.volume_size)]
        return PeriodVolume(number, b"".join(values))

    def _openings(
        self, connection: Connection, seal: Seal, first: int, end: int
    ) -> tuple[Opening, ...]:
        """What the seal's leaves from ``first`` to, not including, ``end`` commit to."""
        limit = MAX_OPENINGS + 1
        uses = UseRepository(connection).of_seal(seal.id, after=first - 1, limit=limit)
        words = RecordRepository(connection).of_seal(
            seal.id, Kind.DECLARATION, after=first - 1, limit=limit
        )
        found: list[Use | StoredRecord] = [*uses, *words]
        records = [each for each in found if each.log_index < end]
        if len(records) > MAX_OPENINGS:
            raise InvalidInputError(
                f"period: expected at most {MAX_OPENINGS} records in one file, got more: ask for "
                "it in parts",
                field="until",
            )
        records.sort(key=lambda each: each.log_index)
        return tuple(opening_of(self._context, each) for each in records)

    @staticmethod
    def _check(seal: Seal, openings: tuple[Opening, ...], hits: list[Hit]) -> None:
        """Sign no list in which a regulator finds a use left out, or shown as another.

        Whoever writes to the database can delete a record; the leaf is in the log, and on the
        ledger.
        """
        shown = {one.index: one for one in openings}
        for hit in hits:
            index = hit.leaf.index
            if index not in shown:
                raise CorruptionError(f"leaf {index} is of seal {seal.id}, and its record is gone")
            try:
                verify_opening(shown[index], hit, seal.certificate)
            except InvalidProofError as error:
                raise CorruptionError(f"leaf {index} is not of its record: {error}") from None


def _hits(log: LogRepository, first: int, end: int, tickets: Tickets) -> list[Hit]:
    """The log's leaves of these tickets from ``first`` to, not including, ``end``.

    Raises:
        CorruptionError: the log's rows are no leaves of their places.
    """

    def leaves() -> Iterator[bytes]:
        for start in range(first, end, LEAVES_PER_READ):
            yield from log.leaves(start, min(end, start + LEAVES_PER_READ))

    try:
        return search(leaves(), first, tickets)
    except BadLeavesError as error:
        raise CorruptionError(f"the log is damaged: {error}") from None
