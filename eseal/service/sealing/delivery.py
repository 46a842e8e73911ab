"""From a prepared document to a delivered one: recorded, kept until then, fetched again.

A document is handed in without waiting, so that many can share one commit: the sequencer puts all
that wait into the same transaction.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from eseal.documents import asic
from eseal.errors import ESealError, NotFoundError
from eseal.model.level import Level
from eseal.service.archive.documents import Unfinished
from eseal.service.sealing.levels import level_of
from eseal.store.repositories.documents import DocumentKind
from eseal.store.repositories.uses import UseRepository

if TYPE_CHECKING:
    from concurrent.futures import Future

    from eseal.model.use import Use
    from eseal.service.archive.documents import Documents
    from eseal.service.instance.context import Context
    from eseal.service.record.anchoring import Anchoring
    from eseal.service.record.drafts import UseDraft
    from eseal.service.record.sequencer import Idempotency, Outcome, Recorded, Sequencer
    from eseal.service.sealing.levels import Levels
    from eseal.store.repositories.documents import StoredDocument

_log = structlog.get_logger(__name__)

PDF: Final = "application/pdf"
SIGNATURE_MEDIA_TYPE: Final = "application/pkcs7-signature"
"""RFC 8551 section 3.2: what a detached ``.p7s`` is."""
_SUFFIXES: Final = {PDF: ".pdf", asic.MEDIA_TYPE: asic.SUFFIX}
"""Documents that hold their seal themselves."""
_PACKED: Final = struct.Struct(">QQ")
"""A kept document: where a PDF's CMS goes and how much fits (zeros: a container), then the file."""


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """What a sealed document is delivered as.

    Attributes:
        use: what is on record.
        data: the sealed PDF, the sealed container, or the detached signature.
        media_type: of ``data``.
        suffix: what to put behind the file's stem (PDF, container) or whole name (others).
    """

    use: Use
    data: bytes
    media_type: str
    suffix: str


class Pending:
    """A document whose use is on its way to the record.

    Attributes:
        notes: what whoever seals should know of the choices made, in words.
    """

    def __init__(  # noqa: PLR0913  # what is on its way, and how it is to arrive
        self,
        delivery: Delivery,
        draft: UseDraft,
        sealed: Unfinished | None,
        future: Future[list[Outcome]],
        notes: tuple[str, ...] = (),
        *,
        anchored: bool = False,
    ) -> None:
        self.notes = notes
        self._anchored = anchored
        self._delivery = delivery
        self._draft = draft
        self._sealed = sealed
        self._future = future

    @property
    def use_id(self) -> str:
        """The id its use has, or gets; another one only if its Idempotency-Key was used before."""
        return self._draft.use_id

    def result(self) -> SealedDocument:
        """Wait until the use is durable; the sealed document.

        Raises:
            SealNotActiveError, NotFoundError: the seal cannot be used; nothing is recorded.
            IdempotencyConflictError: the key was used with another request.
            NotFoundError: an earlier request under the key made the use, and its document is not
                kept any more.
            AnchorDueError: the ledger was to be waited for, and takes too long.
        """
        recorded = self.recorded()
        return self._delivery.finish(self._draft, self._sealed, recorded, anchored=self._anchored)

    def recorded(self) -> Recorded:
        """Wait until the use is durable, without making the sealed document.

        Raises:
            ESealError: as :meth:`result`.
        """
        try:
            outcome = self._future.result()[0]
        except BaseException:
            self._delivery.give_up(self._draft)
            raise
        if isinstance(outcome, ESealError):
            self._delivery.give_up(self._draft)
            raise outcome
        if outcome.use.id != self._draft.use_id:  # an earlier request under this Idempotency-Key
            self._delivery.give_up(self._draft)
        return outcome


