"""Random identifiers: 128 bits as 26 lower-case base32 characters (RFC 4648, no padding).

Two of them never meet, so none is ever handed out twice.
"""

from __future__ import annotations

import re
import secrets

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

_ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"
_CHARS = 26
_ANY = _ALPHABET * 8
"""For ``bytes.translate``: each character stands for as many bytes as any other."""
_LAST = _ALPHABET[::4] * 32
_ID = re.compile(r"[a-z2-7]{25}[aeimquy4]")
"""26 characters carry 130 bits; the last one's low two bits must be zero."""


def new_id() -> str:
    """A fresh random identifier, 26 characters."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """Fresh random identifiers, for all of which the system is asked for randomness once."""
    noise = secrets.token_bytes(_CHARS * count)
    text = noise.translate(_ANY).decode("ascii")
    last = noise[_CHARS - 1 :: _CHARS].translate(_LAST).decode("ascii")
    return [
        text[start : start + _CHARS - 1] + end
        for start, end in zip(range(0, len(text), _CHARS), last, strict=True)
    ]


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
            f"{field}: expected 26 lower-case base32 characters, got {excerpt(text, 64)}",
            field=field,
        )
    return text
