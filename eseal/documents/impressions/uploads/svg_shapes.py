"""The geometry of SVG: path data, basic shapes and transforms (SVG 1.1 sections 7.6, 8 and 9)."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]  # it has no type hints
from fontTools.svgLib.path.parser import parse_path  # type: ignore[import-untyped]  # it has no type hints

from eseal.documents.impressions.drawing.paths import (
    IDENTITY,
    KAPPA,
    Matrix,
    Path,
    Point,
    ellipse,
    polygon,
    then,
)
from eseal.documents.impressions.uploads.svg_paint import MAX_COORDINATE, number, refuse
from eseal.errors import InvalidFormatError, TooLargeError
from eseal.excerpts import excerpt

SHAPES: Final = {
    "path": ("d",),
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
}
"""The shapes that are understood, and the attributes of their geometry."""

_NUMBER: Final = r"[-+]?+(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+"
"""What was matched stays matched, here and below: no text is looked at twice."""
_NUMBERS: Final = re.compile(rf"\s*+(?:{_NUMBER}(?:\s*+,\s*+|\s++|(?=[-+.])|\Z))*+")
_ONE: Final = re.compile(_NUMBER)
_LENGTH: Final = re.compile(rf"\s*+({_NUMBER})(?:px)?+\s*+")
_PATH_DATA: Final = re.compile(r"[MmZzLlHhVvCcSsQqTtAaeE0-9+\-., ]*")
_BARE_POINT: Final = re.compile(r"(?<=[0-9])\.(?![0-9])")
_LEADING_ZERO: Final = re.compile(r"(?<![0-9.])0[0-9]")
_TRANSFORM: Final = re.compile(r"\s*+(?:,\s*+)?+(\w++)\s*+\(([^()]*+)\)\s*+")
_ARGUMENTS: Final = {
    "matrix": (6,),
    "translate": (1, 2),
    "scale": (1, 2),
    "rotate": (1, 3),
    "skewX": (1,),
    "skewY": (1,),
}


def outline(name: str, geometry: dict[str, str], most: int) -> Path:
    """The outline of a shape in its own units, y downwards.

    Args:
        name: the shape's.
        geometry: its attributes.
        most: lines and curves it may have.

    Raises:
        InvalidFormatError: its geometry is malformed.
        TooLargeError: it has more.
    """
    found = _outline(name, geometry, most)
    if len(found.segments) > most:
        raise _too_many()
    return found


def _too_many() -> TooLargeError:
    return TooLargeError("SVG: expected fewer lines and curves, got too many", field="file")


def _outline(name: str, geometry: dict[str, str], most: int) -> Path:
    if name == "path":
        return _path(geometry.get("d", ""), most)
    if name in {"polyline", "polygon"}:
        return _points(geometry.get("points", ""), closed=name == "polygon")
    sizes = {key: length(geometry.get(key, "0"), key) for key in SHAPES[name]}
    if name == "line":
        start, end = (sizes["x1"], sizes["y1"]), (sizes["x2"], sizes["y2"])
        return Path((("M", (start,)), ("L", (end,))))
    if name == "rect":
        return _rect(sizes, geometry)
    across, up = (sizes["r"], sizes["r"]) if name == "circle" else (sizes["rx"], sizes["ry"])
    if min(across, up) <= 0:
        return Path(())  # SVG 1.1 section 9.3: zero disables rendering
    return ellipse((sizes["cx"], sizes["cy"]), across, up)


def length(text: str, name: str) -> float:
    """A length in user units.

    Raises:
        InvalidFormatError: it is none, or has another unit.
    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise InvalidFormatError(
            f"SVG: {name}: expected a plain number, got {excerpt(text, 40)}", field="file"
        )
    return number(found[1])


def parse_numbers(text: str, name: str) -> list[float]:
    """Numbers with blanks or commas between them.

    Raises:
        InvalidFormatError: there is something else.
    """
    if not _NUMBERS.fullmatch(text):
        raise InvalidFormatError(
            f"SVG: {name}: expected numbers, got {excerpt(text, 40)}", field="file"
        )
    return [number(found) for found in _ONE.findall(text)]


def parse_transform(text: str) -> Matrix:
    """The matrix of a ``transform`` attribute.

    Raises:
        InvalidFormatError: it is malformed.
    """
    result, end = IDENTITY, 0
    while (found := _TRANSFORM.match(text, end)) is not None:
        end = found.end()
        name, numbers = found[1], parse_numbers(found[2], "transform")
        if len(numbers) not in _ARGUMENTS.get(name, ()):
            raise refuse(f"transform: {name}() with {len(numbers)} numbers")
        result = then(_matrix(name, numbers), result)
    if text[end:].strip():
        raise InvalidFormatError(
            f"SVG: transform: expected matrix(…), translate(…), …, got {text[end : end + 40]!r}",
            field="file",
        )
    return result


