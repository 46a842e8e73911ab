"""Whether a TrueType program has the glyphs that it says (OpenType, tables glyf, loca and hmtx).

What is cut, missing or contradicted readers make up, or leave out, each in a way of its own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from eseal.documents.pdf.meaning.resources.fonts import sfnt

_UNITS: Final = 18
"""Where table head says how many units the font's size has, and, 32 bytes on, how places are
written."""
_USUAL_UNITS: Final = range(16, 16384 + 1)
_VERSION: Final = 0x10000
"""Of table maxp, with outlines of TrueType."""
_MEASURED: Final = 34
"""Where table hhea says how many glyphs table hmtx has widths for."""
_NECESSARY: Final = frozenset({b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"})
_ASIDE: Final = 8
"""Part of the font's size by which a glyph may stand elsewhere than it is drawn. Firefox draws it
where its points are, FreeType moves it to where table hmtx says. Of 400 real programs two have
glyphs beyond."""
_PADDED: Final = 3
"""Bytes that the last glyph may lack: some makers count those that fill it up."""
_BOX: Final = 10
"""Where a glyph's outlines begin, behind how many there are, and its box."""
_MADE_OF_OTHERS: Final = -1
_FLAGS: Final = re.compile(
    b"[%b]+|(.)(.)" % b"".join(b"\\x%02x" % flag for flag in range(256) if not flag & 8), re.DOTALL
)
"""Flags of points that are there once, or one with how many times more."""
_SIZES: Final = bytes(
    (1 if flag & 2 else 0 if flag & 16 else 2) + (1 if flag & 4 else 0 if flag & 32 else 2)
    for flag in range(256)
)
"""How many bytes the point of a flag takes."""
_WORDS: Final = 1
"""Of a part: its place takes words."""
_MOVED: Final = 2
"""It has a place, and no two points that meet."""
_MORE: Final = 32
"""Another part follows."""
_FACTORS: Final = ((8, 1), (64, 2), (128, 4))
"""How many factors scale it."""
_DEEP: Final = 8
_PARTS: Final = 256
"""How deep parts may stand in one another, and how many there may be in all."""


def check(program: bytes) -> None:
    """Whether all glyphs are there and whole, and stand where they are drawn.

    Raises:
        struct.error: some are not; says why.
    """
    tables = sfnt.read(program)
    if not tables.keys() >= _NECESSARY:
        raise struct.error("a table is missing")
    head, most, across, widths, glyphs = (
        tables[tag][1] for tag in (b"head", b"maxp", b"hhea", b"hmtx", b"glyf")
    )
    units, long = struct.unpack_from(">H30xhxx", head, _UNITS)
    version, count = struct.unpack_from(">IH", most)
    (measured,) = struct.unpack_from(">H", across, _MEASURED)
    places = sfnt.places(tables)[: count + 1]
    if units not in _USUAL_UNITS or long not in {0, 1} or version != _VERSION:
        raise struct.error("it is of an unusual version")
    if not 0 < measured <= count or len(widths) < 4 * measured:
        raise struct.error("it has not the widths that it says")
    if len(places) <= count or places[-1] > len(glyphs) + _PADDED:
        raise struct.error("it has not the glyphs that it says")
    made_of: dict[int, list[int]] = {}
    for glyph, (start, end) in enumerate(pairwise(places)):
        if start == end:
            continue
        outlines, left = struct.unpack_from(">hh", glyphs[start:end])
        at = 2 * (glyph + min(glyph + 1, measured))
        bearing = int.from_bytes(widths[at : at + 2], "big", signed=True)
        if abs(left - bearing) * _ASIDE > units:
            raise struct.error("a glyph stands elsewhere than it is drawn")
        if outlines >= 0:
            _check_points(glyphs[start:end], outlines)
        elif outlines == _MADE_OF_OTHERS:
            made_of[glyph] = [*_parts(glyphs[start:end], count)]
        else:
            raise struct.error("a glyph is of no kind")
    _check_depth(made_of)


def _check_points(glyph: bytes, outlines: int) -> None:
    """Whether a glyph has all of its points."""
    at = _BOX + 2 * outlines
    if len(glyph) < _BOX or not outlines:
        return
    ends = struct.unpack_from(f">{outlines}H", glyph, _BOX)
    (skipped,) = struct.unpack_from(">H", glyph, at)
    at += 2 + skipped
    left, size = ends[-1] + 1, 0
    if sorted(ends) != [*ends]:
        raise struct.error("outlines of a glyph are out of order")
    while left > 0:
        found = _FLAGS.match(glyph, at, at + max(left, 2))
        if found is None:
            raise struct.error("a glyph is cut")
        flag, more = found.groups()
        points = found[0][:left] if flag is None else flag * min(left, more[0] + 1)
        size += sum(points.translate(_SIZES))
        left -= len(points)
        at += len(points) if flag is None else 2
    if at + size > len(glyph):
        raise struct.error("a glyph is cut")


def _parts(glyph: bytes, count: int) -> Iterator[int]:
    """The glyphs that one is made of."""
    at, flags = _BOX, _MORE
    while flags & _MORE:
        flags, part = struct.unpack_from(">HH", glyph, at)
        at += 8 if flags & _WORDS else 6
        at += next((2 * size for bit, size in _FACTORS if flags & bit), 0)
        if part >= count or not flags & _MOVED or at > len(glyph):
            raise struct.error("a part of a glyph is nowhere")
        yield part


def _check_depth(made_of: dict[int, list[int]]) -> None:
    """Whether glyphs that are made of others are so within reason."""
    counts: dict[int, int] = {}

    def counted(glyph: int, depth: int) -> int:
        if glyph not in made_of:
            return 1
        if depth > _DEEP:
            raise struct.error("parts of a glyph are too deep")
        if glyph not in counts:
            counts[glyph] = sum(counted(part, depth + 1) for part in made_of[glyph])
        return counts[glyph]

    if any(counted(glyph, 0) > _PARTS for glyph in made_of):
        raise struct.error("a glyph has too many parts")
