"""Putting a sealed PDF together: the original as it is, the update behind it, the CMS in its place.

The original is the large part and never copied: it is hashed where it lies, and written from there.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.signers.pdf_byterange import SignatureObject


class _Sink(Protocol):
    """What a file is written to."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take these bytes, all of them."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedPdf:
    """A PDF that lacks only its CMS.

    Attributes:
        original: the document as it came in; no byte of it changes.
        update: what follows it; zeros stand where the CMS goes.
        digest: SHA-256 of the bytes under the signature, 32 bytes.
        contents_offset: offset of the first hexadecimal digit of the CMS, in the whole file.
        contents_length: room for the CMS, in bytes of DER (twice as many digits).
    """

    original: bytes | memoryview
    update: bytes | memoryview
    digest: bytes
    contents_offset: int
    contents_length: int

    @property
    def data(self) -> bytes:
        """The whole file, without CMS. A copy: of large files rather use the parts."""
        return b"".join((self.original, self.update))

    def pieces(self, cms: bytes) -> tuple[bytes | memoryview, ...]:
        """The sealed PDF as pieces that follow each other; the original is not copied.

        Args:
            cms: DER.

        Raises:
            InvalidInputError: there is no CMS, or it does not fit.
        """
        if not 0 < len(cms) <= self.contents_length:
            raise InvalidInputError(
                f"CMS: expected 1 to {self.contents_length} bytes, got {len(cms)}"
            )
        digits = cms.hex().encode("ascii")
        start = self.contents_offset - len(self.original)
        update = memoryview(self.update)
        return self.original, update[:start], digits, update[start + len(digits) :]

    def embed(self, cms: bytes) -> bytes:
        """The sealed PDF.

        Args:
            cms: DER.

        Raises:
            InvalidInputError: there is no CMS, or it does not fit.
        """
        return b"".join(self.pieces(cms))

    def write_to(self, sink: _Sink, cms: bytes) -> None:
        """Write the sealed PDF, piece by piece.

        Raises:
            InvalidInputError: there is no CMS, or it does not fit; nothing is written.
            OSError: whatever the file says.
        """
        for piece in self.pieces(cms):
            sink.write(piece)


class Update(BytesIO):
    """The part of a file behind an original; its positions count from the file's first byte."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def tell(self) -> int:
        """The position in the whole file."""
        return self._start + super().tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position in the whole file."""
        if whence == os.SEEK_SET:
            offset -= self._start
        return self._start + super().seek(offset, whence)


def assemble(writer: BasePdfFileWriter, original: bytes, signature: SignatureObject) -> PreparedPdf:
    """Write the update of a document, and hash what its signature covers.

    Args:
        writer: holds the update; it must write nothing of the original to an :class:`Update`.
        original: what it is an update of.
        signature: the signature dictionary, among its objects.
    """
    update = Update(len(original))
    writer.digest_aware_write = True
    writer.write(update)  # type: ignore[no-untyped-call]
    end = update.tell()
    opened, closed = signature.contents.offsets
    signature.byte_range.fill_offsets(update, opened, closed, end)  # type: ignore[no-untyped-call]
    return cover(original, update.getvalue(), opened, closed)


def cover(original: bytes, update: bytes, opened: int, closed: int) -> PreparedPdf:
    """Hash what a signature covers.

    Args:
        original: the document.
        update: what follows it.
        opened: where the room for the CMS starts, in the whole file: at its angle bracket.
        closed: where what is covered goes on, behind the other bracket.
    """
    start = len(original)
    digest = hashlib.sha256(original)
    digest.update(memoryview(update)[: opened - start])
    digest.update(memoryview(update)[closed - start :])
    # Between the brackets stand two digits for each byte.
    room = (closed - opened - 2) // 2
    return PreparedPdf(original, update, digest.digest(), opened + 1, room)
