from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from eseal.documents.impressions import artwork, pdf, svg
from eseal.documents.impressions.uploads.upload_png import MAX_PNG_BYTES, read_png, restore_png
from eseal.documents.viewer.drawn import render
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

INK = (200, 20, 30)


def encoded(image, **rest):
    out = io.BytesIO()
    image.save(out, "PNG", **rest)
    return out.getvalue()


def scan(mode="RGB", paper=(255, 255, 255)):
    """A ring of 300 by 200 pixels on paper of 500 by 500, as a scanner gives it."""
    image = Image.new("RGB", (500, 500), paper)
    ImageDraw.Draw(image).ellipse((100, 150, 399, 349), outline=INK, width=20)
    return image.convert(mode)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_the_white_margin_goes_and_the_paper_turns_transparent():
    drawing = read_png(encoded(scan()), 30.0)
    assert (drawing.width, drawing.height) == (30, pytest.approx(20, abs=0.2))
    picture = drawing.image.picture
    assert (picture.width, picture.height) == (300, 200)
    middle = 100 * 300 + 150
    assert picture.alpha[middle] == 0
    assert picture.rgb[3 * middle : 3 * middle + 3] == b"\xff\xff\xff"
    edge = 100 * 300 + 5
    assert picture.alpha[edge] == 255
    assert tuple(picture.rgb[3 * edge : 3 * edge + 3]) == INK


def test_a_scan_on_paper_that_is_not_quite_white():
    drawing = read_png(encoded(scan(paper=(250, 246, 244))), 30.0)
    assert (drawing.image.picture.width, drawing.image.picture.height) == (300, 200)


def test_soft_edges_stay_soft():
    big = scan().resize((250, 250), Image.Resampling.BOX).resize((500, 500))
    alpha = read_png(encoded(big), 30.0).image.picture.alpha
    assert any(0 < level < 255 for level in alpha)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_other_modes(mode):
    drawing = read_png(encoded(scan(mode)), 30.0)
    assert (drawing.image.picture.width, drawing.image.picture.height) == (300, 200)


def test_an_image_with_transparency_keeps_its_own():
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((50, 50, 249, 199), fill=(*INK, 128))
    picture = read_png(encoded(image), 20.0).image.picture
    assert (picture.width, picture.height) == (200, 150)
    assert set(picture.alpha) == {128}


def test_what_was_stored_is_shown_as_it_is():
    drawing = read_png(encoded(scan()), 30.0)
    again = restore_png(drawing.image.png, 30.0)
    assert again.image.picture == drawing.image.picture
    assert again.image.png == drawing.image.png


def test_the_art_shows_the_image():
    drawing = read_png(encoded(scan()), 30.0)
    art = artwork(drawing)
    assert art.pictures[0].name.encode() in art.content
    shown = render(pdf(art), 254)
    assert shown.getpixel((5, 100))[:3] == pytest.approx(INK, abs=3)
    assert shown.getpixel((150, 100))[3] == 0
    assert b"data:image/png;base64," in svg(drawing)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "got something else"),
        (b"GIF89a" + bytes(100), "got something else"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "got something else"),
        (encoded(scan())[:-2000], "damaged"),
        (encoded(scan())[:60], "damaged"),
        (encoded(Image.new("RGB", (300, 300), "white")), "nothing but white"),
        (encoded(Image.new("RGBA", (300, 300), (255, 0, 0, 0))), "nothing but white"),
        (encoded(scan().resize((60, 60))), "pixels to the millimetre"),
        (encoded(Image.new("I;16", (200, 200))), "8 bits"),
        (
            encoded(scan(), save_all=True, append_images=[scan().rotate(90)]),
            "animation",
        ),
    ],
)
def test_bad_images_are_refused(data, words):
    with pytest.raises(InvalidFormatError, match=words) as caught:
        read_png(data, 30.0)
    assert caught.value.field == "file"


def test_bombs_are_refused_before_they_are_unpacked():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    bomb += chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")
    with pytest.raises(TooLargeError, match="60000 by 60000"):
        read_png(bomb, 40.0)
    with pytest.raises(TooLargeError, match="bytes"):
        read_png(b"\x89PNG\r\n\x1a\n" + bytes(MAX_PNG_BYTES), 40.0)
    notes = encoded(scan())
    notes = notes[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))) + notes[33:]
    with pytest.raises(InvalidInputError):
        read_png(notes, 40.0)
