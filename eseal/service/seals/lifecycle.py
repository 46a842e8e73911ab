"""The life of a seal after it was made: every change is asked for here and settled on the ledger.

A change is first written down, then sent to the ledger, then confirmed. What was written down but
not confirmed (a crash, a node that is down) is settled at the next start or the next anchor.
Stopping and revoking stop the seal here at once, before the ledger knows; a lifted stop takes
effect only once the ledger has it.

Several parties can stop a seal, each for itself: a seal is active while nobody stops it, and nobody
lifts another's stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from eseal.errors import (
    ConflictError,
    CorruptionError,
    ForbiddenError,
    InvalidInputError,
    LedgerError,
    LedgerUnreachableError,
    TransactionPendingError,
)
from eseal.model.actor import Actor, Capability
from eseal.model.seal import Party, Reason, Seal, SealState
from eseal.service.people.permissions import permit
from eseal.service.seals.settling import Settling
from eseal.store.repositories.seals import SealChange, SealRepository, standing_of

if TYPE_CHECKING:
    from eseal.service.instance.context import Context
    from eseal.service.record.anchoring import Anchoring

_STANDS = (SealState.ACTIVE, SealState.SUSPENDED)
_log = structlog.get_logger(__name__)


class Lifecycle:
    """Changes the status of seals."""

    def __init__(self, context: Context, anchoring: Anchoring) -> None:
        """Prepare.

        Args:
            context: the opened instance.
            anchoring: publishes the uses so far, so that none of them falls between its own time
                and the change that follows.
        """
        self._context = context
        self._anchoring = anchoring
        self._settling = Settling(context)

    def suspend(self, seal_id: str, *, reason: Reason, actor: Actor) -> Seal:
        """Stop a seal until the same party resumes it.

        Raises:
            NotFoundError: there is no such seal.
            ConflictError: it is neither active nor stopped by others only.
            LedgerUnreachableError: it is stopped here; the ledger will hear of it later.
        """
        return self._change(seal_id, SealState.SUSPENDED, reason, actor)

    def resume(self, seal_id: str, *, actor: Actor) -> Seal:
        """Lift a party's stop; the seal is active again if there is no other.

        Raises:
            NotFoundError: there is no such seal.
            ConflictError: it is not suspended.
            ForbiddenError: only others have stopped it.
            TransactionPendingError: it stays suspended until the ledger has the change.
            LedgerError: it stays suspended.
        """
        return self._change(seal_id, SealState.ACTIVE, Reason.NONE, actor)

    def revoke(self, seal_id: str, *, reason: Reason, actor: Actor) -> Seal:
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

    def settle(self) -> int:
        """Bring every change that is still on its way to the ledger; how many were.

        Raises:
            LedgerError: the ledger refused one or cannot be asked.
        """
        return self._settling.settle()

    def follow(self) -> int:
        """Put on record what owners and regulators did to our seals on the ledger; how many.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked; the next round looks again.
        """
        return self._settling.follow()

    def _change(self, seal_id: str, to: SealState, reason: Reason, actor: Actor) -> Seal:
        now = self._context.now()
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            seal, party = seals.get(seal_id), actor.party
            permit(actor, Capability.STOP_SEALS, seal.company_id)
            _check(to, seal.state_at(now), seals.changes(seal_id), party)
            change = seals.request_change(seal_id, to, reason, party, actor.name, now)
        if to is not SealState.ACTIVE:
            self._anchor_first(seal_id)
        self._settle_or_undo(seal_id, to, change)
        with self._context.database.read() as connection:
            return SealRepository(connection).get(seal_id)

    def _anchor_first(self, seal_id: str) -> None:
        """Whatever stands in the way of that, a garbage head on the ledger too, delays no stop."""
        try:
            self._anchoring.anchor()
        except (CorruptionError, LedgerError) as error:
            _log.warning("anchor_before_change_failed", seal=seal_id, error=str(error))

    def _settle_or_undo(self, seal_id: str, to: SealState, change: int) -> None:
        try:
            self.settle()
        except LedgerUnreachableError as error:
            if to is SealState.ACTIVE and isinstance(error, TransactionPendingError):
                raise  # it may be this one that is on its way: what the ledger says will count
            if to is SealState.ACTIVE:
                with self._context.database.write() as connection:
                    SealRepository(connection).drop_change(change, seal_id)
                raise
            raise LedgerUnreachableError(
                f"the seal is {to} here and cannot be used; the ledger cannot be reached now "
                f"({error}) and will be told as soon as it can"
            ) from error


def _check(to: SealState, state: SealState, changes: list[SealChange], party: Party) -> None:
    """Raise unless this party may bring a seal from ``state`` to ``to``."""
    if state not in _STANDS:
        raise ConflictError(
            f"to become {to}, a seal must be active or suspended; this one is {state}"
        )
    stops = standing_of(changes).stops
    on_its_way = any(one.block_number is None and one.party == party for one in changes)
    if on_its_way and to is not SealState.REVOKED:
        raise ConflictError(f"a change by {party.words} is on its way to the ledger already")
    if to is SealState.SUSPENDED and party in stops:
        raise ConflictError(f"the seal is suspended by {party.words} already")
    if to is SealState.ACTIVE and state is SealState.ACTIVE:
        raise ConflictError("to become active, a seal must be suspended; this one is active")
    if to is SealState.ACTIVE and party not in stops:
        raise ForbiddenError(
            f"the seal was suspended by {stops.words}, and nobody lifts another's stop"
        )
