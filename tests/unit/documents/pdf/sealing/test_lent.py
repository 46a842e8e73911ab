"""Whoever seals is told which fields were lent a look."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary

from eseal.errors import UnsafeDocumentError
from tests.unit.documents.pdf.meaning.made import annotated, form, parsed
from tests.unit.documents.pdf.workshop import prepared

FONTS = parsed(b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>")
FIELD = b"<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /T (Price) /DA (%b /F1 9 Tf) %b >>"


def filled(colour: bytes, value: bytes = b"/V (1000)", **more) -> bytes:
    pdf = annotated(FIELD % (colour, value), **more)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q Q")
    widget = pdf.pages[0].obj.Annots[0]
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), DR=FONTS)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_a_field_without_a_look_is_told(options):
    notes = prepared(filled(b"0 g"), options).notes
    (note,) = [each for each in notes if "'Price' on page 1" in each]
    assert note.startswith("drawn as Chrome shows them")
    assert "look at the sealed one" in note


def test_one_that_is_white_is_refused(options):
    with pytest.raises(UnsafeDocumentError, match="shows something else than it holds"):
        prepared(filled(b"1 g"), options)


def test_one_with_a_look_of_its_own_is_not_told(options):
    pdf = filled(b"0 g", b"", AP=lambda p: Dictionary(N=form(p, b"0 0 9 9 re f")))
    assert prepared(pdf, options).notes == ()


def test_a_form_to_be_drawn_anew_is_told(options):
    with pikepdf.open(BytesIO(filled(b"0 g"))) as pdf:
        widget = pdf.pages[0].obj.Annots[0]
        widget.AP = Dictionary(N=form(pdf, b"0 g"))
        pdf.Root.AcroForm.NeedAppearances = True
        out = BytesIO()
        pdf.save(out)
    assert any("'Price'" in note for note in prepared(out.getvalue(), options).notes)
