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
    from collections.abc import Mapping

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
"""Nothing of ``/v1`` belongs into a cache: it is private, or true only now."""

_PLAIN_NAME = re.compile(r"[^A-Za-z0-9._ -]")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
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
