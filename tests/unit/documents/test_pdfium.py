import pypdfium2

from eseal.documents import pdfium


def without_its_font(hand_made, words: list[tuple[str, float, float]]) -> bytes:
    """A page with words at points, in a font every PDF viewer has for Chinese."""
    shown = b" ".join(
        b"BT /F1 12 Tf %g %g Td <%b> Tj ET" % (x, y, word.encode("utf-16-be").hex().encode())
        for word, x, y in words
    )
    return hand_made(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
            3: b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            4: b"<< /Length %d >>\nstream\n%b\nendstream" % (len(shown), shown),
            5: b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
            b"/DescendantFonts [6 0 R] >>",
            6: b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> "
            b"/FontDescriptor 7 0 R >>",
            7: b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /ItalicAngle 0 "
            b"/FontBBox [0 -200 1000 900] /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        }
    )


def text_of(pdf):
    with pdfium.LOCK, pdfium.library().PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        return page.get_text_range()


def test_text_in_a_font_the_document_does_not_bring_is_all_there(pdfs):
    words = [("请在此处盖", 400, 300), ("章", 60, 280)]
    assert text_of(without_its_font(pdfs.hand_made, words)).split() == ["请在此处盖", "章"]


def test_documents_that_are_open_stay_open(pdfs):
    with pdfium.LOCK, pypdfium2.PdfDocument(pdfs.fpdf(2)) as document:
        assert pdfium._choose_fonts.__wrapped__() is None
        assert len(document) == 2
        assert document[1].get_size() > (0, 0)


def test_without_the_fonts_pdfium_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(pdfium, "_FONT_PACKAGE", "no_such_package")
    assert pdfium._choose_fonts.__wrapped__() is None
