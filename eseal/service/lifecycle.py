"""The life of a seal after it was made: every change is asked for here and settled on the ledger.

A change is first written down, then sent to the ledger, then confirmed. What was written down but
not confirmed (a crash, a node that is down) is settled at the next start or the next anchor.
Suspending and revoking stop the seal here at once, before the ledger knows; activating and
resuming take effect only once the ledger has them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

from eseal.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LedgerRejectedError,
    LedgerUnreachableError,
    TransactionPendingError,
)
from eseal.ledger.protocol import NewSeal, Status
from eseal.model.seal import Reason, Seal, SealState
from eseal.model.subject import SubjectProof
from eseal.store.books import BookRepository
from eseal.store.seals import SealChange, SealRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from eseal.ledger.protocol import Receipt
    from eseal.service.context import Context

REGISTER_AT_ONCE = 64
"""Seals registered in one transaction; well below any block's gas limit."""

_STATUS = {
    SealState.ACTIVE: Status.ACTIVE,
    SealState.SUSPENDED: Status.SUSPENDED,
    SealState.REVOKED: Status.REVOKED,
}
_FROM = {
    SealState.SUSPENDED: (SealState.ACTIVE,),
    SealState.ACTIVE: (SealState.SUSPENDED,),
    SealState.REVOKED: (SealState.ACTIVE, SealState.SUSPENDED),
}
_RANKS = {"company": 0, "regulator": 2}
"""Actors are written ``scope:name``; the operator, over HTTP or at the command line, is between."""
_OPERATOR_RANK = 1
_log = structlog.get_logger(__name__)


