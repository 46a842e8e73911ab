"""Who acts: what they are called in records, what they may ask for, and for whom.

What somebody may do stands in ``Actor.may`` and nowhere else; nothing is read from a name. An actor
that was given nothing may do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from eseal.errors import InvalidInputError
from eseal.model.records import MAX_NAME_CHARS
from eseal.model.seal import Party
from eseal.model.text import check_text


class Capability(StrEnum):
    """What can be asked of the service by those it knows."""

    MANAGE_COMPANIES = "manage_companies"
    """Register and rename companies."""
    ISSUE_SEALS = "issue_seals"
    """Issue seals, ask other CAs for certificates and import them."""
    ANCHOR = "anchor"
    """Have the log anchored at once."""
    SEE_SEALS = "see_seals"
    """Companies, seals, their states and looks."""
    SEE_USES = "see_uses"
    """Histories, uses, evidence, declarations."""
    SEE_DOCUMENTS = "see_documents"
    """Sealed documents and their originals."""
    FORGET_DOCUMENTS = "forget_documents"
    """Have what is stored of a document deleted."""
    SEE_DISCLOSURES = "see_disclosures"
    """Who looked at a company's records."""
    USE_SEALS = "use_seals"
    """Apply seals to documents."""
    DECLARE = "declare"
    """Call uses void, rescinded or disputed."""
    SET_IMPRESSIONS = "set_impressions"
    """Decide what a seal looks like."""
    SET_STOP_CODES = "set_stop_codes"
    """Put the end of a chain of stop codes on the ledger."""
    STOP_SEALS = "stop_seals"
    """Suspend, resume and revoke seals as one's party."""
    WATCH = "watch"
    """Have the keys of the books, and what opens leaves."""
    TAKE_TICKETS = "take_tickets"
    """Have a seal's tickets of a period, under an order."""


ALL: Final = frozenset(Capability)
"""Of whoever holds data directory and key-encryption key: nothing could be kept from them."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order under which somebody looks at companies' records.

    Attributes:
        number: what its authority calls it.
        notice_after: until when the companies are not told, UTC, whole seconds; ``None``: at once.
    """

    number: str
    notice_after: datetime | None = None

    @classmethod
    def of(cls, number: str | None, notice_after: datetime | None) -> Order | None:
        """The order of this number, ``None`` without one.

        Raises:
            InvalidInputError: the number cannot be used, or a delay comes without an order.
        """
        if number is None:
            if notice_after is not None:
                raise InvalidInputError(
                    "notice_after: expected an order that sets this delay, got none",
                    field="notice_after",
                )
            return None
        check_text(number, field="order", max_chars=MAX_NAME_CHARS)
        if notice_after is not None:
            notice_after = notice_after.replace(microsecond=0)
        return cls(number, notice_after)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something.

    Attributes:
        name: as it stands in records.
        may: what it may ask for.
        party: for whom it stops seals.
        company_id: the company whose things alone it may ask for; ``None`` for all companies', and
            then each look is put on the log.
        label: what companies are told beside the name; may be empty.
        order: under which order it looks, or ``None``.
    """

    name: str
    may: frozenset[Capability] = frozenset()
    party: Party = Party.NONE
    company_id: str | None = None
    label: str = ""
    order: Order | None = None

    @property
    def told(self) -> str:
        """What an owner is told of who looked."""
        return f"{self.name} ({self.label})" if self.label else self.name
