"""Programs as tables (OpenType, chapter "Font File"), and those of TrueType without instructions.

Instructions move the points of a glyph when it is drawn small. Some readers run them and some do
not: a digit can be moved out of sight in one of them alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

TRUETYPE: Final = frozenset({b"\0\1\0\0", b"true"})
OPENTYPE: Final = frozenset({b"OTTO", b"ttcf"})
"""What programs begin with that have tables: with outlines of TrueType, and with others."""
TYPE_1: Final = (b"%!", b"\x80\1")
USUAL: Final = (*TRUETYPE, b"OTTO", b"\1\0", *TYPE_1)
"""What programs begin with: with tables, bare CFF, Type 1 and its binary form. FreeType, and so
PDFium, opens others that hold instructions, too: collections, WOFF, files of the Macintosh."""
_KEPT: Final = frozenset(
    tag.encode()
    for tag in (
        *("OS/2", "cmap", "head", "hhea", "hmtx", "maxp", "name", "post"),
        *("GSUB", "vhea", "vmtx"),
    )
)
"""Of ISO 32000-1 section 9.9 all that are no instructions, and those for names, measures and
vertical text. Gone are instructions with their values, widths by size, bitmaps, and other ways to
draw a glyph."""
_CFF: Final = frozenset({b"CFF "})
_OF_GLYPHS: Final = frozenset({b"glyf", b"loca"})
OUTLINES: Final = dict.fromkeys(TRUETYPE, _OF_GLYPHS) | {b"OTTO": _CFF}
"""The tables of outlines, by what a program begins with."""
_DRAWN: Final = frozenset({b"glyf", b"CFF ", b"CFF2"})
"""Of which there is just one."""
_OFF: Final = b"\xb1\x01\x01\x8e"
"""The one instruction left: PUSHB 1 1, INSTCTRL, which is to run none (table prep)."""
_STACK: Final = 24
"""Where table maxp says how much instructions push; the one left needs two."""
_NEEDED: Final = 2
_FORMAT: Final = 50
"""Where table head says how places are written."""
_HEAD: Final = 12
_ENTRY: Final = 16
_COUNTS: Final = 10
"""Of a glyph: how many outlines it has, or that it is made of others, and its box."""

Tables = dict[bytes, tuple[int, bytes]]
"""Checksums and data by tag."""


def read(program: bytes) -> Tables:
    """The tables of a program.

    Raises:
        struct.error: one is cut, there twice, or lies upon another.
    """
    (count,) = struct.unpack_from(">H", program, 4)
    tables: Tables = {}
    left = len(program)
    for at in range(_HEAD, _HEAD + _ENTRY * count, _ENTRY):
        tag, checksum, start, size = struct.unpack_from(">4sIII", program, at)
        left -= size
        if tag in tables or start + size > len(program) or left < 0:
            raise struct.error("a table is cut, there twice, or upon another")
        tables[tag] = checksum, program[start : start + size]
    return tables


def written(kind: bytes, tables: Mapping[bytes, tuple[int, bytes]]) -> bytes:
    """A program of these tables, in ascending order and without gaps."""
    power = len(tables).bit_length() - 1
    wide = _ENTRY << power
    head = [struct.pack(">4sHHHH", kind, len(tables), wide, power, _ENTRY * len(tables) - wide)]
    body = []
    start = _HEAD + _ENTRY * len(tables)
    for tag, (checksum, data) in sorted(tables.items()):
        head.append(struct.pack(">4sIII", tag, checksum, start, len(data)))
        body.append(data + bytes(-len(data) % 4))
        start += len(body[-1])
    return b"".join(head + body)


def checksum(data: bytes) -> int:
    """The checksum of a table."""
    data += bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}I", data)
    return sum(words) & 0xFFFFFFFF


def without_instructions(program: bytes) -> bytes:
    """A program in which no instruction can run, but the one that says so, if it is of TrueType.

    Those of glyphs stay where they are: no reader runs them when grid-fitting is off.

    Returns:
        The program in one form: what is in it stays as it is.

    Raises:
        struct.error: its tables are broken, or it has not the outlines that it should have.
    """
    tables = read(program)
    own = OUTLINES[program[:4]]
    if tables.keys() & _DRAWN != own & _DRAWN:
        raise struct.error("it has other outlines than it says, or two")
    kept = {tag: table for tag, table in tables.items() if tag in _KEPT | own}
    if own == _CFF:
        return written(program[:4], kept)
    kept[b"prep"] = checksum(_OFF), _OFF
    most = kept[b"maxp"][1] if b"maxp" in kept else b""
    if struct.unpack_from(">H", most, _STACK)[0] < _NEEDED:
        most = most[:_STACK] + struct.pack(">H", _NEEDED) + most[_STACK + 2 :]
        kept[b"maxp"] = checksum(most), most
    return written(program[:4], kept)


def count(program: bytes) -> int:
    """How many glyphs a program says it has (OpenType, table maxp).

    Raises:
        struct.error: its tables are broken.
    """
    tables = read(program)
    if b"maxp" not in tables:
        raise struct.error("a table is missing")
    (found,) = struct.unpack_from(">H", tables[b"maxp"][1], 4)
    return int(found)


def places(tables: Tables) -> tuple[int, ...]:
    """Where glyphs begin in their table, and where the last one ends (OpenType, table loca)."""
    listed = tables[b"loca"][1]
    (long,) = struct.unpack_from(">h", tables[b"head"][1], _FORMAT)
    size, kind = (4, "I") if long else (2, "H")
    found = struct.unpack_from(f">{len(listed) // size}{kind}", listed)
    return found if long else tuple(2 * place for place in found)


def instructed(program: bytes) -> Iterator[int]:
    """The glyphs that have instructions, or are made of others, which may have some.

    Raises:
        struct.error: its tables are broken.
    """
    tables = read(program)
    if not tables.keys() >= {b"glyf", b"head", b"loca"}:
        raise struct.error("it has no glyphs")
    glyphs = tables[b"glyf"][1]
    for glyph, (start, end) in enumerate(pairwise(places(tables))):
        if start == end or start + _COUNTS > len(glyphs):
            continue
        (outlines,) = struct.unpack_from(">h", glyphs, start)
        count = start + _COUNTS + 2 * outlines
        if outlines < 0 or any(glyphs[count : count + 2]):
            yield glyph
