"""Bringing what was decided about seals to the ledger, and what was decided there back.

On the ledger a seal has three stops: its owner's, the issuer's and the regulators'. The issuer's is
set as long as its company (through this service) or its operator wants it; the regulators' from a
regulator's account, or, where this instance has none, as the issuer's too, so that a regulator who
asks the service is never without effect.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from eseal.errors import LedgerRejectedError, NotFoundError
from eseal.ledger.facts import NewSeal, Status, StopFlags
from eseal.ledger.setup.owner_stop import scope_of
from eseal.model.seal import Party, Reason, Seal, SealState, handle_of
from eseal.model.subject import SubjectProof
from eseal.service.seals.registrations import Registrations
from eseal.store.repositories.books import BookRepository
from eseal.store.repositories.seals import SealChange, SealRepository, standing_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from eseal.ledger.facts import Block, Receipt, StatusAt
    from eseal.ledger.protocol import Ledger, LedgerReader
    from eseal.service.instance.context import Context

REGISTER_AT_ONCE = 64
"""Seals registered in one transaction; well below any block's gas limit."""
LEDGER_ACTOR = "ledger"
"""Who stands in the record for what was decided on the ledger, by whatever account."""
_NOT_BY_US = ((StopFlags.OWNER, Party.OWNER), (StopFlags.REGULATOR, Party.REGULATOR))
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Aim:
    """Which stop a change is about on the ledger, whether it shall be set, and who sets it."""

    ledger: Ledger
    flag: StopFlags
    wanted: bool


