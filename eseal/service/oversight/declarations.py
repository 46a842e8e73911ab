"""The owner's word about uses of his seals: void, rescinded, disputed.

A seal speaks for itself as long as it stands, suspended or not. Once it has ended, the one that
stands in its line speaks: its book is open and its key is in the company's hands. Where none does,
the ended one speaks as long as its book has tickets: a company whose seal was stolen must not wait
for the next one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.errors import ConflictError, InvalidInputError, NoVolumeError
from eseal.model.actor import Capability
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import MAX_REASON_CHARS, Span, Word
from eseal.model.seal import SealState
from eseal.model.statement import format_time
from eseal.model.text import check_text
from eseal.service.oversight.paging import MAX_PAGE, page_size
from eseal.service.people.permissions import permit
from eseal.service.record.drafts import DeclarationDraft
from eseal.store.repositories.records import RecordRepository
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.uses import UseRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.model.actor import Actor
    from eseal.model.seal import Seal
    from eseal.service.instance.context import Context
    from eseal.service.record.sequencer import Sequencer
    from eseal.store.repositories.records import StoredRecord

_STANDS = (SealState.ACTIVE, SealState.SUSPENDED)


class Declarations:
    """Makes declarations and finds them. Safe to call from several threads."""

    def __init__(self, context: Context, sequencer: Sequencer) -> None:
        self._context = context
        self._sequencer = sequencer

    def declare(
        self,
        seal_id: str,
        about: str | Span,
        word: Word,
        *,
        actor: Actor,
        reason: str | None = None,
    ) -> StoredRecord:
        """Put the owner's word on the log, signed by the seal's line; durable when this returns.

        Args:
            seal_id: whose uses it is about; in any state, most of all when it was stopped.
            about: the id of one of its uses, or a span.
            word: what is said.
            actor: who speaks for the owner.
            reason: why, in the owner's words, or ``None``.

        Raises:
            NotFoundError: there is no such seal or use.
            ForbiddenError: the actor may not, or not for this company.
            InvalidInputError: the use is another seal's, the span is not one of the seal's life up
                to now, or the reason cannot be used.
            ConflictError: the very same was declared before, or the seal has ended, its book has no
                ticket left, and none stands in its line.
            NoVolumeError: the book has no ticket left until the ledger has its next volume.
        """
        if reason is not None:
            check_text(reason, field="reason", max_chars=MAX_REASON_CHARS)
        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            permit(actor, Capability.DECLARE, seal.company_id)
            if isinstance(about, Span):
                about = self._span(seal, about)
            else:
                _check_use(connection, seal, about)
            speaker = self._speaker(connection, seal)
        if isinstance(about, Span) and speaker.id != seal.id:
            about = replace(about, seal=seal.handle)
        draft = DeclarationDraft(new_id(), speaker.id, about, word, reason, about_seal=seal.id)
        try:
            return self._sequencer.append(draft)
        except NoVolumeError:
            if self._stands(speaker):
                raise
            raise ConflictError(
                f"seal {seal.id} has ended, its book has no ticket left, and no seal stands in its "
                "line to speak for it: issue one of the same type and label first"
            ) from None

    def about_use(self, use_id: str) -> list[StoredRecord]:
        """The declarations about one use, in order."""
        with self._context.database.read() as connection:
            return RecordRepository(connection).of_use(use_id)

    def about_times(
        self, seal_id: str, *, after: int = 0, limit: int = MAX_PAGE
    ) -> list[StoredRecord]:
        """The declarations about times of one seal, in order; arguments as of :meth:`of_seal`."""
        with self._context.database.read() as connection:
            return RecordRepository(connection).of_seal(
                seal_id,
                Kind.DECLARATION,
                after=after - 1,
                limit=page_size(limit),
                without_use=True,
            )

    def of_seal(self, seal_id: str, *, after: int = 0, limit: int = MAX_PAGE) -> list[StoredRecord]:
        """The declarations of one seal, about uses and spans, in order.

        Args:
            seal_id: the seal.
            after: the log index to begin with: one more than that of the last one seen.
            limit: how many at most.
        """
        with self._context.database.read() as connection:
            return RecordRepository(connection).of_seal(
                seal_id, Kind.DECLARATION, after=after - 1, limit=page_size(limit)
            )

    def _span(self, seal: Seal, span: Span) -> Span:
        """The span in whole seconds, if it is one of the seal's life up to now.

        Raises:
            InvalidInputError: it is not.
        """
        now = self._context.now().replace(microsecond=0)
        since = _whole(span.since, "since", now)
        until = None if span.until is None else _whole(span.until, "until", now)
        begins = seal.not_before.replace(microsecond=0)
        if since < begins:
            raise InvalidInputError(
                f"since: expected a time in the seal's life, from {format_time(begins)} on, got "
                f"{format_time(since)}",
                field="since",
            )
        if until is not None and until < since:
            raise InvalidInputError(
                f"until: expected an end not before {format_time(since)}, got {format_time(until)}",
                field="until",
            )
        return Span(since, until)

    def _speaker(self, connection: Connection, seal: Seal) -> Seal:
        """The seal itself, or the one that stands in its line once it has ended."""
        if self._stands(seal):
            return seal
        line = SealRepository(connection).line(seal.company_id, seal.type, seal.label)
        return next((each for each in line if self._stands(each)), seal)

    def _stands(self, seal: Seal) -> bool:
        return seal.state_at(self._context.now()) in _STANDS


def _check_use(connection: Connection, seal: Seal, use_id: str) -> None:
    if UseRepository(connection).get(use_id).seal_id != seal.id:
        raise InvalidInputError(f"use {use_id} is not one of seal {seal.id}", field="about")


def _whole(moment: datetime, field: str, now: datetime) -> datetime:
    """A moment in UTC and whole seconds.

    Raises:
        InvalidInputError: it says no time zone, or lies ahead.
    """
    if moment.tzinfo is None:
        raise InvalidInputError(
            f"{field}: expected a time with its zone, got {moment.isoformat()}", field=field
        )
    whole = moment.astimezone(now.tzinfo).replace(microsecond=0)
    if whole > now:
        raise InvalidInputError(
            f"{field}: expected a time up to now, {format_time(now)}, got {format_time(whole)}",
            field=field,
        )
    return whole
