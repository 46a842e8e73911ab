from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary, String

from eseal.documents.pdf.meaning import put_in_order
from tests.unit.documents.pdf.meaning.made import annotated, codes, document, form, parsed

INVISIBLE, PRINT, NO_ZOOM, TOGGLE = 1, 4, 8, 256


def look(pdf):
    return Dictionary(N=form(pdf))


def states(pdf):
    return Dictionary(N=Dictionary(Yes=form(pdf), Off=form(pdf, b"")))


def ordered(pdf):
    """What is found in a document, its annotation afterwards, and what keeps that alive."""
    found = {hazard.code.value for hazard in put_in_order(pdf).hazards}
    return found, pdf.pages[0].obj.Annots[0], pdf


@pytest.mark.parametrize(
    "kind",
    ["Text", "FreeText", "Line", "Square", "Highlight", "Ink", "Stamp", "Caret", "FileAttachment"],
)
def test_what_readers_draw_themselves_is_refused(kind):
    assert codes(annotated(b"<< /Subtype /%b >>" % kind.encode())) == {"unclear_annotation"}
    assert codes(annotated(b"<< /Subtype /%b >>" % kind.encode(), AP=look)) == set()


@pytest.mark.parametrize(
    "entries",
    [
        b"",
        b"/Subtype /Odd",
        b"/Subtype /Stamp /F -1",
        b"/Subtype /Stamp /Rect [0 0 9]",
        b"/Subtype /Highlight /QuadPoints [20 190 180 190 20 160 180 160]",
        b"/Subtype /Link",
        b"/Subtype /Popup",
        b"/Subtype /Widget /FT /Tx",
        b"/Subtype /Widget /T (x)",
        b"/Subtype /Widget /T (x) /FT /Odd",
    ],
)
def test_odd_annotations_are_refused_even_with_a_look(entries):
    assert codes(annotated(b"<< %b >>" % entries, AP=look)) == {"unclear_annotation"}


def test_what_shows_is_printed_and_does_not_depend_on_the_occasion():
    flags = INVISIBLE | NO_ZOOM | TOGGLE
    found, item, _pdf = ordered(annotated(b"<< /Subtype /Stamp /F %d >>" % flags, AP=look))
    assert found == set()
    assert item.F == PRINT


def test_what_does_not_turn_with_its_page_is_refused():
    pdf = annotated(b"<< /Subtype /Stamp /F 20 >>", AP=look)
    pdf.pages[0].obj.Rotate = 90
    assert codes(pdf) == {"unclear_annotation"}


def test_hidden_ones_are_not_judged_here():
    assert codes(annotated(b"<< /Subtype /Stamp /F 2 >>")) == set()
    assert codes(annotated(b"<< /Subtype /Stamp /Rect [9 9 9 9] >>")) == set()


def test_links_lose_their_frames():
    found, item, _pdf = ordered(annotated(b"<< /Subtype /Link /Border [0 0 1] /BS << /W 2 >> >>"))
    assert found == set()
    assert [*item.Border] == [0, 0, 0]
    assert "/BS" not in item


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        (b"/AS /Yes", "/Yes"),
        (b"/AS /Off", "/Off"),
        (b"/V /Off", "/Off"),
        (b"", "/Off"),
        (b"/V /Yes", None),
        (b"/AS /Odd", None),
        (b"/AS (Yes)", None),
    ],
)
def test_a_button_is_in_a_state_that_has_a_look(entries, state):
    button = b"<< /Subtype /Widget /FT /Btn /T (b) %b >>" % entries
    found, item, _pdf = ordered(annotated(button, AP=states))
    assert found == (set() if state else {"unclear_annotation"})
    assert state is None or str(item.AS) == state


def test_a_stamp_cannot_be_off():
    only = b"<< /Subtype /Stamp >>"
    found, *_ = ordered(annotated(only, AP=lambda pdf: Dictionary(N=Dictionary(On=form(pdf)))))
    assert found == {"unclear_annotation"}


