"""Fields that lack letters of what they hold."""

from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary

from eseal.documents.pdf.meaning import put_in_order
from tests.unit.documents.pdf.meaning.made import annotated, form, parsed

LATIN = parsed(
    b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
    b" /Encoding /WinAnsiEncoding >> >> >>"
)


def field(held: str, drawn: bytes, entries: bytes = b""):
    """A document with a field that holds a text and draws another, and the field."""
    value = b"\xfe\xff" + held.encode("utf-16-be")

    def look(pdf):
        made = form(pdf, b"BT /F 9 Tf 2 9 Td (%b) Tj ET" % drawn)
        made.Resources = LATIN
        return Dictionary(N=made)

    entries = b"<< /Subtype /Widget /FT /Tx /T (a) /V <%b> %b >>" % (value.hex().encode(), entries)
    pdf = annotated(entries, AP=look)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"")
    widget = pdf.pages[0].obj.Annots[0]
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]))
    return pdf, widget


@pytest.mark.parametrize(
    ("held", "drawn", "holds"),
    [
        ("salad ÷πʬ", b"salad \xf7??", "salad ÷??"),
        ("salad ÷πʬ", b"salad \xf7", "salad ÷"),
        ("Acme 公司", b"Acme", "Acme"),
    ],
)
def test_a_field_holds_what_it_shows_where_its_font_lacks_letters(held, drawn, holds):
    pdf, widget = field(held, drawn)
    found = put_in_order(pdf)
    assert not found.hazards
    assert str(widget.V) == holds
    assert held in found.notes[0]


@pytest.mark.parametrize(
    ("held", "drawn", "entries"),
    [
        ("9999", b"1000", b""),
        ("9999π", b"1000?", b""),
        ("1000π", b"100?", b""),
        ("公司公司 A", b"???? A", b""),
        ("公司", b"??", b""),
        ("Acme 公司", b"Acme ??", b"/RV (<body><p>9999</p></body>)"),
    ],
)
def test_another_text_is_left_to_be_refused(held, drawn, entries):
    pdf, widget = field(held, drawn, entries)
    assert put_in_order(pdf).settled == ()
    assert str(widget.V) == held


def test_a_value_above_several_widgets_is_set_where_it_stands():
    pdf, widget = field("salad π", b"salad ?")
    parent = pdf.make_indirect(Dictionary(T=widget.T, FT=widget.FT, V=widget.V))
    del widget["/T"], widget["/V"]
    parent.Kids = Array([widget])
    widget.Parent = parent
    pdf.Root.AcroForm.Fields = Array([parent])
    put_in_order(pdf)
    assert str(parent.V) == "salad ?"
    assert "/V" not in widget
