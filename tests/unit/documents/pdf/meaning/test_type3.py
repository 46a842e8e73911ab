"""Type 3 fonts: their glyphs are contents."""

from __future__ import annotations

import pytest
from pikepdf import Dictionary

from tests.unit.documents.pdf.meaning.made import (
    BOX,
    FONT,
    codes,
    document,
    parsed,
    refused,
    stream,
)

TYPE_3 = (
    b"<< /Type /Font /Subtype /Type3 /FontMatrix [0.001 0 0 0.001 0 0] /FontBBox [0 0 500 500] "
    b"/FirstChar 97 /LastChar 97 /Widths [500] /Encoding << /Differences [97 /a] >> >>"
)
TILES = (
    b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 99 99] /XStep 99 "
    b"/YStep 99 /Resources << >> >>"
)


def type3(glyph: bytes, entries: bytes = b"", resources: bytes = b"<< >>") -> set[str]:
    pdf = document(b"BT /F1 9 Tf (a) Tj ET")
    font = parsed(
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [0.001 0 0 0.001 0 0] "
        b"/FirstChar 97 /LastChar 97 /Widths [500] /Encoding << /Differences [97 /a] >> >>"
    )
    for key, value in parsed(b"<< %b >>" % entries).items():
        font[key] = value
    font.CharProcs = Dictionary(a=stream(pdf, glyph))
    font.Resources = parsed(resources)
    pdf.pages[0].obj.Resources.Font = Dictionary(F1=pdf.make_indirect(font))
    return codes(pdf)


@pytest.mark.parametrize(
    ("glyph", "entries", "expected"),
    [
        (b"500 0 0 0 500 700 d1 0 0 500 700 re f", b"", set()),
        (b"500 0 d0 1 0 0 rg 0 0 500 700 re f", b"/FontBBox [0 0 0 0]", set()),
        (b"0 0 500 700 re f", b"", {"unclear_contents"}),
        (b"500 0 0 0 500 700 d1 1 0 0 rg 0 0 9 9 re f", b"", {"unclear_contents"}),
        (b"500 0 d0 /X Do", b"", {"unclear_contents"}),
        (b"500 0 d0", b"/FontMatrix [0 0 0 0 0 0]", {"unclear_font"}),
        (b"500 0 d0", b"/FontBBox [0 0 9]", {"unclear_font"}),
    ],
)
def test_fonts_whose_glyphs_are_contents(glyph, entries, expected):
    assert type3(glyph, entries) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"BT /F1 9 Tf 2 Tr (a) Tj ET", set()),
        (b"BT /F1 9 Tf 3 Tr (a) Tj ET", {"unclear_contents"}),
        (b"BT /F1 9 Tf 7 Tr (a) Tj ET", {"unclear_contents"}),
        (b"BT /F2 9 Tf 3 Tr (a) Tj ET", set()),
        (b"BT /F2 9 Tf 7 Tr ( ) Tj ET", {"unclear_contents"}),
        (b"/Pattern cs /P scn BT /F1 9 Tf (a) Tj ET", {"unclear_contents"}),
        (b"/Pattern cs /P scn BT /F2 9 Tf (a) Tj ET", set()),
    ],
)
def test_glyphs_that_are_drawn_are_shown_plainly(content, expected):
    pdf = document(content)
    resources = pdf.pages[0].obj.Resources
    font = parsed(TYPE_3)
    font.CharProcs = Dictionary(a=stream(pdf, b"500 0 d0 0 0 400 400 re f"))
    resources.Font = Dictionary(F1=pdf.make_indirect(font), F2=parsed(FONT))
    resources.Pattern = Dictionary(P=stream(pdf, BOX, TILES))
    assert refused(pdf) == expected


def test_a_glyph_that_draws_itself():
    pdf = document(b"BT /F1 9 Tf (a) Tj ET")
    font = parsed(
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] >>"
    )
    font.CharProcs = Dictionary(a=stream(pdf, b"9 0 d0 BT /F1 9 Tf (a) Tj ET"))
    font = pdf.make_indirect(font)
    font.Resources = Dictionary(Font=Dictionary(F1=font))
    pdf.pages[0].obj.Resources.Font = Dictionary(F1=font)
    assert codes(pdf) == {"unclear_font"}