def _matrix(name: str, numbers: list[float]) -> Matrix:
    first = numbers[0]
    if name == "translate":
        return (1, 0, 0, 1, first, numbers[1] if len(numbers) > 1 else 0)
    if name == "scale":
        return (first, 0, 0, numbers[-1], 0, 0)
    if name in {"skewX", "skewY"}:
        slope = math.tan(math.radians(first))
        return (1, 0, slope, 1, 0, 0) if name == "skewX" else (1, slope, 0, 1, 0, 0)
    if name == "rotate":
        sine, cosine = math.sin(math.radians(first)), math.cos(math.radians(first))
        turned: Matrix = (cosine, sine, -sine, cosine, 0, 0)
        x, y = numbers[1:] or (0, 0)
        return then(then((1, 0, 0, 1, -x, -y), turned), (1, 0, 0, 1, x, y))
    a, b, c, d, e, f = numbers
    return (a, b, c, d, e, f)


def _path(data: str, most: int) -> Path:
    plain = _BARE_POINT.sub("", " ".join(data.split()))
    odd_zero = not set("aA") & set(plain) and _LEADING_ZERO.search(plain)
    if not _PATH_DATA.fullmatch(plain) or odd_zero:
        raise InvalidFormatError(
            f"SVG: d: expected path data, got {excerpt(data.strip(), 40)}", field="file"
        )
    pen = _Pen(most)
    try:
        parse_path(plain, pen)
    except TooLargeError:
        raise
    except (ValueError, IndexError, ArithmeticError, AssertionError, TypeError) as error:
        raise InvalidFormatError(f"SVG: d: {str(error)[:120]}", field="file") from None
    return Path(tuple(pen.segments))


def _points(text: str, *, closed: bool) -> Path:
    numbers = parse_numbers(text, "points")
    if len(numbers) % 2:
        raise InvalidFormatError(
            "SVG: points: expected pairs of numbers, got an odd number", field="file"
        )
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    if not points:
        return Path(())
    path = polygon(points)
    return path if closed else Path(path.segments[:-1])


def _rect(sizes: dict[str, float], geometry: dict[str, str]) -> Path:
    x, y, width, height = (sizes[name] for name in ("x", "y", "width", "height"))
    if min(width, height) <= 0:
        return Path(())
    rx = sizes["rx"] if "rx" in geometry else sizes["ry"]
    ry = sizes["ry"] if "ry" in geometry else rx
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if min(rx, ry) <= 0:
        return polygon(((x, y), (x + width, y), (x + width, y + height), (x, y + height)))
    kx, ky, right, low = rx * (1 - KAPPA), ry * (1 - KAPPA), x + width, y + height
    return Path(
        (
            ("M", ((x + rx, y),)),
            ("L", ((right - rx, y),)),
            ("C", ((right - kx, y), (right, y + ky), (right, y + ry))),
            ("L", ((right, low - ry),)),
            ("C", ((right, low - ky), (right - kx, low), (right - rx, low))),
            ("L", ((x + rx, low),)),
            ("C", ((x + kx, low), (x, low - ky), (x, low - ry))),
            ("L", ((x, y + ry),)),
            ("C", ((x, y + ky), (x + kx, y), (x + rx, y))),
            ("Z", ()),
        )
    )


class _Pen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Collects an outline; the base class makes cubic curves of quadratic ones."""

    def __init__(self, most: int) -> None:
        super().__init__(None)
        self._most = most
        self.segments: list[tuple[str, tuple[Point, ...]]] = []

    def _add(self, operator: str, *points: Any) -> None:
        if len(self.segments) >= self._most:
            raise _too_many()
        for point in points:
            if not all(abs(value) <= MAX_COORDINATE for value in point):  # nor is one that is none
                raise ValueError("a number is too large")
        self.segments.append((operator, tuple((float(x), float(y)) for x, y in points)))

    def _moveTo(self, point: Any) -> None:  # noqa: N802  # fontTools' name
        self._add("M", point)

    def _lineTo(self, point: Any) -> None:  # noqa: N802
        self._add("L", point)

    def _curveToOne(self, one: Any, two: Any, end: Any) -> None:  # noqa: N802
        self._add("C", one, two, end)

    def _closePath(self) -> None:  # noqa: N802
        self._add("Z")

    def _endPath(self) -> None:  # noqa: N802
        return
