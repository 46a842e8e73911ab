"""What kind of file a document is: from its content, else from its name."""

from __future__ import annotations

import io
import mimetypes
import re
import zipfile
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
_CONTENT_TYPES: Final = "[Content_Types].xml"
_MAX_LISTING_BYTES: Final = 1024 * 1024
"""Of a member read to learn the type: a bomb is not unpacked further than this."""
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN_XML: Final = (
    (b"wordprocessingml.document.main+xml", _OFFICE + "wordprocessingml.document"),
    (b"spreadsheetml.sheet.main+xml", _OFFICE + "spreadsheetml.sheet"),
    (b"presentationml.presentation.main+xml", _OFFICE + "presentationml.presentation"),
)
"""Content type of the main part (ECMA-376 part 1) and media type of the package."""
_OPEN_DOCUMENT: Final = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]{1,40}")
"""OpenDocument 1.3 part 2 section 3.3: the member ``mimetype``."""
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
    """The type of a ZIP-based document.

    ``application/zip`` if it is another archive, damaged, encrypted or packed in a way we lack.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                declared = _member(archive, "mimetype").strip()
                if _OPEN_DOCUMENT.fullmatch(declared):
                    return declared.decode("ascii")
            if _CONTENT_TYPES in names:
                listing = _member(archive, _CONTENT_TYPES)
                for part, kind in _OPEN_XML:
                    if part in listing:
                        return kind
    except Exception:  # noqa: BLE001  zipfile and its decompressors throw more than they document
        return _ZIP
    return _ZIP


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_MAX_LISTING_BYTES)
