"""Checks on time: between which blocks the seal was used, and whether it was active then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import LedgerUnreachableError
from eseal.ledger.facts import Status
from eseal.model.seal import Party, Reason
from eseal.model.statement import format_time
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import Note, moment
from eseal.verify.verdict.vocabulary import Finding, NoteCode, SubIndication

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.ledger.facts import Anchor, Block, StatusAt
    from eseal.model.statement import Statement
    from eseal.verify.inputs.case import Sources
    from eseal.verify.verdict.report import Basis

CLOCK_TOLERANCE = 300
"""Seconds by which the service's clock may leave the window the ledger proves.

Five minutes, as Kerberos allows (RFC 4120 section 5.2.7): validators' clocks differ, and an
embedded node stamps quick blocks ahead of the clock. The claimed time is a convenience; what
counts is the window itself, which has no tolerance.
"""

_STANDARD = {
    Status.SUSPENDED: SubIndication.REVOKED,
    Status.REVOKED: SubIndication.REVOKED,
    Status.EXPIRED: SubIndication.EXPIRED,
    Status.NOT_YET_VALID: SubIndication.NOT_YET_VALID,
    Status.UNKNOWN: SubIndication.NOT_YET_VALID,
    Status.ISSUER_RETIRED: SubIndication.REVOKED,
}
"""The standard knows no suspended seals: certificateHold is a revocation reason (RFC 5280). A seal
that is unknown at the time was registered later. An issuer that retires takes its seals along."""

_OVER = frozenset({Status.REVOKED, Status.EXPIRED, Status.ISSUER_RETIRED})
"""A seal in one of these never becomes active again, so its status at the end does not matter."""
_NOT_BEGUN = frozenset({Status.UNKNOWN, Status.NOT_YET_VALID})
"""A seal in one of these has never been active, so its status at the start does not matter."""


def check_time(
    statement: Statement, anchor: Anchor | None, stamped: datetime | None, sources: Sources
) -> Passed[Block]:
    """Check the claimed time against the blocks on both sides of it.

    Args:
        statement: the signed statement.
        anchor: an anchor above the use, or ``None`` while it is due.
        stamped: what a trusted time-stamp says, or ``None``.
        sources: the ledger.

    Returns:
        The block before which the seal cannot have been used.

    Raises:
        FindingError: ``backdated``, on the signed statement and the ledger's blocks;
            ``status_uncertain``, TIMESTAMP_ORDER_FAILURE: a trusted time-stamp contradicts them, so
            nobody can say when the seal was used.
        LedgerUnreachableError: the ledger cannot be asked, or has not got that far.
    """
    start = _starting_block(statement, anchor, sources)
    claimed = int(statement.sealed_at.timestamp())
    if claimed < start.timestamp - CLOCK_TOLERANCE:
        raise _backdated(
            f"Sealed at {format_time(statement.sealed_at)} by its own word, but it names a block "
            f"of {_written(start)}."
        )
    if anchor is not None and claimed > anchor.block.timestamp + CLOCK_TOLERANCE:
        raise _backdated(
            f"Sealed at {format_time(statement.sealed_at)} by its own word, but recorded by "
            f"{_written(anchor.block)}."
        )
    if stamped is not None:
        _check_stamped(claimed, start, stamped)
    until = "now" if anchor is None else _written(anchor.block)
    if stamped is not None and (anchor is None or stamped < moment(anchor.block.timestamp)):
        until = f"{format_time(stamped)} (time-stamp)"
    return Passed(
        start,
        f"The seal was used between {_written(start)} and {until}.",
        sources.basis_of(start),
    )


def check_status(  # noqa: PLR0913, PLR0917 - what bounds the time of the use
    handle: bytes,
    start: Block | None,
    anchor: Anchor | None,
    log_index: int | None,
    stamped: datetime | None,
    sources: Sources,
) -> Passed[bool]:
    """Check that the seal was active from the first to the last moment it can have been used.

    While the anchor is due the newest final block stands in for the last moment. Where the status
    changed before a late anchor, the first anchor above the use decides: the contract has checked
    that every later head extends it. A trusted time-stamp before the anchor is the last moment.
    Where the first moment is not proven, only a seal that had never been active by the last one is
    said not to have been.

    Rests on the ledger's word, and on the block that the signed statement names.

    Args:
        handle: the seal, 32 bytes.
        start: the block before which it cannot have been used, or ``None`` if that is not proven.
        anchor: an anchor above the use, or ``None`` while it is due.
        log_index: the use's leaf, to look for an earlier anchor by; ``None`` to do without.
        stamped: what a trusted time-stamp says, or ``None``.
        sources: the ledger.

    Raises:
        FindingError: ``seal_not_active``, or ``status_uncertain`` if the status changed within.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger = sources.trusted_ledger()
    first, last, end = bounds(start, anchor, stamped, sources)
    before = ledger.status_at(handle, first)
    after = before if first == last else ledger.status_at(handle, last)
    basis = sources.basis_of(end)
    if start is None:
        _check_ended(after, last, basis)
    changed = before.status is not after.status or after.since > first
    if before.status in _OVER or after.status in _NOT_BEGUN:
        raise _not_active(before if before.status in _OVER else after, basis)
    if changed and anchor is not None and log_index is not None:
        earliest = ledger.anchor_covering(anchor.log_id, log_index)
        return check_status(handle, start, earliest or anchor, None, stamped, sources)
    if changed:
        raise FindingError(
            Finding.STATUS_UNCERTAIN,
            f"The seal was {_named(before)} at {format_time(moment(first))} and {_named(after)} "
            f"at {format_time(moment(last))}.",
            sub_indication=_uncertain(before, after),
            rests_on=basis,
        )
    if after.status is not Status.ACTIVE:
        raise _not_active(after, basis)
    return Passed(True, f"The seal was active until {format_time(moment(last))} at least.", basis)


