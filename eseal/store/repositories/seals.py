"""Seals and the changes of their status, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography import x509
from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from eseal.errors import ConflictError, CorruptionError, NotFoundError
from eseal.model.seal import Party, Reason, Seal, SealState, SealType
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.books import BookRepository
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import seal_changes, seals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

_DER_HEADER = 4
"""``30 82 hh ll``: a certificate is always longer than 255 and shorter than 65,536 bytes."""

SERIAL_BYTES = 20
"""RFC 5280 section 4.1.2.2: a certificate's number has at most 20 octets."""

_SINCE = (
    select(func.max(seal_changes.c.requested_at))
    .where(seal_changes.c.seal_id == seals.c.id, seal_changes.c.state == seals.c.state)
    .scalar_subquery()
)

_THESE = (
    select(seals).where(seals.c.id.in_(bindparam("seal_ids", expanding=True))).order_by(seals.c.id)
)
"""Asked in every commit: put together once. Rows are locked in one order by all, so that no two
commits wait for each other; SQLite has one writer at a time and needs no row locks."""


@dataclass(frozen=True, slots=True)
class SealChange:
    """One change of a seal's status.

    Attributes:
        state: what was done: ``suspended`` sets a stop, ``active`` registers the seal or lifts a
            stop, ``revoked`` ends it.
        party: whose stop it is about, or who ended it.
        actor: who asked for it.
        transaction: hash of the ledger transaction, or ``None`` while on its way.
        block_number: the block that holds it, or ``None`` while on its way.
    """

    id: int
    seal_id: str
    state: SealState
    reason: Reason
    party: Party
    actor: str
    requested_at: datetime
    transaction: bytes | None
    block_number: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a seal stands by its changes.

    Attributes:
        state: pending, active, suspended or revoked.
        reason: that of the change that led there.
        stops: whose stops are on it.
    """

    state: SealState
    reason: Reason
    stops: Party


def standing_of(changes: Iterable[SealChange]) -> Standing:
    """Where a seal stands by its changes, oldest first.

    A stop and an end count from the moment they are asked for, a registration and the lifting of a
    stop only once the ledger has them.
    """
    registered, lifted, stops = False, Reason.NONE, dict[Party, Reason]()
    for change in changes:
        if change.state is SealState.REVOKED:
            return Standing(SealState.REVOKED, change.reason, _all_of(stops))
        if change.state is SealState.SUSPENDED:
            stops.pop(change.party, None)  # the newest one's reason counts
            stops[change.party] = change.reason
        elif change.block_number is not None:
            registered, lifted = True, change.reason
            stops.pop(change.party, None)
    if stops:
        return Standing(SealState.SUSPENDED, [*stops.values()][-1], _all_of(stops))
    return Standing(SealState.ACTIVE if registered else SealState.PENDING, lifted, Party.NONE)


def _all_of(stops: Iterable[Party]) -> Party:
    return Party(sum(stops))


class LockedSeal(NamedTuple):
    """Where a seal stands while nobody else uses or changes it.

    Attributes:
        state: as it is on record.
        block: number of the block of the last confirmed change.
        company_id: whose it is.
    """

    state: SealState
    block: int
    company_id: str


class SealRepository:
    """Seals within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = rows_of(connection)

    def add(self, seal: Seal) -> None:
        """Keep a new seal.

        Raises:
            ConflictError: the company has a standing seal of this type and label.
        """
        values = {name: getattr(seal, name) for name in _PLAIN}
        serial = serial_of(seal.certificate)
        values |= {"serial": serial, "chain": b"".join(seal.chain), "status_block": 0}
        try:
            with self._connection.begin_nested():
                self._rows.insert(seals, values)
        except IntegrityError:
            label = f" {seal.label!r}" if seal.label else ""
            raise ConflictError(
                f"the company has a {seal.type} seal{label} already; "
                "revoke it first, or give the new one another label"
            ) from None

    def get(self, seal_id: str) -> Seal:
        """The seal with this id.

        Raises:
            NotFoundError: there is none.
        """
        found = self.select([seal_id])
        if not found:
            raise NotFoundError(f"no seal {seal_id!r}")
        return found[seal_id]

    def by_handle(self, handle: bytes) -> Seal:
        """The seal with this handle.

        Raises:
            NotFoundError: there is none.
        """
        row = self._rows.one(select(seals).where(seals.c.handle == handle), seals)
        if row is None:
            raise NotFoundError(f"no seal with the handle {handle.hex()}")
        return _seal(row)

    def by_serial(self, number: int) -> list[tuple[Seal, datetime | None]]:
        """Seals whose certificates bear this number, each issuer's own; since when in this state.

        The time is ``None`` where the state was never changed.
        """
        if not 0 < number.bit_length() <= SERIAL_BYTES * 8:
            return []
        serial = number.to_bytes(SERIAL_BYTES, "big")
        query = select(seals, _SINCE.label("since")).where(seals.c.serial == serial)
        return [(_seal(row), row.since) for row in self._rows.all(query, seals)]

    def misnumbered(self) -> list[str]:
        """Ids of seals that the index holds under another number than their certificate's."""
        rows = self._connection.execute(select(seals.c.id, seals.c.certificate, seals.c.serial))
        return [row.id for row in rows if not _numbered(row.certificate, row.serial)]

    def select(self, seal_ids: Iterable[str]) -> dict[str, Seal]:
        """Those of the seals that exist, by id."""
        query = select(seals).where(seals.c.id.in_(list(seal_ids)))
        return {row.id: _seal(row) for row in self._rows.all(query, seals)}

    def page(
        self, *, company_id: str | None = None, limit: int | None = None, after: str = ""
    ) -> list[Seal]:
        """Seals by id, those behind ``after``; of one company if given."""
        query = select(seals).where(seals.c.id > after).order_by(seals.c.id).limit(limit)
        if company_id is not None:
            query = query.where(seals.c.company_id == company_id)
        return [_seal(row) for row in self._rows.all(query, seals)]

    def standing(self) -> list[Seal]:
        """All seals that may be used, now or once whoever stopped them lets them."""
        states = (SealState.PENDING.value, SealState.ACTIVE.value, SealState.SUSPENDED.value)
        query = select(seals).where(seals.c.state.in_(states)).order_by(seals.c.id)
        return [_seal(row) for row in self._rows.all(query, seals)]

    def line(self, company_id: str, kind: SealType, label: str) -> list[Seal]:
        """A line: all seals of a company of one type and label, whatever became of them."""
        query = select(seals).where(
            seals.c.company_id == company_id, seals.c.type == kind.value, seals.c.label == label
        )
        return [_seal(row) for row in self._rows.all(query.order_by(seals.c.id), seals)]

    def lock(self, seal_ids: Iterable[str]) -> dict[str, LockedSeal]:
        """Where seals stand, by their ids.

        Nobody else uses or changes these seals until the transaction ends.
        """
        these = {"seal_ids": list(seal_ids)}
        rows = self._rows.all(_THESE, seals, lock=True, given=these)
        return {
            row.id: LockedSeal(SealState(row.state), row.status_block, row.company_id)
            for row in rows
        }

    def stopped(self) -> list[tuple[Seal, datetime]]:
        """Revoked and suspended seals and since when: what a CRL lists."""
        states = (SealState.REVOKED.value, SealState.SUSPENDED.value)
        query = select(seals, _SINCE.label("since")).where(seals.c.state.in_(states))
        return [(_seal(row), row.since) for row in self._rows.all(query, seals)]

    def replace_chain(self, old: Sequence[bytes], new: Sequence[bytes]) -> int:
        """Put other certificates (DER) above the seals that have ``old`` above them; how many."""
        values = {"chain": b"".join(new)}
        return self._rows.update(seals, seals.c.chain == b"".join(old), values)

    def set_stop_hash(self, seal_id: str, stop_hash: bytes) -> None:
        """Keep the end of a seal's first chain of stop codes."""
        self._rows.update(seals, seals.c.id == seal_id, {"stop_hash": stop_hash})

    def request_change(  # noqa: PLR0913, PLR0917  # a change
        self,
        seal_id: str,
        state: SealState,
        reason: Reason,
        party: Party,
        actor: str,
        at: datetime,
    ) -> int:
        """Record that a change was asked for, before the ledger hears of it; its id."""
        values = {
            "seal_id": seal_id,
            "state": state.value,
            "reason": reason.value,
            "party": party.value,
            "actor": actor,
            "requested_at": at,
        }
        (number,) = self._rows.insert(seal_changes, values)
        self._restate(seal_id)
        return int(number)

    def confirm_change(
        self, change_id: int, seal_id: str, transaction: bytes, block_number: int
    ) -> None:
        """Record that the ledger holds the change."""
        values: dict[str, Any] = {"transaction": transaction, "block_number": block_number}
        self._rows.update(seal_changes, seal_changes.c.id == change_id, values)
        self._restate(seal_id)
        self._rows.update(seals, seals.c.id == seal_id, {"status_block": block_number})
        # The first volume of its book is opened by the registration itself.
        BookRepository(self._connection).opened(seal_id, 0, block_number)

    def drop_change(self, change_id: int, seal_id: str) -> None:
        """Forget a change the ledger refused."""
        self._rows.delete(seal_changes, seal_changes.c.id == change_id)
        self._restate(seal_id)

    def _restate(self, seal_id: str) -> None:
        """Put the seal where its changes say it is."""
        standing = standing_of(self.changes(seal_id))
        values: dict[str, Any] = {"state": standing.state.value, "reason": standing.reason.value}
        self._rows.update(seals, seals.c.id == seal_id, values)

    def changes(self, seal_id: str) -> list[SealChange]:
        """The changes of one seal, oldest first."""
        return self._changes(seal_changes.c.seal_id == seal_id)

    def unconfirmed(self) -> list[SealChange]:
        """Changes the ledger has not confirmed yet, oldest first."""
        return self._changes(seal_changes.c.block_number.is_(None))

    def _changes(self, condition: ColumnElement[bool]) -> list[SealChange]:
        query = select(seal_changes).where(condition).order_by(seal_changes.c.id)
        rows = self._rows.all(query, seal_changes)
        return [
            SealChange(
                row.id,
                row.seal_id,
                SealState(row.state),
                Reason(row.reason),
                Party(row.party),
                row.actor,
                row.requested_at,
                row.transaction,
                row.block_number,
            )
            for row in rows
        ]


_PLAIN = tuple(
    name for name in content_names(seals) if name not in {"serial", "chain", "status_block"}
)


def serial_of(certificate: bytes) -> bytes:
    """A certificate's number as the index holds it: 20 bytes, big-endian."""
    number = x509.load_der_x509_certificate(certificate).serial_number
    return number.to_bytes(SERIAL_BYTES, "big")


def _numbered(certificate: bytes, serial: bytes | None) -> bool:
    try:
        return serial_of(certificate) == serial
    except ValueError:
        return False


def _seal(row: Row[Any]) -> Seal:
    fields = {name: getattr(row, name) for name in _PLAIN}
    fields |= {
        "type": SealType(row.type),
        "state": SealState(row.state),
        "reason": Reason(row.reason),
        "chain": tuple(_split(row.chain)),
    }
    return Seal(**fields)


def _split(chain: bytes) -> list[bytes]:
    certificates = []
    while chain:
        length = int.from_bytes(chain[2:_DER_HEADER], "big") + _DER_HEADER
        if chain[:2] != b"\x30\x82" or length > len(chain):
            raise CorruptionError("the database holds a certificate chain that is not DER")
        certificates.append(chain[:length])
        chain = chain[length:]
    return certificates
