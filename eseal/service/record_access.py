"""What one viewer is shown of companies' records: the only door to them for routes and commands.

A company sees its own records; of another's it hears that there are none. Anybody else — a
regulator, the operator — sees what they ask for once the disclosure of it is durable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.errors import ForbiddenError, InvalidFormatError, NotFoundError
from eseal.excerpts import excerpt
from eseal.model.actor import Capability
from eseal.model.statement import format_time
from eseal.service.people.permissions import owns, permit
from eseal.service.seals.directory import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from eseal.documents.evidence import Evidence
    from eseal.model.actor import Actor
    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.model.statement import Statement
    from eseal.service.oversight.disclosures import Disclosed
    from eseal.service.oversight.records import HistoryEntry
    from eseal.service.sealing.applying import SealedDocument
    from eseal.service.seals.impressions import Impression
    from eseal.service.service import Service
    from eseal.store.repositories.records import StoredRecord
    from eseal.store.repositories.seals import SealChange
    from eseal.watch.file import WatchFile
    from eseal.watch.history.period import PeriodTickets


@dataclass(frozen=True, slots=True)
class SealHistory:
    """A page of the life of a seal.

    Attributes:
        changes: every change of its status, oldest first.
        uses: by log index.
    """

    changes: Sequence[SealChange]
    uses: Sequence[HistoryEntry]


class RecordAccess:
    """Shows records to one viewer, for one request or command.

    Looks at the same thing, such as the pages of a history, are one disclosure.
    """

    def __init__(self, service: Service, viewer: Actor) -> None:
        self._service = service
        self._viewer = viewer
        self._told: set[tuple[str, str | None]] = set()

    @property
    def now(self) -> datetime:
        """The instance's clock, UTC: what a seal's state is told by."""
        return self._service.context.now()

    def company(self, name: str) -> Company:
        """A company by its id or registration id.

        Raises:
            NotFoundError: there is none, or it is not the viewer's own; so does every method here.
        """
        found = company_named(self._service, self._viewer, Capability.SEE_SEALS, name)
        self._look("company", found.id)
        return found

    def companies(self, *, limit: int = PAGE, after: str = "") -> list[Company]:
        """Companies by id, those behind ``after``; a company sees itself alone."""
        permit(self._viewer, Capability.SEE_SEALS)
        own = self._viewer.company_id
        if own is not None:
            return [self._service.directory.company(own)] if after < own else []
        self._look("companies", None)
        return self._service.directory.companies(limit=limit, after=after)

    def names(self, company_ids: Iterable[str]) -> dict[str, str]:
        """The names of the companies whose seals were shown: part of the same look."""
        permit(self._viewer, Capability.SEE_SEALS)
        shown = {each: self._service.directory.company(each) for each in company_ids}
        for each in shown:
            check_owner(self._viewer, each, "company", each)
        return {each: company.name for each, company in shown.items()}

    def seal(self, name: str) -> Seal:
        """A seal by its id or handle."""
        found = seal_named(self._service, self._viewer, Capability.SEE_SEALS, name)
        self._look(f"seal {found.id}", found.company_id)
        return found

    def seals(
        self, *, company: str | None = None, limit: int = PAGE, after: str = ""
    ) -> list[Seal]:
        """Seals by id, those behind ``after``: of a company, or of all the viewer may see."""
        permit(self._viewer, Capability.SEE_SEALS)
        owner = self._viewer.company_id
        if company is not None:
            owner = company_named(self._service, self._viewer, Capability.SEE_SEALS, company).id
        self._look("seals", owner)
        return self._service.directory.seals(company_id=owner, limit=limit, after=after)

    def impression(self, name: str) -> tuple[Seal, Impression]:
        """A seal, and what it looks like."""
        found = seal_named(self._service, self._viewer, Capability.SEE_SEALS, name)
        self._look(f"impression of seal {found.id}", found.company_id)
        return found, self._service.impressions.of_seal(found.id)

    def seal_history(self, name: str, *, after: int = 0, limit: int = PAGE) -> SealHistory:
        """The life of a seal: its changes, and a page of its uses with their proofs."""
        found = seal_named(self._service, self._viewer, Capability.SEE_USES, name)
        self._look(f"history of seal {found.id}", found.company_id)
        uses = self._service.records.history(seal_id=found.id, after=after, limit=limit)
        return SealHistory(self._service.directory.changes(found.id), uses)

    def history(self, company: str, *, after: int = 0, limit: int = PAGE) -> Sequence[HistoryEntry]:
        """The uses of all seals of a company by log index, each with its proof."""
        found = company_named(self._service, self._viewer, Capability.SEE_USES, company)
        self._look("history", found.id)
        return self._service.records.history(company_id=found.id, after=after, limit=limit)

    def use(self, name: str) -> HistoryEntry:
        """A use as it stands on record."""
        found = use_named(self._service, self._viewer, Capability.SEE_USES, name)
        self._look(f"use {found.use.id}", found.company_id)
        return found

    def evidence(self, name: str) -> Evidence:
        """The evidence of a use."""
        found = use_named(self._service, self._viewer, Capability.SEE_USES, name)
        self._look(f"evidence of use {found.use.id}", found.company_id)
        return self._service.records.evidence(found.use.id)

    def document(self, name: str) -> SealedDocument:
        """The sealed document of a use again."""
        found = use_named(self._service, self._viewer, Capability.SEE_DOCUMENTS, name)
        self._look(f"document of use {found.use.id}", found.company_id)
        return self._service.sealing.document(found.use.id)

    def delivered(self, name: str) -> None:
        """Say that the document of a use has arrived: what is kept for delivery is forgotten."""
        found = use_named(self._service, self._viewer, Capability.SEE_DOCUMENTS, name)
        self._service.sealing.delivered(found.use.id)

    def original(self, name: str) -> tuple[bytes, str]:
        """The document of a use as it was handed in, and its media type."""
        found = use_named(self._service, self._viewer, Capability.SEE_DOCUMENTS, name)
        self._look(f"original of use {found.use.id}", found.company_id)
        return self._service.documents.original(found.use.id)

    def holds(self, statement: Statement) -> bool:
        """Whether this very statement is on record: who shows it has held the document."""
        try:
            return self._service.records.use(statement.id).statement == statement
        except NotFoundError:
            return False

    def watch_file(self, company: str) -> WatchFile:
        """What a company watches its seals with, its book keys among it."""
        found = company_named(self._service, self._viewer, Capability.WATCH, company)
        self._look("watch file", found.id)
        return self._service.watch_files.watch_file(found.id)

    def tickets(
        self, name: str, since: datetime, until: datetime, first_volume: int = 0
    ) -> PeriodTickets:
        """A seal's tickets of a period, and what tore them then: under an order only.

        What cannot be had is refused, and is no look.

        Raises:
            ForbiddenError: the viewer has no order.
        """
        found = seal_named(self._service, self._viewer, Capability.TAKE_TICKETS, name)
        if self._viewer.order is None:
            raise ForbiddenError("tickets are handed over under an order: expected one, got none")
        made = self._service.periods.tickets(found, self._viewer.order, since, until, first_volume)
        numbers = [one.number for one in made.volumes]
        self._look(
            f"tickets of seal {found.id}, volumes {numbers[0]} to {numbers[-1]}, and uses from "
            f"{format_time(made.since)} until {format_time(made.until)}",
            found.company_id,
        )
        return made

    def declarations(self, name: str) -> Sequence[StoredRecord]:
        """What the owner declared about a very use."""
        found = use_named(self._service, self._viewer, Capability.SEE_USES, name)
        self._look(f"declarations about use {found.use.id}", found.company_id)
        return self._service.declarations.about_use(found.use.id)

    def disputes(self, name: str, *, after: int = 0, limit: int = PAGE) -> Sequence[StoredRecord]:
        """What the owner declared about times of a seal."""
        found = seal_named(self._service, self._viewer, Capability.SEE_USES, name)
        self._look(f"disputes of seal {found.id}", found.company_id)
        return self._service.declarations.about_times(found.id, after=after, limit=limit)

    def disclosures(
        self, company: str, *, after: int = 0, limit: int = PAGE
    ) -> Sequence[Disclosed]:
        """Who looked at a company's records besides the company itself."""
        found = company_named(self._service, self._viewer, Capability.SEE_DISCLOSURES, company)
        self._look("disclosures", found.id)
        return self._service.disclosures.of_company(found.id, after=after, limit=limit)

    def _look(self, what: str, company_id: str | None) -> None:
        """Put a look on record, unless a company looks at what is its own."""
        if self._viewer.company_id is None and (what, company_id) not in self._told:
            self._service.disclosures.record(self._viewer, what, company_id)
            self._told.add((what, company_id))


