"""Instructions of TrueType programs, which go: no two readers follow them alike.

What PDFium shows with them and without must be the same, but for what fitting glyphs to a grid
moves. The programs are changed when pages have been compared for everything else.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

from pikepdf import Name

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk, Hinted
from eseal.documents.pdf.meaning.desk.values import is_stream, key_of, name
from eseal.documents.pdf.meaning.resources.fonts import outlines, sfnt
from eseal.documents.pdf.meaning.resources.fonts.remapping import glyphs_of
from eseal.documents.viewer.glyphs import Pair, unlike

_MANY: Final = 256
"""Glyphs of a program that are all drawn; of one that has more, those that a font can show."""
_MOST: Final = 8192
"""Glyphs of a document, at a tenth of a millisecond."""

_OF_STREAMS: Final = ("/Filter", "/DecodeParms", "/Length")


def note(desk: Desk, program: Any, data: bytes, fonts: list[Any], called: str) -> None:
    """Put down a program that is used, if it has tables, and instructions may run in it.

    Args:
        desk: where to put it down.
        program: its stream.
        data: the same, decoded.
        fonts: the font; a composite one behind its descendant.
        called: its name.
    """
    if not data.startswith(sfnt.USUAL):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a program of a rare kind")
    if data[:4] not in sfnt.TRUETYPE:
        return
    key = key_of(program)
    if key not in desk.hinted:
        try:
            desk.hinted[key] = _hinted(desk, program, data, called)
        except struct.error as error:
            desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a broken program: {error}")
            return
    hinted = desk.hinted[key]
    if hinted is None:
        return
    hinted.fonts.append(fonts)
    hinted.descriptors.append(fonts[0].FontDescriptor)
    if len(hinted.glyphs) > _MANY and len(fonts) > 1:
        desk.pairs.setdefault(key_of(fonts[-1]), set())


def _hinted(desk: Desk, program: Any, data: bytes, called: str) -> Hinted | None:
    """A program with instructions; ``None`` if it is as we write it.

    What it becomes is a stream of its own: the old one may be a map of glyphs, or a picture, too.

    Raises:
        struct.error: its tables are broken.
    """
    outlines.check(data)
    still = sfnt.without_instructions(data)
    if still == data:
        return None
    kept = {each: value for each, value in program.items() if each not in _OF_STREAMS}
    made = desk.pdf.make_stream(zlib.compress(still), kept | {"/Filter": Name.FlateDecode})
    if "/Length1" in made:
        made.Length1 = len(still)
    glyphs = list(sfnt.instructed(data))
    return Hinted(program, made, data, still, glyphs, called, desk.page)


def put_in_order(desk: Desk) -> None:
    """Put down programs whose glyphs look different without instructions."""
    hinted = [each for each in desk.hinted.values() if each is not None]
    pairs = [Pair(each.data, each.still, _drawn(desk, each)) for each in hinted]
    if sum(len(pair.glyphs) for pair in pairs) > _MOST:
        desk.report(HazardCode.UNCLEAR_FONT, f"more than {_MOST} glyphs have instructions")
        return
    for index in unlike(pairs):
        desk.page = hinted[index].page
        what = f"font {hinted[index].called} has instructions that change what it shows"
        desk.report(HazardCode.UNCLEAR_FONT, what)
    desk.page = None


def _drawn(desk: Desk, hinted: Hinted) -> list[int]:
    """The glyphs with instructions that may be drawn."""
    if len(hinted.glyphs) <= _MANY:
        return hinted.glyphs
    reached: set[int] = set()
    for fonts in hinted.fonts:
        found = (_composed if len(fonts) > 1 else _simple)(desk, fonts, hinted.data)
        if found is None:
            return hinted.glyphs
        reached |= found
    return [glyph for glyph in hinted.glyphs if glyph in reached]


def _simple(_: Desk, fonts: list[Any], data: bytes) -> set[int] | None:
    """The glyphs of all codes, as PDFium finds them; ``None`` if any may be."""
    try:
        return set(glyphs_of(fonts[0], data).values())
    except struct.error:
        return None


def _composed(desk: Desk, fonts: list[Any], _: bytes) -> set[int] | None:
    """The glyphs of the codes that are shown."""
    below, font = fonts
    if not name(font.get("/Encoding")).startswith("Identity"):
        return None
    codes = desk.pairs.get(key_of(font), set())
    glyphs = below.get("/CIDToGIDMap")
    if not is_stream(glyphs):
        return codes
    listed = desk.streams.decoded(glyphs)
    return {int.from_bytes(listed[2 * code : 2 * code + 2], "big") for code in codes}
