from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image, ImageChops
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.pdf import Hazard, HazardCode, Manner, PdfLimits, examine, flatten, prepare
from eseal.documents.pdf import flattening as module
from eseal.errors import AlreadySealedError, TooLargeError, UnsupportedDocumentError
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def shown(pdf: bytes, index: int = 0):
    document = pypdfium2.PdfDocument(pdf)
    if document.get_formtype():
        document.init_forms()
    page = document[index]
    image = page.render(scale=1, may_draw_forms=True).to_pil().convert("L")
    page.close()
    document.close()
    return image


def alike(one: bytes, other: bytes, index: int = 0, *, picture: bool = False) -> bool:
    """Whether two pages look the same; a picture of letters is a little softer than letters."""
    first, second = shown(one, index), shown(other, index)
    if picture:
        first, second = (image.reduce(4) for image in (first, second))
    difference = ImageChops.difference(first, second)
    return first.size == second.size and sum(difference.histogram()[64:]) <= 10


def text_of(pdf: bytes, index: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    textpage = document[index].get_textpage()
    text = textpage.get_text_range()
    textpage.close()
    document.close()
    return text


def streams(pdf: bytes) -> list[bytes]:
    """What the streams of a document hold, decoded."""
    reader = PdfFileReader(BytesIO(pdf))
    found = (
        reader.get_object(reference) for reference in reader.xrefs.explicit_refs_in_revision(0)
    )
    return [item.data for item in found if isinstance(item, generic.StreamObject)]


def dangerous(pdfs) -> bytes:
    """A filled form, a stamp, a script, an attachment, a page that turns."""
    look = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 200 30] /Resources << /Font << /F1 9 0 R >> >>"
    )
    return pdfs.hand_made(
        {
            **pdfs.objects(
                page=b"/Rotate 90 /Contents 4 0 R /Annots [5 0 R 7 0 R] "
                b"/Resources << /Font << /F1 9 0 R >> >> /AA << /O 8 0 R >>",
                root=b"/AcroForm << /Fields [5 0 R] >> /OpenAction 8 0 R "
                b"/Names << /EmbeddedFiles << /Names [(a) << /EF << /F 4 0 R >> >>] >> >>",
            ),
            4: stream(b"BT /F1 12 Tf 100 700 Td (The price is) Tj ET"),
            5: b"<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /Rect [180 690 290 720] /T (Price) "
            b"/V (100 euros) /AP << /N 6 0 R >> >>",
            6: stream(b"/Tx BMC BT /F1 12 Tf 2 8 Td (100 euros) Tj ET EMC", look),
            7: b"<< /Type /Annot /Subtype /Stamp /F 4 /Rect [90 500 290 530] "
            b"/AP << /N 10 0 R >> >>",
            8: b"<< /S /JavaScript /JS (x) >>",
            9: FONT,
            10: stream(b"1 0 0 rg 0 0 200 30 re f", look),
        }
    )


def with_hidden_layer(pdfs) -> bytes:
    content = (
        b"BT /F1 12 Tf 100 700 Td (The price is 100) Tj ET "
        b"/OC /Layer BDC BT /F1 12 Tf 100 600 Td (And 900 more) Tj ET EMC"
    )
    return pdfs.hand_made(
        {
            **pdfs.objects(
                page=b"/Contents 4 0 R /Resources << /Font << /F1 6 0 R >> "
                b"/Properties << /Layer 5 0 R >> >>",
                root=b"/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] >> >>",
            ),
            4: stream(content),
            5: b"<< /Type /OCG /Name (More) >>",
            6: FONT,
        }
    )


def test_a_dangerous_document_becomes_one_that_can_be_sealed(pdfs, options):
    pdf = dangerous(pdfs)
    assert examine(pdf)
    copy = flatten(pdf)
    assert examine(copy) == ()
    assert alike(pdf, copy)
    assert "100 euros" in text_of(copy)
    for gone in (b"/JavaScript", b"/Widget", b"/Stamp", b"/EmbeddedFiles", b"/OpenAction"):
        assert gone not in copy
    prepare(copy, options)


def test_the_copy_is_what_is_sealed_and_the_original_is_not_touched(pdfs, options):
    pdf = dangerous(pdfs)
    before = bytes(pdf)
    prepared = prepare(pdf, replace(options, manner=Manner(flatten=True)))
    assert pdf == before
    assert not prepared.data.startswith(pdf)
    assert alike(pdf, prepared.data)


def test_a_hidden_layer_stays_hidden(pdfs):
    pdf = with_hidden_layer(pdfs)
    copy = flatten(pdf)
    assert examine(copy) == ()
    assert alike(pdf, copy, picture=True)
    assert "900" not in text_of(copy)
    assert any(b"And 900 more" in data for data in streams(pdf))
    assert not any(b"And 900 more" in data for data in streams(copy))


def test_pages_of_an_ordinary_document_stay_text(pdfs):
    pdf = pdfs.fpdf(3)
    copy = flatten(pdf)
    assert all(alike(pdf, copy, index) for index in range(3))
    assert "Page 0, line 3" in text_of(copy)


@pytest.mark.parametrize(("page", "pictures"), [(1, [1]), (None, [0, 1, 2])])
def test_pages_that_stay_dangerous_become_pictures(pdfs, monkeypatch, page, pictures):
    hazard = Hazard(HazardCode.FONT_TWICE, "page 2", page)
    found = iter([(hazard,), ()])
    monkeypatch.setattr(module, "examine", lambda *_: next(found))
    pdf = pdfs.fpdf(3)
    copy = flatten(pdf)
    for index in range(3):
        assert alike(pdf, copy, index, picture=index in pictures)
        assert (f"Page {index}" in text_of(copy, index)) == (index not in pictures)


def test_text_under_a_picture_does_not_stay(pdfs):
    pdf = page_with(pdfs, PRICE + over(ALL), Image.new("L", (1, 1), 255))
    copy = flatten(pdf)
    assert examine(copy) == ()
    assert alike(pdf, copy, picture=True)
    assert text_of(copy) == ""


def test_a_signed_document_is_not_flattened(sealed_pdf):
    with pytest.raises(AlreadySealedError, match="would lose"):
        flatten(sealed_pdf)


def test_limits_are_kept(pdfs, monkeypatch):
    with pytest.raises(TooLargeError, match=r"at most 1$"):
        flatten(pdfs.fpdf(2), PdfLimits(max_pages=1))
    monkeypatch.setattr(module, "MAX_PAGES", 1)
    with pytest.raises(TooLargeError, match="at most 1 pages, got 2"):
        flatten(pdfs.fpdf(2))
    monkeypatch.setattr(module, "MAX_SECONDS", -1.0)
    with pytest.raises(UnsupportedDocumentError, match="too long"):
        flatten(pdfs.fpdf(1))


def test_what_cannot_be_shown_is_refused(pdfs):
    with pytest.raises(UnsupportedDocumentError):
        flatten(b"%PDF-1.7 nothing %%EOF")
    with pytest.raises(UnsupportedDocumentError, match="encrypted"):
        flatten(pdfs.encrypted())


def test_a_size_other_than_a4_is_kept():
    pdf = FPDF(unit="pt", format=(300, 200))
    pdf.add_page()
    out = BytesIO()
    pdf.output(out)
    assert shown(flatten(out.getvalue())).size == (300, 200)