class Settling:
    """Settles changes. Safe to use from several threads; each process has its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._registrations = Registrations(context)
        self._lock = threading.Lock()
        self._followed: Block | None = None

    def settle(self) -> int:
        """Bring every change that is still on its way to the ledger; how many were.

        Stops and ends come first, whatever keeps the rest from the ledger. Then companies: seals of
        one that the ledger does not know yet wait.

        Raises:
            LedgerError: the ledger refused one or cannot be asked.
        """
        with self._lock:
            with self._context.database.read() as connection:
                waiting = SealRepository(connection).unconfirmed()
            if waiting:  # one of them may be on its way to the ledger already
                self._context.ledger.carry_on()
                self._context.connection.regulator.carry_on()
            fresh = [change for change in waiting if self._is_registration(change)]
            others = [change for change in waiting if change not in fresh]
            others.sort(key=lambda change: change.state is SealState.ACTIVE)
            errors = [error for change in others for error in self._tried(change)]
            refused = self._registrations.settle()
            unknown = {one.id for one in self._registrations.waiting()}
            fresh = [c for c in fresh if self._seal(c).company_id not in unknown]
            taken = self._register_all(fresh)
            for error in (*errors, *refused.values(), *taken):
                raise error
            return len(waiting)

    def _tried(self, change: SealChange) -> Iterator[LedgerRejectedError]:
        """Send a change; what the ledger has against it, which keeps no other waiting."""
        try:
            self._send(change)
        except LedgerRejectedError as error:
            yield error

    def follow(self) -> int:
        """Put on record what others did to our seals on the ledger; how many seals it was.

        Owners stop their seals, and regulators too, by accounts of their own: from then on nothing
        may be sealed here.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked; the next round looks again.
        """
        reader = self._context.connection.reader
        with self._lock:
            final, before = reader.final_block(), self._followed
            if final == before:
                return 0
            if before is not None and reader.block(before.number) != before:
                before = None  # re-organised deeper than should be: look at everything again
            first = 0 if before is None else before.number + 1
            newest = {one.handle: one for one in reader.status_changes(first)}
            known, changed = True, 0
            for handle, event in newest.items():
                seal = self._by_handle(handle)
                if seal is not None:
                    place = event.transaction, event.block.number
                    done = self._reconcile(seal, reader, *place)
                    known &= done is not None
                    changed += bool(done)
            if known:  # otherwise it is being changed here, too: look again
                self._followed = final
            return changed

    def _by_handle(self, handle: bytes) -> Seal | None:
        with self._context.database.read() as connection:
            try:
                return SealRepository(connection).by_handle(handle)
            except NotFoundError:
                return None

    def _seal(self, change: SealChange) -> Seal:
        with self._context.database.read() as connection:
            return SealRepository(connection).get(change.seal_id)

    def _changes(self, seal_id: str) -> list[SealChange]:
        with self._context.database.read() as connection:
            return SealRepository(connection).changes(seal_id)

    def _is_registration(self, change: SealChange) -> bool:
        return change.state is SealState.ACTIVE and self._seal(change).state is SealState.PENDING

    def _register_all(self, changes: Sequence[SealChange]) -> list[LedgerRejectedError]:
        """Register seals; the errors of those whose handles are taken, which stay out.

        No other issuer can take them; whoever else has our operator's account can.
        """
        with self._context.database.read() as connection:
            new = {c.id: registration_of(connection, self._seal(c)) for c in changes}
        taken = [c for c in changes if self._is_there(new[c.id]) is False]
        free = [c for c in changes if c not in taken]
        for start in range(0, len(free), REGISTER_AT_ONCE):
            self._register({c: new[c.id] for c in free[start : start + REGISTER_AT_ONCE]})
        return [
            LedgerRejectedError(
                f"the ledger holds another registration under the handle of seal {c.seal_id} than "
                "ours: somebody has our operator's account; issue it anew, under another label"
            )
            for c in taken
        ]

    def _register(self, wanted: Mapping[SealChange, NewSeal]) -> None:
        receipt, sent = None, self._context.now()
        unknown = [new for new in wanted.values() if self._is_there(new) is None]
        if unknown:
            try:
                receipt = self._context.ledger.register_seals(self._context.issuer_id, unknown)
            except LedgerRejectedError:
                if not all(map(self._is_there, unknown)):
                    raise  # otherwise another process of ours was faster
        self._confirm(list(wanted), receipt, sent)

    def _is_there(self, new: NewSeal) -> bool | None:
        """Whether a registration is on the ledger; ``False`` if another one has its handle."""
        ledger, handle = self._context.ledger, handle_of(self._context.issuer_id, new.certificate)
        known = ledger.seal(handle)
        if known is None:
            return None
        first = ledger.volume(handle, 0)
        ours = new.subject, new.not_before, new.not_after, new.depth
        there = known.subject, known.not_before, known.not_after, known.depth
        same_book = first is not None and first.root == new.volume_root
        return ours == there and same_book and _has_chain(ledger, handle, new)

    def _send(self, change: SealChange) -> None:
        seal, aim = self._seal(change), self._aim(change)
        if _is_settled(change, aim, self._status(seal, aim.ledger)):
            self._confirm([change], None, None)
            return
        sent = self._context.now()
        try:
            receipt: Receipt | None = _act(change, seal, aim)
        except LedgerRejectedError:
            if self._aim(change).wanted != aim.wanted:
                return  # something else was asked for meanwhile: the next round does what is wanted
            if not _is_settled(change, aim, self._status(seal, aim.ledger)):
                self._drop(change, seal)
                raise
            receipt = None  # another process of ours was faster
        self._confirm([change], receipt, sent)
        if change.state is SealState.ACTIVE:  # never active here unless it is there
            block = receipt.block.number if receipt else aim.ledger.final_block().number
            self._reconcile(seal, aim.ledger, b"", block)

    def _aim(self, change: SealChange) -> _Aim:
        """What the ledger is to have once this change is done: what is wanted now.

        Not what was wanted when it was asked for: a stop that came later stands, whether an old row
        was put back or several changes wait.
        """
        connection = self._context.connection
        regulates = connection.regulates()
        stops = stops_after(self._changes(change.seal_id), change)
        if change.party is Party.REGULATOR and regulates:
            return _Aim(connection.regulator, StopFlags.REGULATOR, Party.REGULATOR in stops)
        return _Aim(self._context.ledger, StopFlags.ISSUER, bool(stops & issuers(regulates)))

    def _status(self, seal: Seal, ledger: LedgerReader) -> StatusAt:
        return ledger.status_at(seal.handle, ledger.final_block().timestamp)

    def _drop(self, change: SealChange, seal: Seal) -> None:
        """The ledger will never take this change: forget it and follow what the ledger says."""
        with self._context.database.write() as connection:
            SealRepository(connection).drop_change(change.id, seal.id)
        ledger = self._context.ledger
        self._reconcile(seal, ledger, b"", ledger.final_block().number)

    def _confirm(
        self, changes: Sequence[SealChange], receipt: Receipt | None, sent: datetime | None
    ) -> None:
        block = receipt.block if receipt else self._context.ledger.final_block()
        transaction = receipt.transaction if receipt else b""
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            for change in changes:
                seals.confirm_change(change.id, change.seal_id, transaction, block.number)
        self._context.blocks.refresh(at_once=True)
        if receipt is not None and sent is not None:
            self._context.blocks.learn(sent, self._context.now(), block)

    def _reconcile(
        self, seal: Seal, ledger: LedgerReader, transaction: bytes, block_number: int
    ) -> bool | None:
        """Put on record what stands on the ledger and not here.

        Returns:
            Whether there was something; ``None`` if the seal was changed here meanwhile.
        """
        known = self._changes(seal.id)
        status, now = self._status(seal, ledger), self._context.now()
        found = list(_unknown(status, known, regulates=self._context.connection.regulates()))
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            if seals.changes(seal.id) != known:
                return None
            for state, party, reason in found:
                change = seals.request_change(seal.id, state, reason, party, LEDGER_ACTOR, now)
                seals.confirm_change(change, seal.id, transaction, block_number)
        if found:
            self._context.blocks.refresh(at_once=True)
        for state, party, reason in found:
            _log.warning(
                "seal_changed_on_ledger",
                seal=seal.id,
                change=state.value,
                party=party.name,
                reason=reason.slug,
            )
        return bool(found)


def registration_of(connection: Connection, seal: Seal) -> NewSeal:
    """What the ledger is told of a seal on record.

    Raises:
        NotFoundError: it has no book.
    """
    books = BookRepository(connection)
    return NewSeal(
        certificate=sha256(seal.certificate).digest(),
        subject=SubjectProof.parse(seal.subject_proof).subject,
        not_before=int(seal.not_before.timestamp()),
        not_after=int(seal.not_after.timestamp()),
        depth=books.get(seal.id).depth,
        volume_root=books.volumes(seal.id)[0].root,
        stop_hash=seal.stop_hash,
    )


def _has_chain(ledger: LedgerReader, handle: bytes, new: NewSeal) -> bool:
    """Whether the owner's stop is the chain that was ordered, maybe with its first code used."""
    now, end = ledger.stop_hash(handle), new.stop_hash
    return now == end or (now is not None and scope_of(ledger, handle).stop_hash(now) == end)


