from __future__ import annotations

from io import BytesIO

import pytest
from pikepdf import Array, Name
from PIL import Image

from tests.unit.documents.pdf.meaning.made import codes, document, drawing, image, parsed, stream


def jpeg(mode: str = "RGB", size: tuple[int, int] = (16, 16), **more) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 120 if mode == "L" else None).save(out, "JPEG", **more)
    return out.getvalue()


def fax(rows: int = 16) -> bytes:
    """Two colours side by side, packed by T.6."""
    made = BytesIO()
    picture = Image.new("1", (16, rows))
    picture.paste(1, (5, 2, 9, rows))
    picture.save(made, "TIFF", compression="group4", tiffinfo={278: rows})
    with Image.open(BytesIO(made.getvalue())) as opened:
        (start,), (size,) = opened.tag_v2[273], opened.tag_v2[279]
    return made.getvalue()[start : start + size]


def found(data: bytes, entries: bytes, mask: bytes = b"") -> set[str]:
    pdf = document()
    made = image(pdf, data, b"<< /Width 16 /Height 16 >>")
    for key, value in parsed(b"<< %b >>" % entries).items():
        made[key] = value
    if mask:
        made.SMask = image(pdf, b"\x80" * 256, b"<< /Width 16 /Height 16 %b >>" % mask)
    return codes(drawing(pdf, made))


