"""Answers that are not a schema's JSON: bytes, files, JSON made by orjson."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from starlette.responses import Response

from eseal.documents.media import sealed_pdf_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
"""Nothing of ``/v1`` belongs into a cache: it is private, or true only now."""

_PLAIN_NAME = re.compile(r"[^A-Za-z0-9._ -]")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
NOTES = "Eseal-Notes"
"""The header with what whoever seals should know of the choices made."""
MAX_NOTES_BYTES = 2048
"""Of that header: proxies often pass no more than 8 KB of all together."""
MAX_NAME_CHARS = 120
"""Of a file's name: leaves room for what is put behind it below the 255 bytes of a file system."""


def json_response(
    value: object,
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """JSON of plain values and ``orjson.Fragment``."""
    return raw_json(orjson.dumps(value), status, headers)


def raw_json(
    body: bytes, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON that is ready."""
    return Response(body, status, headers={**NO_STORE, **(headers or {})}, media_type=JSON)


def attachment(name: str) -> str:
    """A ``Content-Disposition`` that saves under ``name`` (RFC 6266 section 5, RFC 8187)."""
    plain = _PLAIN_NAME.sub("_", name)
    value = f'attachment; filename="{plain}"'
    if plain != name:
        value += f"; filename*=UTF-8''{quote(name, safe='')}"
    return value


def notes_header(notes: Sequence[str]) -> dict[str, str]:
    """The header that tells notes: a list of display strings (RFC 9651 sections 3.1 and 3.3.8).

    Those that do not fit are counted at its end; nothing where there are none.
    """
    told, size = list[str](), 0
    for note in notes:
        text = _display_string(note)
        size += len(text) + len(", ")
        if size > MAX_NOTES_BYTES:
            told.append(_display_string(f"{len(notes) - len(told)} more"))
            break
        told.append(text)
    return {NOTES: ", ".join(told)} if told else {}


def _display_string(text: str) -> str:
    """Text of any language as a header holds it (RFC 9651 section 4.1.11)."""
    plain = set(range(0x20, 0x7F)) - {*b'%"'}
    encoded = text.encode("utf-8", "replace")
    return '%"' + "".join(chr(one) if one in plain else f"%{one:02x}" for one in encoded) + '"'


def sealed_name(name: str, suffix: str) -> str:
    """What the sealed version of a file is called: ``a.pdf`` → ``a.sealed.pdf``, ``b.docx.p7s``.

    One that had a seal already: ``a.sealed.pdf`` → ``a.sealed-2.pdf``.

    Args:
        name: the document's name as its sender gave it; folders are dropped.
        suffix: ``.pdf``, ``.asice``, or ``.p7s`` for what lies beside its document.
    """
    last = re.split(r"[/\\]", name)[-1]
    safe = _NOT_IN_NAMES.sub("_", last.encode("utf-8", "replace").decode()).strip(" .")
    safe = safe[-MAX_NAME_CHARS:] or "document"
    if suffix == ".p7s":
        return safe + suffix
    stem = safe[: -len(suffix)] if safe.lower().endswith(suffix) else safe
    stem = stem or "document"
    return sealed_pdf_name(stem) if suffix == ".pdf" else f"{stem}.sealed{suffix}"
