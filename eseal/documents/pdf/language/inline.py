"""Inline images (ISO 32000-1 section 8.9.7): where their data end, which no mark says for sure.

Some readers compute the end, others search for ``EI``. Here both must find the same.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eseal.documents.pdf.language import grammar
from eseal.documents.pdf.language.image_headers import jpeg_end

_SHORT: Final = {
    b"BPC": b"BitsPerComponent",
    b"CS": b"ColorSpace",
    b"D": b"Decode",
    b"DP": b"DecodeParms",
    b"F": b"Filter",
    b"H": b"Height",
    b"IM": b"ImageMask",
    b"I": b"Interpolate",
    b"W": b"Width",
}
_KEYS: Final = frozenset({*_SHORT.values(), b"Length", b"L", b"Intent"})
_COMPONENTS: Final = {
    b"G": 1,
    b"DeviceGray": 1,
    b"RGB": 3,
    b"DeviceRGB": 3,
    b"CMYK": 4,
    b"DeviceCMYK": 4,
    b"I": 1,
    b"Indexed": 1,
}
_MASKS: Final = {b"", b"G", b"DeviceGray"}
_DEPTHS: Final = {1, 2, 4, 8, 16}
_MAX_BYTES: Final = 1 << 26
_ENDS: Final = {b"", b"\r", b"\n", b" "}
"""What may stand between data and the white space before ``EI``."""
_BLANK: Final = b"\0\t\n\f\r "
_OWN_DEPTH: Final = {b"DCT", b"DCTDecode", b"CCF", b"CCITTFaxDecode"}
_SEARCHED_ONLY: Final = [
    [b"CCF"],
    [b"CCITTFaxDecode"],
    [b"A85"],
    [b"ASCII85Decode"],
    [b"A85", b"Fl"],
    [b"A85", b"CCF"],
    [b"A85", b"DCT"],
]
SEARCHED: Final = re.compile(rb"[\0\t\n\f\r ]EI(?:[\0\t\n\f\r ]+|\Z)")
"""The end of an inline image, as readers that search for it find it."""
_JOINED: Final = re.compile(rb"EI(?:[\0\t\n\f\r ]+|\Z)")


@dataclass(frozen=True, slots=True)
class InlineImage:
    """An inline image whose end is sure.

    Attributes:
        start: where it begins.
        data: where its data begin.
        data_end: where they end.
        end: where contents go on.
        entries: its dictionary: keys in full, and values as they stand.
        filters: names of its filters, as they stand.
        space: the colour space it names in resources; empty if it needs none.
    """

    start: int
    data: int
    data_end: int
    end: int
    entries: Mapping[bytes, bytes]
    filters: tuple[bytes, ...]
    space: bytes


def inline_image(data: bytes, start: int, *, strict: bool = True) -> InlineImage | None:
    """The inline image at a place of contents; ``None`` if none stands there, or readers differ.

    Args:
        data: contents.
        start: where ``BI`` is expected.
        strict: whether white space must stand before ``EI``; else ``EI`` must follow data whose
            size is known.
    """
    head = grammar.IMAGE.match(data, start)
    if head is None:
        return None
    entries = _entries(head[1])
    found = (SEARCHED if strict else _JOINED).search(data, head.end())
    if entries is None or found is None:
        return None
    space = entries.get(b"ColorSpace", b"").strip(b"[ \t\r\n").removeprefix(b"/").split(b"/")[0]
    space = space.strip()
    held = data[head.end() : found.start()]
    filters = re.findall(rb"/([A-Za-z0-9]+)", entries.get(b"Filter", b""))
    sizes = _sizes(entries, space, filters)
    if sizes is None:
        return None
    for size in sizes:
        if not strict and not filters and not held[size:].strip(_BLANK):
            held = held[:size]  # more than one blank before the end
    if not _decodes(filters, held, sizes):
        return None
    end = head.end() + len(held)
    space = b"" if space in _COMPONENTS else space
    return InlineImage(start, head.end(), end, found.end(), entries, tuple(filters), space)


def _entries(dictionary: bytes) -> dict[bytes, bytes] | None:
    """Keys in full and values as they stand; ``None`` if a key is unknown or there twice."""
    entries: dict[bytes, bytes] = {}
    for match in grammar.IMAGE_ENTRY.finditer(dictionary):
        key = _SHORT.get(match[1][1:], match[1][1:])
        if key in entries or key not in _KEYS:
            return None
        entries[key] = match[2]
    return entries


def _sizes(entries: dict[bytes, bytes], space: bytes, filters: list[bytes]) -> set[int] | None:
    """How many bytes the data must have; none if any count will do, ``None`` if that is unclear."""
    width, height = (_whole(entries.get(key)) for key in (b"Width", b"Height"))
    mask = entries.get(b"ImageMask") == b"true"
    depth = _whole(entries.get(b"BitsPerComponent", b"1" if mask else b""))
    last = filters[-1] if filters else b""
    if not width or not height or (mask and (depth != 1 or space not in _MASKS)):
        return None
    if not mask and last not in _OWN_DEPTH and (depth not in _DEPTHS or not space):
        return None
    counts = [1] if mask else [_COMPONENTS[space]] if space in _COMPONENTS else [1, 3, 4]
    sizes = {(width * (depth or 8) * count + 7) // 8 * height for count in counts}
    decode = entries.get(b"Decode", b"").strip(b"[]").split()
    if max(sizes) > _MAX_BYTES or (decode and len(decode) not in {2 * count for count in counts}):
        return None
    return set() if b"<<" in entries.get(b"DecodeParms", b"") else sizes


def _decodes(filters: list[bytes], held: bytes, sizes: set[int]) -> bool:
    """Whether data decode to one of some sizes; to any, if there are none."""
    match filters:
        case []:
            return len(held) in sizes or (held[-1:] in _ENDS and len(held) - 1 in sizes)
        case [b"Fl" | b"FlateDecode"]:
            return _inflates(held, sizes)
        case [b"DCT" | b"DCTDecode"]:
            return held[jpeg_end(held) :] in _ENDS
        case [b"AHx" | b"ASCIIHexDecode"]:
            digits = b"".join(held.split())
            return digits[-1:] == b">" and (len(digits) // 2) in (sizes or {len(digits) // 2})
    # Of these, the only mark is the one that was searched for.
    return filters in _SEARCHED_ONLY


def _inflates(held: bytes, sizes: set[int]) -> bool:
    inflater = zlib.decompressobj()
    try:
        size = len(inflater.decompress(held, _MAX_BYTES))
    except zlib.error:
        return False
    return inflater.eof and inflater.unused_data in _ENDS and size in (sizes or {size})


def _whole(value: bytes | None) -> int:
    return int(value) if value and value.isdigit() else 0
