"""Documents kept beyond delivery: encrypted, for a time, and only where that is switched on.

Each document is a file of its own under a random name and a random key. The file is durable before
the transaction that records the use; the key, encrypted and bound to the use, is a row in that
transaction. So a crash leaves a file nobody can read, which :meth:`Documents.sweep` removes, but
never a record whose document was lost. Forgetting takes the row first, and with it the only key.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from eseal.documents import asic
from eseal.documents.pdf import PreparedPdf
from eseal.durable import PRIVATE_DIRECTORY_MODE, create_file_of
from eseal.errors import CorruptionError, NotFoundError
from eseal.keys import segments
from eseal.model.ids import new_id
from eseal.store.repositories.documents import DocumentKind, DocumentRepository, StoredDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eseal.service.instance.context import Context

_log = structlog.get_logger(__name__)

PAGE: Final = 256
"""Rows looked at in one transaction."""
ORPHAN_SECONDS: Final = 3600.0
"""A file without a row may belong to a use that is just being recorded, for seconds at most."""
SWEEP_SECONDS: Final = 3600.0
"""Between two looks for such files."""
_WRAPPING: Final = b"document-key:"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A sealed document that lacks only its CMS.

    Attributes:
        parts: its bytes, in pieces that follow each other.
        media_type: of the document.
        contents_offset: of a PDF, where the CMS goes.
        contents_length: of a PDF, the room for it.
    """

    parts: tuple[bytes | memoryview, ...]
    media_type: str
    contents_offset: int | None = None
    contents_length: int | None = None

    def finish(self, cms: bytes) -> bytes:
        """The sealed document.

        Args:
            cms: DER.
        """
        prepared = self.pdf()
        if prepared is not None:
            return prepared.embed(cms)
        container = asic.read(b"".join(self.parts))
        (open_seal,) = (seal for seal in container.seals if not seal.cms)
        return container.with_cms(open_seal.number, cms).encode()

    def pdf(self) -> PreparedPdf | None:
        """The PDF that waits for its CMS; ``None`` of a container."""
        if self.contents_offset is None or self.contents_length is None:
            return None
        whole = b"".join(self.parts)
        return PreparedPdf(whole, b"", self.contents_offset, self.contents_length)


