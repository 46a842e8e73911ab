"""The owner's stop codes: putting a chain on the ledger, and relaying a code for anybody.

The service sees the end of a chain, never its beginning; a code reaches it only when it is to be
used. A company that does not trust the service with that sends the code by any other account.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from eseal.errors import ConflictError, LedgerRejectedError, NotFoundError
from eseal.store.seals import SealRepository

if TYPE_CHECKING:
    from eseal.ledger.protocol import Receipt
    from eseal.model.seal import Seal
    from eseal.service.context import Context
    from eseal.service.lifecycle import Lifecycle


class StopAct(StrEnum):
    """What a code is used for."""

    STOP = "stop"
    RESUME = "resume"


class Stops:
    """What the service does for owners of seals who stop them themselves."""

    def __init__(self, context: Context, lifecycle: Lifecycle) -> None:
        self._context = context
        self._lifecycle = lifecycle

    def set_end(self, seal_id: str, end: bytes) -> Receipt | None:
        """Put the end of a company's chain of codes on the ledger, once. Safe to run again.

        Args:
            seal_id: an active or suspended seal.
            end: what the first code hashes to, 32 bytes.

        Returns:
            The receipt, or ``None`` if it is there already.

        Raises:
            NotFoundError: there is no such seal.
            ConflictError: the seal has another chain; only its owner can replace it, by a code.
            LedgerError: the ledger refuses or cannot be asked.
        """
        ledger = self._context.ledger
        seal = self._keep(seal_id, end)
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

        The node is asked first what would happen, so a wrong code costs nothing and is shown to
        nobody else.

        Args:
            act: what for.
            handle: the seal, 32 bytes; of any issuer.
            code: 32 bytes.

        Raises:
            NotFoundError: no such seal on the ledger.
            ConflictError: the code is not the next one, or the seal is (not) stopped already.
            LedgerUnreachableError: the ledger cannot be asked; send the code by another way.
        """
        ledger = self._context.ledger
        if ledger.seal(handle) is None:
            raise NotFoundError(f"the ledger knows no seal {handle.hex()}")
        send = ledger.stop_by_owner if act is StopAct.STOP else ledger.resume_by_owner
        try:
            with self._context.ledger_writes:
                receipt = send(handle, code)
        except LedgerRejectedError as error:
            raise ConflictError(str(error)) from error
        self._lifecycle.follow()
        return receipt

    def _keep(self, seal_id: str, end: bytes) -> Seal:
        """Write the end down before the ledger hears of it."""
        with self._context.database.write() as connection:
            seals = SealRepository(connection)
            seal = seals.get(seal_id)
            if seal.stop_hash not in (None, end):
                raise ConflictError(
                    "the seal was given another chain of stop codes; only its owner can replace "
                    "it, by a code (eseal stop replace)"
                )
            seals.set_stop_hash(seal_id, end)
            return seal
