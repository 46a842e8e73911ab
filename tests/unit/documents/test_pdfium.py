import pypdfium2

from eseal.documents import pdfium
from tests.artwork import chinese_pdf


def text_of(pdf):
    with pdfium.LOCK, pdfium.library().PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        return page.get_text_range()


def test_text_in_a_font_the_document_does_not_bring_is_all_there(pdfs):
    words = [("请在此处盖", 400, 300), ("章", 60, 280)]
    assert text_of(chinese_pdf(pdfs.hand_made, words)).split() == ["请在此处盖", "章"]


def test_documents_that_are_open_stay_open(pdfs):
    with pdfium.LOCK, pypdfium2.PdfDocument(pdfs.fpdf(2)) as document:
        assert pdfium._choose_fonts.__wrapped__() is None
        assert len(document) == 2
        assert document[1].get_size() > (0, 0)


def test_without_the_fonts_pdfium_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(pdfium, "_FONT_PACKAGE", "no_such_package")
    assert pdfium._choose_fonts.__wrapped__() is None
