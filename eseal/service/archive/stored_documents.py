"""The documents an instance stores, as the renewal of archive time-stamps looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents import asic
from eseal.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.service.archive.documents import Documents
    from eseal.service.archive.renewal import KeptDocument
    from eseal.store.repositories.documents import StoredDocument


class StoredArchive:
    """All stored sealed documents; of a container, each of its signatures."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def documents(self) -> Iterator[KeptDocument]:
        """Those that are stored with their seal inside: only they can hold a time-stamp.

        Raises:
            CorruptionError: a stored container was changed.
        """
        for stored in self._documents.sealed():
            if not stored.finished:
                continue
            document = _Document(self._documents, stored)
            if stored.media_type != asic.MEDIA_TYPE:
                yield document
                continue
            for seal in asic.read(document.read()).seals:
                yield _Signature(document, seal.number)


class _Document:
    """A stored document as a whole."""

    def __init__(self, documents: Documents, stored: StoredDocument) -> None:
        self._documents = documents
        self._stored = stored

    @property
    def id(self) -> str:
        return self._stored.use_id

    def read(self) -> bytes:
        return b"".join(self._documents.read(self._stored))

    def replace(self, data: bytes) -> None:
        self._stored = self._documents.replace(self._stored, data)


class _Signature:
    """One signature of a stored container."""

    def __init__(self, container: _Document, number: int) -> None:
        self._container = container
        self._number = number

    @property
    def id(self) -> str:
        return self._container.id

    def read(self) -> bytes:
        for seal in asic.read(self._container.read()).seals:
            if seal.number == self._number:
                return seal.cms
        raise NotFoundError(f"the container of use {self.id} holds no signature {self._number}")

    def replace(self, data: bytes) -> None:
        container = asic.read(self._container.read())
        self._container.replace(container.with_cms(self._number, data).encode())
