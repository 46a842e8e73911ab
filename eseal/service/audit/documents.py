"""Stored documents against the uses they belong to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from eseal.documents import asic
from eseal.errors import CorruptionError, ESealError, NotFoundError
from eseal.service.archive.documents import PAGE, Documents, covered_digest
from eseal.service.sealing.delivery import PDF
from eseal.store.repositories.documents import DocumentKind, DocumentRepository, StoredDocument
from eseal.store.repositories.uses import UseRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from eseal.service.instance.context import Context

    Tell = Callable[[str, str], None]


class DocumentAudit:
    """Reads every stored document and compares it with what was sealed.

    That a document is not stored says nothing: it may never have been, or its time was over.
    """

    def __init__(self, context: Context, tell: Tell) -> None:
        self._context = context
        self._documents = Documents(context)
        self._tell = tell

    def run(self, connection: Connection) -> int:
        """Check all; how many there were.

        Args:
            connection: sees the same state as the rest of the audit.
        """
        repository, uses = DocumentRepository(connection), UseRepository(connection)
        count, after = 0, ("", "")
        while page := repository.page(limit=PAGE, after=after):
            for document in page:
                self._check(document, uses)
            count += len(page)
            after = (page[-1].use_id, page[-1].kind.value)
        return count

    def _check(self, document: StoredDocument, uses: UseRepository) -> None:
        what = f"the stored {document.kind} document of use {document.use_id}"
        try:
            use = uses.get(document.use_id)
            statement = self._context.statement_of(use)
        except ESealError:
            self._tell("document_unknown", f"{what} belongs to no use that can be read")
            return
        try:
            digest, sealed = self._digests(document)
        except NotFoundError:
            if self._documents.find(document.use_id, document.kind) == document:
                self._tell("document_missing", f"{what} is gone from where it was stored")
            return  # otherwise it was forgotten, or replaced, while we looked
        except (CorruptionError, OSError) as error:
            self._tell("document_differs", f"{what} cannot be read: {error}")
            return
        beside = statement.media_type not in {PDF, asic.MEDIA_TYPE}
        if digest != document.digest:
            self._tell("document_differs", f"{what} is not what was stored")
        elif (document.kind is DocumentKind.SEALED or beside) and sealed != statement.digest:
            self._tell("document_differs", f"{what} is not what its seal covers")

    def _digests(self, document: StoredDocument) -> tuple[bytes, bytes]:
        """SHA-256 of the document as it is stored, and of what its seal covers."""
        whole = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            for piece in self._documents.read(document):
                whole.update(piece)
                yield piece

        if document.kind is DocumentKind.SEALED and document.media_type == asic.MEDIA_TYPE:
            container = asic.read(b"".join(pieces()))
            own = [seal for seal in container.seals if not seal.cms] or container.seals[-1:]
            return whole.digest(), own[0].digest
        covered = covered_digest(document, pieces())
        return whole.digest(), covered
