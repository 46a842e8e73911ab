"""What flattening asks for, step by step."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from eseal.documents.viewer.copies import (
    count_pages,
    draw_in,
    unlike,
    unlike_but_for_specks,
    with_pictures,
)
from eseal.errors import UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import COVER, with_text
from tests.unit.documents.pdf.meaning.made import document, saved


@pytest.fixture(scope="module")
def stamped(pdfs):
    """With all boxes and resources on the page, where PDFium looks for them."""
    pdf = with_text(pdfs, COVER % b"Stamp", b"1 0 0 rg 0 0 200 30 re f")
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()


def test_what_is_drawn_in_looks_the_same_and_is_no_annotation(stamped):
    copy = draw_in(stamped)
    assert unlike(stamped, copy, pages=1) == []
    assert b"/Stamp" not in copy


def test_pages_that_differ_are_named_and_replaced(pdfs, stamped):
    other = pdfs.hand_made(pdfs.objects())
    assert unlike(stamped, other, pages=1) == [0]
    copy = with_pictures(stamped, other, pages=[0])
    assert unlike(other, copy, pages=1) == [0]
    assert b"/Image" in copy
    assert b"/Font" not in copy


@pytest.mark.parametrize(
    ("drawn", "loosely"),
    [
        (b"50 50 4.5 0.8 re f", []),
        (b"50 50 1.2 1.2 re f", []),
        (b"0.82 g 50 50 100 40 re f", []),
        (b"1 1 0 rg 50 50 100 40 re f", [0]),
        (b"50 50 20 20 re f", [0]),
    ],
)
def test_a_sign_less_is_another_page(drawn, loosely):
    """A minus sign, a decimal point, something pale, something yellow, something large."""
    one, other = (saved(document(each)) for each in (drawn, b""))
    assert unlike(one, other, pages=1) == [0]
    assert unlike_but_for_specks(one, other, pages=1) == loosely


def test_pages_of_another_size_differ(pdfs):
    one, other = (
        pdfs.hand_made(pdfs.objects(page=b"/MediaBox [0 0 %d 842]" % wide)) for wide in (595, 596)
    )
    assert unlike(one, other, pages=1) == [0]


def test_so_many_pages_there_must_be(pdfs):
    with pytest.raises(UnsupportedDocumentError, match="has 2 pages, and shows 1"):
        unlike(pdfs.fpdf(2), pdfs.fpdf(1), pages=2)


def test_what_cannot_be_shown_is_refused(pdfs, stamped):
    with pytest.raises(UnsupportedDocumentError, match="it cannot be shown"):
        unlike(stamped, b"%PDF-1.7 nothing", pages=1)
    with pytest.raises(UnsupportedDocumentError, match="it cannot be shown"):
        count_pages(b"hello")
    assert count_pages(pdfs.fpdf(3)) == 3