class Delivery:
    """Keeps sealed documents until they have arrived. Safe to call from several threads."""

    def __init__(
        self,
        context: Context,
        sequencer: Sequencer,
        documents: Documents,
        levels: Levels,
        anchoring: Anchoring,
    ) -> None:
        self._context = context
        self._anchoring = anchoring
        self._levels = levels
        self._sequencer = sequencer
        self._documents = documents

    def submit(  # noqa: PLR0913  # what a delivery is made of
        self,
        draft: UseDraft,
        sealed: Unfinished | None,
        *,
        original: tuple[bytes, str] | None,
        notes: tuple[str, ...] = (),
        idempotency: Idempotency | None,
        anchored: bool = False,
    ) -> Pending:
        """Hand a use in with its document; both are recorded in one transaction.

        Args:
            draft: the use.
            sealed: the document that will hold the seal; ``None`` if the seal stays beside it.
            original: the document as it was handed in and its media type, if it can be stored.
            notes: what whoever seals should know of the choices made, in words.
            idempotency: the request's key, or ``None``.
            anchored: whether the document is to hold the proof that its use is on the ledger.

        Raises:
            OSError: the document is to be stored and cannot be written.
            ConflictError: the service is shutting down.
        """
        data, media_type = original or (None, "")
        stored = self._documents.put(draft.use_id, sealed, data, media_type)
        draft = draft._replace(stored=stored)
        if sealed is not None and not self._documents.stores_sealed:
            hours = timedelta(hours=self._context.settings.document_retention_hours)
            draft = draft._replace(
                kept=self._context.vault.encrypt(_pack(sealed), draft.use_id.encode()),
                kept_until=self._context.now() + hours,
            )
        try:
            future = self._sequencer.submit([draft], idempotency)
        except BaseException:
            self.give_up(draft)
            raise
        return Pending(self, draft, sealed, future, notes, anchored=anchored)

    def finish(
        self,
        draft: UseDraft,
        sealed: Unfinished | None,
        recorded: Recorded,
        *,
        anchored: bool = False,
    ) -> SealedDocument:
        """The sealed document of a use that is durable now.

        Raises:
            AnchorDueError: the ledger was to be waited for, and takes too long; fetch it later.
            NotFoundError: the use is an earlier one, and its document is not kept any more.
            ValidationDataError: the level ordered could not be reached now; fetch it later.
        """
        use = recorded.use
        receipt = self.anchored_receipt(use) if anchored else recorded.receipt()
        if use.id != draft.use_id:
            return self.fetch(use.id)
        cms = self._context.cms_of(use, receipt, recorded.attributes)
        done = self._delivered(use, sealed, cms)
        for stored in draft.stored:
            if stored.kind is DocumentKind.SEALED:
                self._store_raised(use, stored, done.data)
        return done

    def fetch(self, use_id: str) -> SealedDocument:
        """The sealed document of a use again, with the newest receipt.

        Raises:
            NotFoundError: there is no such use, or its document is not kept (any more).
            CorruptionError: what is stored was changed.
            ValidationDataError: the level it was ordered at could not be reached now.
        """
        with self._context.database.read() as connection:
            uses = UseRepository(connection)
            use = uses.get(use_id)
            kind = self._context.statement_of(use).media_type
            kept = uses.kept_document(use_id) if kind in _SUFFIXES else None
            receipt = self._context.receipt_of(connection, use)
        cms = self._context.cms_of(use, receipt)
        if kind not in _SUFFIXES:
            return self._delivered(use, None, cms)
        if kept is not None:
            plain = self._context.vault.decrypt(kept, use.id.encode())
            return self._delivered(use, _unpack(plain), cms)
        stored = self._documents.find(use_id, DocumentKind.SEALED)
        if stored is None:
            raise NotFoundError(f"the document of use {use_id} is not kept here (any more)")
        if stored.finished:
            data = b"".join(self._documents.read(stored))
            return SealedDocument(use, data, kind, _SUFFIXES[kind])
        done = self._delivered(use, self._documents.unfinished(stored), cms)
        self._store_raised(use, stored, done.data)
        return done

    def delivered(self, *use_ids: str) -> None:
        """Forget the documents kept for delivery: their owners have them."""
        with self._context.database.write() as connection:
            UseRepository(connection).drop_kept(use_ids)

    def forget(self, use_id: str) -> None:
        """Forget whatever is kept or stored of a use; the use stays on record."""
        self.delivered(use_id)
        self._documents.forget(use_id)

    def forget_expired(self) -> int:
        """Forget documents kept for delivery whose time is over; how many."""
        with self._context.database.write() as connection:
            return UseRepository(connection).drop_documents(expired_at=self._context.now())

    def anchored_receipt(self, use: Use) -> bytes:
        """The receipt of a use that leads to a head on the ledger; waits for that.

        Raises:
            AnchorDueError: it takes too long.
        """
        self._anchoring.cover(use.log_index)
        with self._context.database.read() as connection:
            return self._context.receipt_of(connection, use)

    def _delivered(self, use: Use, sealed: Unfinished | None, cms: bytes) -> SealedDocument:
        if sealed is None:
            cms = self._levels.signature(use, cms)
            return SealedDocument(use, cms, SIGNATURE_MEDIA_TYPE, ".p7s")
        data = self._levels.document(use, sealed, cms)
        return SealedDocument(use, data, sealed.media_type, _SUFFIXES[sealed.media_type])

    def _store_raised(self, use: Use, stored: StoredDocument, data: bytes) -> None:
        """Store a document whose level cannot be had again from the record alone."""
        if level_of(use) is Level.B_B:
            return
        try:
            self._documents.replace(stored, data)
        except (ESealError, OSError) as error:  # it is raised again when it is fetched
            _log.warning("raised_document_not_stored", use=use.id, error=str(error))

    def give_up(self, draft: UseDraft) -> None:
        """Remove what was written for a use that is not recorded."""
        self._documents.discard(draft.stored)


def _pack(sealed: Unfinished) -> bytes:
    place = (sealed.contents_offset or 0, sealed.contents_length or 0)
    return b"".join((_PACKED.pack(*place), *sealed.parts))


def _unpack(kept: bytes) -> Unfinished:
    offset, length = _PACKED.unpack_from(kept)
    parts = (memoryview(kept)[_PACKED.size :],)
    if not offset:
        return Unfinished(parts, asic.MEDIA_TYPE)
    return Unfinished(parts, PDF, offset, length)
