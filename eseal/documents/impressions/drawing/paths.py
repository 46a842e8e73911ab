"""Outlines, colours and drawings: the one form that SVG and PDF are both written from.

Lengths are millimetres, the origin is the lower left corner, y grows upwards, as in a PDF.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from eseal.documents.artwork import Picture
from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Matrix = tuple[float, float, float, float, float, float]
"""``a b c d e f`` of ISO 32000-1 section 8.3.3: x' = ax + cy + e, y' = bx + dy + f."""

IDENTITY: Final[Matrix] = (1, 0, 0, 1, 0, 0)
KAPPA: Final = 4 * (math.sqrt(2) - 1) / 3
"""Length of the handles with which a cubic Bézier curve is a quarter of a circle."""
SQUARE_CAP: Final = 2
MITER_JOIN: Final = 0
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour: red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> Colour:
        """The colour that ``#rrggbb``, or one of the names in ``COLOURS``, stands for.

        Raises:
            InvalidFormatError: it is neither.
        """
        named = COLOURS.get(text.strip().lower())
        if named is not None:
            return named
        found = _HEX.fullmatch(text.strip())
        if found is None:
            names = ", ".join(COLOURS)
            raise InvalidFormatError(
                f"colour: expected #rrggbb or one of {names}, got {excerpt(text, 40)}",
                field="colour",
            )
        return cls(*bytes.fromhex(found[1]))

    @property
    def hex(self) -> str:
        """``#rrggbb``."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


SEAL_RED: Final = Colour(0xD7, 0x19, 0x20)
"""The red of a freshly inked seal: darker than a screen's pure red, which glares beside text."""
COLOURS: Final = {
    "red": SEAL_RED,
    "blue": Colour(0x1B, 0x3F, 0x94),
    "black": Colour(0, 0, 0),
    "green": Colour(0x0B, 0x6B, 0x3A),
    "purple": Colour(0x5B, 0x2A, 0x86),
}
"""Inks that can be asked for by name."""


@dataclass(frozen=True, slots=True)
class Path:
    """An outline.

    Attributes:
        segments: an operator and its points: ``M`` (1 point), ``L`` (1), ``C`` (3), ``Z`` (none).
    """

    segments: tuple[tuple[str, tuple[Point, ...]], ...]

    def transformed(self, matrix: Matrix) -> Path:
        """The outline moved, turned or scaled."""
        return Path(
            tuple((op, tuple(apply(matrix, point) for point in pts)) for op, pts in self.segments)
        )

    def bounds(self) -> Box | None:
        """The smallest box that holds the outline; ``None`` of one without points."""
        return union(self._boxes())

    def _boxes(self) -> Iterator[Box]:
        from fontTools.misc.bezierTools import (  # type: ignore[import-untyped]  # no type hints
            calcCubicBounds,
        )

        here: Point = (0, 0)
        for _, points in self.segments:
            if len(points) == 1:
                yield (*points[0], *points[0])
            elif points:
                yield calcCubicBounds(here, *points)
            here = points[-1] if points else here


@dataclass(frozen=True, slots=True)
class Shape:
    """A painted outline.

    Attributes:
        path: in millimetres.
        fill: the colour inside, or ``None``.
        even_odd: how "inside" is told (ISO 32000-1 section 8.5.3.3); else by nonzero winding.
        stroke: the colour of the line, or ``None``.
        width: of the line, millimetres.
        cap: of the line: 0 butt, 1 round, 2 square (ISO 32000-1 table 54).
        join: of the line: 0 miter, 1 round, 2 bevel (table 55).
        miter: limit of a mitered join.
    """

    path: Path
    fill: Colour | None = None
    even_odd: bool = False
    stroke: Colour | None = None
    width: float = 0.0
    cap: int = 0
    join: int = 0
    miter: float = 4.0

    def transformed(self, matrix: Matrix) -> Shape:
        """The shape moved, turned or evenly scaled."""
        scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        return replace(self, path=self.path.transformed(matrix), width=self.width * scale)

    def bounds(self) -> Box | None:
        """The smallest box that holds all that is painted; ``None`` of an empty outline."""
        inner = self.path.bounds()
        if inner is None or self.stroke is None:
            return inner
        half = self.width / 2 * (math.sqrt(2) if self.cap == SQUARE_CAP else 1)
        tips = [(*tip, *tip) for tip in self._tips()] if self.join == MITER_JOIN else []
        left, bottom, right, top = inner
        return union([(left - half, bottom - half, right + half, top + half), *tips])

    def _tips(self) -> Iterator[Point]:
        """Where mitered corners end: in sharp ones far beyond half the line's width."""
        for before, corner, after in _corners(self.path):
            one, two = _direction(before, corner), _direction(after, corner)
            x, y = one[0] + two[0], one[1] + two[1]
            size = math.hypot(x, y)
            # Half the angle between the lines is that whose cosine is size / 2.
            sine = math.sqrt(max(1 - (size / 2) ** 2, 0.0))
            if size and sine and 1 / sine <= self.miter:
                reach = self.width / 2 / sine / size
                yield (corner[0] + x * reach, corner[1] + y * reach)


