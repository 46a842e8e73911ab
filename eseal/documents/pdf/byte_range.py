"""The bytes under a signature (ISO 32000-1 section 12.8.1), checked on the bytes themselves.

The attacks on PDF signatures published by the Ruhr-Universität Bochum group (CCS 2019) play on
what a library does with a missing, odd or wandering ``/ByteRange``. So nothing is repaired here:
the range starts at the file's first byte, leaves out exactly the hexadecimal string that is the
signature's ``/Contents``, and ends inside the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eseal.errors import InvalidFormatError

_NUMBERS: Final = 4
_SEQUENCE: Final = 0x30
_INDEFINITE: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """What a signature in a PDF covers.

    Attributes:
        digest: SHA-256 of the covered bytes, 32 bytes.
        end: where the covered part ends: the length in bytes of the sealed revision.
    """

    digest: bytes
    end: int


def signed_bytes(
    pdf: bytes, byte_range: Sequence[object], contents: tuple[int, int], dictionary_end: int
) -> SignedBytes:
    """Check a byte range and hash what it covers.

    Args:
        pdf: the whole file.
        byte_range: the items of ``/ByteRange``.
        contents: offsets of the value of ``/Contents``, from its ``<`` to behind its ``>``.
        dictionary_end: offset behind the signature dictionary.

    Raises:
        InvalidFormatError: the range is not what the standard asks for, and why.
    """
    first_end, second_start, end = _offsets(byte_range, len(pdf))
    if (first_end, second_start) != contents:
        raise InvalidFormatError(
            f"the byte range leaves out offsets {first_end} to {second_start}, expected exactly "
            f"/Contents at {contents[0]} to {contents[1]}"
        )
    if end < dictionary_end:
        raise InvalidFormatError(f"the byte range ends at {end}, within the signature dictionary")
    view = memoryview(pdf)
    digest = hashlib.sha256(view[:first_end])
    digest.update(view[second_start:end])
    return SignedBytes(digest=digest.digest(), end=end)


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


def _offsets(byte_range: Sequence[object], size: int) -> tuple[int, int, int]:
    """End of the first part, start and end of the second."""
    numbers = [item for item in byte_range if isinstance(item, int)]
    if len(byte_range) != _NUMBERS or len(numbers) != _NUMBERS or min(numbers) < 0:
        raise InvalidFormatError("expected a /ByteRange of four whole numbers from 0")
    start, first_end, second_start, length = map(int, numbers)
    if start != 0:
        raise InvalidFormatError(f"expected the byte range to start at 0, got {start}")
    if second_start <= first_end:
        raise InvalidFormatError(
            f"the parts of the byte range overlap: the first ends at {first_end}, "
            f"the second starts at {second_start}"
        )
    if second_start + length > size:
        raise InvalidFormatError(
            f"the byte range ends at {second_start + length}, beyond the file's {size} bytes"
        )
    return first_end, second_start, second_start + length


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
