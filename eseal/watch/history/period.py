"""Tickets of a period: what a regulator gets of a book, instead of its key.

Whole volumes, so that nothing of them can be kept back: their tickets make the root on the ledger
or they are not all there. With them every leaf that tore one is found in the public log; the
records of the period, handed over beside them, open the leaves of that time and no others. The
issuer's log signs all of it: what this list leaves out, the issuer has left out.

RFC 8785 canonical JSON, see ``docs/protocol.md``. Secret: who has it can find the seal's uses.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from eseal.errors import InvalidFormatError, InvalidInputError, LedgerUnreachableError
from eseal.model.book import HASH_BYTES, check_depth
from eseal.model.commitment import Kind
from eseal.model.json_values import JsonValues, loads
from eseal.model.records import MAX_NAME_CHARS
from eseal.model.seal import seal_handle
from eseal.model.statement import format_time, parse_time
from eseal.model.text import check_text
from eseal.watch.file import read_certificate
from eseal.watch.history.openings import Opening, opening_members, read_opening
from eseal.watch.log.tickets import BookVolume, Tickets, make_volume

if TYPE_CHECKING:
    from eseal.ledger.protocol import LedgerReader

VERSION = 1
MAX_TICKETS = 1 << 20
"""64 volumes of the usual depth; 44 megabytes of base64."""
MAX_OPENINGS = 10_000
"""Records in one list: each some five kilobytes. A longer period is asked for in parts."""
MAX_PERIOD_BYTES = 256 << 20
SIGNATURE_BYTES = 64

_LABEL = b"eseal period 1\x00"
_KINDS = frozenset({Kind.USE, Kind.DECLARATION})
"""What tears tickets of a seal's book."""
_JSON = JsonValues("tickets")
_MEMBERS = {
    *("v", "issuer", "certificate", "depth", "order", "since", "until"),
    *("first", "end", "volumes", "openings", "signature"),
}


@dataclass(frozen=True, slots=True)
class PeriodVolume:
    """All tickets of one volume.

    Attributes:
        number: of the volume, from 0.
        values: the tickets by position, 32 bytes each.
    """

    number: int
    values: bytes = field(repr=False)

    @property
    def volume_size(self) -> int:
        """How many tickets it holds."""
        return len(self.values) // HASH_BYTES

    def value(self, _volume: int, position: int) -> bytes:
        """The ticket at a position, 32 bytes."""
        return self.values[position * HASH_BYTES :][:HASH_BYTES]


@dataclass(frozen=True)
class PeriodTickets:
    """The tickets of a seal's volumes, and the records that tore some of them in a period.

    Attributes:
        issuer: whose seal it is, 32 bytes.
        certificate: the seal's, DER.
        depth: a volume of its book holds 2**depth tickets.
        order: number of the order under which they are handed over.
        since: beginning of the period, UTC, whole seconds.
        until: its end; not of the period any more.
        first: index of the leaf with which the list of records begins.
        end: the leaf before which it ends.
        volumes: by number, at least one.
        openings: the records of the leaves between, by index.
        signature: by the key of the issuer's log, over :attr:`message`, 64 bytes.
    """

    issuer: bytes
    certificate: bytes
    depth: int
    order: str
    since: datetime
    until: datetime
    first: int
    end: int
    volumes: tuple[PeriodVolume, ...]
    openings: tuple[Opening, ...]
    signature: bytes = b""

    @cached_property
    def handle(self) -> bytes:
        """The seal's name on the ledger, 32 bytes."""
        return seal_handle(self.issuer, self.certificate)

    @cached_property
    def message(self) -> bytes:
        """What the log's key signs."""
        return _LABEL + sha256(_dumped(self._fields())).digest()

    def signed(self, sign: Callable[[bytes], bytes]) -> PeriodTickets:
        """The same, signed."""
        return replace(self, signature=sign(self.message))

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _dumped(self._fields() | {"signature": self.signature.hex()})

    @classmethod
    def parse(cls, data: bytes) -> PeriodTickets:
        """Read what :meth:`encode` writes. Whether it is signed, and true, is another question.

        Raises:
            InvalidFormatError: anything else; volumes or records that are there twice, or of
                another size or place than they say; a period that ends before it begins.
        """
        if len(data) > MAX_PERIOD_BYTES:
            raise _JSON.invalid(f"at most {MAX_PERIOD_BYTES} bytes", f"{len(data)} bytes")
        try:
            fields = loads(data)
        except orjson.JSONDecodeError:
            raise _JSON.invalid("a file that eseal seal tickets wrote", "no JSON") from None
        top = _JSON.members(fields, "text", _MEMBERS)
        if _JSON.integer(top["v"], "v") != VERSION:
            raise _JSON.invalid(f"version {VERSION}", str(top["v"]))
        found = _read(top)
        _check(found)
        if found.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
        return found

    def _fields(self) -> dict[str, Any]:
        volumes = [
            {"number": one.number, "tickets": base64.b64encode(one.values).decode("ascii")}
            for one in self.volumes
        ]
        return {
            "v": VERSION,
            "issuer": self.issuer.hex(),
            "certificate": base64.b64encode(self.certificate).decode("ascii"),
            "depth": self.depth,
            "order": self.order,
            "since": format_time(self.since),
            "until": format_time(self.until),
            "first": self.first,
            "end": self.end,
            "volumes": volumes,
            "openings": [opening_members(one) for one in self.openings],
        }


