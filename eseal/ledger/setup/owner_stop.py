"""Using an owner's stop codes by any account that can pay.

A code that was shown in vain is no secret any more, and whoever saw it may use it for another act.
So what a code would do is looked at first, by what the ledger says, without showing it to anybody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from eth_utils.address import to_canonical_address

from eseal.errors import ConflictError, LedgerRejectedError, NotFoundError
from eseal.ledger.facts import Receipt, Status, StopFlags
from eseal.ledger.protocol import Ledger, LedgerReader
from eseal.model.stop_codes import StopScope, replacement

if TYPE_CHECKING:
    from eseal.ledger.facts import StatusAt

REPLACE_SECONDS = 3600
"""``SealRegistry``: so long after its announcement another chain of codes can be put in place."""


class StopAct(StrEnum):
    """What a code is used for."""

    STOP = "stop"
    RESUME = "resume"


class AnnouncingLedger(Ledger, Protocol):
    """A ledger that also says when a chain of codes was announced."""

    def stop_announced_at(self, handle: bytes, commitment: bytes) -> int | None:
        """When, Unix seconds, or ``None``."""
        ...


def scope_of(ledger: LedgerReader, handle: bytes) -> StopScope:
    """What codes of a seal on this ledger are bound to."""
    return StopScope(ledger.chain_id, to_canonical_address(ledger.seal_registry), handle)


def use_code(ledger: Ledger, act: StopAct, handle: bytes, code: bytes) -> Receipt:
    """Set or lift the owner's stop.

    Args:
        ledger: sends by any account.
        act: what for.
        handle: the seal, 32 bytes.
        code: 32 bytes.

    Raises:
        NotFoundError: the ledger knows no such seal.
        ConflictError: it is revoked, stopped already or not stopped by its owner, or this is not
            the next code; the code was not shown to anybody.
        LedgerError: the ledger cannot be asked, or refused after all.
    """
    status = _standing(ledger, handle)
    _check_code(ledger, handle, code)
    stopped = StopFlags.OWNER in status.flags
    if stopped == (act is StopAct.STOP):
        raise ConflictError(
            "the seal is stopped by its owner already"
            if stopped
            else "the seal is not stopped by its owner, so there is nothing to lift"
        )
    send = ledger.stop_by_owner if act is StopAct.STOP else ledger.resume_by_owner
    try:
        return send(handle, code)
    except LedgerRejectedError as error:
        raise ConflictError(str(error)) from error


def replace_codes(ledger: AnnouncingLedger, handle: bytes, code: bytes, end: bytes) -> int | None:
    """Put another chain of codes in the place of the present one; announced first, done later.

    Args:
        ledger: sends by any account.
        handle: the seal, 32 bytes.
        code: the present chain's next code, 32 bytes; not shown before it is used.
        end: what the first code of the new chain hashes to, 32 bytes.

    Returns:
        From when on (ledger time, Unix seconds) it can be done: run this again then; ``None`` if
        it is done.

    Raises:
        NotFoundError: the ledger knows no such seal.
        ConflictError: it is revoked, or this is not the next code.
        LedgerError: the ledger cannot be asked, or refused.
    """
    if ledger.stop_hash(handle) == end:
        return None
    _standing(ledger, handle)
    _check_code(ledger, handle, code)
    commitment = replacement(handle, code, end)
    announced = ledger.stop_announced_at(handle, commitment)
    if announced is None:
        announced = ledger.announce_stop(handle, commitment).block.timestamp
    ready = announced + REPLACE_SECONDS
    if ledger.final_block().timestamp < ready:
        return ready
    ledger.replace_stop(handle, code, end)
    return None


def _standing(ledger: LedgerReader, handle: bytes) -> StatusAt:
    if ledger.seal(handle) is None:
        raise NotFoundError(f"the ledger knows no seal {handle.hex()}")
    status = ledger.status_at(handle, ledger.final_block().timestamp)
    if status.status is Status.REVOKED:
        raise ConflictError("the seal is revoked, which is final")
    return status


def _check_code(ledger: LedgerReader, handle: bytes, code: bytes) -> None:
    end = ledger.stop_hash(handle)
    if end is None:
        raise ConflictError("the seal has no chain of stop codes on the ledger")
    if scope_of(ledger, handle).stop_hash(code) != end:
        raise ConflictError(
            "that is not the next code of this seal's chain; it was not shown to anybody"
        )
