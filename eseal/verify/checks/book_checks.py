"""The check on the ticket: it was torn from the seal's book, out of a volume that was open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.model.book import verify_path
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.ledger.facts import SealRegistration, Volume
    from eseal.model.statement import Statement
    from eseal.verify.inputs.case import Sources


def check_book(
    signature: SealSignature,
    statement: Statement,
    registration: SealRegistration,
    sources: Sources,
) -> Passed[Volume]:
    """Check that the signed path leads from the statement's ticket to its volume on the ledger.

    Rests on the signed statement and path, and on the volume's root on the ledger, which nobody can
    change. Whoever has the seal's key without the book's has no ticket; the operator, who keeps
    books, has them all, and that shows in the owner's watch.

    Raises:
        FindingError: ``ticket_unknown``; an accusation where the ledger shows the volume with
            another root, or opened after the block the statement names; open (NO_POE) while it
            shows no such volume.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger, ticket = sources.trusted_ledger(), statement.ticket
    volume = ledger.volume(registration.handle, ticket.volume)
    basis = sources.basis_of(ledger.final_block())
    if volume is None:
        raise FindingError(
            Finding.TICKET_UNKNOWN,
            f"The ledger has no volume {ticket.volume} of this seal's book (yet).",
            sub_indication=SubIndication.NO_POE,
            rests_on=basis,
        )
    if not verify_path(ticket, signature.book_path or b"", volume.root, registration.depth):
        raise FindingError(
            Finding.TICKET_UNKNOWN,
            f"The ticket does not stand at position {ticket.position} of volume {ticket.volume} "
            f"of this seal's book, which has the root {volume.root.hex()} on the ledger.",
            rests_on=basis,
        )
    if volume.block_number > statement.not_before.number:
        raise FindingError(
            Finding.TICKET_UNKNOWN,
            f"Volume {ticket.volume} was opened in block {volume.block_number}: nothing can have "
            f"been torn from it at block {statement.not_before.number}, which the statement names.",
            rests_on=basis,
        )
    return Passed(
        volume,
        f"The ticket stands in volume {ticket.volume} of the seal's book, which was open.",
        basis,
    )