def bounds(
    start: Block | None, anchor: Anchor | None, stamped: datetime | None, sources: Sources
) -> tuple[int, int, Block]:
    """The first and the last moment the seal can have been used, Unix seconds; the block of that.

    Raises:
        LedgerUnreachableError: the ledger cannot be asked.
    """
    end = sources.trusted_ledger().final_block() if anchor is None else anchor.block
    # A reader may know of the newest block later than whoever made the statement.
    last = end.timestamp if start is None else max(start.timestamp, end.timestamp)
    if stamped is not None and start is not None:
        last = max(start.timestamp, min(last, int(stamped.timestamp())))
    return (last if start is None else min(start.timestamp, last)), last, end


def ended_later(handle: bytes, anchor: Anchor, sources: Sources) -> Note | None:
    """That a seal which was active when it was used is not any more; ``None`` if it is.

    Raises:
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger = sources.trusted_ledger()
    newest = ledger.final_block()
    now = ledger.status_at(handle, max(newest.timestamp, anchor.block.timestamp))
    if now.status is Status.ACTIVE:
        return None
    renamed = now.status is Status.REVOKED and now.reason is Reason.RENAME
    return Note(
        NoteCode.COMPANY_RENAMED if renamed else NoteCode.SEAL_ENDED_LATER,
        f"The seal has been {_named(now)} since {format_time(moment(now.since))}, after this use.",
        moment(now.since),
    )


def _check_ended(after: StatusAt, last: int, basis: Basis) -> None:
    """Where nothing proves when the seal was used at the earliest, it may have been good then."""
    if after.status is not Status.ACTIVE and after.status not in _NOT_BEGUN:
        raise FindingError(
            Finding.STATUS_UNCERTAIN,
            f"The seal was {_named(after)} at {format_time(moment(last))}; since when it can have "
            "been used is not proven.",
            sub_indication=_uncertain(after, after),
            rests_on=basis,
        )


def _check_stamped(claimed: int, start: Block, stamped: datetime) -> None:
    """EN 319 102-1 clause 5.5.4: times that prove existence must be in order.

    Anybody can put a time-stamp on a seal: one that contradicts it accuses nobody.
    """
    by = stamped.timestamp()
    if by < start.timestamp - CLOCK_TOLERANCE:
        other = f"the statement names a block of {_written(start)}"
    elif claimed > by + CLOCK_TOLERANCE:
        other = f"the statement says that it was sealed at {format_time(moment(claimed))}"
    else:
        return
    raise FindingError(
        Finding.STATUS_UNCERTAIN,
        f"Time-stamped at {format_time(stamped)}, but {other}.",
        sub_indication=SubIndication.TIMESTAMP_ORDER_FAILURE,
    )


def _starting_block(statement: Statement, anchor: Anchor | None, sources: Sources) -> Block:
    """The block that the statement names; ``registration`` has checked that it is this ledger's."""
    ledger, named = sources.trusted_ledger(), statement.not_before
    if anchor is not None and named.number > anchor.block.number:
        raise _backdated(
            f"The statement names block {named.number}, but was recorded by block "
            f"{anchor.block.number} already."
        )
    block = ledger.block(named.number)
    if block is None:
        raise LedgerUnreachableError(
            f"The ledger asked has no final block {named.number} yet, which the statement names."
        )
    return block


def _uncertain(before: StatusAt, after: StatusAt) -> SubIndication:
    """Leaving or entering the validity period is out of bounds; all else is a revocation."""
    if before.status in _NOT_BEGUN or after.status is Status.EXPIRED:
        return SubIndication.OUT_OF_BOUNDS_NO_POE
    return SubIndication.REVOKED_NO_POE


def _not_active(status: StatusAt, basis: Basis) -> FindingError:
    return FindingError(
        Finding.SEAL_NOT_ACTIVE,
        f"The seal was {_named(status)} when it was used.",
        sub_indication=_STANDARD[status.status],
        rests_on=basis,
    )


def _backdated(message: str) -> FindingError:
    return FindingError(Finding.BACKDATED, message)


def _named(status: StatusAt) -> str:
    """Its status, why, and who has stopped it where somebody has."""
    name = status.status.name.lower().replace("_", " ")
    why = [status.reason.slug.replace("_", " ")] if status.reason else []
    if status.flags:
        why.append(f"stopped by {Party(status.flags).words}")
    return f"{name} ({'; '.join(why)})" if why else name


def _written(block: Block) -> str:
    return format_time(moment(block.timestamp))
