"""Type 3 fonts, whose glyphs are contents, and which contradict what they draw."""

from __future__ import annotations

from collections.abc import Iterator

from tests.odd.pdf import Odd, form, one_page, stream

FONT = (
    b"<< /Type /Font /Subtype /Type3 /CharProcs << /a 6 0 R >> /FirstChar 97 /LastChar 97 "
    b"/Widths [500] /Encoding << /Type /Encoding /Differences [97 /a] >> %b >>"
)
SHOW = b"BT /F1 40 Tf 20 60 Td (aaa) Tj ET"
MATRIX = b"/FontMatrix [0.001 0 0 0.001 0 0]"
WHOLE = b"/FontBBox [0 0 500 700]"
GLYPH = b"500 0 0 0 500 700 d1 0 0 400 700 re f"


def _type3(entries: bytes, glyph: bytes = GLYPH) -> bytes:
    return one_page(
        SHOW,
        resources=b"/Font << /F1 5 0 R >>",
        objects={5: FONT % entries, 6: stream(glyph)},
    )


def type3() -> Iterator[Odd]:
    for name, pdf in (
        ("box-zero", _type3(b"/FontBBox [0 0 0 0] " + MATRIX)),
        ("box-small", _type3(b"/FontBBox [0 0 200 200] " + MATRIX)),
        ("box-missing", _type3(MATRIX)),
        ("box-turned", _type3(b"/FontBBox [500 700 0 0] " + MATRIX)),
        ("matrix-missing", _type3(WHOLE)),
        ("matrix-singular", _type3(WHOLE + b" /FontMatrix [0 0 0 0.001 0 0]")),
        ("resources-missing", _type3_borrowing(b"")),
        ("resources-empty", _type3_borrowing(b"/Resources << >>")),
        ("colour-under-d1", _type3(WHOLE + MATRIX, GLYPH.replace(b"d1", b"d1 1 0 0 rg"))),
        ("neither-d0-nor-d1", _type3(WHOLE + MATRIX, b"0 0 500 700 re f")),
        ("d1-box-small", _type3(WHOLE + MATRIX, b"500 0 0 0 100 100 d1 0 0 500 700 re f")),
        ("width-contradicts", _type3(WHOLE + MATRIX, b"900 0 0 0 500 700 d1 0 0 400 700 re f")),
        ("draws-itself", _type3(WHOLE + MATRIX + b" /Resources << /Font << /F1 5 0 R >> >>",
                                b"500 0 d0 0 0 400 300 re f BT /F1 500 Tf (a) Tj ET")),
        ("state-leaks", _type3(WHOLE + MATRIX, b"500 0 d0 q 0.5 0 0 0.5 0 0 cm 0 0 500 700 re f")),
    ):  # fmt: skip
        yield Odd("type3", name, pdf)


def _type3_borrowing(entries: bytes) -> bytes:
    """A glyph that draws with a form which only the page's resources name."""
    return one_page(
        SHOW,
        resources=b"/Font << /F1 5 0 R >> /XObject << /X 7 0 R >>",
        objects={
            5: FONT % b" ".join((WHOLE, MATRIX, entries)),
            6: stream(b"500 0 d0 /X Do"),
            7: form(b"1 0 0 rg 0 0 400 700 re f", box=b"0 0 500 700"),
        },
    )
