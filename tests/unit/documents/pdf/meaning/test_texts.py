"""Fields that lack letters of what they hold."""

from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary

from eseal.documents.pdf.meaning import put_in_order
from tests.unit.documents.pdf.meaning.made import annotated, form, parsed

LATIN = (
    b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
    b" /Encoding /WinAnsiEncoding >> >> >>"
)


def field(held: str, drawn: bytes, entries: bytes = b""):
    """A document with a field that holds a text and draws another, and the field."""
    value = b"\xfe\xff" + held.encode("utf-16-be")

    def look(pdf):
        made = form(pdf, b"BT /F 9 Tf 2 9 Td (%b) Tj ET" % drawn)
        made.Resources = parsed(LATIN)
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
    ("held", "drawn"),
    [
        ("9999", b"1000"),
        ("9999π", b"1000?"),
        ("1000π", b"100?"),
        ("公司公司 A", b"???? A"),
        ("公司", b"??"),
    ],
)
def test_another_text_is_left_to_be_refused(held, drawn):
    pdf, widget = field(held, drawn)
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


@pytest.mark.parametrize(
    "entries",
    [
        b"/DA (/Helv 12 Tf 1 g)",
        b"/DA (/Helv 0.01 Tf 0 g) /MK << /BG [0] /R 180 >>",
        b"/RV (<body><p>9999</p></body>) /DS (color: white) /Ff 33554432",
    ],
)
def test_what_readers_draw_anew_is_told_plainly(entries):
    pdf, widget = field("1000", b"1000", entries)
    found = put_in_order(pdf)
    assert not found.hazards
    assert not found.settled
    assert str(widget.DA) == "/Helv 0 Tf 0 g"
    assert not {"/MK", "/RV", "/DS"} & widget.keys()
    before = widget.unparse()
    put_in_order(pdf)
    assert widget.unparse() == before


def test_rich_text_above_a_field_goes_and_a_field_on_its_side_stays_so():
    pdf, widget = field("1000", b"1000", b"/MK << /R 90 /BG [0] /CA (9000) >>")
    parent = pdf.make_indirect(parsed(b"<< /T (b) /RV (9000) /Kids [] >>"))
    parent.Kids.append(widget)
    widget.Parent = parent
    pdf.Root.AcroForm.Fields = Array([parent])
    put_in_order(pdf)
    assert "/RV" not in parent
    assert widget.MK.unparse() == b"<< /R 90 >>"


@pytest.mark.parametrize(
    ("held", "entries"),
    [
        ("1000", b"/Ff 8192"),
        ("900", b"/FT /Ch /Opt [(100) (900)]"),
        ("", b""),
        ("", b"/FT /Ch /Ff 131072"),
        ("", b"/FT /Ch /V [] /Ff 131072"),
    ],
    ids=["a password", "a list", "no value", "no choice", "none of several"],
)
def test_a_field_that_shows_no_value_of_its_own_becomes_a_picture(held, entries):
    pdf, widget = field(held, b"900")
    for key, value in parsed(b"<< %b >>" % entries).items():
        widget[key] = value
    found = put_in_order(pdf)
    assert not found.hazards
    assert not found.settled
    assert (widget.FT, widget.Ff, str(widget.T)) == ("/Btn", 1 << 16, "picture 1")
    assert not {"/V", "/Opt", "/DA"} & widget.keys()
    assert b"(900)" in widget.AP.N.Off.read_bytes()
    assert [each.objgen for each in pdf.Root.AcroForm.Fields] == [widget.objgen]


def test_an_empty_field_that_shows_no_words_stays_one():
    pdf, widget = field("", b"")
    widget.AP.N.write(b"/Tx BMC EMC")
    assert not put_in_order(pdf).settled
    assert widget.FT == "/Tx"
