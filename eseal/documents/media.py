"""What kind of file a document is: from its content, else from its name."""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePosixPath
from typing import Final

PDF: Final = "application/pdf"
UNKNOWN: Final = "application/octet-stream"
"""RFC 2046 section 4.5.1."""

_PDF_MAGIC: Final = b"%PDF-"
_PDF_WINDOW: Final = 1024
"""Viewers accept the header anywhere in the first kibibyte (ISO 32000-1 annex H.3.4)."""
_MAGICS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_ZIP_MAGIC: Final = b"PK\x03\x04"
_ZIP: Final = "application/zip"
_NAME_AT: Final = 30
"""Where the name of an archive's first file begins (APPNOTE.TXT 4.3.7)."""
_MAX_FIRST_BYTES: Final = 120
"""Enough for that name, and for the type that OpenDocument stores behind it."""
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN_XML: Final = (
    (b"word/document.xml", _OFFICE + "wordprocessingml.document"),
    (b"xl/workbook.xml", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/presentation.xml", _OFFICE + "presentationml.presentation"),
)
"""Usual name of the main part (ECMA-376 part 1) and media type of the package."""
_OPEN_XML_FIRST: Final = (
    b"[Content_Types].xml",
    b"_rels/",
    b"docProps/",
    b"word/",
    b"xl/",
    b"ppt/",
)
"""What the programs that write such packages put first."""
_OPEN_DOCUMENT: Final = re.compile(
    rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z-]{1,40})(?=PK)"
)
"""OpenDocument 1.3 part 2 section 3.3: the file ``mimetype`` is the first one, stored, bare."""
_BUILT_IN: Final = mimetypes.MimeTypes(filenames=()).types_map[True]
"""Python's own table only: what a machine adds must not change what is sealed."""
_RECENT: Final = {
    ".docx": _OFFICE + "wordprocessingml.document",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".pptx": _OFFICE + "presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".p7s": "application/pkcs7-signature",
    ".md": "text/markdown",
}
"""Missing in some of the Python versions we run on."""
_SEALED: Final = re.compile(r"(?P<stem>.+)\.sealed(?:-(?P<count>[1-9][0-9]?))?")
"""How the name of a sealed PDF ends, without its suffix."""


def media_type(data: bytes, file_name: str | None = None) -> str:
    """The media type of a document (RFC 6838), in lower case and without parameters.

    Args:
        data: the document.
        file_name: its name, asked only where the content does not tell.
    """
    sniffed = _sniff(data)
    if sniffed is not None and sniffed != _ZIP:
        return sniffed
    named = from_name(file_name) if file_name else None
    return named or sniffed or UNKNOWN


def is_pdf(data: bytes) -> bool:
    """Whether viewers would take this for a PDF: its header in the first 1,024 bytes."""
    return _PDF_MAGIC in data[: _PDF_WINDOW + len(_PDF_MAGIC) - 1]


def sealed_pdf_name(stem: str) -> str:
    """What a sealed PDF is called: ``contract.sealed.pdf``, then ``contract.sealed-2.pdf``.

    Args:
        stem: the name of the PDF that was handed in, without its suffix.
    """
    match = _SEALED.fullmatch(stem)
    if match is None:
        return f"{stem}.sealed.pdf"
    return f"{match['stem']}.sealed-{int(match['count'] or 1) + 1}.pdf"


def from_name(file_name: str) -> str | None:
    """The media type a file name's last suffix stands for, or ``None``."""
    suffix = PurePosixPath(file_name.replace("\\", "/")).suffix.lower()
    named = _RECENT.get(suffix) or _BUILT_IN.get(suffix)
    # A PDF must look like one: the content has said it does not.
    return named.lower() if named and named != PDF else None


def _sniff(data: bytes) -> str | None:
    if is_pdf(data):
        return PDF
    for magic, kind in _MAGICS:
        if data.startswith(magic):
            return kind
    return _package(data) if data.startswith(_ZIP_MAGIC) else None


def _package(data: bytes) -> str:
    """The type of a ZIP-based document, by names that stand uncompressed in it; no ZIP is parsed.

    ``application/zip`` if it is another archive. A hint, not a proof: nothing rests on it.
    """
    first = data[_NAME_AT : _NAME_AT + _MAX_FIRST_BYTES]
    declared = _OPEN_DOCUMENT.match(first)
    if declared is not None:
        return declared[1].decode("ascii")
    if first.startswith(_OPEN_XML_FIRST):
        for part, kind in _OPEN_XML:
            if part in data:
                return kind
    return _ZIP
