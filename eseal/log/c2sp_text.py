"""Strict readers of what the C2SP texts are made of: decimals, base64, key names.

Each value has exactly one written form; any other is refused, so that what was read encodes to the
same bytes again.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt
from eseal.log.rfc9162 import HASH_BYTES, MAX_SIZE

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
"""No sign, no leading zeros; 19 digits hold 2**63 - 1."""
_NOT_IN_NAME = re.compile(r"[+\s\ud800-\udfff]")
"""Plus, Unicode spaces, and lone surrogates, which UTF-8 cannot carry."""


def parse_decimal(text: str, what: str) -> int:
    """An integer from 0 to 2**63 - 1 in ASCII digits without sign or leading zeros.

    Args:
        text: what stands on the wire.
        what: its name in the error message.

    Raises:
        InvalidFormatError: any other form.
    """
    if _DECIMAL.fullmatch(text) and int(text) <= MAX_SIZE:
        return int(text)
    raise InvalidFormatError(
        f"{what}: expected a decimal below 2**63 without sign or leading zeros, got {excerpt(text)}"
    )


def parse_base64(text: str, what: str) -> bytes:
    """Standard base64 (RFC 4648 section 4), padded, its unused bits zero.

    Args:
        text: what stands on the wire.
        what: its name in the error message.

    Raises:
        InvalidFormatError: any other form.
    """
    try:
        data = a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is what characters beyond ASCII raise
        data = None
    if data is None or b2a_base64(data, newline=False) != text.encode("ascii"):
        raise InvalidFormatError(f"{what}: expected canonical padded base64, got {excerpt(text)}")
    return data


def parse_hash(text: str, what: str) -> bytes:
    """The base64 of a SHA-256 hash, 32 bytes.

    Args:
        text: what stands on the wire.
        what: its name in the error message.

    Raises:
        InvalidFormatError: not base64, or of another length.
    """
    value = parse_base64(text, what)
    if len(value) != HASH_BYTES:
        raise InvalidFormatError(f"{what}: expected {HASH_BYTES} bytes, got {len(value)} bytes")
    return value


def is_key_name(text: str) -> bool:
    """Whether ``text`` can name a key (signed-note): not empty, no ``+``, no Unicode space."""
    return bool(text) and not _NOT_IN_NAME.search(text)
