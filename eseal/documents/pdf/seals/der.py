"""The DER at the start of a signature's contents (X.690), and the zeros that fill them up."""

from __future__ import annotations

from typing import Final

from eseal.errors import InvalidFormatError

_SEQUENCE: Final = 0x30
_INDEFINITE: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4


def without_padding(contents: bytes) -> bytes:
    """The DER element at the start of ``contents``, without the zero bytes that fill it up.

    Raises:
        InvalidFormatError: it is no DER SEQUENCE, or something else than zeros follows it.
    """
    length = _element_length(contents)
    if length > len(contents):
        raise InvalidFormatError(
            f"/Contents holds {len(contents)} bytes of a CMS of {length}: it is cut off"
        )
    if contents.count(0, length) != len(contents) - length:
        raise InvalidFormatError("/Contents holds more than a CMS and zero padding")
    return contents[:length]


def _element_length(contents: bytes) -> int:
    """Length of the DER element at the start, header included (X.690 section 8.1.3)."""
    if len(contents) < 2 or contents[0] != _SEQUENCE:  # noqa: PLR2004  tag and length
        raise InvalidFormatError("expected /Contents to hold a CMS in DER")
    first = contents[1]
    if first == _INDEFINITE:
        raise InvalidFormatError("expected a CMS in DER, got BER with indefinite length")
    if first < _INDEFINITE:
        return 2 + first
    count = first - _INDEFINITE
    if count > _MAX_LENGTH_BYTES or len(contents) < 2 + count:
        raise InvalidFormatError("expected /Contents to hold a CMS in DER")
    return 2 + count + int.from_bytes(contents[2 : 2 + count], "big")
