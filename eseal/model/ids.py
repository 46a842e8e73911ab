"""Random identifiers: 128 bits as 26 lower-case base32 characters (RFC 4648, no padding)."""

from __future__ import annotations

import base64
import re
import secrets

from eseal.errors import InvalidFormatError

ID_BYTES = 16
"""128 bits: two random ids never meet, so none is ever handed out twice."""

_ID = re.compile(r"[a-z2-7]{25}[aeimquy4]")
"""26 characters carry 130 bits; the last one's low two bits must be zero."""


def new_id() -> str:
    """A fresh random identifier, 26 characters."""
    return base64.b32encode(secrets.token_bytes(ID_BYTES)).decode("ascii").rstrip("=").lower()


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an identifier."""
    return _ID.fullmatch(text) is not None


def check_id(text: str, *, field: str = "id") -> str:
    """Return ``text`` if it has the form of an identifier.

    Raises:
        InvalidFormatError: it has not.
    """
    if not is_id(text):
        raise InvalidFormatError(
            f"{field}: expected 26 lower-case base32 characters, got {text[:64]!r}", field=field
        )
    return text