@dataclass(frozen=True, slots=True)
class Placed:
    """A raster image in a drawing, over the whole of it.

    Attributes:
        picture: the image.
        png: the same as a PNG file, for SVG.
    """

    picture: Picture
    png: bytes


@dataclass(frozen=True, slots=True)
class Drawing:
    """An impression before it is written in a format.

    Attributes:
        width: millimetres.
        height: millimetres.
        shapes: painted one over the other, the first lowest.
        image: a raster image instead of shapes, or ``None``.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...] = ()
    image: Placed | None = None


def apply(matrix: Matrix, point: Point) -> Point:
    """The point a matrix leads to."""
    a, b, c, d, e, f = matrix
    x, y = point
    return (a * x + c * y + e, b * x + d * y + f)


def then(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that does ``first`` and ``second`` after it."""
    a, b, c, d, e, f = first
    g, h = apply(second, (e, f))
    p, q, r, s = second[:4]
    return (p * a + r * b, q * a + s * b, p * c + r * d, q * c + s * d, g, h)


def union(boxes: Iterable[Box]) -> Box | None:
    """The smallest box that holds all; ``None`` if there are none."""
    every = list(boxes)
    if not every:
        return None
    lefts, bottoms, rights, tops = zip(*every, strict=True)
    return (min(lefts), min(bottoms), max(rights), max(tops))


def _corners(path: Path) -> Iterator[tuple[Point, Point, Point]]:
    """Every corner of a path with the control points before and after it."""
    for subpath in _subpaths(path):
        points = [point for i, point in enumerate(subpath) if i == 0 or point != subpath[i - 1]]
        closed = len(points) > 2 and points[0] == points[-1]  # noqa: PLR2004  # a triangle at least
        if closed:
            points.append(points[1])
        yield from zip(points, points[1:], points[2:], strict=False)


def _subpaths(path: Path) -> Iterator[list[Point]]:
    points: list[Point] = []
    for operator, some in path.segments:
        if operator == "M":
            yield points
            points = []
        points += some if operator != "Z" else points[:1]
    yield points


def _direction(start: Point, end: Point) -> Point:
    length = math.dist(start, end)
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length)


def ellipse(centre: Point, across: float, up: float) -> Path:
    """An ellipse of the semi-axes ``across`` and ``up``, as four curves."""
    x, y = centre
    dx, dy = across * KAPPA, up * KAPPA
    return Path(
        (
            ("M", ((x + across, y),)),
            ("C", ((x + across, y + dy), (x + dx, y + up), (x, y + up))),
            ("C", ((x - dx, y + up), (x - across, y + dy), (x - across, y))),
            ("C", ((x - across, y - dy), (x - dx, y - up), (x, y - up))),
            ("C", ((x + dx, y - up), (x + across, y - dy), (x + across, y))),
            ("Z", ()),
        )
    )


def polygon(points: Iterable[Point]) -> Path:
    """A closed outline of straight lines."""
    first, *others = points
    return Path((("M", (first,)), *(("L", (point,)) for point in others), ("Z", ())))


def star(centre: Point, tip_to_tip: float) -> Path:
    """A five-pointed star, one point up.

    Args:
        centre: of the circle its tips lie on.
        tip_to_tip: its width, between the two tips that point sideways, millimetres.
    """
    outer = star_radius(tip_to_tip)
    inner = outer * math.sin(math.pi / 10) / math.sin(7 * math.pi / 10)
    return polygon(
        (
            centre[0] + radius * math.sin(step * math.pi / 5),
            centre[1] + radius * math.cos(step * math.pi / 5),
        )
        for step in range(10)
        for radius in [inner if step % 2 else outer]
    )


def star_radius(tip_to_tip: float) -> float:
    """The radius of the circle around a star of that width."""
    return tip_to_tip / (2 * math.sin(2 * math.pi / 5))
