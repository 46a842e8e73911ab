from __future__ import annotations

import pytest
from PIL import Image

from eseal.documents.viewer import words
from eseal.documents.viewer.areas import cells_of, used_cells
from eseal.documents.viewer.opened import opened, page_of
from eseal.documents.viewer.words import find_words
from eseal.errors import UnsupportedDocumentError


def test_words_from_either_end(pdfs):
    pdf = pdfs.fpdf(3)
    found = find_words(pdf, pages=3, keyword="Parties", backwards=False, most=None)
    forwards = found.places
    assert {page for page, _ in forwards} == {0, 1, 2}
    assert found.unseen == 0
    backwards = find_words(pdf, pages=3, keyword="PARTIES", backwards=True, most=None)
    assert backwards.places == [each for each in forwards if each[0] == 2]
    some = find_words(pdf, pages=3, keyword="parties", backwards=False, most=21)
    assert some.places == forwards[:21]


def test_a_search_of_thousands_of_pages_ends(pdfs, monkeypatch):
    monkeypatch.setattr(words, "MAX_SEARCHED_PAGES", 2)
    with pytest.raises(UnsupportedDocumentError, match="after 2 pages") as caught:
        find_words(pdfs.fpdf(3), pages=3, keyword="Siegel", backwards=False, most=None)
    assert caught.value.field == "keyword"


def test_a_page_that_cannot_be_shown_is_named(pdfs):
    with (
        opened(pdfs.fpdf(1)) as document,
        pytest.raises(UnsupportedDocumentError, match="page 8 cannot be shown"),
        page_of(document, 7),
    ):
        pass


def test_cells_that_show_something(pdfs):
    rows = used_cells(pdfs.fpdf(1), pages=1, index=0, width=595.28)
    assert (len(rows), len(rows[0])) == (168, 119)
    assert any(map(any, rows[:100]))
    assert not any(rows[0])
    assert cells_of(Image.new("L", (3, 3))) == []
