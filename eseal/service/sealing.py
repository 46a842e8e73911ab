"""Applying a seal: to a document, or to a digest alone."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from eseal.documents.media import is_pdf
from eseal.documents.media import media_type as media_type_of
from eseal.documents.pdf import Manner, PdfSealOptions, PreparedPdf, SealBox, prepare
from eseal.errors import ESealError, InvalidInputError, TooLargeError
from eseal.model.ids import new_id, new_ids
from eseal.model.seal import Seal
from eseal.model.statement import HASH_BYTES, check_media_type, check_purpose, format_time
from eseal.service.batch import UseDraft
from eseal.service.sequencer import Idempotency, Recorded, Sequencer
from eseal.store.companies import CompanyRepository
from eseal.store.seals import SealRepository
from eseal.store.uses import UseRepository

if TYPE_CHECKING:
    from eseal.model.use import Use
    from eseal.service.context import Context

SIGNATURE_MEDIA_TYPE = "application/pkcs7-signature"
"""RFC 8551 section 3.2: what a detached ``.p7s`` is."""


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


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """What a sealed document is delivered as.

    Attributes:
        use: what is on record.
        data: the sealed PDF, or the detached signature.
        media_type: of ``data``.
        suffix: what to put behind the file's stem (PDF) or whole name (others).
    """

    use: Use
    data: bytes
    media_type: str
    suffix: str


class Sealing:
    """Applies seals. Safe to call from several threads."""

    def __init__(self, context: Context, sequencer: Sequencer) -> None:
        self._context = context
        self._sequencer = sequencer

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
            _draft(use_id, seal_id, order, actor, now)
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
        manner: Manner | None = None,
        idempotency: Idempotency | None = None,
    ) -> SealedDocument:
        """Seal a document: a PDF gets the seal inside, anything else a ``.p7s`` beside it.

        Raises:
            NotFoundError: there is no such seal.
            SealNotActiveError: the seal cannot be used now.
            InvalidInputError: the document or purpose cannot be used; nothing is recorded.
            IdempotencyConflictError: the key was used with another request.
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
            return self._seal_pdf(
                seal_id, data, actor, purpose, visible, manner or Manner(), idempotency
            )
        order = DigestOrder(hashlib.sha256(data).digest(), media_type, purpose)
        sealed = self.seal_digests(seal_id, [order], actor=actor, idempotency=idempotency)[0]
        if isinstance(sealed, ESealError):
            raise sealed
        return SealedDocument(sealed.use, sealed.cms, SIGNATURE_MEDIA_TYPE, ".p7s")

    def _seal_pdf(  # noqa: PLR0913, PLR0917  # what a use is made of
        self,
        seal_id: str,
        data: bytes,
        actor: str,
        purpose: str | None,
        visible: SealBox | None,
        manner: Manner,
        idempotency: Idempotency | None,
    ) -> SealedDocument:
        seal, company_name = self._seal_and_name(seal_id)
        now = self._context.now()
        options = PdfSealOptions(
            field_name=f"Seal-{new_id()[:8]}",
            signer_name=company_name,
            sealed_at=now,
            visible=visible,
            reason=purpose,
            manner=replace(
                manner, allow_embedded_files=self._context.settings.allow_embedded_files
            ),
        )
        prepared = prepare(data, options)
        order = DigestOrder(prepared.digest, "application/pdf", purpose)
        draft = _draft(new_id(), seal.id, order, actor, format_time(now))
        hours = timedelta(hours=self._context.settings.document_retention_hours)
        kept = UseDraft(
            draft.use_id,
            draft.seal_id,
            draft.digest,
            draft.media_type,
            draft.purpose,
            draft.authorization,
            self._context.vault.encrypt(_pack(prepared), draft.use_id.encode()),
            now + hours,
        )
        outcome = self._sequencer.submit([kept], idempotency).result()[0]
        if isinstance(outcome, ESealError):
            raise outcome
        if outcome.use.id != draft.use_id:  # an earlier request under this Idempotency-Key
            return self.document(outcome.use.id)
        sealed = self.finish(outcome)
        return SealedDocument(outcome.use, prepared.embed(sealed.cms), "application/pdf", ".pdf")

    def document(self, use_id: str) -> SealedDocument:
        """The sealed document of a use again, with the newest receipt.

        Raises:
            NotFoundError: there is no such use, or its PDF is not kept (any more).
        """
        with self._context.database.read() as connection:
            uses = UseRepository(connection)
            use = uses.get(use_id)
            if self._context.statement_of(use).media_type != "application/pdf":
                ciphertext = None
            else:
                ciphertext = uses.document(use_id)
            receipt = self._context.receipt_of(connection, use)
        cms = self._context.cms_of(use, receipt)
        if ciphertext is None:
            return SealedDocument(use, cms, SIGNATURE_MEDIA_TYPE, ".p7s")
        plain = self._context.vault.decrypt(ciphertext, use.id.encode())
        data = _unpack(plain).embed(cms)
        return SealedDocument(use, data, "application/pdf", ".pdf")

    def delivered(self, use_id: str) -> None:
        """Forget the kept document of a use: its owner has it."""
        with self._context.database.write() as connection:
            UseRepository(connection).drop_documents(expired_at=self._context.now(), use_id=use_id)

    def forget_expired(self) -> int:
        """Forget kept documents whose time is over; how many."""
        with self._context.database.write() as connection:
            return UseRepository(connection).drop_documents(expired_at=self._context.now())

    def _seal_and_name(self, seal_id: str) -> tuple[Seal, str]:
        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            return seal, CompanyRepository(connection).get(seal.company_id).name


_PACKED = struct.Struct(">QQ")
"""A kept PDF: where its CMS goes and how much fits, then the file."""


def _pack(prepared: PreparedPdf) -> bytes:
    return _PACKED.pack(prepared.contents_offset, prepared.contents_length) + prepared.data


def _unpack(kept: bytes) -> PreparedPdf:
    offset, length = _PACKED.unpack_from(kept)
    return PreparedPdf(kept[_PACKED.size :], b"", offset, length)


def _check(order: DigestOrder) -> None:
    if len(order.digest) != HASH_BYTES:
        raise InvalidInputError(
            f"digest: expected {HASH_BYTES} bytes (SHA-256), got {len(order.digest)}",
            field="digest",
        )
    check_media_type(order.media_type)
    if order.purpose is not None:
        check_purpose(order.purpose)


def _draft(
    use_id: str, seal_id: str, order: DigestOrder, actor: str, requested_at: str
) -> UseDraft:
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
