"""Which parts of a page are free."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.placing.free_areas import FreeMap
from eseal.errors import UnsupportedDocumentError

A4 = (595.28, 841.89)


def test_the_lower_right_of_an_empty_page(pdfs):
    x, y = FreeMap(pdfs.hand_made(pdfs.objects()), 1, 0, [], (595, 842)).lower_right((113, 113))
    assert 595 - x - 113 == pytest.approx(30, abs=6)
    assert y == pytest.approx(30, abs=6)


def test_it_keeps_clear_of_what_stands_there(pdfs):
    square = b"0.9 g 400 20 150 150 re f"
    objects = pdfs.objects(page=b"/Contents 4 0 R")
    objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(square), square)
    free = FreeMap(pdfs.hand_made(objects), 1, 0, [], (595, 842))
    assert not free.is_free((395, 15, 10, 10))
    assert free.is_free((300, 100, 90, 90))
    x, y = free.lower_right((113, 113))
    assert x + 113 < 400 or y > 170


def test_on_paper_of_a_colour(pdfs):
    paint = b"0.9 0.9 0.7 rg 0 0 595 842 re f 1 g 300 0 295 300 re f"
    objects = pdfs.objects(page=b"/Contents 4 0 R")
    objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(paint), paint)
    x, y = FreeMap(pdfs.hand_made(objects), 1, 0, [], (595, 842)).lower_right((113, 113))
    assert x + 113 < 300 or y > 300


def test_annotations_are_not_free(pdfs):
    free = FreeMap(pdfs.hand_made(pdfs.objects()), 1, 0, [(300, 0, 295, 400)], (595, 842))
    assert not free.is_free((310, 10, 5, 5))
    x, y = free.lower_right((113, 113))
    assert x + 113 <= 300 or y >= 400


def test_a_full_page_has_none(pdfs):
    assert FreeMap(pdfs.fpdf(1), 1, 0, [(0, 0, 600, 900)], A4).lower_right((113, 113)) is None
    assert FreeMap(pdfs.fpdf(1), 1, 0, [], A4).lower_right((700, 113)) is None


def test_off_the_page_nothing_is_free(pdfs):
    free = FreeMap(pdfs.fpdf(1), 1, 0, [], A4)
    assert not free.is_free((-1, 10, 5, 5))
    assert not free.is_free((590, 10, 50, 5))


def test_a_page_of_many_metres_is_not_drawn(pdfs):
    with pytest.raises(UnsupportedDocumentError, match="too large"):
        FreeMap(pdfs.fpdf(1), 1, 0, [], (14400, 14400))
