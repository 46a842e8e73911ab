import pytest
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.pages import (
    PageGeometry,
    annotation_boxes,
    geometry_of,
    on_page,
    page_references,
)
from eseal.errors import UnsupportedDocumentError

TURNS = [0, 90, 180, 270]


@pytest.fixture
def opened(pdfs):
    def open_it(page=b"", **more):
        objects = {**pdfs.objects(page=page), **more.get("objects", {})}
        return open_pdf(pdfs.hand_made(objects), DEFAULT_LIMITS, UnsupportedDocumentError)

    return open_it


@pytest.fixture
def geometry(opened):
    return lambda page: geometry_of(page_references(opened(page))[0])


def test_what_shows_is_the_crop_box_inside_the_media_box(geometry):
    page = geometry(b"/MediaBox [500 700 -100 100] /CropBox [0 0 400 9999]")
    assert page == PageGeometry(0, 100, 400, 700, 0)
    outside = geometry(b"/MediaBox [0 0 100 100] /CropBox [200 200 300 300]")
    assert outside == PageGeometry(0, 0, 100, 100, 0)


def test_numbers_of_a_box_may_be_objects_of_their_own(opened):
    reader = opened(b"/MediaBox [0 0 4 0 R 842.5]", objects={4: b"612"})
    assert geometry_of(page_references(reader)[0]).right == 612


def test_a_unit_is_taken_into_account(geometry):
    page = geometry(b"/UserUnit 2.5 /Rotate 90")
    assert page.shown_size == (842 * 2.5, 595 * 2.5)
    assert page.rectangle(25, 50, 100, 10) == pytest.approx((595 - 24, 10, 595 - 20, 50))


@pytest.mark.parametrize(
    "entries",
    [
        b"/UserUnit 0", b"/UserUnit -1", b"/UserUnit (1)", b"/Rotate 45", b"/MediaBox [0 0 /A 1]",
        b"/MediaBox [0 0 0 1]", b"/UserUnit 99999",
    ],
)  # fmt: skip
def test_a_page_without_sense_is_refused(geometry, entries):
    with pytest.raises(UnsupportedDocumentError):
        geometry(entries)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("unit", [1.0, 3.0])
def test_shown_and_page_coordinates_lead_into_each_other(turn, unit):
    page = PageGeometry(-30, 40, 570, 840, turn, unit)
    box = (11.0, 22.0, 33.0, 44.0)
    assert page.shown(*page.rectangle(*box)) == pytest.approx(box)


def test_a_box_may_touch_the_edge():
    page = PageGeometry(0, 0, 100, 100, 0)
    assert on_page(page, (0, 0, 100.005, 100))
    assert not on_page(page, (0, 0, 100.1, 100))


def test_all_pages_in_order_through_a_deep_tree(opened):
    leaf = b"<< /Type /Page /Parent 2 0 R >>"
    tree = {
        2: b"<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 4 >>",
        4: b"<< /Type /Pages /Kids [6 0 R 7 0 R] /Count 2 >>",
        **dict.fromkeys((5, 6, 7), leaf),
    }
    reader = opened(objects=tree)
    assert [page.idnum for page in page_references(reader)] == [3, 6, 7, 5]
    with pytest.raises(UnsupportedDocumentError, match="at most 3 pages"):
        page_references(reader, limit=3)


@pytest.mark.parametrize(
    "kids", [b"[3 0 R 2 0 R]", b"[3 0 R 3 0 R]", b"[<< /Type /Page >>]", b"[1 0 R 4 0 R]"]
)
def test_a_page_tree_that_is_none_is_refused(opened, kids):
    objects = {2: b"<< /Type /Pages /Kids %b /Count 2 >>" % kids, 4: b"(text)"}
    with pytest.raises(PdfReadError):
        page_references(opened(objects=objects))


def test_a_page_tree_too_deep_is_refused(opened):
    chain = {n: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (n + 1) for n in range(2, 70)}
    with pytest.raises(PdfReadError, match="too deep"):
        page_references(opened(objects={**chain, 70: b"<< /Type /Page >>"}))


def test_boxes_of_annotations(opened):
    objects = {4: b"<< /Subtype /Widget /Rect [1 2 3 4] >>", 5: b"<< /Subtype /Widget >>"}
    reader = opened(b"/Annots [4 0 R 5 0 R (text)]", objects=objects)
    assert annotation_boxes(page_references(reader)[0]) == [(1, 2, 3, 4)]