def company_named(service: Service, actor: Actor, to: Capability, name: str) -> Company:
    """The company of this id or registration id, to act upon: shows nothing of it.

    Raises:
        ForbiddenError: the actor may not do that to any.
        NotFoundError: there is none, or it is not the actor's own.
    """
    permit(actor, to)
    try:
        company = service.directory.company(name)
    except NotFoundError:
        if actor.company_id is not None:
            raise not_found("company", name) from None
        raise
    check_owner(actor, company.id, "company", name)
    return company


def seal_named(service: Service, actor: Actor, to: Capability, name: str) -> Seal:
    """The seal of this id or handle, to act upon: shows nothing of it; errors as above."""
    permit(actor, to)
    try:
        seal = service.directory.seal(name)
    except NotFoundError:
        raise not_found("seal", name) from None
    check_owner(actor, seal.company_id, "seal", name)
    return seal


def use_named(service: Service, actor: Actor, to: Capability, name: str) -> HistoryEntry:
    """The use of this id, to act upon: shows nothing of it; errors as above."""
    permit(actor, to)
    try:
        entry = service.records.use(name)
    except (InvalidFormatError, NotFoundError):
        raise not_found("use", name) from None
    check_owner(actor, entry.company_id, "use", name)
    return entry


def check_owner(actor: Actor, company_id: str, what: str, name: str) -> None:
    """Raise if somebody asks for what is another's, in the words of a thing that is not there.

    Raises:
        NotFoundError: it is another's.
    """
    if not owns(actor, company_id):
        raise not_found(what, name)


def not_found(what: str, name: str) -> NotFoundError:
    """The error for a thing that is not there, or that the viewer may not know of."""
    return NotFoundError(f"no {what} {excerpt(name)}")
