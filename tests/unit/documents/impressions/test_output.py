"""SVG, PDF and PNG come from one source: here they are compared as pixels."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageChops, ImageFilter

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.impressions import Colour, artwork, pdf, png, svg
from eseal.documents.impressions.drawing.paths import Drawing, Path, Shape
from eseal.documents.impressions.uploads.upload_svg import read_svg
from eseal.documents.viewer.drawn import render
from eseal.errors import InvalidInputError

DPI = 254
"""Ten pixels to the millimetre."""
HALF_MILLIMETRE = 5


def mask(image):
    return image.getchannel("A").point(lambda level: 255 if level > 127 else 0)


def differ_by_more_than(one, other, pixels):
    """Whether a painted point of either is further than so many pixels from the other's paint."""
    size = 2 * pixels + 1
    beyond = ImageChops.subtract(one, other.filter(ImageFilter.MaxFilter(size)))
    back = ImageChops.subtract(other, one.filter(ImageFilter.MaxFilter(size)))
    return beyond.getbbox() is not None or back.getbbox() is not None


@pytest.fixture(scope="module", params=["official-42", "invoice", "finance-25"])
def drawing(request, made):
    return made(request.param, "云栖茶业有限公司").drawing


def test_all_forms_show_the_same(drawing):
    of_pdf = mask(render(pdf(artwork(drawing)), DPI))
    of_png = mask(Image.open(io.BytesIO(png(artwork(drawing), DPI))))
    again = read_svg(svg(drawing), drawing.width)
    of_svg = mask(render(pdf(artwork(again)), DPI))
    assert of_pdf.getbbox() is not None
    assert not differ_by_more_than(of_pdf, of_png, 0)
    assert not differ_by_more_than(of_pdf, of_svg, 1)
    assert abs(again.height - drawing.height) < 0.01


def test_the_size_is_true(drawing):
    width, height = drawing.width, drawing.height
    text = svg(drawing).decode()
    assert f'width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {width:g} {height:g}"' in text
    image = Image.open(io.BytesIO(png(artwork(drawing), 600)))
    assert image.info["dpi"][0] == pytest.approx(600, abs=0.1)
    assert image.width == pytest.approx(width / 25.4 * 600, abs=1.01)
    left, top, right, bottom = mask(render(pdf(artwork(drawing)), DPI)).getbbox()
    assert (right - left) / 10 == pytest.approx(width, abs=0.2)
    assert (bottom - top) / 10 == pytest.approx(height, abs=0.2)
    assert (left, top) <= (1, 1)


def test_the_ground_is_transparent(drawing):
    image = render(pdf(artwork(drawing)), DPI)
    # Just inside the border nothing is painted.
    assert image.getpixel((image.width // 2, 16))[3] == 0
    assert image.getpixel((image.width // 2, 6)) == (0xD7, 0x19, 0x20, 255)


def test_the_content_stream_holds_paths_and_colours_only(drawing):
    operators = set(re.findall(rb"[A-Za-z*]+", artwork(drawing).content))
    assert operators <= {
        b"q",
        b"Q",
        b"m",
        b"l",
        b"c",
        b"h",
        b"f",
        b"B",
        b"S",
        b"rg",
        b"RG",
        b"w",
        b"J",
        b"j",
        b"M",
    }
    assert artwork(drawing).pictures == ()


def test_the_pdf_is_well_formed_and_of_the_arts_size(drawing):
    from pyhanko.pdf_utils.reader import PdfFileReader

    page = PdfFileReader(io.BytesIO(pdf(artwork(drawing)))).root["/Pages"]["/Kids"][0]
    box = [float(value) for value in page["/MediaBox"]]
    assert box[2] == pytest.approx(drawing.width * POINTS_PER_MM, abs=0.001)


def test_even_odd_and_stroke_are_kept():
    ring = Path(
        (
            ("M", ((1, 1),)), ("L", ((9, 1),)), ("L", ((9, 9),)), ("L", ((1, 9),)), ("Z", ()),
            ("M", ((3, 3),)), ("L", ((7, 3),)), ("L", ((7, 7),)), ("L", ((3, 7),)), ("Z", ()),
        )
    )  # fmt: skip
    ink = Colour(200, 0, 0)
    shapes = (Shape(ring, fill=ink, even_odd=True), Shape(ring, stroke=ink, width=0.5, cap=1))
    for shape in (*shapes, Shape(ring, fill=ink, stroke=ink, even_odd=True, width=0.2, join=2)):
        drawing = Drawing(10, 10, (shape,))
        shown = mask(render(pdf(artwork(drawing)), DPI))
        assert shown.getpixel((50, 50)) == 0
        assert shown.getpixel((11, 50)) == 255
        again = read_svg(svg(drawing), shape.bounds()[2] - shape.bounds()[0])
        (back,) = again.shapes
        assert (back.even_odd, back.cap, back.join) == (shape.even_odd, shape.cap, shape.join)
        assert back.width == pytest.approx(shape.width, abs=0.001)
    assert b"\nn\n" in artwork(Drawing(10, 10, (Shape(ring),))).content


@pytest.mark.parametrize("dpi", [0, 35, 1201])
def test_a_resolution_out_of_range_is_refused(drawing, dpi):
    with pytest.raises(InvalidInputError, match="dpi"):
        png(artwork(drawing), dpi)


def test_an_image_that_would_be_huge_is_refused():
    with pytest.raises(InvalidInputError, match="pixels"):
        png(artwork(Drawing(150, 150, ())), 1200)
