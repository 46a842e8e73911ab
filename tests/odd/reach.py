"""Glyphs with a speck far away: Chrome leaves them out of small text at some zooms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

from fontTools.cffLib import FDArrayIndex, FDSelect, FontDict
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

from tests.odd.fonts import (
    DIGITS,
    ORDER,
    ROMAN,
    STRAIGHT,
    TURNED,
    WIN,
    bare_cff,
    composite,
    open_type,
    saved,
    simple,
    table_of,
    unsaved,
)
from tests.odd.pdf import Odd
from tests.odd.type1 import type1

BESIDE, BELOW = (28000, 0), (0, -28000)
OF_CFF = {"subtype": b"/CIDFontType0", "key": b"/FontFile3", "cid_entries": b""}


@cache
def true_type(speck: tuple[int, int]) -> bytes:
    """Digits whose four has a speck."""
    made = unsaved(speck)
    made["cmap"] = table_of(((3, 1, STRAIGHT), (1, 0, STRAIGHT)))
    return saved(made)


@cache
def by_part() -> bytes:
    """Digits whose four is made of a six, and of a one far away."""
    made = unsaved()
    made["cmap"] = table_of(((3, 1, STRAIGHT), (1, 0, STRAIGHT)))
    four = Glyph()
    four.numberOfContours, four.components = -1, []
    for name, across in (("six", 0), ("one", 28000)):
        part = GlyphComponent()
        part.glyphName, part.x, part.y, part.flags = name, across, 0, 4
        four.components.append(part)
    made["glyf"]["four"] = four
    return saved(made)


@cache
def with_cids(speck: tuple[int, int]) -> bytes:
    """Digits as a bare CFF font with CIDs, a hundred above the numbers of glyphs."""
    font = TTFont(BytesIO(open_type(speck)))
    cff = font["CFF "].cff
    top = cff[0]
    strings = [top.CharStrings[name] for name in ORDER]
    top.ROS, top.CIDCount = ("Adobe", "Identity", 0), 200
    top.charset = [".notdef", *(f"cid{100 + at:05}" for at in range(1, len(ORDER)))]
    below = FontDict()
    below.Private = top.Private
    top.FDArray, top.FDSelect = FDArrayIndex(), FDSelect()
    top.FDArray.append(below)
    top.FDSelect.format, top.FDSelect.gidArray = 0, [0] * len(ORDER)
    listed = top.CharStrings
    listed.charStrings = dict(zip(top.charset, strings, strict=True))
    listed.charStringsAreIndexed = False
    listed.fdArray, listed.fdSelect = top.FDArray, top.FDSelect
    for key in ("Private", "Encoding"):
        top.rawDict.pop(key, None)
        vars(top).pop(key, None)
    out = BytesIO()
    cff.compile(out, font)
    return out.getvalue()


def reach() -> Iterator[Odd]:
    high = type1(DIGITS, TURNED.items(), step=3000)
    named = {"flags": ROMAN, "encoding": WIN, "subtype": b"/Type1", "key": b"/FontFile3"}
    for name, pdf in (
        ("beside", simple(true_type(BESIDE), flags=ROMAN, encoding=WIN)),
        ("below", simple(true_type(BELOW), flags=ROMAN, encoding=WIN)),
        ("by-part", simple(by_part(), flags=ROMAN, encoding=WIN)),
        ("in-composite", composite(true_type(BESIDE))),
        ("cff", simple(bare_cff(BESIDE), file_entries=b"/Subtype /Type1C", **named)),
        ("open-type", simple(open_type(BESIDE), file_entries=b"/Subtype /OpenType", **named)),
        ("cff-in-composite", composite(
            bare_cff(BESIDE), file_entries=b"/Subtype /CIDFontType0C", **OF_CFF)),
        ("cff-with-cids", composite(
            with_cids(BESIDE), file_entries=b"/Subtype /CIDFontType0C",
            show=b"<0066006700680069>", **OF_CFF)),
        ("open-type-in-composite", composite(
            open_type(BESIDE), file_entries=b"/Subtype /OpenType", **OF_CFF)),
        ("type1", simple(high, flags=ROMAN, encoding=WIN, subtype=b"/Type1", key=b"/FontFile")),
    ):  # fmt: skip
        yield Odd("reach", name, pdf)
