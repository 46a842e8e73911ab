"""A drawing as art for a PDF, as SVG, as a PDF of its own, as PNG: all from the same outlines."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Final

from eseal.documents import confined
from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.documents.impressions.drawing.paths import Colour, Drawing, Path, Shape
from eseal.documents.viewer.drawn import as_png
from eseal.errors import InvalidInputError

USUAL_DPI: Final = 600
"""What office printers print."""
MIN_DPI, MAX_DPI = 36, 1200
MAX_PIXELS: Final = 36_000_000
"""Of a PNG made here; a seal of 100 mm at 1,200 dpi has 22 million."""

_PATH_OPERATORS: Final = {"M": "m", "L": "l", "C": "c", "Z": "h"}
_CAPS: Final = ("butt", "round", "square")
_JOINS: Final = ("miter", "round", "bevel")


def artwork(drawing: Drawing) -> Artwork:
    """The drawing as operators of a PDF (ISO 32000-1 section 8.5), in points."""
    width, height = drawing.width * POINTS_PER_MM, drawing.height * POINTS_PER_MM
    if drawing.image is not None:
        picture = drawing.image.picture
        content = f"q {_number(width)} 0 0 {_number(height)} 0 0 cm /{picture.name} Do Q\n"
        return Artwork(drawing.width, drawing.height, content.encode("ascii"), (picture,))
    content = "q\n" + "".join(f"{line}\n" for line in _content(drawing.shapes)) + "Q\n"
    return Artwork(drawing.width, drawing.height, content.encode("ascii"))


def svg(drawing: Drawing) -> bytes:
    """The drawing as SVG 1.1; a unit is a millimetre, the ground is transparent."""
    width, height = _number(drawing.width), _number(drawing.height)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
    lines = [f'{head}viewBox="0 0 {width} {height}">']
    if drawing.image is not None:
        data = base64.b64encode(drawing.image.png).decode("ascii")
        lines.append(
            f'<image width="{width}" height="{height}" preserveAspectRatio="none" '
            f'href="data:image/png;base64,{data}"/>'
        )
    lines += [_element(shape, drawing.height) for shape in drawing.shapes]
    return "\n".join([*lines, "</svg>", ""]).encode("ascii")


def pdf(art: Artwork) -> bytes:
    """The art as a PDF of one page, which is of its size; nothing is painted behind it."""
    box = f"[0 0 {_number(art.width * POINTS_PER_MM)} {_number(art.height * POINTS_PER_MM)}]"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    names, images = [], list[bytes]()
    for picture in art.pictures:
        number = 5 + len(images)
        names.append(f"/{picture.name} {number} 0 R")
        mask = "" if picture.alpha is None else f"/SMask {number + 1} 0 R"
        size = f"/Width {picture.width}/Height {picture.height}/BitsPerComponent 8"
        head = "/Type/XObject/Subtype/Image"
        images.append(_stream(f"{head}{size}/ColorSpace/DeviceRGB{mask}", picture.rgb))
        if picture.alpha is not None:
            images.append(_stream(f"{head}{size}/ColorSpace/DeviceGray", picture.alpha))
    resources = f"<</XObject<<{''.join(names)}>>>>" if names else "<<>>"
    page = f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Contents 4 0 R/Resources{resources}>>"
    objects += [page.encode("ascii"), _stream("", art.content), *images]
    return _file(objects)


def png(art: Artwork, dpi: int = USUAL_DPI) -> bytes:
    """The art as a PNG with a transparent ground that knows its size in millimetres.

    Args:
        art: what to render.
        dpi: pixels to the inch.

    Raises:
        InvalidInputError: ``dpi`` is out of range, or the image would be too large.
    """
    if not MIN_DPI <= dpi <= MAX_DPI:
        raise InvalidInputError(f"dpi: expected {MIN_DPI} to {MAX_DPI}, got {dpi}", field="dpi")
    pixels = art.width * art.height * (dpi / 25.4) ** 2
    if pixels > MAX_PIXELS:
        raise InvalidInputError(
            f"dpi: expected an image of at most {MAX_PIXELS} pixels, got {pixels:.0f}", field="dpi"
        )
    image: bytes = confined.ask(as_png, pdf(art), budget=confined.DRAWING, dpi=dpi)
    return image


def _content(shapes: tuple[Shape, ...]) -> Iterator[str]:
    """The painting of shapes; a colour or line style is named where it changes."""
    state: dict[str, str] = {}
    for shape in shapes:
        wanted = {}
        if shape.fill is not None:
            wanted["rg"] = _colour(shape.fill)
        if shape.stroke is not None:
            wanted |= {
                "RG": _colour(shape.stroke),
                "w": _number(shape.width * POINTS_PER_MM),
                "J": f"{shape.cap}",
                "j": f"{shape.join}",
                "M": _number(shape.miter),
            }
        for operator, value in wanted.items():
            if state.get(operator) != value:
                state[operator] = value
                yield f"{value} {operator}"
        yield from _outline(shape.path)
        yield _painting(shape)


def _painting(shape: Shape) -> str:
    star = "*" if shape.even_odd else ""
    if shape.fill is None:
        return "S" if shape.stroke is not None else "n"
    return ("B" if shape.stroke is not None else "f") + star


def _outline(path: Path) -> Iterator[str]:
    for operator, points in path.segments:
        numbers = "".join(
            f"{_number(x * POINTS_PER_MM)} {_number(y * POINTS_PER_MM)} " for x, y in points
        )
        yield numbers + _PATH_OPERATORS[operator]


def _element(shape: Shape, height: float) -> str:
    data = " ".join(
        operator + " ".join(f"{_number(x)} {_number(height - y)}" for x, y in points)
        for operator, points in shape.path.segments
    )
    fill = "none" if shape.fill is None else shape.fill.hex
    attributes = f'd="{data}" fill="{fill}"'
    if shape.even_odd:
        attributes += ' fill-rule="evenodd"'
    if shape.stroke is not None:
        attributes += (
            f' stroke="{shape.stroke.hex}" stroke-width="{_number(shape.width)}"'
            f' stroke-linecap="{_CAPS[shape.cap]}" stroke-linejoin="{_JOINS[shape.join]}"'
            f' stroke-miterlimit="{_number(shape.miter)}"'
        )
    return f"<path {attributes}/>"


def _colour(colour: Colour) -> str:
    return " ".join(_number(part / 255) for part in (colour.red, colour.green, colour.blue))


def _number(value: float) -> str:
    """A number as PDF and SVG write it: a ten-thousandth is finer than any printer."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _stream(entries: str, data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    head = f"<<{entries}/Filter/FlateDecode/Length {len(packed)}>>stream\n".encode("ascii")
    return head + packed + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """A PDF file of these objects, numbered from 1 (ISO 32000-1 section 7.5)."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + trailer % (len(objects) + 1, start))
