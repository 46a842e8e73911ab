"""Buttons that show another state than they hold, and fields that are none."""

from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary, Name

from eseal.documents.pdf.meaning import put_in_order
from tests.unit.documents.pdf.meaning.made import annotated, codes, document, form, parsed, refused


def group(value: bytes, *states: bytes):
    """Radio buttons a, b, … in some states, under one field that holds a value."""
    pdf = document()
    parent = pdf.make_indirect(parsed(b"<< /FT /Btn /Ff 49152 /T (g) %b >>" % value))
    kids = []
    for index, state in enumerate(states):
        kid = parsed(
            b"<< /Type /Annot /Subtype /Widget /Rect [%d 9 %d 19] /AS %b >>"
            % (20 * index, 20 * index + 10, state)
        )
        own = Name(f"/{chr(97 + index)}")
        kid.AP = Dictionary(N=Dictionary({str(own): form(pdf), "/Off": form(pdf, b"")}))
        kid.Parent = parent
        kids.append(pdf.make_indirect(kid))
    parent.Kids = Array(kids)
    pdf.pages[0].obj.Annots = Array(kids)
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))
    return pdf, parent, kids


@pytest.mark.parametrize("value", [b"", b"/V /Off"])
def test_what_is_shown_alone_is_held(value):
    pdf, parent, _kids = group(value, b"/Off", b"/b", b"/Off")
    assert codes(pdf) == {"field_value_differs"}
    assert refused(pdf) == set()
    assert Name.b == parent.V


def test_what_agrees_is_left():
    pdf, parent, kids = group(b"/V /b", b"/Off", b"/b")
    assert codes(pdf) == set()
    assert Name.b == parent.V
    assert all(kid.Subtype == Name.Widget for kid in kids)


def test_several_that_are_shown_become_pictures():
    pdf, _parent, kids = group(b"/V /b", b"/a", b"/b", b"/Off")
    assert codes(pdf) == {"field_value_differs"}
    assert {str(kid.Subtype) for kid in kids} == {"/Stamp"}
    assert [kid.AP.N.read_bytes() for kid in kids][2] == b""
    assert len(pdf.Root.AcroForm.Fields) == 0
    assert not any("/Parent" in kid or "/AS" in kid for kid in kids)


def test_a_value_that_nothing_shows_is_left_to_be_refused():
    """Somebody has filled it in: it would be lost."""
    pdf, parent, kids = group(b"/V /a", b"/Off", b"/b")
    assert put_in_order(pdf).settled == ()
    assert Name.a == parent.V
    assert all(kid.Subtype == Name.Widget for kid in kids)


def test_fields_on_no_page_go():
    pdf = annotated(
        b"<< /Subtype /Widget /FT /Tx /T (a) /V (1) >>", AP=lambda p: Dictionary(N=form(p))
    )
    shown = pdf.pages[0].obj.Annots[0]
    hidden = pdf.make_indirect(parsed(b"<< /FT /Tx /T (b) /V (secret) >>"))
    below = pdf.make_indirect(parsed(b"<< /T (c) /Kids [] >>"))
    inner = pdf.make_indirect(parsed(b"<< /FT /Tx /T (d) >>"))
    below.Kids.append(inner)
    signature = pdf.make_indirect(parsed(b"<< /FT /Sig /T (s) >>"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([hidden, shown, below, signature]))
    assert codes(pdf) == {"hidden_field"}
    assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == ["a", "s"]


def test_a_widget_that_its_own_field_does_not_list_becomes_a_picture():
    pdf = annotated(b"<< /Subtype /Widget >>", AP=lambda p: Dictionary(N=form(p)))
    stray = pdf.pages[0].obj.Annots[0]
    field = pdf.make_indirect(parsed(b"<< /FT /Tx /T (a) /Kids [] >>"))
    stray.Parent = field
    pdf.Root.AcroForm = Dictionary(Fields=Array([]))
    assert codes(pdf) == {"unclear_annotation"}
    assert stray.Subtype == Name.Stamp
    assert len(pdf.Root.AcroForm.Fields) == 0


def test_a_tree_that_runs_in_a_circle_ends():
    pdf = annotated(b"<< /Subtype /Widget /FT /Tx /T (a) >>", AP=lambda p: Dictionary(N=form(p)))
    field = pdf.make_indirect(parsed(b"<< /T (b) >>"))
    field.Kids = Array([field] * 50)
    pdf.Root.AcroForm = Dictionary(Fields=Array([field, field]))
    put_in_order(pdf)


def two_fields(second: bytes):
    held = b"<< /Subtype /Widget /FT /Tx /T (a) /V (1) >>"
    pdf = annotated(held, AP=lambda p: Dictionary(N=form(p)))
    twin = pdf.make_indirect(parsed(second))
    twin.AP = Dictionary(N=form(pdf))
    pdf.pages[0].obj.Annots.append(twin)
    fields = [*pdf.pages[0].obj.Annots]
    pdf.Root.AcroForm = Dictionary(Fields=Array(fields))
    return pdf, fields


TWIN = b"<< /Type /Annot /Subtype /Widget /Rect [20 10 80 50] /FT /Tx /T (a) %b >>"


def test_fields_of_one_name_and_one_value_are_left():
    pdf, fields = two_fields(TWIN % b"/V (1)")
    assert codes(pdf) == set()
    assert [str(field.T) for field in fields] == ["a", "a"]


def test_fields_of_one_name_and_two_values_get_two_names():
    pdf, fields = two_fields(TWIN % b"/V (999)")
    assert codes(pdf) == {"field_value_differs"}
    assert refused(pdf) == set()
    assert [str(field.T) for field in fields] == ["a", "a (1)"]


def test_one_field_of_two_values_is_refused():
    pdf, _fields = two_fields(TWIN.replace(b"/T (a)", b"") % b"/V (999)")
    first, second = pdf.pages[0].obj.Annots
    parent = pdf.make_indirect(parsed(b"<< /T (a) /FT /Tx >>"))
    parent.Kids = Array([first, second])
    for kid in (first, second):
        kid.Parent = parent
    del first["/T"]
    pdf.Root.AcroForm.Fields = Array([parent])
    assert refused(pdf) == {"field_value_differs"}


def test_a_place_for_a_seal_is_on_one_page_and_locks_nothing():
    pdf = annotated(b"<< /Subtype /Widget /FT /Sig /T (s) /Lock << /Action /All >> >>")
    place = pdf.pages[0].obj.Annots[0]
    pdf.add_blank_page()
    pdf.pages[1].obj.Annots = Array([place])
    pdf.Root.AcroForm = Dictionary(Fields=Array([place]))
    assert codes(pdf) == {"unclear_annotation"}
    assert "/Annots" not in pdf.pages[1].obj
    assert len(pdf.pages[0].obj.Annots) == 1
    assert "/Lock" not in place
