"""What has no look gets the one PDFium shows."""

from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary, Name

from eseal.documents.pdf.meaning import put_in_order
from tests.unit.documents.pdf.meaning.made import annotated, codes, form, parsed, refused

FIELD = b"<< /Subtype /Widget /FT /%b /T (a) /MK << /BC [1 0 0] /BG [0.9] >> /DA (/F1 9 Tf) %b >>"
FONTS = parsed(b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>")


def filled(kind: bytes, entries: bytes, **more):
    """A document with a field, and its form."""
    pdf = annotated(FIELD % (kind, entries), **more)
    widget = pdf.pages[0].obj.Annots[0]
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), DR=FONTS)
    return pdf, widget


@pytest.mark.parametrize(
    ("kind", "entries", "text"),
    [
        (b"Tx", b"", None),
        (b"Tx", b"/V (1234)", b"(1234) Tj"),
        (b"Tx", b"/V (12 34) /Ff 4096", b"(12 34) Tj"),
        (b"Ch", b"/V (b) /Ff 131072 /Opt [(a) (b)]", b"(b) Tj"),
    ],
)
def test_a_field_gets_its_ground_its_border_and_its_text(kind, entries, text):
    pdf, widget = filled(kind, entries)
    found = put_in_order(pdf)
    assert not found.hazards
    assert not found.settled
    assert found.touched == {0}
    drawn = widget.AP.N.read_bytes()
    assert b"0.9 g" in drawn or b"0.9 0.9 0.9 rg" in drawn
    assert b"1 0 0 rg" in drawn or b"1 0 0 RG" in drawn
    assert text is None or text in drawn


def test_a_choice_loses_the_button_that_opens_its_list():
    pdf, widget = filled(b"Ch", b"/V (b) /Ff 131072 /Opt [(a) (b)]")
    found = put_in_order(pdf)
    assert widget.AP.N.read_bytes().rstrip().endswith(b"EMC")
    assert found.buttons == {0: [(65.0, 60.0, 80.0, 100.0)]}


def test_a_form_to_be_drawn_anew_shows_what_it_holds():
    pdf, widget = filled(b"Tx", b"/V (new)", AP=lambda p: Dictionary(N=form(p, b"0 g")))
    pdf.Root.AcroForm.NeedAppearances = True
    put_in_order(pdf)
    assert "/NeedAppearances" not in pdf.Root.AcroForm
    assert b"(new) Tj" in widget.AP.N.read_bytes()


def test_else_a_field_keeps_its_look():
    pdf, widget = filled(b"Tx", b"/V (new)", AP=lambda p: Dictionary(N=form(p, b"0 g")))
    put_in_order(pdf)
    assert widget.AP.N.read_bytes() == b"0 g"


def test_marks_get_looks():
    marked = b"<< /Subtype /Underline /C [1 0 0] /QuadPoints [20 100 80 100 20 60 80 60] >>"
    pdf = annotated(marked)
    assert codes(pdf) == {"unclear_annotation"}
    item = pdf.pages[0].obj.Annots[0]
    assert b"1 0 0 RG" in item.AP.N.read_bytes()
    assert item.Subtype == Name.Stamp


def test_what_pdfium_does_not_draw_shows_nothing():
    pdf = annotated(b"<< /Subtype /Polygon /Vertices [20 60 80 60 50 90] >>")
    assert codes(pdf) == {"unclear_annotation"}
    assert refused(pdf) == set()
    assert pdf.pages[0].obj.Annots[0].AP.N.read_bytes() == b""
