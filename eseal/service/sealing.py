"""Applying a seal: to a document, or to a digest alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from eseal.documents.media import is_pdf
from eseal.documents.media import media_type as media_type_of
from eseal.documents.pdf import PdfSealOptions, SealBox, prepare
from eseal.errors import ESealError, InvalidInputError, TooLargeError
from eseal.model.ids import new_id, new_ids
from eseal.model.seal import Seal
from eseal.model.statement import HASH_BYTES, check_media_type, check_purpose, format_time
from eseal.service.batch import UseDraft
from eseal.service.delivery import PDF, SIGNATURE_MEDIA_TYPE, Delivery, Pending, SealedDocument
from eseal.service.documents import Unfinished
from eseal.service.sequencer import Idempotency, Recorded, Sequencer
from eseal.store.companies import CompanyRepository
from eseal.store.seals import SealRepository

if TYPE_CHECKING:
    from eseal.model.use import Use
    from eseal.service.context import Context

__all__ = ["SIGNATURE_MEDIA_TYPE", "DigestOrder", "SealedDocument", "SealedUse", "Sealing"]


@dataclass(frozen=True, slots=True)
class DigestOrder:
    """A document known by its digest alone.

    Attributes:
        digest: SHA-256, 32 bytes.
        media_type: IANA media type.
        purpose: what the seal is used for, or ``None``.
    """

    digest: bytes
    media_type: str = "application/octet-stream"
    purpose: str | None = None


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


class Sealing:
    """Applies seals. Safe to call from several threads."""

    def __init__(self, context: Context, sequencer: Sequencer, delivery: Delivery) -> None:
        self._context = context
        self._sequencer = sequencer
        self._delivery = delivery

    def submit_digests(
        self,
        seal_id: str,
        orders: Sequence[DigestOrder],
        *,
        actor: str,
        idempotency: Idempotency | None = None,
    ) -> Future[list[Recorded | ESealError]]:
        """Queue uses of one seal; see :meth:`Sequencer.submit`.

        Raises:
            InvalidInputError: a digest, media type or purpose cannot be used.
        """
        for order in orders:
            _check(order)
        now = format_time(self._context.now())
        use_ids = new_ids(len(orders))
        drafts = [
            draft_of(use_id, seal_id, order, actor, now)
            for use_id, order in zip(use_ids, orders, strict=True)
        ]
        return self._sequencer.submit(drafts, idempotency)

    def seal_digests(
        self,
        seal_id: str,
        orders: Sequence[DigestOrder],
        *,
        actor: str,
        idempotency: Idempotency | None = None,
    ) -> list[SealedUse | ESealError]:
        """Seal digests and wait; an outcome per order.

        Raises:
            InvalidInputError: a digest, media type or purpose cannot be used.
            IdempotencyConflictError: the key was used with another request.
        """
        future = self.submit_digests(seal_id, orders, actor=actor, idempotency=idempotency)
        return [
            self.finish(outcome) if isinstance(outcome, Recorded) else outcome
            for outcome in future.result()
        ]

    def finish(self, recorded: Recorded) -> SealedUse:
        """Build the seal signature of a recorded use."""
        use = recorded.use
        cms = self._context.cms_of(use, recorded.receipt, recorded.attributes)
        return SealedUse(use, recorded.receipt, cms)

    def seal_document(  # noqa: PLR0913  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        *,
        filename: str,
        actor: str,
        purpose: str | None = None,
        visible: SealBox | None = None,
        idempotency: Idempotency | None = None,
    ) -> SealedDocument:
        """Seal a document: a PDF gets the seal inside, anything else a ``.p7s`` beside it.

        Raises:
            NotFoundError: there is no such seal.
            SealNotActiveError: the seal cannot be used now.
            InvalidInputError: the document or purpose cannot be used; nothing is recorded.
            IdempotencyConflictError: the key was used with another request.
        """
        return self.submit_document(
            seal_id,
            data,
            filename=filename,
            actor=actor,
            purpose=purpose,
            visible=visible,
            idempotency=idempotency,
        ).result()

    def submit_document(  # noqa: PLR0913  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        *,
        filename: str,
        actor: str,
        purpose: str | None = None,
        visible: SealBox | None = None,
        idempotency: Idempotency | None = None,
        use_id: str | None = None,
    ) -> Pending:
        """The same without waiting for the commit: many documents then share one.

        Args:
            seal_id: the seal.
            data: the document.
            filename: what it is called.
            actor: who asks.
            purpose: what for, or ``None``.
            visible: where a PDF shows the seal, or ``None``.
            idempotency: the request's key, or ``None``.
            use_id: the id the use is to have, so that it can be looked for whatever happens.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: the document or purpose cannot be used; nothing is recorded.
        """
        limit = self._context.settings.max_upload_bytes
        if len(data) > limit:
            raise TooLargeError(f"document: expected at most {limit} bytes, got {len(data)}")
        if not data:
            raise InvalidInputError("document: expected content, got an empty file", field="file")
        if purpose is not None:
            check_purpose(purpose)
        media_type = media_type_of(data, filename)
        if is_pdf(data) or filename.lower().endswith(".pdf"):
            return self._seal_pdf(seal_id, data, actor, purpose, visible, idempotency, use_id)
        order = DigestOrder(hashlib.sha256(data).digest(), media_type, purpose)
        _check(order)
        now = format_time(self._context.now())
        draft = draft_of(use_id or new_id(), seal_id, order, actor, now)
        original = data, media_type
        return self._delivery.submit(draft, None, original=original, idempotency=idempotency)

    def _seal_pdf(  # noqa: PLR0913, PLR0917  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        actor: str,
        purpose: str | None,
        visible: SealBox | None,
        idempotency: Idempotency | None,
        use_id: str | None,
    ) -> Pending:
        seal, company_name = self._seal_and_name(seal_id)
        now = self._context.now()
        options = PdfSealOptions(
            field_name=f"Seal-{new_id()[:8]}",
            signer_name=company_name,
            sealed_at=now,
            visible=visible,
            reason=purpose,
        )
        prepared = prepare(data, options)
        order = DigestOrder(prepared.digest, PDF, purpose)
        draft = draft_of(use_id or new_id(), seal.id, order, actor, format_time(now))
        sealed = Unfinished(
            (prepared.original, prepared.update),
            PDF,
            prepared.contents_offset,
            prepared.contents_length,
        )
        return self._delivery.submit(draft, sealed, original=(data, PDF), idempotency=idempotency)

    def document(self, use_id: str) -> SealedDocument:
        """The sealed document of a use again, with the newest receipt.

        Raises:
            NotFoundError: there is no such use, or its PDF is not kept (any more).
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

    def _seal_and_name(self, seal_id: str) -> tuple[Seal, str]:
        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            return seal, CompanyRepository(connection).get(seal.company_id).name


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
    use_id: str, seal_id: str, order: DigestOrder, actor: str, requested_at: str
) -> UseDraft:
    """A use with its approval record.

    Args:
        use_id: its id.
        seal_id: the seal.
        order: what is sealed.
        actor: who asks.
        requested_at: when, RFC 3339.
    """
    authorization = orjson.dumps(
        {
            "v": 1,
            "use": use_id,
            "seal": seal_id,
            "digest": order.digest.hex(),
            "purpose": order.purpose,
            "actor": actor,
            "requested_at": requested_at,
            "approvals": [],
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return UseDraft(use_id, seal_id, order.digest, order.media_type, order.purpose, authorization)
