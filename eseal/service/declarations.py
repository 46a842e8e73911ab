"""The owner's word about uses of his seals: void, rescinded, disputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import InvalidInputError
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import MAX_REASON_CHARS, Span, Word
from eseal.model.text import check_text
from eseal.service.batch import DeclarationDraft
from eseal.store.records import RecordRepository
from eseal.store.seals import SealRepository
from eseal.store.uses import UseRepository

if TYPE_CHECKING:
    from eseal.service.context import Context
    from eseal.service.sequencer import Sequencer
    from eseal.store.records import StoredRecord

MAX_PAGE = 1000
"""Most declarations in one page."""


class Declarations:
    """Makes declarations and finds them. Safe to call from several threads."""

    def __init__(self, context: Context, sequencer: Sequencer) -> None:
        self._context = context
        self._sequencer = sequencer

    def declare(
        self, seal_id: str, about: str | Span, word: Word, *, reason: str | None = None
    ) -> StoredRecord:
        """Put the owner's word on the log, signed by the seal; durable when this returns.

        Args:
            seal_id: whose uses it is about; in any state, most of all when it was stopped.
            about: the id of one of its uses, or a span.
            word: what is said.
            reason: why, in the owner's words, or ``None``.

        Raises:
            NotFoundError: there is no such seal or use.
            InvalidInputError: the use is another seal's, the span ends before it begins, or the
                reason cannot be used.
            NoVolumeError: the seal's book has no ticket left until the ledger has its next volume.
        """
        if reason is not None:
            check_text(reason, field="reason", max_chars=MAX_REASON_CHARS)
        with self._context.database.read() as connection:
            SealRepository(connection).get(seal_id)
            if isinstance(about, str) and UseRepository(connection).get(about).seal_id != seal_id:
                raise InvalidInputError(f"use {about} is not one of seal {seal_id}", field="about")
        if isinstance(about, Span) and about.until is not None and about.until < about.since:
            raise InvalidInputError(
                "about: expected an end that is not before the beginning", field="about"
            )
        return self._sequencer.append(DeclarationDraft(new_id(), seal_id, about, word, reason))

    def about_use(self, use_id: str) -> list[StoredRecord]:
        """The declarations about one use, in order."""
        with self._context.database.read() as connection:
            return RecordRepository(connection).of_use(use_id)

    def of_seal(self, seal_id: str, *, after: int = 0, limit: int = MAX_PAGE) -> list[StoredRecord]:
        """The declarations of one seal, about uses and spans, in order.

        Args:
            seal_id: the seal.
            after: the log index to begin with: one more than that of the last one seen.
            limit: how many at most.
        """
        with self._context.database.read() as connection:
            return RecordRepository(connection).of_seal(
                seal_id, Kind.DECLARATION, after=after - 1, limit=min(limit, MAX_PAGE)
            )
