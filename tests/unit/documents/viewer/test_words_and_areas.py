from __future__ import annotations

import pytest
from PIL import Image

from eseal.documents.viewer import words
from eseal.documents.viewer.areas import cells_of, used_cells
from eseal.documents.viewer.opened import opened, page_of
from eseal.documents.viewer.words import find_words, letters_of
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


def test_a_code_beyond_unicode_is_no_error(pdfs):
    """PDFium hands on as a character what a font of its own codes does not name."""
    objects = pdfs.objects(page=b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>")
    objects[5] = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Arial /Encoding 6 0 R /DescendantFonts [<< "
        b"/Type /Font /Subtype /CIDFontType2 /BaseFont /Arial /DW 600 /CIDSystemInfo << "
        b"/Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
    )
    drawn = b"BT /F1 12 Tf 50 700 Td <E0E0E053> Tj ET"
    codes = (
        b"/CMapType 1 def\n/CMapName /Own def\n2 begincodespacerange\n<00><7f>\n"
        b"<e08080><efefef>\nendcodespacerange\n1 begincidchar\n<53> 9\nendcidchar\n"
    )
    objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn)
    objects[6] = b"<< /Type /CMap /CMapName /Own /Length %d >>\nstream\n%b\nendstream" % (
        len(codes),
        codes,
    )
    pdf = pdfs.hand_made(objects)
    assert [letter for letter, _ in letters_of(pdf, pages=1, index=0)] == ["\ufffd", "s"]
