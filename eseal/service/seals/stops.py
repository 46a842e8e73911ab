"""The owner's stop codes: putting a chain on the ledger, and relaying a code for anybody.

The service sees the end of a chain, never its beginning; a code reaches it only when it is to be
used. A company that does not trust the service with that sends the code by any other account.
"""

from __future__ import annotations

import math
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from eseal.errors import BusyError, ConflictError, NotFoundError, QuotaError
from eseal.ledger.contracts.artifacts import SELECTOR_BYTES
from eseal.ledger.setup.owner_stop import StopAct, use_code
from eseal.model.actor import Capability
from eseal.model.seal import SealState
from eseal.service.people.permissions import permit
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.transactions import DatabaseJournal

if TYPE_CHECKING:
    from eseal.ledger.facts import Receipt
    from eseal.model.actor import Actor
    from eseal.model.seal import Seal
    from eseal.service.instance.context import Context
    from eseal.service.seals.lifecycle import Lifecycle


RELAYS_AT_ONCE = 4
"""Each waits for its block; who brings more at once is told to come again."""
RELAYS_OF_A_SEAL = 8
"""In any hour, so that who has one chain of codes does not spend what is there for all."""
HOUR = timedelta(hours=1)
_KINDS = ("stop_by_owner", "resume_by_owner")
"""Transactions that strangers have us send. The handle is their first argument."""


class Stops:
    """What the service does for owners of seals who stop them themselves."""

    def __init__(self, context: Context, lifecycle: Lifecycle) -> None:
        self._context = context
        self._lifecycle = lifecycle
        self._relays = threading.Semaphore(RELAYS_AT_ONCE)

    def set_end(self, seal_id: str, end: bytes, *, actor: Actor) -> Receipt | None:
        """Put the end of a company's chain of codes on the ledger, once. Safe to run again.

        Args:
            seal_id: an active or suspended seal.
            end: what the first code hashes to, 32 bytes.
            actor: who asks for it.

        Returns:
            The receipt, or ``None`` if it is there already.

        Raises:
            NotFoundError: there is no such seal.
            ForbiddenError: the actor may not, or not for this company.
            ConflictError: the ledger does not know the seal yet; or it has another chain, which
                only its owner can replace, by a code.
            LedgerError: the ledger refuses or cannot be asked.
        """
        ledger = self._context.ledger
        seal = self._keep(seal_id, end, actor)
        known = ledger.stop_hash(seal.handle)
        if known == end:
            return None
        if known is not None:
            raise ConflictError(
                "the seal has another chain of stop codes on the ledger; only its owner can "
                "replace it, by a code (eseal stop replace)"
            )
        with self._context.ledger_writes:
            return ledger.set_stop(seal.handle, end)

    def relay(self, act: StopAct, handle: bytes, code: bytes) -> Receipt:
        """Use a code, whoever brings it: who has it is the owner.

        Args:
            act: what for.
            handle: the seal, 32 bytes; of any issuer.
            code: 32 bytes.

        Raises:
            BusyError: too many are being relayed.
            QuotaError: what the operator pays for in an hour is spent, or this seal's part of it.
            NotFoundError: the ledger knows no such seal.
            ConflictError: the code does not work now; it was not shown to anybody.
            LedgerUnreachableError: the ledger cannot be asked; send the code by another way.
        """
        if not self._relays.acquire(blocking=False):
            raise BusyError("too many stop codes are being relayed: try again, or another way")
        try:
            self._check_quota(handle)
            receipt = use_code(self._context.ledger, act, handle, code)
            self._lifecycle.follow()
        finally:
            self._relays.release()
        return receipt

    def _check_quota(self, handle: bytes) -> None:
        """Count what the journal holds: all processes share it, and a restart forgets nothing."""
        context = self._context
        sender, now = context.connection.ledger, context.now()
        journal = DatabaseJournal(context.database, sender.chain_id, sender.operator)
        begun = journal.begun_since(now - HOUR, _KINDS)
        own = [at for at, call in begun if call[SELECTOR_BYTES:].startswith(handle)]
        for what, times, most in (
            ("this seal", own, RELAYS_OF_A_SEAL),
            ("all seals", [at for at, _ in begun], context.settings.stop_relays_per_hour),
        ):
            if len(times) >= most:
                wait = times[-most] + HOUR - now if most else HOUR
                seconds = max(1, math.ceil(wait.total_seconds()))
                raise QuotaError(
                    f"expected at most {most} stop codes an hour for {what}, which the operator "
                    f"pays for, got more: try again in {seconds} s, or send the code by another "
                    "service, or by any account that can pay (eseal stop use --rpc … --account …); "
                    "it was not shown to anybody",
                    seconds=seconds,
                )

    def stop_hash(self, handle: bytes) -> bytes:
        """What the next code of a seal on the ledger must hash to, 32 bytes.

        Raises:
            NotFoundError: the ledger knows no such seal, or it has no chain.
            LedgerUnreachableError: the ledger cannot be asked.
        """
        known = self._context.connection.reader.stop_hash(handle)
        if known is None:
            raise NotFoundError(f"the ledger has no chain of stop codes for {handle.hex()}")
        return known

    def _keep(self, seal_id: str, end: bytes, actor: Actor) -> Seal:
        """Write the end down before the ledger hears of it."""
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            seal = seals.get(seal_id)
            permit(actor, Capability.SET_STOP_CODES, seal.company_id)
            if seal.state is SealState.PENDING:  # its registration, on its way, names another
                raise ConflictError("the ledger does not know the seal yet: try again in a moment")
            if seal.stop_hash not in (None, end):
                raise ConflictError(
                    "the seal was given another chain of stop codes; only its owner can replace "
                    "it, by a code (eseal stop replace)"
                )
            seals.set_stop_hash(seal_id, end)
            return seal