class Lifecycle:
    """Changes the status of seals."""

    def __init__(self, context: Context, anchor: Callable[[], object]) -> None:
        """Prepare.

        Args:
            context: the opened instance.
            anchor: anchors the uses so far, so that none of them falls between its own time and
                the change that follows.
        """
        self._context = context
        self._anchor = anchor
        self._settling = threading.Lock()

    def suspend(self, seal_id: str, *, reason: Reason, actor: str) -> Seal:
        """Stop a seal until it is resumed.

        Raises:
            NotFoundError: there is no such seal.
            ConflictError: it is not active.
            LedgerUnreachableError: it is stopped here; the ledger will hear of it later.
        """
        return self._change(seal_id, SealState.SUSPENDED, reason, actor)

    def resume(self, seal_id: str, *, actor: str) -> Seal:
        """Let a suspended seal be used again.

        Raises:
            NotFoundError: there is no such seal.
            ConflictError: it is not suspended.
            ForbiddenError: somebody above ``actor`` suspended it.
            TransactionPendingError: it stays suspended until the ledger has the change.
            LedgerError: it stays suspended.
        """
        self._check_may_resume(seal_id, actor)
        return self._change(seal_id, SealState.ACTIVE, Reason.NONE, actor)

    def revoke(self, seal_id: str, *, reason: Reason, actor: str) -> Seal:
        """End a seal for good.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: no reason was given.
            ConflictError: it is not active or suspended.
            LedgerUnreachableError: it is stopped here; the ledger will hear of it later.
        """
        if reason is Reason.NONE:
            raise InvalidInputError("reason: expected a reason to revoke, got none", field="reason")
        return self._change(seal_id, SealState.REVOKED, reason, actor)

    def _check_may_resume(self, seal_id: str, actor: str) -> None:
        """Whoever suspended a seal had a reason: only they, or one above them, may lift it."""
        with self._context.database.read() as connection:
            changes = SealRepository(connection).changes(seal_id)
        suspended_by = [c.actor for c in changes if c.state is SealState.SUSPENDED][-1:]
        for other in suspended_by:
            if _rank(other) > _rank(actor):
                raise ForbiddenError(
                    f"the seal was suspended by the {other.partition(':')[0]}; only they, or one "
                    "above them, may resume it"
                )

    def settle(self) -> int:
        """Bring every change that is still on its way to the ledger; how many were.

        Raises:
            LedgerError: the ledger refused one or cannot be asked.
        """
        with self._settling:
            with self._context.database.read() as connection:
                waiting = SealRepository(connection).unconfirmed()
            if waiting:  # one of them may be on its way to the ledger already
                self._context.ledger.carry_on()
            fresh = [change for change in waiting if self._is_registration(change)]
            for start in range(0, len(fresh), REGISTER_AT_ONCE):
                self._register(fresh[start : start + REGISTER_AT_ONCE])
            for change in waiting:
                if change not in fresh:
                    self._send(change)
            return len(waiting)

    def _change(self, seal_id: str, to: SealState, reason: Reason, actor: str) -> Seal:
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            seal = seals.get(seal_id)
            state = seal.state_at(self._context.now())
            on_its_way = any(change.block_number is None for change in seals.changes(seal_id))
            if state not in _FROM[to] or on_its_way:
                wanted = " or ".join(_FROM[to])
                suffix = " with a change on its way to the ledger" if on_its_way else ""
                raise ConflictError(
                    f"to become {to}, a seal must be {wanted}; this one is {state}{suffix}"
                )
            seals.request_change(seal_id, to, reason, actor, self._context.now())
            if to is not SealState.ACTIVE:
                seals.set_state(seal_id, to, reason)
        if to is not SealState.ACTIVE:
            self._anchor_first(seal_id)
        self._settle_or_undo(seal, to)
        with self._context.database.read() as connection:
            return SealRepository(connection).get(seal_id)

    def _anchor_first(self, seal_id: str) -> None:
        try:
            self._anchor()
        except LedgerUnreachableError as error:
            _log.warning("anchor_before_change_failed", seal=seal_id, error=str(error))

    def _settle_or_undo(self, seal: Seal, to: SealState) -> None:
        try:
            self.settle()
        except LedgerUnreachableError as error:
            if to is SealState.ACTIVE and isinstance(error, TransactionPendingError):
                raise  # it may be this one that is on its way: what the ledger says will count
            if to is SealState.ACTIVE:
                self._undo(seal)
                raise
            raise LedgerUnreachableError(
                f"the seal is {to} here and cannot be used; the ledger cannot be reached now "
                f"({error}) and will be told as soon as it can"
            ) from error

    def _undo(self, seal: Seal) -> None:
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            for change in seals.changes(seal.id):
                if change.block_number is None:
                    seals.drop_change(change.id)
            seals.set_state(seal.id, seal.state, seal.reason)

    def _is_registration(self, change: SealChange) -> bool:
        return change.state is SealState.ACTIVE and self._seal(change).state is SealState.PENDING

    def _seal(self, change: SealChange) -> Seal:
        with self._context.database.read() as connection:
            return SealRepository(connection).get(change.seal_id)

    def _register(self, changes: list[SealChange]) -> None:
        ledger = self._context.ledger
        seals = {change.id: self._seal(change) for change in changes}
        unknown = [c for c in changes if ledger.seal(seals[c.id].handle) is None]
        receipt, sent = None, self._context.now()
        if unknown:
            new = [
                _registration(seals[c.id], *self._first_volume(c.seal_id)) for c in unknown
            ]
            try:
                receipt = ledger.register_seals(self._context.issuer_id, new)
            except LedgerRejectedError:
                if any(ledger.seal(seal.handle) is None for seal in new):
                    raise  # otherwise another process of ours was faster
        self._confirm(changes, receipt, sent)

    def _first_volume(self, seal_id: str) -> tuple[int, bytes]:
        """Depth of a seal's book and the root of its volume 0."""
        with self._context.database.read() as connection:
            books = BookRepository(connection)
            return books.get(seal_id).depth, books.volumes(seal_id)[0].root

    def _send(self, change: SealChange) -> None:
        ledger = self._context.ledger
        seal = self._seal(change)
        if self._is_settled(change, seal):
            self._confirm([change], None, None)
            return
        sent = self._context.now()
        try:
            if change.state is SealState.SUSPENDED:
                receipt: Receipt | None = ledger.suspend(seal.handle, change.reason)
            elif change.state is SealState.ACTIVE:
                receipt = ledger.resume(seal.handle, change.reason)
            else:
                receipt = ledger.revoke(seal.handle, change.reason)
        except LedgerRejectedError:
            if not self._is_settled(change, seal):
                self._reject(change, seal)
                raise
            receipt = None  # another process of ours was faster
        self._confirm([change], receipt, sent)

    def _is_settled(self, change: SealChange, seal: Seal) -> bool:
        ledger = self._context.ledger
        status = ledger.status_at(seal.handle, ledger.final_block().timestamp)
        return status.status is _STATUS[change.state]

    def _reject(self, change: SealChange, seal: Seal) -> None:
        """The ledger will never take this change: drop it and follow what the ledger says."""
        now = self._context.ledger.final_block().timestamp
        status = self._context.ledger.status_at(seal.handle, now)
        actual = next((s for s, code in _STATUS.items() if code is status.status), seal.state)
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            seals.drop_change(change.id)
            seals.set_state(seal.id, actual, status.reason)

    def _confirm(
        self, changes: list[SealChange], receipt: Receipt | None, sent: datetime | None
    ) -> None:
        block = receipt.block if receipt else self._context.ledger.final_block()
        transaction = receipt.transaction if receipt else b""
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            for change in changes:
                seals.confirm_change(change, transaction, block.number)
        self._context.blocks.refresh(at_once=True)
        if receipt is not None and sent is not None:
            self._context.blocks.learn(sent, self._context.now(), block)


def _registration(seal: Seal, depth: int, volume_root: bytes) -> NewSeal:
    return NewSeal(
        handle=seal.handle,
        subject=SubjectProof.parse(seal.subject_proof).subject,
        not_before=int(seal.not_before.timestamp()),
        not_after=int(seal.not_after.timestamp()),
        depth=depth,
        volume_root=volume_root,
        stop_hash=None,
    )


def _rank(actor: str) -> int:
    return _RANKS.get(actor.partition(":")[0], _OPERATOR_RANK)
