"""Pages with pictures and forms over their text."""

from __future__ import annotations

from PIL import Image

from tests.unit.documents.pdf.examination.dangers import COVER, FONT, WHITE, form_xobject, stream

PRICE = b"BT /F1 12 Tf 100 700 Td (The price is 100 euros) Tj ET "
ALL = (90.0, 690.0, 200.0, 30.0)
"""Left, bottom, width and height of what covers all of it."""


def over(place: tuple[float, float, float, float]) -> bytes:
    """The picture, at a place."""
    return b"q %g 0 0 %g %g %g cm /Pic Do Q " % (place[2], place[3], place[0], place[1])


def picture(image: Image.Image, entries: bytes = b"") -> bytes:
    return stream(
        image.convert("L").tobytes(),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 %b" % (*image.size, entries),
    )


def page_with(pdfs, content: bytes, image: Image.Image, *, page: bytes = b"") -> bytes:
    """A page of its own content that may show a picture, and forms."""
    resources = (
        b"<< /Font << /F1 9 0 R >> /XObject << /Pic 5 0 R /All 10 0 R /Text 11 0 R "
        b"/Paint 7 0 R /Deep 12 0 R /Nothing 8 0 R >> "
        b"/Pattern << /Pat 40 0 R >> /Shading << /Sh 41 0 R >> >>"
    )
    whole = b"/Type /XObject /Subtype /Form /BBox [0 0 600 850] /Resources " + resources
    has_mask = image.mode == "LA"
    deep = {
        number: stream(
            b"/Next Do",
            b"/Type /XObject /Subtype /Form /BBox [0 0 200 30] "
            b"/Resources << /XObject << /Next %d 0 R >> >>" % (number + 1 if number < 31 else 7),
        )
        for number in range(12, 32)
    }
    return pdfs.hand_made(
        {
            **pdfs.objects(page=b"/Contents 4 0 R /Resources %b %b" % (resources, page)),
            4: stream(content),
            5: picture(image, b"/SMask 6 0 R" if has_mask else b""),
            6: picture(image.getchannel("A")) if has_mask else b"null",
            7: form_xobject(b"1 g 0 0 200 30 re f"),
            8: form_xobject(b""),
            9: FONT,
            10: stream(PRICE + over(ALL), whole),
            11: stream(PRICE, whole),
            **deep,
            **dict.fromkeys(range(32, 40), b"null"),
            40: stream(
                b"1 g 0 0 10 10 re f",
                b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 10 10] "
                b"/XStep 10 /YStep 10 /Resources << >>",
            ),
            41: b"<< /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 600 0] "
            b"/Extend [true true] "
            b"/Function << /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0.9] /N 1 >> >>",
        }
    )


def laughing(pdfs) -> bytes:
    """Five kilobytes that draw 10^19 squares: forms that show the next one ten times each."""
    forms = {
        number: stream(
            b"/Next Do " * 10 if number < 29 else b"0 0 1 1 re f",
            b"/Type /XObject /Subtype /Form /BBox [0 0 600 850] "
            b"/Resources << /XObject << /Next %d 0 R >> >>" % (number + 1),
        )
        for number in range(10, 30)
    }
    page = (
        b"/Contents 4 0 R /Annots [5 0 R] "
        b"/Resources << /Font << /F1 9 0 R >> /XObject << /Next 10 0 R >> >>"
    )
    nothing = dict.fromkeys((7, 8), b"null")
    return pdfs.hand_made(
        {
            **pdfs.objects(page=page),
            4: stream(PRICE + b"/Next Do"),
            5: COVER % b"Stamp",
            6: form_xobject(WHITE),
            **nothing,
            9: FONT,
            **forms,
        }
    )
