"""Applying a seal: to a document, or to a digest alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eseal.documents.impressions.drawing.fonts import Fonts
from eseal.documents.media import is_pdf
from eseal.documents.media import media_type as media_type_of
from eseal.documents.pdf import ContentPolicy, PdfSealOptions, SealingMode, prepare, show_pages
from eseal.errors import ESealError, InvalidInputError, TooLargeError, ValidationDataError
from eseal.model.actor import Actor, Capability
from eseal.model.approval import ApprovalRecord
from eseal.model.ids import new_id, new_ids
from eseal.model.level import Level
from eseal.model.statement import HASH_BYTES, check_media_type, check_purpose, format_time
from eseal.service.archive.documents import Unfinished
from eseal.service.people.permissions import permit
from eseal.service.record.drafts import UseDraft
from eseal.service.record.sequencer import Idempotency, Recorded, Sequencer
from eseal.service.sealing.appearance import ArtworkSource, visible_seal, with_marks
from eseal.service.sealing.delivery import (
    PDF,
    SIGNATURE_MEDIA_TYPE,
    Delivery,
    Pending,
    SealedDocument,
)
from eseal.service.sealing.levels import Levels, room_for
from eseal.service.sealing.orders import DigestOrder, DocumentOrder
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from eseal.documents.pdf import Placing, PreparedPdf, SealBox
    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.model.use import Use
    from eseal.service.instance.context import Context

__all__ = [
    "SIGNATURE_MEDIA_TYPE",
    "DigestOrder",
    "DocumentOrder",
    "SealedDocument",
    "SealedUse",
    "Sealing",
]


@dataclass(frozen=True, slots=True)
class SealedUse:
    """A recorded use and its seal signature.

    Attributes:
        use: what is on record.
        receipt: C2SP tlog-proof text.
        cms: the seal signature with the receipt inside, DER: the content of a ``.p7s``.
    """

    use: Use
    receipt: bytes
    cms: bytes


@dataclass(frozen=True, slots=True)
class Preview:
    """What a document would look like.

    Attributes:
        pages: PNG each, in order.
        notes: what whoever seals should know of the choices made, in words.
    """

    pages: tuple[bytes, ...]
    notes: tuple[str, ...]


class Sealing:
    """Applies seals. Safe to call from several threads."""

    def __init__(
        self,
        context: Context,
        sequencer: Sequencer,
        delivery: Delivery,
        levels: Levels,
        artwork: ArtworkSource,
    ) -> None:
        self._context = context
        self._artwork = artwork
        self._levels = levels
        self._sequencer = sequencer
        self._delivery = delivery

    def submit_digests(
        self,
        seal_id: str,
        orders: Sequence[DigestOrder],
        *,
        actor: Actor,
        idempotency: Idempotency | None = None,
    ) -> Future[list[Recorded | ESealError]]:
        """Queue uses of one seal; see :meth:`Sequencer.submit`.

        Raises:
            InvalidInputError: a digest, media type or purpose cannot be used.
        """
        permit(actor, Capability.USE_SEALS)
        for order in orders:
            _check(order)
        now = format_time(self._context.now())
        use_ids = new_ids(len(orders))
        drafts = [
            draft_of(use_id, seal_id, order, actor, now)
            for use_id, order in zip(use_ids, self._levels.settle(seal_id, orders), strict=True)
        ]
        return self._sequencer.submit(drafts, idempotency)

    def seal_digests(
        self,
        seal_id: str,
        orders: Sequence[DigestOrder],
        *,
        actor: Actor,
        idempotency: Idempotency | None = None,
    ) -> list[SealedUse | ESealError]:
        """Seal digests and wait; an outcome per order.

        Raises:
            InvalidInputError: a digest, media type or purpose cannot be used.
            IdempotencyConflictError: the key was used with another request.
        """
        future = self.submit_digests(seal_id, orders, actor=actor, idempotency=idempotency)
        return [
            self.try_finish(outcome) if isinstance(outcome, Recorded) else outcome
            for outcome in future.result()
        ]

    def finish(self, recorded: Recorded) -> SealedUse:
        """Build the seal signature of a recorded use. Above level B-B this asks others: slow.

        Raises:
            ValidationDataError: the level could not be reached now. The use is on record.
        """
        return self._finished(recorded, recorded.receipt())

    def finish_anchored(self, recorded: Recorded) -> SealedUse:
        """The same once a head that holds the use is on the ledger. Slow.

        Raises:
            AnchorDueError: it takes too long. The use is on record.
            ValidationDataError: as :meth:`finish`.
        """
        return self._finished(recorded, self._delivery.anchored_receipt(recorded.use))

    def _finished(self, recorded: Recorded, receipt: bytes) -> SealedUse:
        use = recorded.use
        cms = self._context.cms_of(use, receipt, recorded.attributes)
        return SealedUse(use, receipt, self._levels.signature(use, cms))

    def try_finish(self, recorded: Recorded) -> SealedUse | ValidationDataError:
        """As :meth:`finish`; what could not be had now is the outcome of this use alone."""
        try:
            return self.finish(recorded)
        except ValidationDataError as error:
            return error

    def seal_document(  # noqa: PLR0913  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        *,
        filename: str,
        actor: Actor,
        purpose: str | None = None,
        visible: Placing | SealBox | None = None,
        mode: SealingMode | None = None,
        level: Level | None = None,
        idempotency: Idempotency | None = None,
    ) -> SealedDocument:
        """Seal a document: a PDF gets the seal inside, anything else a ``.p7s`` beside it.

        Args:
            seal_id: the seal.
            data: the document.
            filename: what it is called.
            actor: who asks, for the record.
            purpose: what the seal is used for, or ``None``.
            visible: where it shows in a PDF, or ``None`` for an invisible seal.
            mode: in which mode a PDF is sealed: alone or with others; ``None``: alone.
            level: of the seal signature, or ``None`` for the one set.
            idempotency: the key of the request, or ``None``.

        Raises:
            ValidationDataError: the level could not be reached now. The use is on record, and
                :meth:`document` tries again.
            NotFoundError: there is no such seal.
            SealNotActiveError: the seal cannot be used now.
            InvalidInputError: the document or purpose cannot be used; nothing is recorded.
            IdempotencyConflictError: the key was used with another request.
        """
        order = DocumentOrder(purpose, level, visible, mode)
        pending = self.submit_document(
            seal_id, data, order, filename=filename, actor=actor, idempotency=idempotency
        )
        return pending.result()

    def submit_document(  # noqa: PLR0913  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        order: DocumentOrder,
        *,
        filename: str,
        actor: Actor,
        idempotency: Idempotency | None = None,
        use_id: str | None = None,
    ) -> Pending:
        """The same without waiting for the commit: many documents then share one.

        Args:
            seal_id: the seal.
            data: the document.
            order: how it is to be sealed.
            filename: what it is called.
            actor: who asks.
            idempotency: the request's key, or ``None``.
            use_id: the id the use is to have, so that it can be looked for whatever happens.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: the document or purpose cannot be used; nothing is recorded.
        """
        permit(actor, Capability.USE_SEALS)
        limit = self._context.settings.max_upload_bytes
        if len(data) > limit:
            raise TooLargeError(f"document: expected at most {limit} bytes, got {len(data)}")
        if not data:
            raise InvalidInputError("document: expected content, got an empty file", field="file")
        if order.purpose is not None:
            check_purpose(order.purpose)
        use_id = use_id or new_id()
        media_type = media_type_of(data, filename)
        handed_in = hashlib.sha256(data).digest()
        digest, sealed, notes = handed_in, None, tuple[str, ...]()
        if is_pdf(data) or filename.lower().endswith(".pdf"):
            media_type = PDF
            prepared = self._prepare(seal_id, data, order, use_id)
            digest, notes = prepared.digest, prepared.notes
            sealed = Unfinished(
                (prepared.data,), PDF, prepared.contents_offset, prepared.contents_length
            )
        asked = DigestOrder(digest, media_type, order.purpose, order.level)
        draft = self._draft(use_id, seal_id, asked, actor)
        if sealed is not None:
            draft = draft._replace(source=handed_in)
        return self._delivery.submit(
            draft,
            sealed,
            original=(data, media_type),
            notes=notes,
            idempotency=idempotency,
            anchored=order.anchored,
        )

    def preview(
        self, seal_id: str, data: bytes, order: DocumentOrder, *, width: int, most: int
    ) -> Preview:
        """What a PDF would look like when it is sealed; nothing is recorded.

        Args:
            seal_id: the seal.
            data: the document.
            order: how it is to be sealed.
            width: of the pictures, pixels.
            most: pages that are shown.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: the document cannot be sealed in this way.
        """
        prepared = self._prepare(seal_id, data, order, new_id())
        whole = bytes(prepared.data)
        pages = show_pages(whole, width=width, most=most)
        return Preview(tuple(pages), prepared.notes)

    def _prepare(self, seal_id: str, data: bytes, order: DocumentOrder, use_id: str) -> PreparedPdf:
        """A PDF made ready for its CMS."""
        settings, fonts = self._context.settings, Fonts(self._context.settings.font)
        company, seal = self._company_of(seal_id)
        visible = None
        if order.visible is not None:
            visible = visible_seal(
                order.visible,
                self._artwork.artwork(seal_id),
                use_id=use_id,
                public_url=settings.public_url,
                fonts=fonts,
            )
        options = PdfSealOptions(
            field_name=f"Seal-{new_id()[:8]}",
            signer_name=company.name,
            sealed_at=self._context.now(),
            visible=visible,
            reason=order.purpose,
            contents_bytes=room_for(order.level or self._levels.default),
            mode=replace(
                with_marks(order.mode or SealingMode(), fonts), content=ContentPolicy.of(settings)
            ),
            alternative=f"{seal.type.value.replace('_', ' ').capitalize()} seal of {company.name}",
            verify_at=settings.public_url,
        )
        return prepare(data, options)

    def document(self, use_id: str) -> SealedDocument:
        """The sealed document of a use again, with the newest receipt.

        Raises:
            NotFoundError: there is no such use, or its PDF is not kept (any more).
            ValidationDataError: the level it was ordered at could not be reached now.
        """
        return self._delivery.fetch(use_id)

    def delivered(self, *use_ids: str) -> None:
        """Forget the documents kept for delivery: their owners have them."""
        self._delivery.delivered(*use_ids)

    def forget(self, use_id: str) -> None:
        """Forget whatever is kept or stored of a use; the use stays on record."""
        self._delivery.forget(use_id)

    def forget_expired(self) -> int:
        """Forget kept documents whose time is over; how many."""
        return self._delivery.forget_expired()

    def _company_of(self, seal_id: str) -> tuple[Company, Seal]:
        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            return CompanyRepository(connection).get(seal.company_id), seal

    def _draft(self, use_id: str, seal_id: str, order: DigestOrder, actor: Actor) -> UseDraft:
        _check(order)
        now = format_time(self._context.now())
        (settled,) = self._levels.settle(seal_id, [order])
        return draft_of(use_id, seal_id, settled, actor, now)


def _check(order: DigestOrder) -> None:
    if len(order.digest) != HASH_BYTES:
        raise InvalidInputError(
            f"digest: expected {HASH_BYTES} bytes (SHA-256), got {len(order.digest)}",
            field="digest",
        )
    check_media_type(order.media_type)
    if order.purpose is not None:
        check_purpose(order.purpose)


def draft_of(
    use_id: str, seal_id: str, order: DigestOrder, actor: Actor, requested_at: str
) -> UseDraft:
    """A use with its approval record.

    Args:
        use_id: its id.
        seal_id: the seal.
        order: what is sealed.
        actor: who asks.
        requested_at: when, RFC 3339.
    """
    record = ApprovalRecord(
        use=use_id,
        seal=seal_id,
        digest=order.digest,
        actor=actor.name,
        requested_at=requested_at,
        purpose=order.purpose,
        level=order.level or Level.B_B,
    )
    authorization = record.encode()
    return UseDraft(
        use_id,
        seal_id,
        order.digest,
        order.media_type,
        order.purpose,
        authorization,
        company_id=actor.company_id,
    )
