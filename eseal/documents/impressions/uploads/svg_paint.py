"""The painting properties of SVG (SVG 1.1 section 11), as far as an impression needs them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PIL import ImageColor

from eseal.documents.impressions.drawing.paths import Colour, Matrix, Path, Shape
from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

MAX_COORDINATE: Final = 1e6
"""The largest number that is understood: a drawing of a kilometre, in millimetres."""
_MAX_DIGITS: Final = 40
_NUMBER: Final = re.compile(r"([0-9]++\.?[0-9]*+|\.[0-9]++)(?:px)?")
_CAPS: Final = {"butt": 0, "round": 1, "square": 2}
_JOINS: Final = {"miter": 0, "miter-clip": 0, "round": 1, "bevel": 2}
_EVEN: Final = 0.01
"""How much longer a transform may make lines one way than the other before it deforms them."""
_RGB: Final = 3
_BRIGHTEST: Final = 255

_ONLY: Final = {
    "clip-path": {"none"},
    "mask": {"none"},
    "filter": {"none"},
    "marker": {"none"},
    "marker-start": {"none"},
    "marker-mid": {"none"},
    "marker-end": {"none"},
    "display": {"inline", "block"},
    "visibility": {"visible"},
    "stroke-dasharray": {"none", "0"},
    "mix-blend-mode": {"normal"},
    "paint-order": {"normal"},
    "vector-effect": {"none"},
    "overflow": {"visible", "hidden"},
}
"""Properties that are understood only if they change nothing."""
_SILENT: Final = (
    "font",
    "text-",
    "letter-",
    "word-",
    "line-height",
    "white-space",
    "writing-mode",
    "direction",
    "dominant-baseline",
    "baseline-shift",
    "-inkscape",
    "color-interpolation",
    "color-rendering",
    "shape-rendering",
    "image-rendering",
    "shape-",
    "solid-",
    "enable-background",
    "isolation",
    "clip-rule",
    "stop-",
    "stroke-dashoffset",
    "cursor",
    "pointer-events",
)
"""Beginnings of properties that change nothing about shapes."""

_BLACK: Final = Colour(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Paint:
    """How shapes are painted; ``None`` is no paint. The defaults are SVG's own."""

    fill: Colour | None = _BLACK
    even_odd: bool = False
    stroke: Colour | None = None
    width: float = 1.0
    cap: int = 0
    join: int = 0
    miter: float = 4.0
    fill_shows: bool = True
    stroke_shows: bool = True
    shows: bool = True


def refuse(what: str) -> InvalidFormatError:
    """The error for what is not understood."""
    return InvalidFormatError(
        f"SVG: expected only paths and basic shapes with plain colours, got {what}: take it out, "
        "or turn it into paths",
        field="file",
    )


def number(text: str) -> float:
    """The number that text of digits stands for.

    Raises:
        InvalidFormatError: it is larger than any that is understood.
    """
    value = float(text)
    if abs(value) > MAX_COORDINATE or len(text) > _MAX_DIGITS:
        raise InvalidFormatError(
            f"SVG: expected coordinates up to {MAX_COORDINATE:g}, got {text[:40]}", field="file"
        )
    return value


def inherit(parent: Paint, attributes: Mapping[str, str]) -> Paint:
    """The paint of an element with these attributes; those of ``style`` win.

    Raises:
        InvalidFormatError: one is not understood; names it.
    """
    properties = {name: value for name, value in attributes.items() if name != "style"}
    for declaration in attributes.get("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            properties[name.strip().lower()] = value.replace("!important", "")
        elif name.strip():
            raise refuse(f"the style {excerpt(name.strip(), 40)}")
    paint = replace(parent, shows=True)
    for name, value in properties.items():
        paint = _apply(paint, name, value.strip())
    return replace(paint, shows=paint.shows and parent.shows)


def paint_shape(path: Path, paint: Paint, matrix: Matrix) -> Shape | None:
    """The shape in the space the matrix leads to; ``None`` if nothing of it shows.

    Raises:
        InvalidFormatError: the matrix deforms its line.
    """
    fill = paint.fill if paint.fill_shows and paint.shows else None
    stroke = paint.stroke if paint.stroke_shows and paint.shows and paint.width > 0 else None
    if fill is None and stroke is None:
        return None
    if stroke is not None and not _is_even(matrix):
        raise refuse("a line that a transform makes thicker one way than the other")
    shape = Shape(
        path,
        fill,
        paint.even_odd,
        stroke,
        paint.width if stroke is not None else 0.0,
        paint.cap,
        paint.join,
        paint.miter,
    )
    return shape.transformed(matrix)


def _apply(paint: Paint, name: str, value: str) -> Paint:  # noqa: C901, PLR0911  # a table of cases
    match name:
        case "fill":
            return replace(paint, fill=_colour(name, value, paint.fill))
        case "stroke":
            return replace(paint, stroke=_colour(name, value, paint.stroke))
        case "stroke-width":
            return replace(paint, width=_number(name, value))
        case "stroke-miterlimit":
            return replace(paint, miter=max(_number(name, value), 1.0))
        case "fill-rule" if value in {"nonzero", "evenodd"}:
            return replace(paint, even_odd=value == "evenodd")
        case "stroke-linecap" if value in _CAPS:
            return replace(paint, cap=_CAPS[value])
        case "stroke-linejoin" if value in _JOINS:
            return replace(paint, join=_JOINS[value])
        case "opacity":
            return replace(paint, shows=_shows(name, value))
        case "fill-opacity":
            return replace(paint, fill_shows=_shows(name, value))
        case "stroke-opacity":
            return replace(paint, stroke_shows=_shows(name, value))
        case "color":
            return paint  # only currentColor asks for it, and that is refused
    if value in _ONLY.get(name, ()) or (name not in _ONLY and name.startswith(_SILENT)):
        return paint
    raise refuse(f"{name[:40]}: {excerpt(value, 40)}")


def _colour(name: str, value: str, inherited: Colour | None) -> Colour | None:
    if value == "inherit":
        return inherited
    if value in {"none", "transparent"}:
        return None
    try:
        parts = ImageColor.getrgb(value)
    except ValueError:
        raise refuse(f"{name}: {excerpt(value, 40)}") from None
    if max(parts) > _BRIGHTEST:
        raise refuse(f"{name}: {excerpt(value, 40)}")
    if len(parts) != _RGB:
        raise refuse(f"{name}: {excerpt(value, 40)}, which is partly transparent")
    return Colour(*parts)


def _shows(name: str, value: str) -> bool:
    opacity = _number(name, value)
    if opacity not in {0.0, 1.0}:
        raise refuse(f"{name}: {excerpt(value, 40)}: partly transparent")
    return bool(opacity)


def _number(name: str, value: str) -> float:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise refuse(f"{name}: {excerpt(value, 40)}")
    return number(found[1])


def _is_even(matrix: Matrix) -> bool:
    a, b, c, d, *_ = matrix
    one, other = math.hypot(a, b), math.hypot(c, d)
    if not one or not other:
        return False
    return abs(one / other - 1) < _EVEN and abs(a * c + b * d) < _EVEN * one * other
