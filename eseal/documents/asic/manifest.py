"""ASiCManifest: which files a signature covers (ETSI EN 319 162-1 clause A.4).

XML in one form only, the one written here. A manifest is read by looking for its rows, writing it
again from what they say, and comparing: so nothing can stand in it that was not understood, and no
XML parser, document type or entity is needed for that.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eseal.documents.asic.names import from_uri, to_uri
from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from eseal.documents.asic.archive import Content

ASIC: Final = "http://uri.etsi.org/02918/v1.2.1#"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
MAX_BYTES: Final = 4 * 1024 * 1024
"""Of one manifest: some 4,096 files with long names, percent-encoded."""

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{XMLDSIG}">'
    '<asic:SigReference URI="{}" MimeType="application/pkcs7-signature"/>'
)
_ROW: Final = (
    '<asic:DataObjectReference URI="{}" MimeType="{}">'
    f'<ds:DigestMethod Algorithm="{SHA256}"/>'
    "<ds:DigestValue>{}</ds:DigestValue>"
    "</asic:DataObjectReference>"
)
_FOOT: Final = "</asic:ASiCManifest>\n"
_URI: Final = r"([A-Za-z0-9_.~/%-]{1,2048})"
_TYPE: Final = r"([a-z0-9][a-z0-9.+_-]{0,126}/[a-z0-9][a-z0-9.+_-]{0,126})"
"""A media type without parameters (RFC 6838 section 4.2), in lower case."""
_VALUE: Final = r"([A-Za-z0-9+/]{43}=)"
_HEAD_FORM: Final = re.compile(re.escape(_HEAD).replace(r"\{\}", _URI))
_ROW_FORM: Final = re.compile(re.escape(_ROW).replace(r"\{\}", "{}").format(_URI, _TYPE, _VALUE))


@dataclass(frozen=True, slots=True)
class Reference:
    """A file a manifest names.

    Attributes:
        name: the file's name in the container.
        digest: SHA-256 of the file, 32 bytes.
        media_type: of the file, in lower case and without parameters.
    """

    name: str
    digest: bytes
    media_type: str

    @classmethod
    def of(cls, name: str, content: Content, media_type: str) -> Reference:
        """The reference to a file as it is now."""
        return cls(name, hashlib.sha256(content).digest(), media_type)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest.

    Attributes:
        signature: name of the signature over it.
        references: the files it covers, in its order.
    """

    signature: str
    references: tuple[Reference, ...]

    def encode(self) -> bytes:
        """The manifest in XML: no white space between elements, the same bytes every time."""
        rows = (
            _ROW.format(
                to_uri(one.name), one.media_type, base64.b64encode(one.digest).decode("ascii")
            )
            for one in self.references
        )
        return "".join((_HEAD.format(to_uri(self.signature)), *rows, _FOOT)).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Read a manifest.

        Raises:
            InvalidFormatError: it is not one in the form in which they are written here, names
                nothing, or a name that cannot stand in a container.
        """
        if len(data) > MAX_BYTES:
            raise InvalidFormatError(
                f"manifest: expected at most {MAX_BYTES} bytes, got {len(data)}"
            )
        text = data.decode("ascii", "replace")
        head = _HEAD_FORM.match(text)
        rows = _ROW_FORM.findall(text)
        if head is None or not rows:
            raise InvalidFormatError(
                f"manifest: expected an ASiCManifest as eseal writes it, got {excerpt(text)}"
            )
        references = tuple(
            Reference(from_uri(uri), base64.b64decode(value), media_type)
            for uri, media_type, value in rows
        )
        if len({one.name for one in references}) != len(references):
            raise InvalidFormatError("manifest: expected each file once, got one of them twice")
        manifest = cls(from_uri(head[1]), references)
        if manifest.encode() != data:
            raise InvalidFormatError(
                "manifest: expected nothing but references as eseal writes them, got more, or "
                "another spelling of them"
            )
        return manifest
