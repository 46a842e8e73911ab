"""ASiCManifest: which files a signature covers (ETSI EN 319 162-1 clause A.4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat  # every construct that can harm is refused below
from xml.sax.saxutils import quoteattr

from eseal.documents.asic.names import from_uri, to_uri
from eseal.errors import InvalidFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from eseal.documents.asic.archive import Content

ASIC: Final = "http://uri.etsi.org/02918/v1.2.1#"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE_TYPE: Final = "application/pkcs7-signature"
MAX_BYTES: Final = 8 * 1024 * 1024
"""Of one manifest: some 4,096 files with names of a kilobyte, percent-encoded."""
_MAX_DEPTH: Final = 32
_MAX_ATTRIBUTES: Final = 64
_METHODS: Final = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
"""Digest methods accepted (ETSI TS 119 312); ours is SHA-256."""
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_MANIFEST: Final = f"{ASIC} ASiCManifest"
_SIGNATURE: Final = f"{ASIC} SigReference"
_OBJECT: Final = f"{ASIC} DataObjectReference"
_METHOD: Final = f"{XMLDSIG} DigestMethod"
_VALUE: Final = f"{XMLDSIG} DigestValue"


@dataclass(frozen=True, slots=True)
class Reference:
    """A file a manifest names.

    Attributes:
        name: the file's name in the container.
        method: of the digest, as ``hashlib`` calls it.
        digest: of the file.
        media_type: of the file, or ``None`` if the manifest does not say.
    """

    name: str
    method: str
    digest: bytes
    media_type: str | None

    def fits(self, content: Content) -> bool:
        """Whether these are the bytes that were meant."""
        return hashlib.new(self.method, content).digest() == self.digest


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read.

    Attributes:
        signature: name of the signature over it.
        references: the files it covers, in its order.
    """

    signature: str
    references: tuple[Reference, ...]


def write_manifest(signature: str, files: Iterable[tuple[str, Content, str]]) -> bytes:
    """A manifest in XML: UTF-8, no white space between elements, the same bytes every time.

    Args:
        signature: name of the signature that will cover it.
        files: name, content and media type of each file.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{XMLDSIG}">',
        f'<asic:SigReference URI="{to_uri(signature)}" MimeType="{SIGNATURE_TYPE}"/>',
    ]
    for name, content, media_type in files:
        value = base64.b64encode(hashlib.sha256(content).digest()).decode()
        lines.append(
            f"<asic:DataObjectReference URI={quoteattr(to_uri(name))} "
            f"MimeType={quoteattr(media_type)}>"
            f'<ds:DigestMethod Algorithm="{SHA256}"/>'
            f"<ds:DigestValue>{value}</ds:DigestValue>"
            "</asic:DataObjectReference>"
        )
    lines.append("</asic:ASiCManifest>\n")
    return "".join(lines).encode()


def read_manifest(data: bytes) -> Manifest:
    """What a manifest says.

    Raises:
        InvalidFormatError: it is no manifest, or holds what a manifest must not: a DTD, entities,
            processing instructions, one file twice, no file at all, an unknown digest.
    """
    if len(data) > MAX_BYTES:
        raise InvalidFormatError(f"manifest: expected at most {MAX_BYTES} bytes, got {len(data)}")
    handler = _Handler()
    parser = expat.ParserCreate("UTF-8", " ")
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    # A parser that never sees a DTD knows no entities: nothing is expanded, nothing is fetched.
    parser.StartDoctypeDeclHandler = _refuse("a document type")
    parser.EntityDeclHandler = _refuse("an entity")
    parser.ProcessingInstructionHandler = _refuse("a processing instruction")
    parser.ExternalEntityRefHandler = _refuse("an external entity")
    parser.SkippedEntityHandler = _refuse("an entity")
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InvalidFormatError(f"manifest: expected XML, got something else ({error})") from None
    return handler.manifest()


def _refuse(what: str) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise InvalidFormatError(f"manifest: expected plain elements, got {what}")

    return refuse


class _Handler:
    """Walks through a manifest; elements in its extensions are passed over."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._signature: str | None = None
        self._references: list[Reference] = []
        self._current: dict[str, str] = {}
        self._value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self._path) >= _MAX_DEPTH or len(attributes) > _MAX_ATTRIBUTES:
            raise InvalidFormatError("manifest: it is nested too deeply, or has many attributes")
        if not self._path and tag != _MANIFEST:
            raise InvalidFormatError(f"manifest: expected an ASiCManifest, got {tag[:120]!r}")
        self._path.append(tag)
        match self._path[1:]:
            case [] | [_, _, _, *_]:
                return
            case [name] if name == _SIGNATURE:
                if self._signature is not None:
                    raise InvalidFormatError("manifest: expected one SigReference, got two")
                self._signature = from_uri(_attribute(attributes, "URI"))
            case [name] if name == _OBJECT:
                self._current = {"uri": _attribute(attributes, "URI")}
                if "MimeType" in attributes:
                    self._current["type"] = attributes["MimeType"]
                self._value = ""
            case [name, below] if name == _OBJECT and below == _METHOD:
                if "method" in self._current:
                    raise InvalidFormatError("manifest: expected one DigestMethod for each file")
                self._current["method"] = _attribute(attributes, "Algorithm")

    def text(self, text: str) -> None:
        """Characters between tags."""
        if self._path[1:] == [_OBJECT, _VALUE]:
            self._value += text
        elif len(self._path) <= 1 and not _BLANK.fullmatch(text):
            raise InvalidFormatError("manifest: expected elements, got text between them")

    def end(self, _tag: str) -> None:
        """An element ends."""
        if self._path[1:] == [_OBJECT]:
            self._references.append(self._reference())
        self._path.pop()

    def manifest(self) -> Manifest:
        """What was read.

        Raises:
            InvalidFormatError: something is missing, or there twice.
        """
        if self._signature is None or not self._references:
            raise InvalidFormatError(
                "manifest: expected a SigReference and at least one DataObjectReference"
            )
        names = {reference.name for reference in self._references}
        if len(names) != len(self._references):
            raise InvalidFormatError("manifest: expected each file once")
        return Manifest(self._signature, tuple(self._references))

    def _reference(self) -> Reference:
        method = _METHODS.get(self._current.get("method", ""))
        if method is None:
            given = self._current.get("method", "none")
            raise InvalidFormatError(
                f"manifest: expected a SHA-256, SHA-384 or SHA-512 digest, got {given[:80]!r}"
            )
        try:
            digest = base64.b64decode("".join(self._value.split()), validate=True)
        except binascii.Error:
            digest = b""
        if len(digest) != hashlib.new(method).digest_size:
            raise InvalidFormatError(
                f"manifest: expected a digest in base64, got {self._value[:80]!r}"
            )
        return Reference(from_uri(self._current["uri"]), method, digest, self._current.get("type"))


def _attribute(attributes: dict[str, str], name: str) -> str:
    value = attributes.get(name)
    if not value:
        raise InvalidFormatError(f"manifest: expected an attribute {name}, got none")
    return value
