"""The files that must pass."""

from __future__ import annotations

import pytest
from fpdf import FPDF
from fpdf.enums import AnnotationName
from PIL import Image

from tests.unit.documents.pdf.examination.dangers import (
    ACTION,
    COVER,
    FILLED,
    FORM,
    SHOWS_100,
    WHITE,
    beside,
    clickable,
    embedded,
    field,
    layer,
    look,
    stream,
    ticked,
    two_fields,
    with_fonts,
    with_objects,
    with_text,
)
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with


def forms_and_notes() -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.cell(text="Contract", link="https://example.org")
    pdf.text_annotation(100, 100, "a note", name=AnnotationName.NOTE)
    pdf.highlight("marked", "Author")
    return bytes(pdf.output())


def packed(pdfs) -> bytes:
    """Object streams whose objects stand in another order than their numbers."""
    return pdfs.object_streams()


ORDINARY = {
    "links and notes": lambda _: forms_and_notes(),
    "object streams": packed,
    "hybrid": lambda p: p.hybrid(),
    "by pyHanko": lambda p: p.pyhanko(),
    "jump on opening": lambda p: with_objects(p, {}, root=b"/OpenAction [3 0 R /Fit]"),
    "jump on opening as an action": lambda p: with_objects(
        p, {}, root=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"
    ),
    "address at a click": lambda p: clickable(p, ACTION % (b"URI", b"/URI (https://example.org)")),
    "filled form": lambda p: with_text(
        p, field(b"/V (100) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM
    ),
    "box that is ticked": lambda p: with_text(p, ticked(b"/AS /Yes /V /Yes"), WHITE, root=FORM),
    "box that is not": lambda p: with_text(p, ticked(b""), WHITE, root=FORM),
    "button to push": lambda p: with_objects(
        p, {5: field(b"/Ff 65536 /V (x)").replace(b"/Tx", b"/Btn")}, page=b"/Annots [5 0 R]"
    ),
    "empty field without a look": lambda p: with_text(p, field(b""), WHITE, root=FORM),
    "layers by occasion that are on": lambda p: layer(
        p,
        b"/AS [<< /Event /View /OCGs [4 0 R] /Category [/View] >>]",
        b"/Usage << /View << /ViewState /ON >> >>",
    ),
    "object no table lists": beside,
    "something that never ends": lambda p: beside(p, b"7 0 obj\n<< /Shadow (true >>\n"),
    "empty hidden field": lambda p: with_objects(
        p,
        {5: field(b"").replace(b"/F 4", b"/F 2")},
        page=b"/Annots [5 0 R]",
        root=b"/AcroForm << /Fields [5 0 R] >>",
    ),
    "neighbouring fields": lambda p: two_fields(p, b"90 470 290 501"),
    "layer that is on": lambda p: layer(p, b"/ON [4 0 R] /Order [4 0 R]"),
    "frame around text": lambda p: with_text(p, COVER % b"Square", b"1 0 0 RG 1 1 198 28 re S"),
    "stamp beside text": lambda p: with_text(
        p, (COVER % b"Stamp").replace(b"690 290 720", b"300 290 330"), WHITE
    ),
    "marked text": lambda p: with_text(
        p, COVER % b"Highlight", b"/Blend gs 1 1 0 rg 0 0 200 30 re f"
    ),
    "link over text": lambda p: with_text(p, FILLED % b"Link", b""),
    "polygon around text": lambda p: with_text(
        p, (FILLED % b"Polygon").replace(b"/IC [1]", b""), b""
    ),
    "note beside text": lambda p: with_text(
        p, (FILLED % b"FreeText").replace(b"690 290 720", b"300 290 330"), b""
    ),
    "associated file of a PDF/A-3": lambda p: embedded(p, b"/AF [4 0 R]", b"3"),
    "picture behind text": lambda p: page_with(p, over(ALL) + PRICE, Image.new("L", (1, 1), 255)),
    "fonts of two tags": lambda p: with_fonts(p, (b"ABCDEF+Serif", b"GHIJKL+Serif")),
    "fonts without tags": lambda p: with_fonts(p, (b"Serif", b"Serif")),
    "comment between objects": lambda p: beside(p, b"% 7 0 obj is not here\n"),
    "names in text only": lambda p: with_objects(
        p, {4: b"<< /Note (see /JavaScript and /Launch) >>"}, page=b"/PieceInfo 4 0 R"
    ),
    "word in a stream": lambda p: with_objects(
        p, {4: stream(b"/JavaScript /OpenAction 9 0 obj endobj")}, page=b"/Contents 4 0 R"
    ),
    "length of its own": lambda p: with_objects(
        p,
        {4: b"<< /Length 5 0 R >>\nstream\nendstream 7 0 obj\nendstream", 5: b"17"},
        page=b"/Contents 4 0 R",
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_document_passes(name, pdfs):
    assert look(ORDINARY[name](pdfs)) == ()
