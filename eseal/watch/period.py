"""Tickets of a period: what a regulator gets of a book, instead of its key.

With them the uses of that period are found in the public log, and none before or after. RFC 8785
canonical JSON: ``v`` 1, ``handle``, and ``tickets``, each ``[volume, position, value]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from eseal.errors import InvalidInputError
from eseal.model.book import MAX_DEPTH, Ticket, tag
from eseal.model.json_values import JsonValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.model.book import Book

VERSION = 1
MAX_TICKETS = 1 << 20
"""A million uses; a hundred megabytes of JSON."""
MAX_PERIOD_BYTES = MAX_TICKETS * 100
_FIELDS = 3
_JSON = JsonValues("tickets")


@dataclass(frozen=True, slots=True)
class PeriodTickets:
    """Some tickets of one book.

    Attributes:
        handle: what stands for the book in its tags, 32 bytes.
        tickets: they, in the order in which they are torn.
    """

    handle: bytes
    tickets: tuple[Ticket, ...]

    @property
    def tags(self) -> Iterator[bytes]:
        """What to look for among leaves, 32 bytes each."""
        return (tag(self.handle, ticket) for ticket in self.tickets)

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        tickets = [[one.volume, one.position, one.value.hex()] for one in self.tickets]
        return orjson.dumps({"handle": self.handle.hex(), "tickets": tickets, "v": VERSION})

    @classmethod
    def parse(cls, data: bytes) -> PeriodTickets:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: anything else.
        """
        if len(data) > MAX_PERIOD_BYTES:
            raise _JSON.invalid(f"at most {MAX_PERIOD_BYTES} bytes", f"{len(data)} bytes")
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise _JSON.invalid("JSON", str(error)[:200]) from None
        top = _JSON.members(fields, "text", {"v", "handle", "tickets"})
        if _JSON.integer(top["v"], "v") != VERSION:
            raise _JSON.invalid(f"version {VERSION}", str(top["v"]))
        if not isinstance(top["tickets"], list) or len(top["tickets"]) > MAX_TICKETS:
            raise _JSON.invalid(f"a list of at most {MAX_TICKETS} tickets", "another")
        handle = _JSON.hex_bytes(top["handle"], "handle")
        found = cls(handle, tuple(_ticket(one) for one in top["tickets"]))
        if found.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
        return found


def tickets_of(book: Book, handle: bytes, first: int, last: int) -> PeriodTickets:
    """The tickets that are torn as number ``first`` to ``last`` of a book, both included.

    Raises:
        InvalidInputError: the last is before the first, or there are more than a million.
    """
    if not 0 <= first <= last < first + MAX_TICKETS:
        raise InvalidInputError(
            f"tickets: expected 1 to {MAX_TICKETS} numbers, got {first} to {last}", field="tickets"
        )
    return PeriodTickets(handle, tuple(book.ticket(number) for number in range(first, last + 1)))


def _ticket(value: object) -> Ticket:
    if not isinstance(value, list) or len(value) != _FIELDS:
        raise _JSON.invalid("a ticket to be [volume, position, value]", repr(value)[:64])
    volume, position, ticket = value
    at = _JSON.integer(position, "position")
    if at >= 1 << MAX_DEPTH:
        raise _JSON.invalid(f"a position below {1 << MAX_DEPTH}", str(at))
    return Ticket(_JSON.unsigned_32(volume, "volume"), at, _JSON.hex_bytes(ticket, "value"))