def tickets_of(
    handle: bytes, volumes: Sequence[PeriodVolume]
) -> tuple[Mapping[int, bytes], Tickets]:
    """The roots that volumes make, by number, and their tickets, to be looked for among leaves.

    Args:
        handle: of the seal, which is in each tag, 32 bytes.
        volumes: with all their tickets.
    """
    made = {one.number: make_volume(one, handle, one.number) for one in volumes}
    books = [BookVolume(one, handle, one.number) for one in volumes]
    tickets = Tickets(books, lambda volume: made[volume.number])
    return {number: volume.root for number, volume in made.items()}, tickets


def check_period(since: datetime, until: datetime) -> None:
    """Raise unless a period has a beginning before its end.

    Raises:
        InvalidInputError: it has not.
    """
    if since >= until:
        raise InvalidInputError(
            f"period: expected an end behind its beginning {format_time(since)}, got "
            f"{format_time(until)}",
            field="until",
        )


def volumes_before(ledger: LedgerReader, handle: bytes, until: datetime) -> int:
    """How many volumes of a seal were open before a moment, by the ledger.

    No use of before tore a ticket of another one: a volume is not younger than the block that the
    statement names.

    Raises:
        LedgerUnreachableError: it cannot be asked, or contradicts itself.
    """

    def opened_at(number: int) -> int:
        volume = ledger.volume(handle, number)
        block = None if volume is None else ledger.block(volume.block_number)
        if block is None:
            raise LedgerUnreachableError(
                f"the ledger node does not know volume {number} of seal {handle.hex()}; ask again"
            )
        return block.timestamp

    seal = ledger.seal(handle)
    count = 0 if seal is None else seal.volumes
    return bisect_left(range(count), int(until.timestamp()), key=opened_at)


def _dumped(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _read(top: dict[str, Any]) -> PeriodTickets:
    return PeriodTickets(
        issuer=_JSON.hex_bytes(top["issuer"], "issuer"),
        certificate=read_certificate(top["certificate"], _JSON),
        depth=_JSON.integer(top["depth"], "depth"),
        order=_JSON.text(top["order"], "order"),
        since=parse_time(_JSON.text(top["since"], "since")),
        until=parse_time(_JSON.text(top["until"], "until")),
        first=_JSON.integer(top["first"], "first"),
        end=_JSON.integer(top["end"], "end"),
        volumes=tuple(_volume(one) for one in _list(top["volumes"], "volumes")),
        openings=tuple(read_opening(one, _JSON) for one in _list(top["openings"], "openings")),
        signature=_JSON.hex_bytes(top["signature"], "signature", SIGNATURE_BYTES),
    )


def _check(found: PeriodTickets) -> None:
    try:
        size = HASH_BYTES << check_depth(found.depth)
        check_text(found.order, field="order", max_chars=MAX_NAME_CHARS)
        check_period(found.since, found.until)
    except InvalidFormatError:
        raise
    except InvalidInputError as error:
        raise _JSON.invalid("what an issuer hands over", str(error)) from None
    if not found.volumes or any(len(one.values) != size for one in found.volumes):
        raise _JSON.invalid(f"volumes of {size} bytes, at least one", "others")
    _ascending([one.number for one in found.volumes], "volumes")
    indexes = [one.index for one in found.openings]
    _ascending(indexes, "openings")
    if not found.first <= found.end:
        raise _JSON.invalid("an end of the list behind its beginning", str(found.end))
    if indexes and not found.first <= indexes[0] <= indexes[-1] < found.end:
        raise _JSON.invalid(f"openings from {found.first} to {found.end}", "others")
    if any(one.kind not in _KINDS for one in found.openings):
        raise _JSON.invalid("openings of uses and declarations", "others")


def _ascending(numbers: list[int], name: str) -> None:
    for before, after in pairwise(numbers):
        if before >= after:
            raise _JSON.invalid(f"{name} in order, each once", f"{after} behind {before}")


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _JSON.invalid(f"{name} to be a list", type(value).__name__)
    return value


def _volume(value: object) -> PeriodVolume:
    members = _JSON.members(value, "volume", {"number", "tickets"})
    try:
        values = base64.b64decode(_JSON.text(members["tickets"], "tickets"), validate=True)
    except (binascii.Error, ValueError):
        raise _JSON.invalid("tickets in base64", "another text") from None
    return PeriodVolume(_JSON.unsigned_32(members["number"], "number"), values)
