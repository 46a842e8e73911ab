from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
from fpdf import FPDF
from pikepdf import Pdf, Stream
from PIL import Image, ImageChops

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.opening.opening import PdfLimits
from eseal.documents.pdf.readying import flattening as module
from eseal.documents.pdf.readying.flattening import flatten
from eseal.errors import AlreadySealedError, TooLargeError, UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import (
    FORM,
    SHOWS_100,
    WHITE,
    field,
    look,
    ticked,
    with_text,
)
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
    with Pdf.open(BytesIO(pdf)) as opened:
        return [item.read_bytes() for item in opened.objects if isinstance(item, Stream)]


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


def test_a_dangerous_document_becomes_one_that_can_be_sealed(pdfs):
    pdf = dangerous(pdfs)
    assert look(pdf)
    copy = flatten(pdf)
    assert look(copy) == ()
    assert alike(pdf, copy)
    assert "100 euros" in text_of(copy)
    for gone in (b"/JavaScript", b"/Widget", b"/Stamp", b"/EmbeddedFiles", b"/OpenAction"):
        assert gone not in copy


@pytest.mark.parametrize(
    "value",
    [
        b"/F 4 /V (100) /AP << /N 6 0 R >>",
        b"/F 4 /V (100)",
        b"/F 4 /V (999) /AP << /N 6 0 R >>",
        b"/F 2 /V (999) /AP << /N 6 0 R >>",
    ],
)
def test_a_field_is_drawn_in_as_it_is_shown(pdfs, value):
    """Whatever it holds, and whether or not it has a look of its own."""
    redrawn = FORM.replace(b"/Fields", b"/NeedAppearances true /Fields")
    pdf = with_text(pdfs, field(value).replace(b"/F 4 ", b"", 1), SHOWS_100, root=redrawn)
    copy = flatten(pdf)
    assert look(copy) == ()
    assert alike(pdf, copy, picture=True)
    assert not any(b"999" in data for data in streams(copy)) or b"/F 4" in value


def test_boxes_that_contradict_themselves_are_drawn_in(pdfs):
    pdf = with_text(pdfs, ticked(b"/AS /Yes"), WHITE, root=FORM)
    assert look(pdf)
    assert look(flatten(pdf)) == ()


def test_a_hidden_layer_stays_hidden(pdfs):
    pdf = with_hidden_layer(pdfs)
    copy = flatten(pdf)
    assert look(copy) == ()
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


def test_what_pages_share_and_cannot_stay_leaves_all_of_them(pdfs):
    """It is found on the first page that draws it, and then on the next."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R "
        b"/Resources << /Font << /F1 9 0 R >> /XObject << /Pic 5 0 R >> >> >>"
    )
    pdf = pdfs.hand_made(
        {
            **pdfs.objects(),
            2: b"<< /Type /Pages /Kids [3 0 R 6 0 R 7 0 R] /Count 3 /MediaBox [0 0 300 200] >>",
            4: stream(b"BT /F1 12 Tf 50 100 Td (Words) Tj ET q 9 0 0 9 0 0 cm /Pic Do Q"),
            5: stream(
                b"no photograph",
                b"/Type /XObject /Subtype /Image /Width 9 /Height 9 /ColorSpace /DeviceGray "
                b"/BitsPerComponent 8 /Filter /DCTDecode",
            ),
            8: b"null",
            9: FONT,
            **dict.fromkeys((3, 6, 7), page),
        }
    )
    copy = flatten(pdf)
    for index in range(3):
        assert alike(pdf, copy, index, picture=True)
        assert text_of(copy, index) == ""


def test_text_under_a_picture_does_not_stay(pdfs):
    pdf = page_with(pdfs, PRICE + over(ALL), Image.new("L", (1, 1), 255))
    copy = flatten(pdf)
    assert look(copy) == ()
    assert alike(pdf, copy, picture=True)
    assert text_of(copy) == ""


def test_a_signed_document_is_not_flattened(sealed_pdf):
    with pytest.raises(AlreadySealedError, match="would lose"):
        flatten(sealed_pdf)


def test_limits_are_kept(pdfs, monkeypatch):
    with pytest.raises(TooLargeError, match="at most 1, got 2"):
        flatten(pdfs.fpdf(2), PdfLimits(max_pages=1))
    monkeypatch.setattr(module, "MAX_COMPARED_PAGES", 1)
    with pytest.raises(TooLargeError, match="at most 1 pages, got 2"):
        flatten(pdfs.fpdf(2))


def test_what_cannot_be_shown_is_refused(pdfs):
    with pytest.raises(UnsupportedDocumentError, match="damaged"):
        flatten(b"%PDF-1.7 nothing %%EOF")
    with pytest.raises(UnsupportedDocumentError, match="without a password"):
        flatten(pdfs.encrypted())


def test_a_size_other_than_a4_is_kept():
    pdf = FPDF(unit="pt", format=(300, 200))
    pdf.add_page()
    out = BytesIO()
    pdf.output(out)
    assert shown(flatten(out.getvalue())).size == (300, 200)
