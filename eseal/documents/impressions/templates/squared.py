"""Square seals: Chinese and Japanese in columns from the right, Latin in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

from eseal.documents.impressions.drawing.fonts import Fonts, Style
from eseal.documents.impressions.drawing.glyphs import SPACE_WIDTH, Glyph
from eseal.documents.impressions.drawing.paths import Path, Shape
from eseal.documents.impressions.drawing.text import Cell, Line, Mark, measure, straight, stretched
from eseal.documents.impressions.templates.spec import ImpressionSpec
from eseal.errors import InvalidInputError

_GAP: Final = 0.7
"""Millimetres between the border and the text."""
_BETWEEN: Final = 0.06
"""Of a cell, left free on each side of a character."""
_LEAST: Final = 1.7
"""Millimetres: a Chinese character smaller than this is not read on an office print."""
_LATIN_LEAST: Final = 1.3
_LATIN_NARROW: Final = 0.55
_LEAST_ASPECT, _MOST_ASPECT = 0.55, 1.9
"""Width over height of a cell: seal cutters stretch characters to fill the field, up to this."""
_MEANING: Final = 1.4
"""How much more a layout is worth in which name and purpose have columns of their own."""
_MAX_COLUMNS: Final = 8
_CODE_HEIGHT: Final = 1.3
_CORNER: Final = 0.6
"""Radius of the border's corners over its width, so that they look cut and not printed."""
_TURNED: Final = frozenset("ー–—〜～（）()「」『』〈〉《》【】-…")  # noqa: RUF001  # full-width on purpose
"""Marks that lie on their side in a column."""


