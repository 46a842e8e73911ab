"""What uses of a seal are asked for, read strictly and without a schema library's cost."""

from __future__ import annotations

import re
from typing import Any

import orjson

from eseal.documents.pdf import SealBox
from eseal.errors import InvalidFormatError
from eseal.model.level import Level
from eseal.model.statement import (
    DIGEST_ALGORITHM,
    check_media_type,
    check_purpose,
)
from eseal.service.sealing.applying import DigestOrder
from eseal_api.requests.bodies import only

UNKNOWN_MEDIA_TYPE = "application/octet-stream"
_SHOWN_CHARS = 80

_USE = frozenset({"digest", "media_type", "purpose", "level"})
_DIGEST = frozenset({"alg", "value"})
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SIDES = ("x", "y", "width", "height")
_BOX = frozenset({"page", *_SIDES})
MAX_PAGE_NUMBER = 100_000
MAX_MILLIMETRES = 10_000.0
"""Pages larger than ten metres are refused by every viewer (ISO 32000-1 annex C: 5 m)."""


def parse_order(value: object) -> DigestOrder:
    """One use: ``{digest: {alg, value}, media_type?, purpose?}``.

    Raises:
        InvalidFormatError: anything else; names the member.
    """
    if not isinstance(value, dict):
        raise InvalidFormatError(f"use: expected an object, got {type(value).__name__}")
    only(value, _USE, "use")
    if "digest" not in value:
        raise InvalidFormatError("digest: expected {alg, value}, got nothing", field="digest")
    media_type = value.get("media_type", UNKNOWN_MEDIA_TYPE)
    if not isinstance(media_type, str):
        raise _wrong("media_type", "a string", media_type)
    purpose = value.get("purpose")
    if purpose is not None:
        if not isinstance(purpose, str):
            raise _wrong("purpose", "a string", purpose)
        check_purpose(purpose)
    level = value.get("level")
    if level is not None:
        if not isinstance(level, str):
            raise _wrong("level", "a string", level)
        level = Level.parse(level)
    return DigestOrder(parse_digest(value["digest"]), check_media_type(media_type), purpose, level)


def parse_digest(value: object) -> bytes:
    """A digest: ``{"alg": "sha-256", "value": "<64 hex digits>"}``, as 32 bytes.

    Raises:
        InvalidFormatError: anything else.
    """
    if not isinstance(value, dict):
        raise _wrong("digest", "an object {alg, value}", value)
    only(value, _DIGEST, "digest")
    if value.get("alg") != DIGEST_ALGORITHM:
        raise _wrong("digest.alg", repr(DIGEST_ALGORITHM), value.get("alg"))
    text = value.get("value")
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        length = f" ({len(text)} characters)" if isinstance(text, str) else ""
        raise _wrong("digest.value", "64 hex digits (SHA-256)", text, length)
    return bytes.fromhex(text)


def parse_box(text: str) -> SealBox:
    """Where a visible seal goes: JSON ``{page, x, y, width, height}``, page from 1, millimetres.

    Raises:
        InvalidFormatError: anything else.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or value.keys() != _BOX:
        raise _wrong("visible", f"a JSON object with {', '.join(sorted(_BOX))}", text)
    page = value["page"]
    if type(page) is not int or not 1 <= abs(page) <= MAX_PAGE_NUMBER:
        raise _wrong("visible.page", "a page number from 1, or from -1 for the last", page)
    x, y, width, height = (_millimetres(name, value[name]) for name in _SIDES)
    return SealBox(page - 1 if page > 0 else page, x, y, width, height)


def _millimetres(name: str, value: object) -> float:
    if type(value) not in {int, float} or not 0 <= float(str(value)) <= MAX_MILLIMETRES:
        raise _wrong(f"visible.{name}", "millimetres, 0 or more", value)
    return float(str(value))


def _wrong(field: str, expected: str, got: Any, more: str = "") -> InvalidFormatError:
    shown = repr(got)[:_SHOWN_CHARS]
    return InvalidFormatError(f"{field}: expected {expected}, got {shown}{more}", field=field)
