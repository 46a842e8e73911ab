"""A PDF that lacks only its CMS, and the CMS in its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from eseal.errors import InvalidInputError


class _Sink(Protocol):
    """What a file is written to."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take these bytes, all of them."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedPdf:
    """A PDF that lacks only its CMS.

    Attributes:
        data: the whole file; zeros stand where the CMS goes.
        digest: SHA-256 of the bytes under the signature, 32 bytes.
        contents_offset: offset of the first hexadecimal digit of the CMS.
        contents_length: room for the CMS, in bytes of DER (twice as many digits).
        notes: what whoever seals should know of the choices made, in words.
    """

    data: bytes | memoryview
    digest: bytes
    contents_offset: int
    contents_length: int
    notes: tuple[str, ...] = ()

    def pieces(self, cms: bytes) -> tuple[bytes | memoryview, ...]:
        """The sealed PDF as pieces that follow each other; its large parts are not copied.

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
        view = memoryview(self.data)
        start = self.contents_offset
        return view[:start], digits, view[start + len(digits) :]

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


def covered(
    data: bytes | memoryview, gap: tuple[int, int], notes: tuple[str, ...] = ()
) -> PreparedPdf:
    """Hash what a signature covers.

    Args:
        data: the file.
        gap: what its last signature leaves out, brackets included.
        notes: of the choices made.
    """
    view = memoryview(data)
    digest = hashlib.sha256(view[: gap[0]])
    digest.update(view[gap[1] :])
    room = (gap[1] - gap[0] - 2) // 2
    return PreparedPdf(data, digest.digest(), gap[0] + 1, room, notes)
