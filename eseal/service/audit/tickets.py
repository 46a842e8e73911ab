"""The tickets that were torn, against the books they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import ESealError
from eseal.service.audit.log import Tell
from eseal.store.repositories.books import BookRepository, StoredVolume, VolumeState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.model.book import Ticket
    from eseal.service.instance.context import Context

_BITS = 8


class TicketAudit:
    """Sees every ticket once, and says which were seen before. A bit of memory for each."""

    def __init__(self, context: Context, connection: Connection, tell: Tell) -> None:
        """Prepare.

        Args:
            context: the instance, for its books.
            connection: sees the same state as the rest of the audit.
            tell: hears of each disagreement.
        """
        self._context = context
        self._books = BookRepository(connection)
        self._tell = tell
        self._torn: dict[tuple[str, int], bytearray] = {}

    def check(self, seal_id: str, ticket: Ticket, not_before: int, what: str) -> None:
        """Check a ticket that was torn.

        Args:
            seal_id: from whose book.
            ticket: as it was signed.
            not_before: the block that was signed beside it.
            what: what it was torn for, in words.
        """
        try:
            book = self._context.books.book(seal_id)
        except ESealError as error:
            self._tell("book_unreadable", f"the book of seal {seal_id}: {error}")
            return
        known = ticket.position < book.volume_size
        if not known or book.value(ticket.volume, ticket.position) != ticket.value:
            self._tell("ticket_differs", f"{what} has a ticket that is not in its seal's book")
            return
        torn = self._torn.get((seal_id, ticket.volume))
        if torn is None:
            torn = self._torn[seal_id, ticket.volume] = bytearray(book.volume_size // _BITS)
            self._check_volume(seal_id, ticket.volume, not_before)
        at, bit = divmod(ticket.position, _BITS)
        if torn[at] >> bit & 1:
            self._tell("ticket_torn_twice", f"{what} has a ticket that was torn before")
        torn[at] |= 1 << bit

    def _check_volume(self, seal_id: str, number: int, not_before: int) -> None:
        """Check a volume at its first use, which has the earliest block of all its uses."""
        what = f"volume {number} of seal {seal_id}"
        stored = next((v for v in self._books.volumes(seal_id) if v.number == number), None)
        if stored is None or stored.state is not VolumeState.OPEN:
            self._tell("volume_missing", f"{what} has torn tickets and is not open")
            return
        if stored.root != self._context.books.tree(seal_id, number).root:
            self._tell("volume_differs", f"{what}: its root is not that of its tickets")
        if (stored.block_number or 0) > not_before:
            self._tell("volume_differs", f"{what} was opened after a ticket of it was torn")
        self._compare(stored, what)

    def _compare(self, stored: StoredVolume, what: str) -> None:
        handle = self._context.signer(stored.seal_id).handle
        known = self._context.ledger.volume(handle, stored.number)
        if known is None:
            self._tell("volume_differs", f"{what} is open here, unknown to the ledger")
        elif known.root != stored.root:
            self._tell("volume_differs", f"{what} has another root on the ledger")
