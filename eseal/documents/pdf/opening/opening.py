"""Opening a PDF that comes from a stranger, in the confined process that has it to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

import pikepdf
from pikepdf.settings import set_qpdf_limits

from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS, PdfLimits
from eseal.errors import (
    AlreadySealedError,
    ESealError,
    InvalidInputError,
    TooLargeError,
    UnsupportedDocumentError,
)
from eseal.excerpts import excerpt, printable

MAGIC: Final = b"%PDF-"
_START_WINDOW: Final = 1024
"""Readers look for the first line in the first kibibyte (ISO 32000-1 annex H.3.4.1)."""
_TABLE: Final = b"startxref"
"""What leads to the table of objects; without it, qpdf looks for them."""
_FILE: Final = re.compile(r"^(?:stream\s*)?(?:<_io\.BytesIO object at \w+>)?\s*:?\s*")
"""What qpdf calls the file."""
_MAX_REASON_CHARS: Final = 300
"""A library's message may quote the document."""
_MAX_WARNINGS: Final = 100_000
"""Ten for each page of the longest document; a real damaged one has a few dozen."""
_MAX_FILTERS: Final = 8
"""In a row on one stream: real files have one or two."""


def open_document(
    data: bytes, limits: PdfLimits = DEFAULT_LIMITS, *, signed: bool = False
) -> pikepdf.Pdf:
    """Open a PDF as qpdf reads it: encryption undone, inherited entries on the pages themselves.

    Junk before the first line and behind the last, tables that do not fit, and whatever else every
    reader forgives, is forgiven; :mod:`eseal.documents.pdf.readying.repairs` says what had to be.
    qpdf's limits are those of the whole process: call this in a confined one.

    Args:
        data: the file.
        limits: what it may cost.
        signed: whether it may carry signatures: to be looked at, not to be written anew.

    Raises:
        TooLargeError: the file, its pages or its objects are above the limit.
        AlreadySealedError: it is signed, or a signature gives usage rights.
        UnsupportedDocumentError: empty, not a PDF, damaged, without pages, or locked by a password.
    """
    _check_start(data, limits, UnsupportedDocumentError, _START_WINDOW)
    set_qpdf_limits(
        doc_max_warnings=_MAX_WARNINGS,
        max_stream_filters=_MAX_FILTERS,
        flate_max_memory=limits.max_stream_bytes,
        run_length_max_memory=limits.max_stream_bytes,
        png_max_memory=limits.max_stream_bytes,
        tiff_max_memory=limits.max_stream_bytes,
        dct_max_memory=limits.max_stream_bytes,
    )
    with guarded(UnsupportedDocumentError, "the PDF is damaged, and cannot be repaired"):
        pdf = _opened(data)
        _check_size(pdf, limits)
        if not signed:
            _check_unsigned(pdf, limits)
    return pdf


def _opened(data: bytes) -> pikepdf.Pdf:
    """By its table; if that leads nowhere, by looking for objects, as readers do."""
    try:
        return pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError:
        raise UnsupportedDocumentError(
            "the PDF is locked: expected a PDF that opens without a password", field="document"
        ) from None
    except pikepdf.PdfError as error:
        try:
            return pikepdf.open(BytesIO(data.replace(_TABLE, b"%" * len(_TABLE))))
        except pikepdf.PdfError:
            raise error from None


def _check_size(pdf: pikepdf.Pdf, limits: PdfLimits) -> None:
    objects = len(pdf.objects)
    if objects > limits.max_objects:
        raise TooLargeError(
            f"the PDF has too many parts: expected at most {limits.max_objects} objects, "
            f"got {objects}",
            field="document",
        )
    pages = len(pdf.pages)
    if pages > limits.max_pages:
        raise TooLargeError(
            f"the PDF has too many pages: expected at most {limits.max_pages}, got {pages}",
            field="document",
        )
    if not pages:
        raise UnsupportedDocumentError("the PDF has no pages", field="document")


def _check_unsigned(pdf: pikepdf.Pdf, limits: PdfLimits) -> None:
    """Refuse what somebody has signed: written anew, it would be signed no longer."""
    stack = [(field, "", None) for field in _items(_entries(pdf.Root.get("/AcroForm")), "/Fields")]
    visited = 0
    while stack:
        field, above, kind = stack.pop()
        visited += 1
        if visited > limits.max_fields:
            raise TooLargeError(
                f"the PDF's form is too large or runs in a circle: expected at most "
                f"{limits.max_fields} fields",
                field="document",
            )
        entries = _entries(field)
        kind = entries.get("/FT", kind)
        name = ".".join(part for part in (above, str(entries.get("/T", ""))) if part)
        if kind == "/Sig" and _entries(entries.get("/V")):
            raise _signed(f"signed, in field {excerpt(name, 64)}")
        stack += ((kid, name, kind) for kid in _items(entries, "/Kids"))
    if _entries(pdf.Root.get("/Perms")):
        raise _signed("signed by its author, or by a program that gives rights to its readers")


def _signed(how: str) -> AlreadySealedError:
    return AlreadySealedError(
        f"the PDF is {how}: to be sealed it is written anew, and would lose that signature. Seal "
        "it as a container instead (--container OUT.asice), which leaves the file as it is",
        field="document",
    )


def _entries(value: Any) -> Any:
    """A dictionary of pikepdf's, or an empty one for anything else."""
    return value if isinstance(value, pikepdf.Dictionary) else {}


def _items(entries: Any, key: str) -> list[Any]:
    value = entries.get(key)
    return list(value) if isinstance(value, pikepdf.Array) else []


@contextmanager
def guarded(error: type[InvalidInputError], what: str) -> Iterator[None]:
    """Turn whatever a library throws inside into ``error``, with ``what`` and the reason.

    Libraries document their own errors, but on real files throw KeyError, ValueError, TypeError,
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
            text = " ".join(_FILE.sub("", str(exception)).split()) or type(exception).__name__
            return printable(text, "")[:_MAX_REASON_CHARS]


def _check_start(
    pdf: bytes, limits: PdfLimits, error: type[InvalidInputError], window: int = len(MAGIC)
) -> None:
    if not pdf:
        raise error("expected a PDF, got an empty file", field="document")
    if len(pdf) > limits.max_bytes:
        raise TooLargeError(
            f"the PDF is too large: expected at most {limits.max_bytes} bytes, got {len(pdf)}",
            field="document",
        )
    if MAGIC not in pdf[:window]:
        raise error(
            f"not a PDF: expected {MAGIC.decode()} in the first {window} bytes, got "
            f"{pdf[:8].decode('latin-1')!r}",
            field="document",
        )