@dataclass(frozen=True, slots=True)
class _Field:
    """Where text may stand: the seal's middle is (0, 0)."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


def compose_squared(spec: ImpressionSpec, fonts: Fonts) -> tuple[list[Shape], list[Mark]]:
    """Shapes without the texts, and the texts' characters; the seal's middle is (0, 0).

    Raises:
        InvalidInputError: the text does not fit legibly, or no font has one of its characters.
    """
    profile = spec.profile
    edge = profile.width / 2 - profile.border - _GAP
    field, code = _Field(-edge, -edge, edge, edge), list[Mark]()
    if spec.code is not None:
        code = list(_code(spec, fonts, field))
        field = _Field(-edge, -edge + _CODE_HEIGHT + 0.4, edge, edge)
    texts = [("name", spec.name), ("second_name", spec.second_name), ("number", spec.number)]
    texts += [("line", line) for line in spec.lines]
    groups = [
        (role, measure(text, fonts.face(text, spec.language))) for role, text in texts if text
    ]
    columns = all(line.chinese for _, line in groups)
    marks = _columns(groups, field) if columns else _rows(groups, field)
    if marks is None:
        count = sum(len(line.text) for _, line in groups)
        raise InvalidInputError(
            f"{count} characters cannot be read on a square seal of {profile.width:g} mm: choose "
            "a larger one, a shorter name, or upload an image",
            field="impression",
        )
    return [_border(spec)], [*marks, *code]


def _border(spec: ImpressionSpec) -> Shape:
    width = spec.profile.border
    edge = spec.profile.width / 2 - width / 2
    r = width * _CORNER
    inner, handle = edge - r, edge - r * 0.45
    path = Path(
        (
            ("M", ((-inner, -edge),)),
            ("L", ((inner, -edge),)),
            ("C", ((handle, -edge), (edge, -handle), (edge, -inner))),
            ("L", ((edge, inner),)),
            ("C", ((edge, handle), (handle, edge), (inner, edge))),
            ("L", ((-inner, edge),)),
            ("C", ((-handle, edge), (-edge, handle), (-edge, inner))),
            ("L", ((-edge, -inner),)),
            ("C", ((-edge, -handle), (-handle, -edge), (-inner, -edge))),
            ("Z", ()),
        )
    )
    return Shape(path, stroke=spec.colour, width=width)


def _code(spec: ImpressionSpec, fonts: Fonts, field: _Field) -> tuple[Mark, ...]:
    code = spec.code or ""
    line = measure(code, fonts.face(code, spec.language, Style.NUMBER))
    em = _CODE_HEIGHT / line.tall
    gap = 0.25
    condensed = min(1.0, (field.width - gap * (len(code) - 1)) / (line.width * em))
    centre = (0.0, field.bottom + _CODE_HEIGHT / 2)
    return straight("code", line, centre, em, condensed, gap)


def _columns(groups: Sequence[tuple[str, Line]], field: _Field) -> list[Mark] | None:
    """The characters in columns of one width, each filled from top to bottom."""
    cells = [(role, [c for c in line.cells if c.glyph.bounds]) for role, line in groups]
    whole = [("name", [one for _, some in cells for one in some])]
    best: tuple[float, list[tuple[str, list[Cell]]]] | None = None
    for arrangement, value in ((cells, _MEANING), (whole, 1.0)):
        most = [range(1, min(len(some), _MAX_COLUMNS) + 1) for _, some in arrangement]
        for counts in product(*most):
            if sum(counts) > _MAX_COLUMNS:
                continue
            columns = list(_deal(arrangement, counts))
            score = _score(columns, field) * value
            if score and (best is None or score > best[0] * 1.02):
                best = (score, columns)
    return None if best is None else list(_stack(best[1], field))


def _deal(
    arrangement: Sequence[tuple[str, list[Cell]]], counts: Sequence[int]
) -> Iterator[tuple[str, list[Cell]]]:
    """Deal each text's cells into its columns, the longer columns first."""
    for (role, cells), count in zip(arrangement, counts, strict=True):
        edges = [-(-len(cells) * i // count) for i in range(count + 1)]
        for start, end in pairwise(edges):
            yield role, cells[start:end]


def _score(columns: Sequence[tuple[str, list[Cell]]], field: _Field) -> float:
    """How well it reads: the smallest side of a character, less where shapes are uneven; 0: not."""
    width = field.width / len(columns)
    heights = [field.height / len(cells) for _, cells in columns]
    aspects = [width / height for height in heights]
    smallest = min(width, *heights) * (1 - 2 * _BETWEEN)
    if smallest < _LEAST or min(aspects) < _LEAST_ASPECT or max(aspects) > _MOST_ASPECT:
        return 0.0
    deformed = sum(max(aspect, 1 / aspect) for aspect in aspects) / len(aspects)
    return smallest / (1 + max(heights) / min(heights)) / deformed


def _stack(columns: Sequence[tuple[str, list[Cell]]], field: _Field) -> Iterator[Mark]:
    width = field.width / len(columns)
    for number, (role, cells) in enumerate(columns):
        x = field.right - (number + 0.5) * width
        height = field.height / len(cells)
        size = (width * (1 - 2 * _BETWEEN), height * (1 - 2 * _BETWEEN))
        for row, cell in enumerate(cells):
            y = field.top - (row + 0.5) * height
            turn = -90.0 if cell.glyph.character in _TURNED else 0.0
            yield stretched(role, cell, (x, y), size, turn)


def _rows(groups: Sequence[tuple[str, Line]], field: _Field) -> list[Mark] | None:
    """Rows from top to bottom, words kept whole, all of one size."""
    words = [(role, _words(line)) for role, line in groups]
    best: tuple[float, list[Mark]] | None = None
    most = [range(1, len(some) + 1) for _, some in words]
    for counts in product(*most):
        lines = [
            (role, row) for (role, w), n in zip(words, counts, strict=True) for row in _fill(w, n)
        ]
        placed = _set_rows(lines, field)
        if placed is not None and (best is None or placed[0] > best[0]):
            best = placed
    return None if best is None else best[1]


def _words(line: Line) -> list[Line]:
    """The words of a line, each measured as a part of it."""
    words, start = list[Line](), 0
    for index, cell in enumerate((*line.cells, None)):
        if cell is None or cell.glyph.bounds is None:
            cells = line.cells[start:index]
            if cells:
                text = "".join(one.glyph.character for one in cells)
                words.append(Line(text, cells, line.bottom, line.top, line.chinese))
            start = index + 1
    return words


def _fill(words: Sequence[Line], rows: int) -> list[Line]:
    """Words put into so many rows, about equally long."""
    total = sum(word.width for word in words)
    filled: list[list[Line]] = [[] for _ in range(rows)]
    before = 0.0
    for index, word in enumerate(words):
        row = min(int((before + word.width / 2) / total * rows), rows - 1)
        row = max(row, rows - (len(words) - index)) if not filled[row] else row
        filled[row].append(word)
        before += word.width
    return [_join(row) for row in filled if row]


def _join(words: Sequence[Line]) -> Line:
    first, *others = words
    cells = list(first.cells)
    for word in others:
        cells += [_BLANK, *word.cells]
    text = " ".join(word.text for word in words)
    return Line(text, tuple(cells), first.bottom, first.top, first.chinese)


def _set_rows(lines: Sequence[tuple[str, Line]], field: _Field) -> tuple[float, list[Mark]] | None:
    pitch = field.height / len(lines)
    tallest = max(line.tall for _, line in lines)
    widest = max(line.width for _, line in lines)
    em = min(pitch * 0.84 / tallest, field.width / (widest * _LATIN_NARROW))
    least = _LEAST if any(line.chinese for _, line in lines) else _LATIN_LEAST
    while em * tallest >= least:
        condensed = min(1.0, field.width / (widest * em))
        if condensed >= _LATIN_NARROW:
            break
        em *= 0.98
    else:
        return None
    pitch = min(pitch, em * tallest * 1.6)
    marks: list[Mark] = []
    for row, (role, line) in enumerate(lines):
        y = (len(lines) / 2 - row - 0.5) * pitch
        y += (field.top + field.bottom) / 2
        own = min(1.0, field.width / (line.width * em))
        marks += straight(role, line, (0.0, y), em, min(own, condensed * 1.25), 0.0)
    return em * (0.5 + condensed / 2), marks


_BLANK: Final = Cell(Glyph(" ", Path(()), SPACE_WIDTH, None), SPACE_WIDTH, SPACE_WIDTH / 2)