def stops_after(changes: Sequence[SealChange], change: SealChange) -> Party:
    """Whose stops are on a seal once one of its changes is done, and no other that waits."""
    done = replace(change, block_number=0)
    return standing_of([done if one.id == change.id else one for one in changes]).stops


def issuers(regulates: bool) -> Party:
    """Those whose stops are the issuer's on the ledger."""
    ours = Party.ISSUER | Party.COMPANY
    return ours if regulates else ours | Party.REGULATOR


def _is_settled(change: SealChange, aim: _Aim, status: StatusAt) -> bool:
    if change.state is SealState.REVOKED:
        return status.status is Status.REVOKED
    return bool(status.flags & aim.flag) == aim.wanted


def _act(change: SealChange, seal: Seal, aim: _Aim) -> Receipt:
    if change.state is SealState.REVOKED:
        return aim.ledger.revoke(seal.handle, change.reason)
    if aim.wanted:
        return aim.ledger.suspend(seal.handle, change.reason)
    return aim.ledger.resume(seal.handle, change.reason)


def _unknown(
    status: StatusAt, changes: Sequence[SealChange], *, regulates: bool
) -> Iterator[tuple[SealState, Party, Reason]]:
    """The changes that would explain what the ledger says."""
    standing = standing_of(changes)
    if standing.state in (SealState.REVOKED, SealState.PENDING):
        return
    if status.status is Status.REVOKED:
        yield SealState.REVOKED, Party.NONE, status.reason
        return
    waiting = {change.party for change in changes if change.block_number is None}
    for flag, party in _NOT_BY_US:
        there, here = flag in status.flags, party in standing.stops
        if there == here or party in waiting:
            continue
        if there:
            reason = Reason.OWNER_STOP if party is Party.OWNER else status.reason
            yield SealState.SUSPENDED, party, reason
        elif party is Party.OWNER or regulates:
            yield SealState.ACTIVE, party, Reason.NONE
    ours = issuers(regulates)
    if StopFlags.ISSUER in status.flags and not (standing.stops & ours or waiting):
        yield SealState.SUSPENDED, Party.ISSUER, status.reason
