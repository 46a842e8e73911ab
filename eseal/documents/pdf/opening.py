"""Opening a PDF that comes from a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)

from eseal.documents.pdf.reader import BoundedReader
from eseal.errors import ESealError, InvalidInputError, TooLargeError

MAGIC: Final = b"%PDF-"
_END_MARKER: Final = b"%%EOF"
_END_WINDOW: Final = 1024
"""Readers look for the end marker in the last kibibyte (ISO 32000-1 annex H.3.18)."""
_MAX_REASON_CHARS: Final = 300
"""A library's message may quote the document."""


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What a PDF may cost us.

    Attributes:
        max_bytes: size of the file.
        max_stream_bytes: size of one decoded stream (of its structure; pages are not decoded).
        max_decoded_bytes: sum of all decoded streams, or 100 times the file if that is more.
        max_fields: form fields, widgets included.
        max_pages: pages.
        max_objects: objects in all.
        max_seals: filled signature fields; each costs a hash over the file.
    """

    max_bytes: int = 128 * 1024 * 1024
    max_stream_bytes: int = 64 * 1024 * 1024
    max_decoded_bytes: int = 256 * 1024 * 1024
    max_fields: int = 50_000
    max_pages: int = 10_000
    max_objects: int = 1_000_000
    max_seals: int = 32


DEFAULT_LIMITS: Final = PdfLimits()


def open_pdf(
    pdf: bytes, limits: PdfLimits, error: type[InvalidInputError], *, check_start: bool = True
) -> BoundedReader:
    """Open a PDF in pyHanko's strict mode.

    Args:
        pdf: the file.
        limits: what it may cost.
        error: the class to raise when it cannot be read.
        check_start: whether to look at size and first bytes, too.

    Raises:
        TooLargeError: the file is larger than the limit.
        InvalidInputError: of class ``error``: empty, not a PDF, truncated, broken or encrypted.
    """
    if check_start:
        _check_start(pdf, limits, error)
    if _END_MARKER not in pdf[-_END_WINDOW:]:
        raise error("the PDF is truncated: expected %%EOF near its end", field="document")
    budget = DocumentDecodeBudget(base_allowance=limits.max_decoded_bytes)
    per_stream = StreamDecodeLimits(max_output_size=limits.max_stream_bytes)
    with guarded(error, "the PDF is broken"):
        reader = BoundedReader(pdf, DecodeLimits(per_stream=per_stream, document_budget=budget))
        encrypted = "/Encrypt" in reader.trailer
    if encrypted:
        raise error("the PDF is encrypted: expected one without password", field="document")
    return reader


@contextmanager
def guarded(error: type[InvalidInputError], what: str) -> Iterator[None]:
    """Turn whatever a library throws inside into ``error``, with ``what`` and the reason.

    pyHanko documents its own errors, but on real files throws KeyError, ValueError, TypeError,
    AssertionError, RecursionError and others, too: hence everything.
    """
    try:
        yield
    except ESealError:
        raise
    except Exception as exception:  # noqa: BLE001  see above
        raise error(f"{what}: {reason(exception)}", field="document") from None


def reason(exception: Exception) -> str:
    """An exception of a library in a few plain words."""
    match exception:
        case RecursionError():
            return "it is nested too deeply"
        case MemoryError():
            return "it takes too much memory"
        case KeyError():
            return f"expected an entry {exception.args[0] if exception.args else ''}".rstrip()
        case AssertionError() if not str(exception):
            return "its structure is not what the standard asks for"
        case _:
            text = " ".join(str(exception).split()) or type(exception).__name__
            return "".join(c for c in text if c.isprintable())[:_MAX_REASON_CHARS]


def _check_start(pdf: bytes, limits: PdfLimits, error: type[InvalidInputError]) -> None:
    if not pdf:
        raise error("expected a PDF, got an empty file", field="document")
    if len(pdf) > limits.max_bytes:
        raise TooLargeError(
            f"the PDF is too large: expected at most {limits.max_bytes} bytes, got {len(pdf)}",
            field="document",
        )
    if not pdf.startswith(MAGIC):
        raise error(
            f"not a PDF: expected {MAGIC.decode()} at the first byte, got {pdf[:8]!r}",
            field="document",
        )
