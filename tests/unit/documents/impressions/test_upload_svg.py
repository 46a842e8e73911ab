from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.documents.impressions import Colour, artwork, pdf, svg
from eseal.documents.impressions.uploads.svg_reading import MAX_DEPTH
from eseal.documents.impressions.uploads.upload_svg import MAX_SVG_BYTES, read_svg
from eseal.documents.viewer.drawn import render
from eseal.errors import ESealError, InvalidFormatError, TooLargeError

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def document(body, attributes='viewBox="0 0 200 100"'):
    return f"{HEAD}{attributes}>{body}</svg>".encode()


def read(body, width=40.0, **rest):
    return read_svg(document(body, **rest), width)


def bounds(drawing):
    return [pytest.approx(value, abs=1e-3) for value in drawing.shapes[0].bounds()]


@pytest.mark.parametrize(
    ("body", "height"),
    [
        ('<rect x="20" y="10" width="80" height="40"/>', 20),
        ('<rect x="20" y="10" width="80" height="40" rx="5"/>', 20),
        ('<rect x="20" y="10" width="80" height="40" ry="50" rx="3"/>', 20),
        ('<circle cx="50" cy="50" r="40"/>', 40),
        ('<ellipse cx="50" cy="50" rx="40" ry="20"/>', 20),
        ('<polygon points="0,0 80,0 80 40 0,40"/>', 20),
        ('<polyline points="0,0 80,0 80-0,80,40" stroke="#f00" stroke-width="0"/>', 20),
        ('<path d="M10,10 h80 v40 h-80 z"/>', 20),
        ('<path d="M10 10L90 10 90 50C90 50 10 50 10 50Z m5 5 h10v10z"/>', 20),
        ('<path d="M10,50 a40,40 0 0 1 80,0 z"/>', 20),
        ('<path d="M0 0 Q 40 80 80 0"/>', 20),
        ('<g transform="translate(10 10) scale(2)"><rect width="40" height="20"/></g>', 20),
        ('<rect width="40" height="80" transform="rotate(90 50 50)"/>', 20),
        ('<rect width="80" height="40" transform="matrix(1 0 0 1 5 5)"/>', 20),
        ('<rect width="80" height="40" transform="skewX(0) skewY(0),translate(3)"/>', 20),
    ],
)  # fmt: skip
def test_shapes_are_cut_to_what_they_show_and_have_the_width_asked_for(body, height):
    drawing = read(body)
    assert drawing.width == 40
    assert drawing.height == pytest.approx(height, abs=0.01)
    left, bottom, right, top = drawing.shapes[-1].bounds()
    assert (left, bottom) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
    assert (right, top) == (pytest.approx(40), pytest.approx(drawing.height))


def test_what_is_up_stays_up():
    drawing = read(
        '<rect x="0" y="0" width="80" height="10"/><rect y="70" width="10" height="10"/>'
    )
    first, second = drawing.shapes
    assert first.bounds()[1] > second.bounds()[3]


def test_strokes_and_mitres_count():
    triangle = '<path d="M50 20 L60 60 L40 60 z" fill="none" stroke="red" stroke-width="4" '
    drawing = read(triangle + 'stroke-miterlimit="10"/>')
    shown = render(pdf(artwork(drawing)), 254).getchannel("A").getbbox()
    assert shown[0] <= 1
    assert shown[1] <= 1
    assert abs(shown[2] - 400) <= 1
    assert abs(shown[3] - drawing.height * 10) <= 1


def test_paint_is_inherited_and_style_wins():
    body = (
        '<g fill="#00f" style="stroke:#0f0;stroke-width:2px;stroke-linejoin:round" opacity="1">'
        '<rect width="50" height="50" fill="red" style="fill: rgb(1,2,3)" stroke-linecap="round"/>'
        '<rect x="60" width="9" height="9" stroke="none" fill="inherit" fill-rule="evenodd"/></g>'
        '<rect x="80" width="9" height="9" fill-opacity="0"/>'
        '<rect x="80" width="9" height="9" opacity="0"/>'
    )
    first, second = read(body).shapes
    assert (first.fill, first.stroke, first.join, first.cap) == (
        Colour(1, 2, 3), Colour(0, 255, 0), 1, 1,
    )  # fmt: skip
    assert (second.fill, second.stroke, second.even_odd) == (Colour(0, 0, 255), None, True)


def test_white_ground_is_left_out_and_white_on_ink_stays():
    body = (
        '<rect width="200" height="100" fill="white"/><circle cx="50" cy="50" r="40" fill="#c00"/>'
        '<circle cx="50" cy="50" r="10" fill="#ffffff"/>'
    )
    drawing = read(body)
    assert drawing.height == pytest.approx(40)
    assert [shape.fill.hex for shape in drawing.shapes] == ["#cc0000", "#ffffff"]


def test_notes_of_drawing_programs_do_no_harm():
    body = (
        "<title>Seal</title><desc>of ours</desc><defs/><metadata><x xmlns='urn:y'>z</x></metadata>"
        '<i:namedview xmlns:i="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" pagecolor="#f"/>'
        '<g xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:label="1" id="a" class="b" '
        'data-x="1"><path d="M0 0h9v9z" style="font-size:3px;-inkscape-stroke:none"/>'
        "</g><!-- done -->"
    )
    assert len(read(body).shapes) == 1


