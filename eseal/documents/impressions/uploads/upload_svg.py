"""Uploaded SVG: read in a process of its own, checked here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from eseal.documents import confined
from eseal.documents.confined import DRAWING, PICTURES, Budget
from eseal.documents.impressions.drawing.paths import Colour, Drawing, Path, Point, Shape
from eseal.documents.impressions.uploads import svg_reading
from eseal.errors import InvalidFormatError, TooLargeError

MAX_SVG_BYTES: Final = 2 << 20
_MAX_MM: Final = 1e5
"""No number in an impression is larger: a line that leaves the page by a hundred metres."""
_POINTS: Final = {"M": 1, "L": 1, "C": 3, "Z": 0}
"""Operators of an outline, and how many points each has."""
_OUTLINE: Final = re.compile(r"(?:M[MLCZ]*)?")
_STYLES: Final = 3
"""Kinds of caps and of joins."""


def read_svg(data: bytes, width: float) -> Drawing:
    """The drawing an uploaded SVG stands for, cut to what it shows; white ground is left out.

    Args:
        data: the file.
        width: what is left of it is so wide, millimetres.

    Raises:
        InvalidFormatError: not an SVG, or it holds what is not understood; names it.
        TooLargeError: too many bytes, elements or lines.
        UnsupportedDocumentError: it cannot be read, or only at too great a cost.
    """
    if len(data) > MAX_SVG_BYTES:
        raise TooLargeError(
            f"SVG: expected at most {MAX_SVG_BYTES} bytes, got {len(data)}", field="file"
        )
    return _read(data, width, PICTURES)


def restore_svg(content: bytes, width: float) -> Drawing:
    """The drawing of an SVG that was written of one that :func:`read_svg` gave.

    Raises:
        InvalidInputError: as :func:`read_svg`.
    """
    return _read(content, width, DRAWING)


def _read(data: bytes, width: float, budget: Budget) -> Drawing:
    said = confined.ask(svg_reading.shapes_of, data, budget=budget, width=width)
    match said:
        case {"height": height, "shapes": [*shapes]} if _are_numbers([height]) and height > 0:
            return Drawing(width, float(height), tuple(map(_shape, shapes)))
        case _:
            raise _malformed()


def _shape(said: object) -> Shape:
    match said:
        case [
            str(operators),
            [*numbers],
            fill,
            bool(even_odd),
            stroke,
            int(line) | float(line),
            int(cap),
            int(join),
            int(miter) | float(miter),
        ] if (
            _OUTLINE.fullmatch(operators)
            and _are_numbers(numbers)
            and _are_numbers([line, miter])
            and len(numbers) == 2 * sum(map(_POINTS.__getitem__, operators))
            and cap in range(_STYLES)
            and join in range(_STYLES)
        ):
            path = Path(tuple(_segments(operators, numbers)))
            return Shape(path, _colour(fill), even_odd, _colour(stroke), line, cap, join, miter)
        case _:
            raise _malformed()


def _segments(operators: str, numbers: list[float]) -> Iterator[tuple[str, tuple[Point, ...]]]:
    points = iter(zip(numbers[::2], numbers[1::2], strict=True))
    for operator in operators:
        yield operator, tuple(next(points) for _ in range(_POINTS[operator]))


def _colour(said: Any) -> Colour | None:
    match said:
        case None:
            return None
        case [int(red), int(green), int(blue)] if all(each in range(256) for each in said):
            return Colour(red, green, blue)
        case _:
            raise _malformed()


def _are_numbers(values: list[Any]) -> TypeGuard[list[float]]:
    return all(type(value) in {int, float} and abs(value) <= _MAX_MM for value in values)


def _malformed() -> InvalidFormatError:
    return InvalidFormatError("SVG: expected a drawing, got something else", field="file")
