"""Measuring text and setting it: into boxes, on straight lines.

A *cell* is what one character takes of a line; a *mark* is a character put in its place.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Final

from eseal.documents.impressions.drawing.glyphs import Face, Glyph
from eseal.documents.impressions.drawing.paths import Colour, Matrix, Point, Shape, then

BODY: Final = (-0.08, 0.84)
"""Bottom and top of a Chinese character's body over the baseline, in ems, of the faces we use."""
_CAPITALS: Final = (0.0, 0.68)
"""The same of Latin capitals: the least a line of Latin text takes."""
_LEAST_IDEOGRAPH: Final = 0.8
"""Of the em: a slender character (日) is not packed tighter than this."""
INK_SPREAD: Final = 0.07
"""Millimetres a line is wider than the font's: ink spreads, and hairlines must still print."""
_UNINKED: Final = frozenset({"code"})
"""Digits so small would close up."""
_MARK_BEARING: Final = 0.07
"""Of the em, on either side of a full-width bracket, which has half its em blank."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The room a character takes on its line; lengths in ems.

    Attributes:
        glyph: its form.
        width: of the room.
        middle: the x of the glyph that stands in the middle of the room.
    """

    glyph: Glyph
    width: float
    middle: float


@dataclass(frozen=True, slots=True)
class Line:
    """A text, measured.

    Attributes:
        text: what it says.
        cells: its characters.
        bottom: of the lowest character, ems over the baseline.
        top: of the highest.
        chinese: whether it is set in the square bodies of Chinese and Japanese.
    """

    text: str
    cells: tuple[Cell, ...]
    bottom: float
    top: float
    chinese: bool

    @property
    def tall(self) -> float:
        """From the lowest to the highest point, ems."""
        return self.top - self.bottom

    @property
    def width(self) -> float:
        """Of all cells without gaps, ems."""
        return sum(cell.width for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Mark:
    """A character in its place.

    Attributes:
        role: what it belongs to: ``name``, ``second_name``, ``number``, ``line``, ``code``.
        glyph: its form.
        centre: the middle of its room, millimetres.
        turn: degrees anticlockwise from upright.
        width: of its room, millimetres.
        height: of its room, millimetres.
        matrix: from the glyph's ems to millimetres.
    """

    role: str
    glyph: Glyph
    centre: Point
    turn: float
    width: float
    height: float
    matrix: Matrix

    def corners(self, margin: float = 0.0) -> tuple[Point, Point, Point, Point]:
        """The corners of its room, ``margin`` millimetres larger on every side."""
        across, up = self.width / 2 + margin, self.height / 2 + margin
        sine, cosine = math.sin(math.radians(self.turn)), math.cos(math.radians(self.turn))
        x, y = self.centre
        one, two, three, four = (
            (x + dx * cosine - dy * sine, y + dx * sine + dy * cosine)
            for dx, dy in ((-across, -up), (across, -up), (across, up), (-across, up))
        )
        return one, two, three, four

    def shape(self, colour: Colour) -> Shape:
        """The painted character."""
        path = self.glyph.path.transformed(self.matrix)
        if self.role in _UNINKED:
            return Shape(path, fill=colour)
        return Shape(path, fill=colour, stroke=colour, width=INK_SPREAD, join=1)


def measure(text: str, face: Face) -> Line:
    """Measure a text whose characters ``face`` has."""
    cells = tuple(_cell(face.glyph(character)) for character in text)
    chinese = any(ideographic(character) for character in text)
    low, high = BODY if chinese else _CAPITALS
    bounds = [cell.glyph.bounds for cell in cells if cell.glyph.bounds is not None]
    bottom = min([low, *(box[1] for box in bounds)])
    top = max([high, *(box[3] for box in bounds)])
    return Line(text, cells, bottom, top, chinese)


def ideographic(character: str) -> bool:
    """Whether the character has a square body, as Chinese characters and kana have."""
    wide = unicodedata.east_asian_width(character) in "WF"
    return wide and unicodedata.category(character)[0] in "LNS"


def mark(  # noqa: PLR0913, PLR0917  # a place has many sides
    role: str, cell: Cell, line: Line, centre: Point, turn: float, em: float, condensed: float
) -> Mark:
    """Put a character in its place.

    Args:
        role: what it belongs to.
        cell: the character.
        line: the line it stands on, whose highest and lowest points its room has.
        centre: the middle of its room, millimetres.
        turn: degrees anticlockwise.
        em: font size, millimetres.
        condensed: factor on widths.
    """
    matrix = _matrix(cell.middle, (line.bottom + line.top) / 2, em * condensed, em, turn, centre)
    width, height = cell.width * em * condensed, line.tall * em
    return Mark(role, cell.glyph, centre, turn, width, height, matrix)


def stretched(role: str, cell: Cell, centre: Point, size: Point, turn: float = 0.0) -> Mark:
    """A character stretched so that its body fills a box of that width and height."""
    low, high = BODY
    middle = (low + high) / 2
    left, bottom, right, top = cell.glyph.bounds or (0, low, 0, high)
    # Some outlines reach beyond the body; none may leave the box.
    wide = max(high - low, right - left)
    tall = max(high - low, 2 * (top - middle), 2 * (middle - bottom))
    across, up = size if not turn else (size[1], size[0])
    matrix = _matrix(cell.middle, middle, across / wide, up / tall, turn, centre)
    return Mark(role, cell.glyph, centre, 0.0, *size, matrix)


def straight(  # noqa: PLR0913, PLR0917  # a place has many sides
    role: str, line: Line, centre: Point, em: float, condensed: float, gap: float
) -> tuple[Mark, ...]:
    """Set a line level, its middle at ``centre``, with ``gap`` millimetres between the cells."""
    x = centre[0] - straight_width(line, em, condensed, gap) / 2
    marks = []
    for cell in line.cells:
        width = cell.width * em * condensed
        if cell.glyph.bounds is not None:
            place = (x + width / 2, centre[1])
            marks.append(mark(role, cell, line, place, 0.0, em, condensed))
        x += width + gap
    return tuple(marks)


def straight_width(line: Line, em: float, condensed: float, gap: float) -> float:
    """How wide :func:`straight` sets a line, millimetres."""
    return line.width * em * condensed + (len(line.cells) - 1) * gap


def _cell(glyph: Glyph) -> Cell:
    if glyph.bounds is None:
        return Cell(glyph, glyph.advance, glyph.advance / 2)
    left, _, right, _ = glyph.bounds
    if ideographic(glyph.character):
        return Cell(glyph, max(right - left, _LEAST_IDEOGRAPH), (left + right) / 2)
    if unicodedata.east_asian_width(glyph.character) in "WF":
        return Cell(glyph, right - left + 2 * _MARK_BEARING, (left + right) / 2)
    # A letter that overhangs its advance must still stay within its room.
    reach = max(right - glyph.advance / 2, glyph.advance / 2 - left)
    return Cell(glyph, max(glyph.advance, 2 * reach), glyph.advance / 2)


def _matrix(  # noqa: PLR0913, PLR0917  # a matrix's parts
    x: float, y: float, across: float, up: float, turn: float, centre: Point
) -> Matrix:
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    scaled: Matrix = (across, 0, 0, up, -x * across, -y * up)
    return then(scaled, (cosine, sine, -sine, cosine, *centre))
