"""Glyphs that reach far beyond their font's size, which are refused.

PDFium draws text below some 50 pixels from bitmaps of its glyphs, and leaves out a glyph whose
bitmap is larger than 2,048 samples; across it takes three to a pixel. So of a digit with a speck
far away Chrome shows nothing at one zoom, and all of it at another.
"""

from __future__ import annotations

import math
import struct
from typing import Any, Final

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk, Measured
from eseal.documents.pdf.meaning.desk.values import key_of
from eseal.documents.pdf.meaning.resources.fonts import compact, programs, sfnt
from eseal.documents.pdf.meaning.resources.fonts.programs import Program
from eseal.documents.viewer.reach import Outlines, farthest
from eseal.errors import UnsupportedDocumentError

_FAR: Final = 12
"""Sizes of the font; glyphs are lacking from 13.7 on. Those of 270 real programs cover up to 4."""


def note(desk: Desk, program: Any, data: bytes, called: str, named: Program | None = None) -> None:
    """Put down a program that is used; one that is broken is reported.

    Args:
        desk: where to put it down.
        program: its stream.
        data: the same, decoded.
        called: the name of its font.
        named: the names of its glyphs, if they are known.
    """
    key = key_of(program)
    if key not in desk.measured:
        try:
            if data.startswith(compact.KINDS):
                compact.check(data, desk.allowance)
            desk.measured[key] = Measured(_outlines(data, named), called, desk.page)
        except (struct.error, ValueError, IndexError, UnsupportedDocumentError) as error:
            desk.measured[key] = str(error)
    found = desk.measured[key]
    if isinstance(found, str):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a broken program: {found}")


def _outlines(data: bytes, named: Program | None) -> Outlines:
    """All glyphs of a program; of a Type 1 program those that have names.

    Raises:
        struct.error, UnsupportedDocumentError: it is broken.
    """
    if data[:4] in sfnt.TRUETYPE:
        return Outlines(data, range(sfnt.count(data)))
    if named is None:
        return Outlines(data, programs.numbers(data))
    if data.startswith(sfnt.TYPE_1):
        return Outlines(data, names=[programs.NOTDEF, *(named.glyphs - named.unclear)])
    return Outlines(data, range(len(named.glyphs) + 1))


def put_in_order(desk: Desk) -> None:
    """Put down programs with glyphs that reach too far."""
    measured = [each for each in desk.measured.values() if not isinstance(each, str)]
    for each, far in zip(measured, farthest([each.outlines for each in measured]), strict=True):
        if far > _FAR:
            desk.page = each.page
            why = f"a glyph that reaches over {far:.0f} times its size"
            why = "a broken program: it cannot be opened" if math.isinf(far) else why
            desk.report(HazardCode.UNCLEAR_FONT, f"font {each.called} has {why}")
    desk.page = None