class Documents:
    """Stores documents, gives them back, forgets them. Safe to call from several threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._swept = -SWEEP_SECONDS

    @property
    def stores_sealed(self) -> bool:
        """Whether sealed documents are stored."""
        return self._context.settings.store_documents != "none"

    @property
    def stores_originals(self) -> bool:
        """Whether documents are stored as they were handed in."""
        return self._context.settings.store_documents == "original-and-sealed"

    def put(
        self, use_id: str, sealed: Unfinished | None, original: bytes | None, media_type: str
    ) -> tuple[StoredDocument, ...]:
        """Write what the settings ask for; the rows to be recorded with the use.

        Args:
            use_id: the use it will belong to.
            sealed: the sealed document; ``None`` if the signature stays beside it.
            original: the document as it was handed in.
            media_type: of the original.

        Raises:
            OSError: a file cannot be written; none is left.
        """
        stored: list[StoredDocument] = []
        try:
            if sealed is not None and self.stores_sealed:
                stored.append(self._put_sealed(use_id, sealed))
            if original is not None and self.stores_originals:
                stored.append(self._write(use_id, DocumentKind.ORIGINAL, (original,), media_type))
        except BaseException:
            self.discard(stored)
            raise
        return tuple(stored)

    def discard(self, documents: Iterable[StoredDocument]) -> None:
        """Remove files whose rows are gone, or were never recorded."""
        for document in documents:
            with contextlib.suppress(OSError):  # the next sweep takes what is left
                self._path(document.file).unlink(missing_ok=True)

    def find(self, use_id: str, kind: DocumentKind) -> StoredDocument | None:
        """What is stored of a use, or ``None``."""
        with self._context.database.read() as connection:
            return DocumentRepository(connection).get(use_id, kind)

    def read(self, document: StoredDocument) -> Iterator[bytes]:
        """The plain bytes, in pieces.

        Raises:
            NotFoundError: the file is gone.
            CorruptionError: it was changed, or belongs to another use.
        """
        context = _name(document.use_id, document.kind)
        key = self._context.vault.decrypt(document.wrapped, _WRAPPING + context)
        try:
            with self._path(document.file).open("rb") as file:
                yield from segments.decrypt(file, key, context)
        except FileNotFoundError:
            raise NotFoundError(
                f"the {document.kind} document of use {document.use_id} is not stored here any more"
            ) from None

    def unfinished(self, document: StoredDocument) -> Unfinished:
        """A stored document that still lacks its CMS."""
        return Unfinished(
            tuple(self.read(document)),
            document.media_type,
            document.contents_offset,
            document.contents_length,
        )

    def original(self, use_id: str) -> tuple[bytes, str]:
        """The document as it was handed in, and its media type.

        Raises:
            NotFoundError: it is not stored (any more).
        """
        found = self.find(use_id, DocumentKind.ORIGINAL)
        if found is None:
            raise NotFoundError(f"the original document of use {use_id} is not stored here")
        return b"".join(self.read(found)), found.media_type

    def sealed(self, *, after: str = "") -> Iterator[StoredDocument]:
        """All stored sealed documents, by use id, from behind ``after`` on.

        Each page is a transaction of its own: what is stored meanwhile may or may not be among
        them, and :meth:`replace` may be called in between.
        """
        last = (after, DocumentKind.SEALED.value)
        while True:
            with self._context.database.read() as connection:
                repository = DocumentRepository(connection)
                page = repository.page(limit=PAGE, after=last, kind=DocumentKind.SEALED)
            if not page:
                return
            yield from page
            last = (page[-1].use_id, page[-1].kind.value)

    def replace(self, document: StoredDocument, data: bytes) -> StoredDocument:
        """Store another form of a sealed document, e.g. one with a newer archive time-stamp.

        Args:
            document: the one it replaces.
            data: the whole document, with its CMS.

        Raises:
            CorruptionError: it is not the same document: what the seal covers differs.
            NotFoundError: the document was forgotten meanwhile.
            OSError: it cannot be written.
        """
        if document.covered is not None and not is_under_seal(
            document, [data], self._covered_digest(document)
        ):
            raise CorruptionError(
                f"use {document.use_id}: expected a longer form of the stored document, got "
                "another one"
            )
        made = self._write(document.use_id, document.kind, (data,), document.media_type)
        made = replace(
            made,
            contents_offset=document.contents_offset,
            contents_length=document.contents_length,
            covered=document.covered,
            finished=True,
            stored_at=document.stored_at,
            expires_at=document.expires_at,
        )
        with self._context.database.write() as connection:
            there = DocumentRepository(connection).replace(made)
        if not there:
            self.discard([made])
            raise NotFoundError(f"the document of use {document.use_id} is not stored any more")
        self.discard([document])
        return made

    def forget(self, use_id: str) -> int:
        """Forget what is stored of one use, which stays on record; how many documents."""
        with self._context.database.write() as connection:
            repository = DocumentRepository(connection)
            found = repository.of_use(use_id)
            repository.drop(found)
        self.discard(found)
        return len(found)

    def forget_expired(self) -> int:
        """Forget documents whose time is over; how many."""
        count = 0
        while found := self._drop_expired():
            self.discard(found)
            count += len(found)
        return count

    def upkeep(self) -> None:
        """Forget what has expired; now and then look for files that belong to nothing."""
        self.forget_expired()
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            self.sweep()

    def sweep(self) -> int:
        """Remove files that belong to no use; how many. Young ones may belong to one soon."""
        self._swept = time.monotonic()
        oldest = time.time() - ORPHAN_SECONDS
        removed = 0
        root = self._context.settings.store_path
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if not folder.is_dir():  # not ours: the demonstration lays its files here
                continue
            names = [file for file in folder.iterdir() if _modified(file) < oldest]
            for start in range(0, len(names), PAGE):
                removed += self._remove_unknown(names[start : start + PAGE])
        if removed:
            _log.warning("orphaned_documents_removed", files=removed)
        return removed

    def _remove_unknown(self, files: Sequence[Path]) -> int:
        with self._context.database.read() as connection:
            known = DocumentRepository(connection).known([file.name for file in files])
        unknown = [file for file in files if file.name not in known]
        for file in unknown:
            file.unlink(missing_ok=True)
        return len(unknown)

    def _drop_expired(self) -> list[StoredDocument]:
        with self._context.database.read() as connection:  # most of the time there is none
            expired_at = self._context.now()
            found = DocumentRepository(connection).page(limit=PAGE, expired_at=expired_at)
        if found:
            with self._context.database.write() as connection:
                DocumentRepository(connection).drop(found)
        return found

    def _put_sealed(self, use_id: str, sealed: Unfinished) -> StoredDocument:
        stored = self._write(use_id, DocumentKind.SEALED, sealed.parts, sealed.media_type)
        return replace(
            stored,
            contents_offset=sealed.contents_offset,
            contents_length=sealed.contents_length,
            covered=None if sealed.contents_offset is None else stored.size,
            finished=False,
        )

    def _write(
        self,
        use_id: str,
        kind: DocumentKind,
        parts: Sequence[bytes | memoryview],
        media_type: str,
    ) -> StoredDocument:
        key, context, name = segments.new_key(), _name(use_id, kind), new_id()
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part)
        path = self._path(name)
        path.parent.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        create_file_of(path, segments.encrypt(parts, key, context))
        now = self._context.now()
        return StoredDocument(
            use_id=use_id,
            kind=kind,
            file=name,
            wrapped=self._context.vault.encrypt(key, _WRAPPING + context),
            media_type=media_type,
            size=sum(map(len, parts)),
            digest=digest.digest(),
            contents_offset=None,
            contents_length=None,
            covered=None,
            finished=True,
            stored_at=now,
            expires_at=now + timedelta(days=self._context.settings.store_days),
        )

    def _covered_digest(self, document: StoredDocument) -> bytes:
        return covered_digest(document, self.read(document))

    def _path(self, name: str) -> Path:
        return self._context.settings.store_path / name[:2] / name


def covered_digest(document: StoredDocument, pieces: Iterable[bytes]) -> bytes:
    """SHA-256 of what the seal in a stored PDF covers (ISO 32000-1 section 12.8.1).

    Args:
        document: with its three offsets.
        pieces: the plain document, in pieces; each is read once and not kept.
    """
    offset, room, end = document.contents_offset, document.contents_length, document.covered
    digest = hashlib.sha256()
    if offset is None or room is None or end is None:
        for piece in pieces:
            digest.update(piece)
        return digest.digest()
    spans = ((0, offset - 1), (offset + 2 * room + 1, end))
    position = 0
    for piece in pieces:
        view = memoryview(piece)
        for first, last in spans:
            digest.update(view[max(first - position, 0) : max(last - position, 0)])
        position += len(piece)
    return digest.digest()


def is_under_seal(document: StoredDocument, pieces: Iterable[bytes], expected: bytes) -> bool:
    """Whether a form of a stored PDF still holds what its seal covers."""
    return covered_digest(document, pieces) == expected


def _modified(file: Path) -> float:
    """When a file was last written; one that was removed meanwhile counts as new."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _name(use_id: str, kind: DocumentKind) -> bytes:
    return f"{kind.value}:{use_id}".encode()
