import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.pages import (
    PageGeometry,
    annotation_boxes,
    geometry,
    on_page,
)
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref
from eseal.errors import UnsupportedDocumentError

TURNS = [0, 90, 180, 270]


@pytest.fixture
def opened(pdfs):
    def open_it(page=b"", **more):
        objects = {**pdfs.objects(page=page), **more.get("objects", {})}
        pdf = pdfs.hand_made(objects)
        return Structure(open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError), pdf)

    return open_it


@pytest.fixture
def of(opened):
    return lambda page, **more: geometry(opened(page, **more), Ref(3, 0))


def test_what_shows_is_the_crop_box_inside_the_media_box(of):
    page = of(b"/MediaBox [500 700 -100 100] /CropBox [0 0 400 9999]")
    assert page == PageGeometry(0, 100, 400, 700, 0)
    outside = of(b"/MediaBox [0 0 100 100] /CropBox [200 200 300 300]")
    assert outside == PageGeometry(0, 0, 100, 100, 0)


def test_numbers_of_a_box_may_be_objects_of_their_own(of):
    assert of(b"/MediaBox [0 0 4 0 R 842.5]", objects={4: b"612"}).right == 612


def test_a_unit_is_taken_into_account(of):
    page = of(b"/UserUnit 2.5 /Rotate 90")
    assert page.shown_size == (842 * 2.5, 595 * 2.5)
    assert page.rectangle(25, 50, 100, 10) == pytest.approx((595 - 24, 10, 595 - 20, 50))


@pytest.mark.parametrize(
    "entries",
    [
        b"/UserUnit 0", b"/UserUnit -1", b"/UserUnit (1)", b"/Rotate 45", b"/MediaBox [0 0 /A 1]",
        b"/MediaBox [0 0 0 1]", b"/UserUnit 99999", b"/MediaBox [0 0 true 1]", b"/Rotate 90.0",
        b"/Rotate true", b"/MediaBox [0 0 4 0 R 9]",
    ],
)  # fmt: skip
def test_a_page_without_sense_is_refused(of, entries):
    with pytest.raises(UnsupportedDocumentError):
        of(entries)


def test_what_is_no_page_is_refused(of):
    with pytest.raises(PdfReadError, match="no dictionary"):
        of(b"", objects={3: b"[]"})


def test_the_nearest_that_has_a_box_gives_it(of):
    tree = {
        2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 9 9] /Rotate 90 >>",
        4: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R /MediaBox [0 0 7 8] >>",
        3: b"<< /Type /Page /Parent 4 0 R /CropBox null >>",
    }
    assert of(b"", objects=tree) == PageGeometry(0, 0, 7, 8, 90)


def test_parents_without_end_are_refused(of):
    ring = {2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>"}
    with pytest.raises(PdfReadError, match="too deep"):
        of(b"", objects=ring)


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


def test_boxes_of_annotations(opened):
    objects = {4: b"<< /Subtype /Widget /Rect [1 2 3 4] >>", 5: b"<< /Subtype /Widget >>"}
    reader = opened(b"/Annots [4 0 R 5 0 R (text)]", objects=objects).reader
    assert annotation_boxes(generic.IndirectObject(3, 0, reader)) == [(1, 2, 3, 4)]
