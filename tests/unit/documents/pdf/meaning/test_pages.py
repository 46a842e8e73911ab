from __future__ import annotations

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.opening.opening import open_document
from eseal.errors import TooLargeError
from tests.unit.documents.pdf.meaning.made import BOX, codes, document, drawing, form, parsed


@pytest.mark.parametrize(
    ("given", "kept"), [(b"0", None), (b"450", 90), (b"-90", 270), (b"90.0", 90), (b"360", None)]
)
def test_angles_are_written_one_way(given, kept):
    pdf = document(page=b"<< /Rotate %b >>" % given)
    assert not put_in_order(pdf).hazards
    assert pdf.pages[0].obj.get("/Rotate") == kept


@pytest.mark.parametrize(
    "entries",
    [
        *(b"/Rotate 45", b"/Rotate 90.7", b"/Rotate /Ninety"),
        *(b"/CropBox [300 300 400 400]", b"/CropBox [0 0 9]", b"/CropBox [0 0 0 0]"),
        *(b"/MediaBox [0 0 0 0]", b"/MediaBox [0 0 20000 20000]", b"/MediaBox [0 0 /A 9]"),
    ],
)
def test_pages_without_one_size_or_direction_are_refused(entries):
    pdf = document(page=b"<< %b >>" % entries)
    assert {hazard.code for hazard in put_in_order(pdf).hazards} == {"unclear_page"}


def test_boxes_have_their_corners_in_order_and_lie_inside():
    pdf = document(page=b"<< /MediaBox [200 0 0 200] /CropBox [-50 180 100 20] /UserUnit 1 >>")
    page = pdf.pages[0].obj
    assert not put_in_order(pdf).hazards
    assert [*page.MediaBox] == [0, 0, 200, 200]
    assert [*page.CropBox] == [0, 20, 100, 180]
    assert "/UserUnit" not in page


def test_what_is_inherited_is_written_into_the_page():
    pdf = document()
    page, tree = pdf.pages[0].obj, pdf.Root.Pages
    del page["/MediaBox"], page["/Resources"]
    tree.MediaBox, tree.Rotate = Array([0, 0, 90, 90]), 90
    tree.Resources, tree.Annots = parsed(b"<< /ProcSet [/PDF] >>"), Array()
    assert not put_in_order(pdf).hazards
    assert [*page.MediaBox] == [0, 0, 90, 90]
    assert page.Rotate == 90
    assert "/ProcSet" in page.Resources
    assert tree.keys() == {"/Type", "/Kids", "/Count"}


def test_a_name_must_be_among_the_resources():
    assert codes(document(b"/G gs " + BOX)) == {"unclear_contents"}
    assert codes(document(b"/DeviceRGB cs 1 0 0 sc " + BOX)) == set()
    assert codes(document(b"BT /F9 9 Tf ET")) == {"unclear_contents"}


def test_a_form_without_resources_has_those_of_its_page():
    pdf = document(resources=b"<< /ExtGState << /G << /LW 2 >> >> >>")
    drawing(pdf, form(pdf, b"/G gs 0 0 9 9 re f"))
    assert not put_in_order(pdf).hazards
    assert "/ExtGState" in pdf.pages[0].obj.Resources.XObject.X.Resources


def test_what_is_drawn_inside_itself_is_refused():
    pdf = document()
    inner = pdf.make_indirect(form(pdf, b"/X Do"))
    inner.Resources = Dictionary(XObject=Dictionary(X=inner))
    assert codes(drawing(pdf, inner)) == {"unclear_contents"}


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        (b"<< /Subtype2 /PS >>", "postscript"),
        (b"<< /BBox [0 0 9] >>", "unclear_contents"),
        (b"<< /Matrix [1 0 0 1] >>", "unclear_contents"),
        (b"<< /OC << /Type /OCMD >> >>", "hidden_layer"),
        (b"<< /OC << /Type /OCMD /OCGs [<< /Type /OCG >>] /VE [/Not] >> >>", "hidden_layer"),
        (b"<< /OC << /Type /OCMD /OCGs [null] >> >>", "hidden_layer"),
        (b"<< /Group << /CS /Odd >> >>", "unclear_colour"),
    ],
)
def test_odd_forms_are_refused(entries, code):
    pdf = document()
    assert codes(drawing(pdf, form(pdf, entries=entries))) == {code}


def test_a_program_for_printers_is_refused():
    pdf = document()
    program = pdf.make_stream(b"showpage")
    program.Type, program.Subtype = Name.XObject, Name.PS
    assert codes(drawing(pdf, program)) == {"postscript"}