ADOBE = jpeg()[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0" + jpeg()[2:]
"""Two markers, one of which says that colours are transformed and one that they are not."""
NAMED = jpeg().replace(b"\1\x22\0\2\x11\1\3\x11\1", b"R\x22\0G\x11\1B\x11\1")
NAMED = NAMED.replace(b"\1\0\2\x11\3\x11", b"R\0G\x11B\x11")
RGB8 = b"/BitsPerComponent 8 /ColorSpace /DeviceRGB"
GRAY8 = b"/BitsPerComponent 8 /ColorSpace /DeviceGray"
DCT = b"/Filter /DCTDecode "
MASK = b"/ImageMask true /BitsPerComponent 1"
FAX = b"/Filter /CCITTFaxDecode /BitsPerComponent 1 /ColorSpace /DeviceGray "


@pytest.mark.parametrize(
    ("data", "entries", "mask"),
    [
        (b"\0" * 768, RGB8, b""),
        (b"\0" * 769, RGB8, b""),
        (b"\0" * 256, GRAY8 + b" /Decode [1 0]", GRAY8),
        (b"\0" * 32, MASK + b" /Decode [1 0]", b""),
        (b"\0" * 256, GRAY8 + b" /Mask [0 9]", b""),
        (
            b"\0" * 64,
            b"/BitsPerComponent 2 /ColorSpace [/Indexed /DeviceGray 1 <0009>] /Mask [0 0]",
            b"",
        ),
        (jpeg(), DCT + RGB8, b""),
        (jpeg() + b"\r\n", DCT + RGB8, b""),
        (jpeg("L"), DCT + GRAY8, b""),
        (jpeg("CMYK"), DCT + b"/BitsPerComponent 8 /ColorSpace /DeviceCMYK", b""),
        (jpeg(progressive=True), DCT + RGB8, b""),
        (fax(), FAX + b"/DecodeParms << /K -1 /Columns 16 >>", b""),
        (b"\0" * 256, b"/BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 0 <000000>]", b""),
    ],
)
def test_images_that_say_what_they_are(data, entries, mask):
    assert found(data, entries, mask) == set()


@pytest.mark.parametrize(
    ("data", "entries", "mask"),
    [
        (b"\0" * 700, RGB8, b""),
        (b"\0" * 768, b"/BitsPerComponent 3 /ColorSpace /DeviceRGB", b""),
        (b"\0" * 768, b"/BitsPerComponent 8", b""),
        (b"\0" * 768, b"/BitsPerComponent 8 /ColorSpace /Odd", b""),
        (b"\0" * 768, RGB8 + b" /Decode [0 1]", b""),
        (b"\0" * 768, RGB8 + b" /Mask [0 0]", b""),
        (b"\0" * 768, RGB8, RGB8),
        (b"\0" * 256, GRAY8 + b" /Mask [0.5 1]", b""),
        (b"\0" * 256, GRAY8 + b" /Mask [0 256]", b""),
        (b"\0" * 256, GRAY8 + b" /Mask [9 0]", b""),
        (
            b"\0" * 64,
            b"/BitsPerComponent 2 /ColorSpace [/Indexed /DeviceGray 1 <0009>] /Mask [1 1]",
            b"",
        ),
        (b"\0" * 768, RGB8 + b" /Height 0", b""),
        (b"\0" * 256, b"/ImageMask true /BitsPerComponent 8", b""),
        (b"\0" * 32, MASK + b" /Decode [0 0]", b""),
        (b"\1" * 256, b"/BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 0 <000000>]", b""),
        (b"\x12" * 128, b"/BitsPerComponent 4 /ColorSpace [/Indexed /DeviceGray 1 <0009>]", b""),
        (jpeg(size=(8, 16)), DCT + RGB8, b""),
        (jpeg("L"), DCT + RGB8, b""),
        (jpeg(), DCT + b"/BitsPerComponent 4 /ColorSpace /DeviceRGB", b""),
        (jpeg()[:-2], DCT + RGB8, b""),
        (jpeg()[:200], DCT + RGB8, b""),
        (b"\n" + jpeg(), DCT + RGB8, b""),
        (jpeg(), DCT + RGB8 + b" /DecodeParms << /ColorTransform 0 >>", b""),
        (b"junk", b"/Filter /JPXDecode", b""),
        (b"\0", FAX + b"/DecodeParms << /Columns 32 >>", b""),
        (b"\0", FAX, b""),
        (b"\0", FAX + b"/DecodeParms << /Columns 16 /BlackIs1 /true >>", b""),
        (b"\0" * 768, b"/BitsPerComponent 8 /ColorSpace [/Lab << /WhitePoint [1 1 1] >>]", b""),
        (b"\0" * 768, RGB8, GRAY8 + b" /Mask [0 0]"),
        (ADOBE, DCT + RGB8, b""),
        (NAMED, DCT + RGB8, b""),
        (b"\0" * 20, b"/Filter /JBIG2Decode /BitsPerComponent 1 /ColorSpace /DeviceGray", b""),
    ],
)
def test_images_that_contradict_themselves(data, entries, mask):
    assert found(data, entries, mask) == {"unclear_image"}


def test_a_mask_by_stencil_must_be_one():
    pdf = document()
    made = image(pdf, b"\0" * 768, b"<< /Width 16 /Height 16 %b >>" % RGB8)
    made.Mask = image(pdf, b"\0" * 256, b"<< /Width 16 /Height 16 %b >>" % GRAY8)
    assert codes(drawing(pdf, made)) == {"unclear_image"}


def test_jpeg_2000_by_its_header():
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG2000")
    jpx = b"/Filter /JPXDecode "
    assert found(out.getvalue(), jpx) == set()
    assert found(out.getvalue(), jpx + b"/ColorSpace /DeviceRGB") == set()
    for entries in (
        b"/ColorSpace /DeviceGray",
        b"/ColorSpace [/Indexed /DeviceGray 1 <0009>]",
        b"/SMaskInData 1",
        b"/ColorSpace /DeviceRGB /Decode [1 0 1 0 1 0]",
        b"/ColorSpace /DeviceRGB /Mask [0 0 0 0 0 0]",
        b"/ImageMask true",
        b"/Width 8",
    ):
        assert found(out.getvalue(), jpx + entries) == {"unclear_image"}


def test_a_palette_in_a_stream_must_be_long_enough():
    pdf = document()
    made = image(pdf, b"\0" * 256, b"<< /Width 16 /Height 16 /BitsPerComponent 8 >>")
    made.ColorSpace = Array([Name.Indexed, Name.DeviceRGB, 3, stream(pdf, b"\0" * 12)])
    assert codes(drawing(pdf, made)) == set()
    made.ColorSpace[3] = stream(pdf, b"\0" * 11)
    assert codes(drawing(pdf, made)) == {"unclear_colour"}
