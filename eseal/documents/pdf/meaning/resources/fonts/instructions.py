"""Programs that are written anew: TrueType without instructions, Type 1 without PostScript.

No two readers follow these alike.

What PDFium shows with them and without must be the same, but for what fitting glyphs to a grid
moves. The programs are changed when pages have been compared for everything else.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any, Final

from pikepdf import Name

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk, Hinted
from eseal.documents.pdf.meaning.desk.values import Key, is_stream, key_of, name
from eseal.documents.pdf.meaning.resources.fonts import encodings, outlines, programs, sfnt, type1
from eseal.documents.pdf.meaning.resources.fonts.programs import Program
from eseal.documents.pdf.meaning.resources.fonts.remapping import glyphs_of
from eseal.documents.viewer.glyphs import Names, Pair, unlike
from eseal.documents.viewer.specimens import CODES

_MANY: Final = 256
"""Glyphs of a program that are all drawn; of one that has more, those that a font can show."""
_MOST: Final = 8192
"""Glyphs of a document, at a tenth of a millisecond."""

_CHANGED: Final = "has instructions that change what it shows"
_READ: Final = "has a program that is read in two ways"
_OF_STREAMS: Final = ("/Filter", "/DecodeParms", "/Length")


def note(desk: Desk, program: Any, data: bytes, fonts: list[Any], called: str) -> None:
    """Put down a program that is used, if it has tables, and is not as we write it.

    Args:
        desk: where to put it down.
        program: its stream.
        data: the same, decoded.
        fonts: the font; a composite one behind its descendant.
        called: its name.
    """
    if not data.startswith(sfnt.USUAL):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a program of a rare kind")
    if data[:4] not in sfnt.OUTLINES:
        return
    key = key_of(program)
    if key not in desk.hinted:
        try:
            desk.hinted[key] = _hinted(desk, program, data, called)
        except struct.error as error:
            desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a broken program: {error}")
            return
    _take(desk, key, fonts)


def note_type1(desk: Desk, font: Any, data: bytes, named: Program, called: str) -> None:
    """Put down a Type 1 program that is used, if it is not as we write it.

    Args:
        desk: where to put it down.
        font: its font.
        data: the program, decoded.
        named: what it says of itself.
        called: the name of the font.
    """
    program = font.FontDescriptor.FontFile
    key = key_of(program)
    if key not in desk.hinted:
        desk.hinted[key] = _named(desk, program, data, named, called)
    _take(desk, key, [font])


def _take(desk: Desk, key: Key, fonts: list[Any]) -> None:
    """Put down that a font uses a program."""
    hinted = desk.hinted[key]
    if hinted is None:
        return
    hinted.fonts.append(fonts)
    hinted.descriptors.append(fonts[0].FontDescriptor)
    if len(hinted.glyphs) > _MANY and len(fonts) > 1:
        desk.pairs.setdefault(key_of(fonts[-1]), set())


def _hinted(desk: Desk, program: Any, data: bytes, called: str) -> Hinted | None:
    """A program with tables; ``None`` if it is as we write it.

    Raises:
        struct.error: its tables are broken.
    """
    is_true = data[:4] in sfnt.TRUETYPE
    if is_true:
        outlines.check(data)
    still = sfnt.without_instructions(data)
    if still == data:
        return None
    made = _made(desk, program, still, (len(still),))
    glyphs = list(sfnt.instructed(data) if is_true else range(sfnt.count(data)))
    return Hinted(program, made, data, still, glyphs, called, desk.page)


def _named(desk: Desk, program: Any, data: bytes, named: Program, called: str) -> Hinted | None:
    """A program of Type 1; ``None`` if it is as we write it."""
    if named.anew == data:
        return None
    made = _made(desk, program, named.anew, type1.lengths(named.anew) or ())
    return Hinted(program, made, data, named.anew, [], called, desk.page, named)


def _made(desk: Desk, program: Any, data: bytes, lengths: Sequence[int]) -> Any:
    """What a program becomes, with the lengths of its parts (ISO 32000-1 table 127).

    It is a stream of its own: the old one may be a map of glyphs, or a picture, too.
    """
    kept = {each: value for each, value in program.items() if each not in _OF_STREAMS}
    told = {f"/Length{part}": length for part, length in enumerate(lengths, 1)}
    told = {each: length for each, length in told.items() if each in kept}
    return desk.pdf.make_stream(zlib.compress(data), kept | told | {"/Filter": Name.FlateDecode})


def put_in_order(desk: Desk) -> None:
    """Put down programs whose glyphs look different once they are written anew."""
    hinted = [each for each in desk.hinted.values() if each is not None]
    pairs = [
        Pair(each.data, each.still, _drawn(desk, each), each.named and _names(each))
        for each in hinted
    ]
    if sum(len(pair.cells) for pair in pairs) > _MOST:
        desk.report(HazardCode.UNCLEAR_FONT, f"more than {_MOST} glyphs would have to be compared")
        return
    for index in unlike(pairs):
        desk.page = hinted[index].page
        why = _READ if hinted[index].named else _CHANGED
        desk.report(HazardCode.UNCLEAR_FONT, f"font {hinted[index].called} {why}")
    desk.page = None


def _names(hinted: Hinted) -> Names:
    """What fonts may show of a Type 1 program."""
    named: Program = hinted.named
    encoded = [font.get("/Encoding") for (font,) in hinted.fonts]
    read = (each for one in encoded for each in encodings.readings(one, ["StandardEncoding"]))
    asked = {glyph for names in read for glyph in names.values()}
    there = {programs.NOTDEF, *named.glyphs}
    own = named.codes or {}
    clear = sorted(code for code in own if own[code] not in named.unclear)
    others = () if named.codes is None else sorted({*range(CODES)} - own.keys())
    return Names(sorted(there - named.unclear), sorted(asked - there), clear, others)


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
