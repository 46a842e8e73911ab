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
    """The maps that readers use, as far as they lead to glyphs that are there.

    Args:
        program: of a font.
        strict: whether maps must be whole, and one of each kind; else broken ones are passed over,
            and the first of a kind counts.

    Raises:
        struct.error: the tables are broken.
    """
    entry = _entry(program, b"cmap")
    if entry is None:
        return {}
    table = program[entry[0] : sum(entry)]
    version, count = struct.unpack_from(">HH", table)
    if version:
        if strict:
            raise struct.error("maps of another version")
        return {}
    found: Maps = {}
    for index in range(min(count, _MAX_TABLES)):
        platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if (platform, encoding) not in USED:
            continue
        try:
            read = _read(table, offset, strict=strict)
        except struct.error:
            if strict:
                raise
            continue
        if found.setdefault((platform, encoding), read) != read and strict:
            raise struct.error("two maps for the same")
    there = glyph_count(program)
    return {
        key: {code: glyph for code, glyph in read.items() if glyph < there}
        for key, read in found.items()
    }


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
    entry = _entry(program, wanted)
    return None if entry is None else entry[0]


def _entry(program: bytes, wanted: bytes) -> tuple[int, int] | None:
    """Where a table starts, and how long it is."""
    if program[:4] == _COLLECTION:
        return None
    (count,) = struct.unpack_from(">H", program, 4)
    for index in range(count):
        tag, _, offset, size = struct.unpack_from(">4sIII", program, 12 + 16 * index)
        if tag == wanted:
            return int(offset), int(size)
    return None


def _read(table: bytes, start: int, *, strict: bool) -> Map:
    """One map. FreeType passes over those that break a rule; others read what they find."""
    (kind,) = struct.unpack_from(">H", table, start)
    match kind:
        case 0:
            return dict(enumerate(_within(table, start, 6, 256)[6:]))
        case 4:
            return _segments(table, start, strict=strict)
        case 6:
            first, count = struct.unpack_from(">HH", table, start + 6)
            return dict(enumerate(_shorts(_within(table, start, 10, 2 * count)[10:]), first))
        case 12:
            return _groups(table, start)
        case _:
            return {}


def _within(table: bytes, start: int, head: int, size: int) -> bytes:
    """A map of which what it says of its length holds: so much at least, and no more than there is.

    Raises:
        struct.error: it does not.
    """
    (length,) = struct.unpack_from(">H", table, start + 2)
    if length < head + size or start + length > len(table):
        raise struct.error("a map is cut")
    return table[start : start + head + size]


def _groups(table: bytes, start: int) -> Map:
    """Format 12, as far as characters have 16 bits, which those of names have."""
    length, _, count = struct.unpack_from(">III", table, start + 4)
    if length < 16 + 12 * count or start + length > len(table):
        raise struct.error("a map is cut")
    found: Map = {}
    before = -1
    for index in range(min(count, _MAX_CODES)):
        first, last, glyph = struct.unpack_from(">III", table, start + 16 + 12 * index)
        if not before < first <= last:
            raise struct.error("its groups overlap, or are out of order")
        before = last
        found.update((code, glyph + code - first) for code in range(first, min(last, _LAST) + 1))
    return found


def _shorts(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])


def _segments(table: bytes, start: int, *, strict: bool) -> Map:
    """Format 4. Of codes told twice the first counts: some readers look for it by halves."""
    (double,) = struct.unpack_from(">H", table, start + 6)
    count = double // 2
    places = (start + 14, start + 16 + double, start + 16 + 2 * double, start + 16 + 3 * double)
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", table, place) for place in places
    )
    found: Map = {}
    before = -1
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if first > last or (strict and first <= before):
            raise struct.error("its segments overlap, or are out of order")
        before = last
        if last - first > _MAX_CODES - len(found):
            raise struct.error("its segments overlap")
        place = places[3] + 2 * index + offsets[index]
        is_end = index == count - 1 and first == last == _LAST
        if offsets[index] and not is_end and place + 2 * (last - first + 1) > len(table):
            raise struct.error("its glyphs are cut")
        for code in range(first, last + 1):
            glyph = code
            if offsets[index]:
                at = place + 2 * (code - first)
                glyph = int.from_bytes(table[at : at + 2], "big")
                if glyph == 0:
                    continue
            found.setdefault(code, (glyph + deltas[index]) & 0xFFFF)
    return found