def test_a_layer_of_the_document_is_fine():
    pdf = document()
    layer = b"<< /OC << /Type /OCMD /OCGs [<< /Type /OCG /Name (L) >>] >> >>"
    assert codes(drawing(pdf, form(pdf, entries=layer))) == set()
    named = b"<< /Properties << /M << /Type /OCG /Name (L) >> >> >>"
    assert codes(document(b"/OC /M BDC " + BOX + b" EMC", resources=named)) == set()
    assert codes(document(b"/OC /N BDC " + BOX + b" EMC", resources=named)) == {"hidden_layer"}


def test_so_much_is_listed_and_no_more():
    pdf = pikepdf.new()
    for _ in range(300):
        pdf.add_blank_page().obj.Rotate = 45
    assert len(put_in_order(pdf).hazards) == 100


def test_so_much_is_settled_and_no_more():
    pdf = pikepdf.new()
    for _ in range(300):
        pdf.add_blank_page().obj.UserUnit = 2
    found = put_in_order(pdf)
    assert not found.hazards
    assert len(found.settled) == 100
    assert len(found.touched) == 300
    assert "/UserUnit" not in pdf.pages[299].obj


@pytest.mark.parametrize(
    ("entries", "content", "fine"),
    [
        (b"/PaintType 1 /TilingType 1", b"1 0 0 rg 0 0 5 5 re f", True),
        (b"/PaintType 2 /TilingType 1", b"0 0 5 5 re f", True),
        (b"/PaintType 2 /TilingType 1", b"1 0 0 rg 0 0 5 5 re f", False),
        (b"/PaintType 3 /TilingType 1", b"0 0 5 5 re f", False),
        (b"/PaintType 1 /TilingType 1 /XStep 0", b"0 0 5 5 re f", False),
    ],
)
def test_patterns(entries, content, fine):
    pdf = document(b"/Pattern cs %b scn %b" % (b"/P", BOX))
    base = b"<< /PatternType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >> >>"
    tile = pdf.make_stream(content)
    for given in (base, b"<< %b >>" % entries):
        for key, value in parsed(given).items():
            tile[key] = value
    pdf.pages[0].obj.Resources.Pattern = Dictionary(P=tile)
    assert (codes(pdf) == set()) == fine


@pytest.mark.parametrize(
    ("tree", "odd"),
    [
        (b"<< /Type /Pages /Kids [4 0 R] /Count 7 /MediaBox [0 0 9 9] /Rotate 90 /X 1 >>", True),
        (b"<< /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 9 9] /CropBox [1 1 8 8] >>", False),
    ],
)
def test_the_page_tree_is_made_anew(pdfs, tree, odd):
    """One that counts other pages than it has is compared with what PDFium shows."""
    inner = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R /CropBox [1 1 8 8] >>"
    with open_document(pdfs.hand_made({**pdfs.objects(), 2: tree, 4: inner})) as opened:
        count = len(opened.pages)
        assert ("unclear_page" in {each.code.value for each in put_in_order(opened).settled}) == odd
        root = opened.Root.Pages
        assert root.keys() == {"/Type", "/Kids", "/Count"}
        assert root.Count == len(root.Kids) == len(opened.pages) == count
        for page in root.Kids:
            assert page.Parent.objgen == root.objgen
            assert [int(side) for side in page.MediaBox] == [0, 0, 9, 9]
            assert [int(side) for side in page.CropBox] == [1, 1, 8, 8]
            assert page.get("/Rotate", 0) == (90 if b"Rotate" in tree else 0)


def test_pages_outside_of_the_tree_are_emptied_and_private_data_go():
    pdf = document()
    stray = pdf.make_indirect(parsed(b"<< /Type /Page /MediaBox [0 0 9 9] >>"))
    pdf.Root.Dests = Dictionary(a=Array([stray, Name.Fit]))
    page = pdf.pages[0].obj
    page.PieceInfo, page.Thumb = Dictionary(X=1), pdf.make_stream(b"")
    found = put_in_order(pdf)
    assert {each.code.value for each in found.settled} == {"unreachable_page"}
    assert len(stray.keys()) == 0
    assert not {"/PieceInfo", "/Thumb"} & page.keys()


def test_drawings_inside_one_another_count_as_often_as_they_are_drawn():
    pdf = document(b"/X Do")
    inner = form(pdf, b"0 g " * 1000)
    for _ in range(20):
        outer = form(pdf, b"/X Do /X Do")
        outer.Resources = Dictionary(XObject=Dictionary(X=inner))
        inner = pdf.make_indirect(outer)
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=inner)
    with pytest.raises(TooLargeError, match="draws too much"):
        put_in_order(pdf)
