"""The character maps of a TrueType program (OpenType, table cmap), code to glyph."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

Map = dict[int, int]
Maps = dict[tuple[int, int], Map]
"""Maps by platform and encoding."""
USED: Final = {(1, 0), (3, 0), (3, 1), (3, 10), (0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 6)}
"""Macintosh Roman, Windows symbols and Windows Unicode, which ISO 32000-1 section 9.6.6.4 names,
and the other ones of Unicode."""
_SYMBOLS: Final = 0xF000
"""Where Windows keeps the codes of symbol fonts."""
_COLLECTION: Final = b"ttcf"
_FORMAT: Final = 50
"""Where table head says how places are written."""
_MAX_TABLES: Final = 64
_MAX_CODES: Final = 1 << 17
_LAST: Final = 0xFFFF


def character_maps(program: bytes, *, strict: bool = True) -> Maps:
    """The maps that readers use.

    Args:
        program: of a font.
        strict: whether maps must be whole, and one of each kind; else broken ones are passed over,
            and the first of a kind counts.

    Raises:
        struct.error: the tables are broken.
    """
    start = _table(program, b"cmap")
    if start is None:
        return {}
    (count,) = struct.unpack_from(">H", program, start + 2)
    found: Maps = {}
    for index in range(min(count, _MAX_TABLES)):
        platform, encoding, offset = struct.unpack_from(">HHI", program, start + 4 + 8 * index)
        if (platform, encoding) not in USED:
            continue
        try:
            read = _read(program, start + offset)
        except struct.error:
            if strict:
                raise
            continue
        if found.setdefault((platform, encoding), read) != read and strict:
            raise struct.error("two maps for the same")
    return found


def glyph_count(program: bytes) -> int:
    """How many glyphs there are (OpenType, table maxp).

    Raises:
        struct.error: the tables are broken.
    """
    start = _table(program, b"maxp")
    if start is None:
        raise struct.error("no count of glyphs")
    (count,) = struct.unpack_from(">H", program, start + 4)
    return int(count)


def is_blank(program: bytes) -> bool:
    """Whether its first glyph, for what is not there, draws nothing (OpenType, table loca).

    Raises:
        struct.error: the tables are broken.
    """
    head, places = _table(program, b"head"), _table(program, b"loca")
    if head is None or places is None:
        return False
    (long,) = struct.unpack_from(">h", program, head + _FORMAT)
    first, second = struct.unpack_from(">II" if long else ">HH", program, places)
    return bool(first == second)


def by_code(glyphs: Mapping[int, int]) -> bytes:
    """A table cmap of codes up to 255, for Macintosh Roman and for Windows symbols (at U+F000)."""
    ids = struct.pack(">256H", *(glyphs.get(code, 0) for code in range(256)))
    trimmed = struct.pack(">HHHHH", 6, 10 + len(ids), 0, 0, 256) + ids
    segments = struct.pack(
        ">HHHHHHH HHH HH HH HH",
        *(4, 32 + len(ids), 0, 4, 4, 1, 0),
        *(_SYMBOLS + 255, 0xFFFF, 0),
        *(_SYMBOLS, 0xFFFF),
        *(0, 1),
        *(4, 0),
    )
    head = struct.pack(">HHHHIHHI", 0, 2, 1, 0, 20, 3, 0, 20 + len(trimmed))
    return head + trimmed + segments + ids


def _table(program: bytes, wanted: bytes) -> int | None:
    if program[:4] == _COLLECTION:
        return None
    (count,) = struct.unpack_from(">H", program, 4)
    for index in range(count):
        tag, _, offset = struct.unpack_from(">4sII", program, 12 + 16 * index)
        if tag == wanted:
            return int(offset)
    return None


def _read(program: bytes, start: int) -> Map:
    (kind,) = struct.unpack_from(">H", program, start)
    match kind:
        case 0:
            return dict(enumerate(program[start + 6 : start + 6 + 256]))
        case 4:
            return _segments(program, start)
        case 6:
            first, count = struct.unpack_from(">HH", program, start + 6)
            glyphs = program[start + 10 : start + 10 + 2 * count]
            return dict(enumerate(_shorts(glyphs), first))
        case 12:
            return _groups(program, start)
        case _:
            return {}


def _groups(program: bytes, start: int) -> Map:
    """Format 12, as far as characters have 16 bits, which those of names have."""
    (count,) = struct.unpack_from(">I", program, start + 12)
    found: Map = {}
    for index in range(min(count, _MAX_CODES)):
        first, last, glyph = struct.unpack_from(">III", program, start + 16 + 12 * index)
        if first > _LAST:
            break
        last = min(last, _LAST)
        if last - first > _MAX_CODES - len(found):
            raise struct.error("its groups overlap")
        found.update((code, glyph + code - first) for code in range(first, last + 1))
    return found


def _shorts(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])


def _segments(program: bytes, start: int) -> Map:
    """Format 4."""
    (double,) = struct.unpack_from(">H", program, start + 6)
    count = double // 2
    places = (start + 14, start + 16 + double, start + 16 + 2 * double, start + 16 + 3 * double)
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", program, place) for place in places
    )
    found: Map = {}
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if last - first > _MAX_CODES - len(found):
            raise struct.error("its segments overlap")
        for code in range(first, last + 1):
            glyph = code
            if offsets[index]:
                place = places[3] + 2 * index + offsets[index] + 2 * (code - first)
                glyph = int.from_bytes(program[place : place + 2], "big")
                if glyph == 0:
                    continue
            found[code] = (glyph + deltas[index]) & 0xFFFF
    return found