def test_a_look_is_drawing_like_any_other():
    odd = annotated(b"<< /Subtype /Stamp >>", AP=lambda pdf: Dictionary(N=form(pdf, b"--1 w")))
    assert codes(odd) == {"unclear_contents"}
    flat = b"<< /BBox [0 0 0 0] >>"
    empty = annotated(
        b"<< /Subtype /Stamp >>", AP=lambda pdf: Dictionary(N=form(pdf, entries=flat))
    )
    assert codes(empty) == {"unclear_annotation"}


def test_lists_hold_annotations_only():
    pdf = annotated(b"<< /Subtype /Stamp >>", AP=look)
    page = pdf.pages[0].obj
    page.Annots = Array([None, page.Annots[0], 7])
    assert not put_in_order(pdf).hazards
    assert len(page.Annots) == 1
    page.Annots = Array()
    put_in_order(pdf)
    assert "/Annots" not in page


def test_a_field_for_a_signature_needs_no_look():
    assert codes(annotated(b"<< /Subtype /Widget /FT /Sig /T (Buyer) >>")) == set()


FIELD = b"<< /Subtype /Widget /FT /Tx /T (a) /MK << /BC [1 0 0] /BG [0.9] >> %b >>"


def test_fields_that_only_a_page_knows_are_listed():
    pdf = annotated(FIELD % b"", AP=look)
    assert not put_in_order(pdf).hazards
    assert [field.T for field in pdf.Root.AcroForm.Fields] == ["a"]
    twin = pdf.make_indirect(parsed(FIELD % b"/Rect [20 60 80 100]"))
    twin.AP = look(pdf)
    pdf.pages[0].obj.Annots.append(twin)
    assert codes(pdf) == {"unclear_annotation"}
    assert twin.Subtype == "/Stamp"


def attached(*specifications: bytes):
    pdf = document()
    names = Array()
    for index, given in enumerate(specifications):
        made = parsed(given)
        held = made.get("/EF")
        for key in held.keys() if held is not None else ():
            held[key] = pdf.make_stream(b"file %d" % int(held[key]))
        names.append(String(f"{9 - index}"))
        names.append(pdf.make_indirect(made))
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Kids=Array([Dictionary(Names=names)])))
    return pdf


def test_attached_files_are_in_one_list_under_one_name():
    pdf = attached(
        b"<< /F (a.txt) /DOS (b.exe) /EF << /F 1 /DOS 2 >> >>", b"<< /UF (c) /EF << /F 1 >> >>"
    )
    assert not put_in_order(pdf).hazards
    names = pdf.Root.Names.EmbeddedFiles.Names
    assert [str(name) for name in names[::2]] == ["8", "9"]
    assert names[3].UF == "a.txt"
    assert names[3].EF.keys() == {"/F", "/UF"}


@pytest.mark.parametrize(
    "given", [b"<< /F (a) /EF << /F 1 /UF 2 >> >>", b"<< /F () /EF << /F 1 >> >>"]
)
def test_attached_files_that_readers_offer_differently(given):
    assert {hazard.code for hazard in put_in_order(attached(given)).hazards} == {"embedded_file"}


def test_two_attached_files_of_one_name():
    pdf = attached(*[b"<< /F (a) /EF << /F %d >> >>" % number for number in (1, 2)])
    names = pdf.Root.Names.EmbeddedFiles.Kids[0].Names
    names[2] = names[0]
    assert {hazard.code for hazard in put_in_order(pdf).hazards} == {"embedded_file"}


def test_files_that_are_only_associated():
    pdf = attached(b"<< /F (a) /EF << /F 1 /UF 2 >> >>")
    pdf.Root.AF = Array([pdf.Root.Names.EmbeddedFiles.Kids[0].Names[1]])
    del pdf.Root.Names
    assert {hazard.code for hazard in put_in_order(pdf).hazards} == {"embedded_file"}


@pytest.mark.parametrize("kind", ["Highlight", "Underline", "Squiggly", "StrikeOut"])
def test_marks_on_text_show_their_look_everywhere(kind):
    found, item, _pdf = ordered(annotated(b"<< /Subtype /%b >>" % kind.encode(), AP=look))
    assert found == set()
    assert item.Subtype == "/Stamp"
