"""What is known of stored documents, as rows; the documents themselves lie in files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import stored_documents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class DocumentKind(StrEnum):
    """Which of a use's two documents."""

    SEALED = "sealed"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document that is stored.

    Attributes:
        use_id: the use it belongs to.
        kind: original or sealed copy.
        file: name of its file, random.
        wrapped: the key of that file, encrypted.
        media_type: of the document.
        size: of the plain document, in bytes.
        digest: SHA-256 of the plain document as it is stored, 32 bytes.
        contents_offset: of a sealed PDF, where its CMS goes: offset of the first digit.
        contents_length: of a sealed PDF, the room for the CMS, in bytes of DER.
        covered: of a sealed PDF, the length of what this seal covers, in bytes.
        finished: whether the CMS is in it; if not, it is put in when the document is fetched.
        stored_at: when it was stored.
        expires_at: when it is to be forgotten.
    """

    use_id: str
    kind: DocumentKind
    file: str
    wrapped: bytes
    media_type: str
    size: int
    digest: bytes
    contents_offset: int | None
    contents_length: int | None
    covered: int | None
    finished: bool
    stored_at: datetime
    expires_at: datetime


class DocumentRepository:
    """Stored documents within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = rows_of(connection)

    def add(self, document: StoredDocument) -> None:
        """Note a document whose file is durable."""
        self._rows.insert(stored_documents, asdict(document))

    def get(self, use_id: str, kind: DocumentKind) -> StoredDocument | None:
        """The document of a use, or ``None`` if it is not stored (any more)."""
        query = select(stored_documents).where(
            stored_documents.c.use_id == use_id, stored_documents.c.kind == kind.value
        )
        found = self._rows.one(query, stored_documents)
        return None if found is None else _document(found)

    def replace(self, document: StoredDocument) -> bool:
        """Put another file in the place of a document's; whether it was still there."""
        table = stored_documents
        this = (table.c.use_id == document.use_id) & (table.c.kind == document.kind.value)
        return self._rows.update(table, this, asdict(document)) == 1

    def page(
        self,
        *,
        limit: int,
        after: tuple[str, str] = ("", ""),
        kind: DocumentKind | None = None,
        expired_at: datetime | None = None,
    ) -> list[StoredDocument]:
        """Documents by use and kind, those behind ``after``.

        Args:
            limit: how many at most.
            after: use id and kind of the last one seen.
            kind: only these.
            expired_at: only those whose time was over then.
        """
        table = stored_documents
        use_id, last = after
        query = select(table).where(
            (table.c.use_id > use_id) | ((table.c.use_id == use_id) & (table.c.kind > last))
        )
        if kind is not None:
            query = query.where(table.c.kind == kind.value)
        if expired_at is not None:
            query = query.where(table.c.expires_at <= expired_at)
        query = query.order_by(table.c.use_id, table.c.kind).limit(limit)
        return [_document(row) for row in self._rows.all(query, table)]

    def of_use(self, use_id: str) -> list[StoredDocument]:
        """Both documents of a use, where they are stored."""
        query = select(stored_documents).where(stored_documents.c.use_id == use_id)
        return [_document(row) for row in self._rows.all(query, stored_documents)]

    def drop(self, documents: Sequence[StoredDocument]) -> None:
        """Forget documents: with the row goes the only key to the file."""
        names = [document.file for document in documents]
        self._rows.delete(stored_documents, stored_documents.c.file.in_(names))

    def known(self, files: Sequence[str]) -> set[str]:
        """Those of the files that belong to a stored document."""
        query = select(stored_documents.c.file).where(stored_documents.c.file.in_(files))
        return set(self._connection.execute(query).scalars())


def _document(row: object) -> StoredDocument:
    values = {name: getattr(row, name) for name in content_names(stored_documents)}
    return StoredDocument(**{**values, "kind": DocumentKind(values["kind"])})