def test_what_was_read_can_be_written_and_read_again():
    drawing = read('<circle cx="50" cy="50" r="40" fill="none" stroke="#c00" stroke-width="8"/>')
    again = read_svg(svg(drawing), 40.0)
    assert bounds(again) == [*drawing.shapes[0].bounds()]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<style>rect{fill:red}</style>", "<style>"),
        ("<text>印</text>", "<text>"),
        ('<image xlink:href="http://example.org/a.png"/>', "<image>"),
        ('<use xlink:href="#a"/>', "<use>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<svg width="5"/>', "an <svg> inside"),
        ('<defs><path id="a" d="M0 0h9v9z"/></defs>', "a definition"),
        ('<rect width="9" height="9" onload="alert(1)"/>', "onload"),
        ('<rect width="9" height="9" xlink:href="#a"/>', "the attribute href"),
        ('<rect width="9" height="9" fill="url(#g)"/>', "fill: 'url(#g)'"),
        ('<rect width="9" height="9" fill="currentColor"/>', "currentColor"),
        ('<rect width="9" height="9" fill="#ff000080"/>', "partly transparent"),
        ('<rect width="9" height="9" opacity=".5"/>', "partly transparent"),
        ('<rect width="9" height="9" filter="url(#f)"/>', "filter"),
        ('<rect width="9" height="9" clip-path="url(#f)"/>', "clip-path"),
        ('<rect width="9" height="9" display="none"/>', "display"),
        ('<rect width="9" height="9" style="background:url(x)"/>', "background"),
        ('<rect width="9" height="9" style="nonsense"/>', "nonsense"),
        ('<rect width="9" height="9" stroke="red" stroke-dasharray="1 2"/>', "stroke-dasharray"),
        ('<rect width="9" height="9" stroke="red" stroke-width="-1"/>', "stroke-width"),
        ('<rect width="9" height="9" stroke="red" transform="scale(1 2)"/>', "thicker one way"),
        ('<rect width="9" height="9" transform="perspective(3)"/>', "perspective"),
        ('<rect width="9" height="9" transform="rotate(1 2)"/>', "rotate"),
        ('<rect width="9" height="9" transform="rotate(1) x"/>', "transform"),
        ('<rect width="9" height="9" transform="rotate(a)"/>', "transform"),
        ('<rect width="9mm" height="9"/>', "width"),
        ('<path d="M0 0 L"/>', "d:"),
        ('<path d="M0 0 A 1 1"/>', "d:"),
        ('<path d="L 1 1"/>', "d:"),
        ('<path d="M0 0 L 007 5"/>', "d:"),
        ('<path d="M0 0 1e999 0"/>', "d:"),
        ('<path d="M0 0; drop"/>', "d:"),
        ('<polygon points="0 0 1"/>', "points"),
        ('<polygon points="a b"/>', "points"),
        ('<rect x="1e9" width="9" height="9"/>', "coordinates"),
        ('<rect x="300" width="9" height="9"/>', "viewBox"),
        ("stray words", "text outside"),
        ('<x:a xmlns:x="urn:x"/>', "urn:x"),
        ("<?php x ?>", "<?php?>"),
        ("", "nothing drawn"),
        ('<rect width="0" height="9"/><circle r="0"/><polygon points=""/><path/>', "nothing drawn"),
        ('<line x1="0" y1="0" x2="9" y2="0"/>', "nothing drawn"),
        ('<rect width="200" height="100" fill="#fff"/>', "nothing drawn"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(body, named):
    with pytest.raises(InvalidFormatError) as caught:
        read(body)
    assert named in str(caught.value)
    assert caught.value.field == "file"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b'<!DOCTYPE svg SYSTEM "http://example.org/a.dtd"><svg/>',
        b"<html/>",
        b"<svg",
        b"<svg></g>",
        document('<path d="M0 0h9v9z"/>', 'preserveAspectRatio="none"'),
        document('<path d="M0 0h9v9z"/>', 'viewBox="0 0 0 0"'),
        document('<path d="M0 0h9v9z"/>', 'onload="x()"'),
        b"\xff\xfe\x00",
        b"<?xml version='1.0' encoding='x-odd'?><svg/>",
        b"<?xml version='1.0' encoding='shift_jis'?><svg/>",
    ],
)
def test_documents_that_are_no_plain_svg(data):
    with pytest.raises(InvalidFormatError):
        read_svg(data, 40.0)


def test_large_ones_are_refused():
    with pytest.raises(TooLargeError, match="bytes"):
        read_svg(b"<" + b" " * MAX_SVG_BYTES, 40.0)
    with pytest.raises(TooLargeError, match="deep"):
        read("<g>" * MAX_DEPTH + "</g>" * MAX_DEPTH)
    with pytest.raises(TooLargeError, match="elements"):
        read("<g/>" * 20_001)
    with pytest.raises(TooLargeError, match="lines and curves"):
        read('<path d="M0 0' + "h1" * 200_001 + '"/>')


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("MLHVCSQTAZmlz0123456789.-+eE ,\n"), max_size=40))
def test_any_path_data_is_read_or_refused(text):
    try:
        read(f'<path d="{text}"/>')
    except ESealError:
        return
