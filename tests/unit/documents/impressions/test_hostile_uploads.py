"""Uploads made to cost more than they weigh, and answers of whoever took a reader over."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image

from eseal.documents.impressions import svg
from eseal.documents.impressions.uploads import png_reading, svg_reading, upload_png, upload_svg
from eseal.documents.impressions.uploads.svg_reading import MAX_ELEMENTS, MAX_SEGMENTS
from eseal.documents.impressions.uploads.upload_png import read_png
from eseal.documents.impressions.uploads.upload_svg import read_svg, restore_svg
from eseal.errors import InvalidFormatError, InvalidInputError, TooCostlyError, TooLargeError

RECT = '<rect width="9" height="9" '
LARGE = 480_000
"""Bytes of what took ten seconds once."""


def fill(part: str, size: int = LARGE) -> str:
    return part * (size // len(part))


FLOODS = {
    "digits": f'<polygon points="{fill("1")}x"/>',
    "digits and dots": f'<polygon points="{fill("1.")}x"/>',
    "exponents": f'<polygon points="{fill("1e1")}x"/>',
    "numbers": f'<polygon points="{fill("1 ")}"/>',
    "blanks": f'<polygon points="1{fill(" ")}x"/>',
    "blanks in a transform": RECT + f'transform="{fill(" ")}x"/>',
    "commas in a transform": RECT + f'transform="{fill(" , ")}x"/>',
    "words in a transform": RECT + f'transform="{fill("a")}("/>',
    "transforms": RECT + f'transform="{fill("scale(1)")}"/>',
    "numbers in a transform": RECT + f'transform="matrix({fill("1 ")})"/>',
    "lines": f'<path d="M0 0{fill("h1v1")}" stroke="red"/>',
    "smooth curves": f'<path d="M0 0{fill("t1 1")}"/>',
    "arcs": f'<path d="M0 0{fill("A5 5 0 0 1 5 5 ")}"/>',
    "moves": f'<path d="{fill("M0 0")}" stroke="red"/>',
    "closings": f'<path d="M0 0{fill("z")}"/>',
    "zeros": f'<path d="M{fill("0 ")}"/>',
    "points without their zeros": f'<path d="M0 0L{fill(".1")}"/>',
    "white beside ink": fill('<rect width="1" height="1"/>', LARGE // 2)
    + fill('<rect x="50" width="9" height="9" fill="#fff"/>', LARGE // 2),
    "shapes": fill(RECT + "/>"),
    "groups": fill("<g>"),
    "styles": RECT + f'style="{fill("fill:red;")}"/>',
    "blank styles": RECT + f'style="{fill("; ")}"/>',
    "a long colour": RECT + f'fill="{fill("a")}"/>',
    "a long number in a colour": RECT + f'fill="rgb({fill("9")},1,1)"/>',
    "a long width": RECT + f'stroke="red" stroke-width="{fill("9")}"/>',
    "attributes": RECT + " ".join(f'data-{n}="1"' for n in range(30_000)) + "/>",
    "namespaces": fill('<g xmlns="http://www.w3.org/2000/svg"/>'),
    "text": "<title>" + fill("x&amp;") + "</title>",
    "blank text": fill(" &#10;"),
    "sections": "<title>" + fill("<![CDATA[x]]>") + "</title>",
    "comments": fill("<!---->") + RECT + "/>",
    "definitions": "<defs>" + fill("<title/>") + "</defs>",
}
ODD = {
    "turned by infinity": RECT + 'transform="rotate(1e999)"/>',
    "skewed by infinity": RECT + 'transform="skewX(1e999)"/>',
    "skewed upright": RECT + 'transform="skewX(90)"/>',
    "enlarged beyond all numbers": RECT + 'transform="scale(1e6)' + "scale(1e6)" * 60 + '"/>',
    "nothing times infinity": RECT + 'transform="scale(0)' + "scale(1e6)" * 60 + '"/>',
    "enlarged by groups": '<g transform="scale(1e6)">' * 60 + RECT + "/>" + "</g>" * 60,
    "as wide as infinity": '<rect width="1e999" height="9"/>',
    "not a number": '<rect width="nan" height="9"/>',
    "a round infinity": '<circle r="1e999"/>',
    "a path to infinity": '<path d="M0 0L1e999 1"/>',
    "an arc of nothing": '<path d="M0 0A1e-300 1e300 0 0 1 5 5"/>',
    "an arc of everything": '<path d="M0 0A1e300 1e300 0 0 1 5 5L7 8"/>',
    "an arc turned by infinity": '<path d="M0 0A5 5 1e999 0 1 5 5L7 8"/>',
    "smaller than atoms": '<path d="M0 0L1e-200 1e-200L2e-200 0z"/>',
    "a line without width": '<path d="M0 0L1e-320 1L1e-320 0z" stroke="red"/>',
    "a needle": '<path d="M0 0L1 0L0 1e-99z" stroke="red" stroke-miterlimit="999999"/>',
    "brighter than white": RECT + 'fill="rgb(999,0,0)"/>',
    "a hue of infinity": RECT + 'fill="hsl(1e999,1%,1%)"/>',
    "a limit of infinity": RECT + 'stroke="red" stroke-miterlimit="1e999"/>',
    "itself, again and again": '<g id="a"><use href="#a"/></g>',
    "other encodings": '<?xml version="1.0" encoding="utf-7"?>',
}


def document(body: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'.encode()


def outcome(body: str):
    try:
        return read_svg(document(body), 40.0), None
    except InvalidInputError as error:
        return None, error


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_refused_or_read_at_the_cost_of_its_bytes(name):
    """Well within two seconds of processor time: otherwise the error would be another."""
    drawing, error = outcome(FLOODS[name])
    assert not isinstance(error, TooCostlyError)
    assert drawing is not None or (error.field == "file" and len(str(error)) < 300)
    assert drawing is None or len(drawing.shapes) < MAX_ELEMENTS


@pytest.mark.parametrize("name", ODD)
def test_what_is_beyond_numbers_is_refused_in_words(name):
    drawing, error = outcome(ODD[name])
    if drawing is None:
        assert type(error) is InvalidFormatError
        assert error.field == "file"
    else:
        left, bottom, right, top = drawing.shapes[0].bounds()
        assert math.isfinite(right - left)
        assert math.isfinite(top - bottom)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><svg/>',
        b'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "x">]><svg/>',
        b'<?xml-stylesheet href="http://example.org/a.css"?><svg/>',
        b'<svg xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></svg>',
    ],
)
def test_a_file_that_stands_for_more_than_itself_is_refused(data):
    with pytest.raises(InvalidFormatError, match="SVG: expected"):
        read_svg(data, 40.0)


def test_all_that_is_accepted_can_be_read_again():
    curves = "c1 1 -1 1 0.125 0.0625" * (MAX_SEGMENTS - 1)
    drawing = read_svg(document(f'<path d="M0 0{curves}" stroke="red"/>'), 40.0)
    written = svg(drawing)
    assert len(restore_svg(written, 40.0).shapes[0].path.segments) == MAX_SEGMENTS
    with pytest.raises(TooLargeError):
        read_svg(document(f'<path d="M0 0{curves}l1 1"/>'), 40.0)


def test_the_largest_picture_takes_no_more_than_it_may():
    image = Image.effect_noise((430, 430), 90).convert("RGB").resize((3440, 3440), 0)
    out = io.BytesIO()
    image.save(out, "PNG")
    assert read_png(out.getvalue(), 100.0).image.picture.width > 3400


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"shapes": []},
        {"height": 1e999, "shapes": []},
        {"height": math.nan, "shapes": []},
        {"height": -1, "shapes": []},
        {"height": True, "shapes": []},
        *(
            {"height": 20.0, "shapes": [shape]}
            for shape in (
                None,
                ["M"],
                ["M", [1], None, False, None, 0.0, 0, 0, 4.0],
                ["L", [1, 1], None, False, None, 0.0, 0, 0, 4.0],
                ["MX", [1, 1], None, False, None, 0.0, 0, 0, 4.0],
                ["M", [1, "1"], None, False, None, 0.0, 0, 0, 4.0],
                ["M", [1, math.inf], None, False, None, 0.0, 0, 0, 4.0],
                ["M", [1, 1], [1, 2], False, None, 0.0, 0, 0, 4.0],
                ["M", [1, 1], [1, 2, 256], False, None, 0.0, 0, 0, 4.0],
                ["M", [1, 1], "red", False, None, 0.0, 0, 0, 4.0],
                ["M", [1, 1], None, 1, None, 0.0, 0, 0, 4.0],
                ["M", [1, 1], None, False, None, math.nan, 0, 0, 4.0],
                ["M", [1, 1], None, False, None, 0.0, 3, 0, 4.0],
                ["M", [1, 1], None, False, None, 0.0, 0, -1, 4.0],
            )
        ),
    ],
)
def test_shapes_are_checked(monkeypatch, said):
    monkeypatch.setattr(upload_svg.confined, "ask", lambda *_, **__: said)
    with pytest.raises(InvalidFormatError, match="got something else"):
        read_svg(b"<svg/>", 40.0)


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"png",
        ([1, 1], b"rgba"),
        ([1, 1, True], b"rgb"),
        ([0, 5, True], b""),
        ([-1, -1, True], b"rgba"),
        ([1.0, 1, True], b"rgba"),
    ],
)
def test_pixels_are_counted(monkeypatch, said):
    monkeypatch.setattr(upload_png.confined, "ask", lambda *_, **__: said)
    with pytest.raises(InvalidFormatError, match="got something else"):
        read_png(b"\x89PNG", 40.0)


def test_the_tasks_are_plain_functions():
    (across, down, clear), pixels = png_reading.cleaned(drawn(), width=10.0)
    assert (across, down, clear, len(pixels)) == (100, 50, False, 100 * 50 * 4)
    told = svg_reading.shapes_of(document(RECT + 'fill="#010203"/>'), width=10.0)
    assert told["height"] == pytest.approx(10.0)
    assert told["shapes"][0][0] == "MLLLZ"
    assert told["shapes"][0][2] == [1, 2, 3]


def drawn() -> bytes:
    image = Image.new("RGB", (200, 100), "white")
    image.paste((0, 0, 0), (50, 25, 150, 75))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
