"""How a page is shown, and where its boxes are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.placing import geometry as module
from eseal.documents.pdf.placing.geometry import (
    PageGeometry,
    annotation_boxes,
    check_on_page,
    geometry,
    on_page,
    pages_of,
)
from eseal.errors import InvalidFormatError, InvalidInputError, UnsupportedDocumentError
from tests.unit.documents.pdf.file.by_hand import file_of

CATALOG = b"<< /Pages 2 0 R >>"
TURNS = [0, 90, 180, 270]


def opened(
    page: bytes = b"/Parent 2 0 R",
    pages: bytes = b"/Kids [ 3 0 R ] /MediaBox [ 0 0 595 842 ]",
    *more: bytes,
) -> Revision:
    return Revision.first(file_of([CATALOG, b"<< %b >>" % pages, b"<< %b >>" % page, *more]))


def of(page: bytes, *more: bytes) -> PageGeometry:
    return geometry(opened(page, b"/Kids [ 3 0 R ] /MediaBox [ 0 0 595 842 ]", *more), Ref(3))


def test_what_shows_is_the_crop_box_inside_the_media_box():
    page = of(b"/CropBox [ 0 0 400 9999 ] /MediaBox [ 500 700 -100 100 ]")
    assert page == PageGeometry(0, 100, 400, 700, 0)
    outside = of(b"/CropBox [ 200 200 300 300 ] /MediaBox [ 0 0 100 100 ]")
    assert outside == PageGeometry(0, 0, 100, 100, 0)


def test_numbers_of_a_box_may_be_objects_of_their_own():
    assert of(b"/MediaBox [ 0 0 4 0 R 842.5 ]", b"612").right == 612
    assert of(b"/MediaBox 4 0 R", b"[ 0 0 10 20 ]").top == 20


def test_a_unit_is_taken_into_account():
    page = of(b"/Parent 2 0 R /Rotate 90 /UserUnit 2.5")
    assert page.shown_size == (842 * 2.5, 595 * 2.5)
    assert page.rectangle(25, 50, 100, 10) == pytest.approx((595 - 24, 10, 595 - 20, 50))


@pytest.mark.parametrize("turn", [*TURNS, -90, 450, 720])
def test_pages_are_turned_by_quarters(turn):
    assert of(b"/Parent 2 0 R /Rotate %d" % turn).rotation == turn % 360


@pytest.mark.parametrize(
    "entries",
    [
        b"/Parent 2 0 R /UserUnit 0", b"/Parent 2 0 R /UserUnit -1", b"/Parent 2 0 R /UserUnit (1)",
        b"/Parent 2 0 R /UserUnit 99999", b"/Parent 2 0 R /Rotate 45",
        b"/Parent 2 0 R /Rotate true",
        b"/Parent 2 0 R /Rotate 90.5", b"/Parent 2 0 R /Rotate (90)", b"/MediaBox [ 0 0 /A 1 ]",
        b"/MediaBox [ 0 0 0 1 ]", b"/MediaBox [ 0 0 true 1 ]", b"/MediaBox [ 0 0 5 ]",
        b"/MediaBox [ 0 0 null 9 ]", b"/MediaBox 3",
    ],
)  # fmt: skip
def test_a_page_without_sense_is_refused(entries):
    with pytest.raises(UnsupportedDocumentError):
        of(entries)


def test_what_is_no_page_is_refused():
    objects = Revision.first(file_of([CATALOG, b"<< /Kids [ 3 0 R ] >>", b"[ ]"]))
    with pytest.raises(InvalidFormatError, match="expected a dictionary"):
        geometry(objects, Ref(3))


def test_the_nearest_that_has_a_box_gives_it():
    tree = Revision.first(
        file_of(
            [
                CATALOG,
                b"<< /Kids [ 4 0 R ] /MediaBox [ 0 0 9 9 ] /Rotate 90 >>",
                b"<< /Parent 4 0 R >>",
                b"<< /Kids [ 3 0 R ] /MediaBox [ 0 0 7 8 ] /Parent 2 0 R >>",
            ]
        )
    )
    assert geometry(tree, Ref(3)) == PageGeometry(0, 0, 7, 8, 90)
    assert pages_of(tree) == (Ref(3),)


def test_parents_without_end_are_refused():
    with pytest.raises(InvalidFormatError, match="too deep"):
        geometry(opened(pages=b"/Kids [ 3 0 R ] /Parent 2 0 R"), Ref(3))


def test_a_page_tree_has_an_end(monkeypatch):
    with pytest.raises(InvalidFormatError, match="a tree of pages"):
        pages_of(opened(pages=b"/Kids [ << >> 3 0 R ]"))
    with pytest.raises(InvalidFormatError, match="a tree of pages"):
        pages_of(opened(pages=b"/Kids [ 2 0 R 2 0 R 3 0 R ]"))
    monkeypatch.setattr(module, "MAX_PAGES", 1)
    assert pages_of(opened()) == (Ref(3),)
    with pytest.raises(InvalidFormatError, match="a tree of pages"):
        pages_of(opened(b"/A 4 0 R", b"/Kids [ 3 0 R 4 0 R 3 0 R ]", b"<< >>"))


@given(
    turn=st.sampled_from(TURNS),
    unit=st.floats(0.1, 10),
    box=st.tuples(*[st.floats(0, 500)] * 4),
    corner=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_shown_and_page_coordinates_lead_into_each_other(turn, unit, box, corner):
    page = PageGeometry(*corner, corner[0] + 600, corner[1] + 800, turn, unit)
    assert page.shown(*page.rectangle(*box)) == pytest.approx(box, abs=1e-6)


@pytest.mark.parametrize("turn", TURNS)
def test_the_matrix_leads_where_the_rectangle_does(turn):
    page = PageGeometry(-30, 40, 570, 840, turn, 2.0)
    a, b, c, d, e, f = page.matrix
    points = [(a * x + c * y + e, b * x + d * y + f) for x, y in ((10, 20), (40, 60))]
    left, bottom, right, top = page.rectangle(10, 20, 30, 40)
    assert sorted(x for x, _ in points) == pytest.approx([left, right])
    assert sorted(y for _, y in points) == pytest.approx([bottom, top])
    width, height = page.shown_size
    assert page.rectangle(0, 0, width, height) == pytest.approx((-30, 40, 570, 840))


def test_a_box_may_touch_the_edge():
    page = PageGeometry(0, 0, 100, 100, 0)
    assert on_page(page, (0, 0, 100.005, 100))
    assert not on_page(page, (0, 0, 100.1, 100))
    check_on_page(page, 0, 0, 100, 100)
    for box in ((0, 0, 0, 10), (0, 0, 10, -1), (95, 0, 10, 10)):
        with pytest.raises(InvalidInputError, match="a box on the page of 35 x 35 mm"):
            check_on_page(page, *box)


def test_boxes_of_annotations():
    page = b"/Annots [ 4 0 R 5 0 R << /Rect [ 4 3 2 1 ] >> ] /Parent 2 0 R"
    objects = opened(
        page,
        b"/Kids [ 3 0 R ] /MediaBox [ 0 0 595 842 ]",
        b"<< /Rect [ 1 2 3 4 ] >>",
        b"<< /Subtype /Widget >>",
    )
    assert annotation_boxes(objects, Ref(3)) == [(1, 2, 3, 4), (2, 1, 4, 3)]
