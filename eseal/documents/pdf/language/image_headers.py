"""What image data say about themselves, as far as a dictionary says it, too."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_SOI: Final = b"\xff\xd8"
_EOI: Final = b"\xff\xd9"
_FRAMES: Final = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive (ITU-T T.81 table B.1); others few readers know."""
_OTHER_FRAMES: Final = {*range(0xC3, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ADOBE: Final = b"Adobe"
_JFIF: Final = b"JFIF"
_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_SIGNATURE: Final = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_MAX_BOXES: Final = 64
_LONG_COUNT: Final = 7
_PAGE_INFORMATION: Final = 48
_TAIL: Final = 2048
"""Cameras and scanners put something behind the end."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image is by its own data.

    Attributes:
        width: columns.
        height: rows.
        depth: bits of each component.
        components: colours, alpha included.
        transform: the colour transform an Adobe marker asks for; ``None`` without one.
        ends: whether the data have their end.
        unclear: whether readers disagree if its three components are red, green and blue.
    """

    width: int
    height: int
    depth: int
    components: int
    transform: int | None = None
    ends: bool = True
    unclear: bool = False


def jpeg(data: bytes) -> Header | None:
    """Of a JPEG (ITU-T T.81 annex B); ``None`` if it is none, or one that few readers know."""
    position, frame, transform = 2, None, None
    names, plain = b"", False
    if data[:2] != _SOI:
        return None
    while (segment := _segment(data, position)) is not None:
        marker, body, position = segment
        if marker in _OTHER_FRAMES or (marker in _FRAMES and frame is not None):
            return None
        if marker in _FRAMES and len(body) >= 6:  # noqa: PLR2004  section B.2.2
            frame = struct.unpack(">BHHB", body[:6])
            names = body[6::3]
        elif marker == 0xE0 and body[:4] == _JFIF:  # noqa: PLR2004
            plain = True
        elif marker == 0xEE and body[:5] == _ADOBE and len(body) >= 12:  # noqa: PLR2004
            transform = body[11]
        elif marker == 0xDA:  # noqa: PLR2004  start of scan
            break
    if frame is None or segment is None:
        return None
    depth, height, width, components = frame
    ends = _EOI in data[-_TAIL:]
    # Some go by the names of its components, some by the one marker, some by the other.
    unclear = (transform is None and names == b"RGB") or (transform == 0 and plain)
    return Header(width, height, depth, components, transform, ends, unclear)


def jpeg_end(data: bytes) -> int:
    """Where a JPEG ends; -1 if it has no end."""
    found = data.rfind(_EOI)
    return found + 2 if jpeg(data) is not None and found >= 0 else -1


def _segment(data: bytes, position: int) -> tuple[int, bytes, int] | None:
    """Marker, contents and the place behind them."""
    while data[position : position + 2] == b"\xff\xff":
        position += 1
    if data[position : position + 1] != b"\xff" or position + 4 > len(data):
        return None
    (length,) = struct.unpack_from(">H", data, position + 2)
    return data[position + 1], data[position + 4 : position + 2 + length], position + 2 + length


def jpx(data: bytes) -> Header | None:
    """Of a JPEG 2000 image, in boxes or bare (ISO/IEC 15444-1 annexes A and I)."""
    start = 0 if data.startswith(_CODESTREAM) else _codestream(data)
    size = data[start + 4 : start + 48] if start >= 0 else b""
    if len(size) < 39:  # noqa: PLR2004  section A.5.1
        return None
    right, bottom, left, top = struct.unpack_from(">IIII", size, 4)
    (components,) = struct.unpack_from(">H", size, 36)
    ends = _EOI in data[-_TAIL:]
    return Header(right - left, bottom - top, (size[38] & 0x7F) + 1, components, None, ends)


def jbig2(data: bytes) -> Header | None:
    """Of an embedded JBIG2 image (ITU-T T.88 section 7.2), by its page information."""
    position = 0
    for _ in range(_MAX_BOXES):
        if position + 11 > len(data):
            return None
        flags, count = data[position + 4], data[position + 5] >> 5
        number = int.from_bytes(data[position : position + 4], "big")
        if count == _LONG_COUNT:
            count = int.from_bytes(data[position + 5 : position + 9], "big") & 0x1FFFFFFF
            position += 9 + (count + 8) // 8
        else:
            position += 6
        position += count * (1 if number <= 256 else 2 if number <= 65536 else 4)  # noqa: PLR2004
        position += 4 if flags & 0x40 else 1
        length = int.from_bytes(data[position : position + 4], "big")
        position += 4
        if flags & 0x3F == _PAGE_INFORMATION and position + 8 <= len(data):
            width, height = struct.unpack_from(">II", data, position)
            return Header(width, height, 1, 1)
        position += length
    return None


def _codestream(data: bytes) -> int:
    """Where the code stream begins in a file of boxes; -1 if there is none."""
    position = 0
    if not data.startswith(_SIGNATURE):
        return -1
    for _ in range(_MAX_BOXES):
        if position + 8 > len(data):
            return -1
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"jp2c":
            start = position + (16 if length == 1 else 8)
            return start if data[start : start + 4] == _CODESTREAM else -1
        if length < 8:  # noqa: PLR2004
            return -1
        position += length
    return -1
