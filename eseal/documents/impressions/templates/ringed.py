"""Round and oval seals: the name on the arc, the rest inside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

from eseal.documents.impressions.drawing.fonts import Fonts, Style
from eseal.documents.impressions.drawing.paths import Point, Shape, ellipse, star, star_radius
from eseal.documents.impressions.drawing.polygons import distance, overlap
from eseal.documents.impressions.drawing.ring import Ring
from eseal.documents.impressions.drawing.text import (
    Line,
    Mark,
    mark,
    measure,
    straight,
    straight_width,
)
from eseal.documents.impressions.templates.spec import ImpressionSpec, Outline
from eseal.errors import InvalidInputError

CLEAR: Final = 0.5
"""Millimetres kept free between texts, and around the star: less smears into one on paper."""
BORDER_GAP: Final = 0.8
"""Millimetres between the border and what stands inside it."""
_REACH: Final = 0.765
"""Of half the way around: a name goes no further down, or its ends would read as one word."""
_STEP: Final = 0.1
"""Millimetres between two heights of letters that are tried."""
_SCAN: Final = 0.2
"""Millimetres between two places that are tried for the end of a name."""

# Legibility, millimetres and factors: the least that is still read on an office print.
_CHINESE_EASY, _CHINESE_LEAST = 3.3, 2.4
_LATIN_EASY, _LATIN_LEAST = 2.4, 1.7
"""Height that is read with ease, and at all: before letters get smaller a name takes two arcs."""
_NARROWEST: Final = 1.45
"""Width of a Chinese character."""
_SOFT, _HARD = 0.62, 0.5
"""How narrow letters are made: as a rule, and at the most."""
_USUAL_CHINESE: Final = 0.84
"""Seals are cut with letters a little higher than wide."""
_LATIN_SHARE: Final = 0.72
_LATIN_LINE: Final = 0.62
"""Height of Latin letters over that of Chinese characters in the same place: on an arc, on a
straight line."""
_OVAL_TRACK: Final = 0.4
"""Of the letters' height: where spacing is measured on an oval, whose ends would else look loose.
On a circle it is all the same, and measured at the feet."""

_CODE_HEIGHT: Final = 1.3
_CODE_GAP: Final = 0.55
_NUMBER_HEIGHT: Final = 3.7
_NUMBER_WIDTH: Final = 1.3
_NUMBER_SPAN: Final = 26.0
"""The tax number: digits 3.7 high and 1.3 wide, 26 all together for 18 of them."""
_NUMBER_CHARS: Final = 18
_INNER: Final = 0.86
"""Height of a second line of the name over that of the first."""
_STARS: Final = (1.0, 0.85, 0.7)
"""A star makes room for a name in two lines."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """Letters that fit: their size and the room between them."""

    em: float
    condensed: float
    gap: float


@dataclass(frozen=True, slots=True)
class _Inside:
    """What a name must keep clear of: placed characters, and a star (radius and its middle's y)."""

    rooms: tuple[tuple[Point, tuple[Point, ...], float], ...]
    """The middle, the corners with what is kept free around, and half the diagonal."""
    star: float
    star_y: float

    def clear(self, middle: Point, corners: Sequence[Point]) -> bool:
        if self.star and distance((0.0, self.star_y), corners) < self.star + CLEAR:
            return False
        reach = math.dist(middle, corners[0])
        return not any(
            math.dist(middle, centre) < reach + half and overlap(corners, room)
            for centre, room, half in self.rooms
        )


def compose_ringed(spec: ImpressionSpec, fonts: Fonts) -> tuple[list[Shape], list[Mark]]:
    """Shapes without the texts, and the texts' characters; the seal's middle is (0, 0).

    Raises:
        InvalidInputError: a text does not fit legibly, or no font has one of its characters.
    """
    profile = spec.profile
    code = tuple(_code(spec, fonts))
    below = tuple(_middle(spec, fonts, code))
    texts = _names(spec, fonts)
    rooms = tuple(
        (one.centre, one.corners(CLEAR), math.dist(one.centre, one.corners(CLEAR)[0]))
        for one in (*code, *below)
    )
    stars = _STARS if profile.star else (1.0,)
    for easy, scale, group in product((True, False), stars, texts):
        radius = star_radius(profile.star * scale)
        star_y = _star_y(radius, below)
        inside = _Inside(rooms, radius, star_y)
        placed = _place_names(spec, group, inside, easy=easy)
        if placed is not None:
            shapes = [_border(spec)]
            if radius:
                shapes.append(Shape(star((0.0, star_y), profile.star * scale), spec.colour))
            return shapes, [*placed, *below, *code]
    size = f"{profile.width:g}" + (
        "" if profile.width == profile.height else f" by {profile.height:g}"
    )
    raise InvalidInputError(
        f"the name {spec.name!r} ({len(spec.name)} characters) cannot be read on a seal of "
        f"{size} mm: choose a larger one, a shorter name, or upload an image",
        field="impression",
    )


def _border(spec: ImpressionSpec) -> Shape:
    half = spec.profile.border / 2
    path = ellipse((0.0, 0.0), spec.profile.width / 2 - half, spec.profile.height / 2 - half)
    return Shape(path, stroke=spec.colour, width=spec.profile.border)


def _ring(spec: ImpressionSpec, depth: float) -> Ring:
    """The curve so far inside the border's inner edge."""
    profile = spec.profile
    return Ring(profile.width / 2, profile.height / 2, profile.border + depth)


def _code(spec: ImpressionSpec, fonts: Fonts) -> Iterator[Mark]:
    """The seal code at the bottom, feet outwards, so that it reads from left to right."""
    if spec.code is None:
        return
    line = measure(spec.code, fonts.face(spec.code, spec.language, Style.NUMBER))
    em = _CODE_HEIGHT / line.tall
    feet = _ring(spec, _CODE_GAP)
    middle = _ring(spec, _CODE_GAP + _CODE_HEIGHT / 2)
    pitch = max(cell.width for cell in line.cells) * em + 0.35
    for index, cell in enumerate(line.cells):
        offset = (index - (len(line.cells) - 1) / 2) * pitch * middle.length / feet.length
        spot = middle.at(middle.length / 2 - offset)
        yield mark("code", cell, line, spot.point, spot.turn + 180, em, 1.0)


def _middle(spec: ImpressionSpec, fonts: Fonts, code: tuple[Mark, ...]) -> Iterator[Mark]:
    """The number in the middle and the straight lines below it."""
    profile = spec.profile
    top = -0.125 * profile.height if profile.outline is Outline.ROUND else 0.02 * profile.height
    if spec.number is not None:
        marks = _number(spec, spec.number, fonts)
        yield from marks
        top = marks[0].centre[1] - marks[0].height / 2 - CLEAR
    for index, text in enumerate(spec.lines):
        line = measure(text, fonts.face(text, spec.language))
        small = 1.0 if index == 0 else 0.62
        marks = _fit_straight(spec, line, top, small, code)
        yield from marks
        top = min(one.centre[1] - one.height / 2 for one in marks) - CLEAR - 0.1


def _number(spec: ImpressionSpec, number: str, fonts: Fonts) -> tuple[Mark, ...]:
    """The number, its digits of the prescribed size and a little above the middle."""
    line = measure(number, fonts.face(number, spec.language, Style.NUMBER))
    scale = min(spec.profile.width / 40, spec.profile.height / 30)
    em = _NUMBER_HEIGHT * scale / line.top
    bounds = [cell.glyph.bounds for cell in line.cells if cell.glyph.bounds]
    condensed = _NUMBER_WIDTH * scale / (max(box[2] - box[0] for box in bounds) * em)
    room = _NUMBER_SPAN * scale * len(number) / _NUMBER_CHARS
    gap = (room - straight_width(line, em, condensed, 0)) / max(len(number) - 1, 1)
    below_baseline = line.bottom * em / 2  # the tail of a Q hangs there
    centre = (0.0, 0.5 * scale + below_baseline)
    return straight("number", line, centre, em, condensed, max(gap, 0.0))


def _fit_straight(
    spec: ImpressionSpec, line: Line, top: float, small: float, code: tuple[Mark, ...]
) -> tuple[Mark, ...]:
    """A straight line below ``top``, as large as it may be."""
    profile = spec.profile
    limit = profile.line_height * small * (1.0 if line.chinese else _LATIN_LINE)
    least = min(_CHINESE_LEAST if line.chinese else _LATIN_LEAST, limit)
    reach = _ring(spec, BORDER_GAP)
    height = limit
    while height >= least - 1e-9:
        em = height / line.tall
        usual = min(profile.line_width * small / em, 1.0) if line.chinese else 1.0
        gap = 0.12 * height if line.chinese else 0.03 * height
        for factor in (1.0, 0.85, 0.72):
            marks = straight("line", line, (0.0, top - height / 2), em, usual * factor, gap)
            if _within(marks, reach) and not any(
                overlap(one.corners(CLEAR), other.corners()) for one in marks for other in code
            ):
                return marks
        height -= _STEP
    raise InvalidInputError(
        f"the line {line.text!r} does not fit below the middle of a seal of {profile.width:g} by "
        f"{profile.height:g} mm: shorten it, leave it out, or choose a larger seal",
        field="impression",
    )


def _within(marks: Sequence[Mark], ring: Ring) -> bool:
    across, up = ring.across - ring.depth, ring.up - ring.depth
    return all((x / across) ** 2 + (y / up) ** 2 <= 1 for one in marks for x, y in one.corners())


def _star_y(radius: float, below: Sequence[Mark]) -> float:
    """The star stands in the middle, or as much higher as the lines below it ask for."""
    if not radius or not below:
        return 0.0
    top = max(one.centre[1] + one.height / 2 for one in below)
    return max(0.0, top + CLEAR + radius * math.cos(math.pi / 5))


def _names(spec: ImpressionSpec, fonts: Fonts) -> list[list[Line]]:
    """The ways to set the name, the best first: on one arc, on two."""
    face = fonts.face(spec.name, spec.language)
    first = measure(spec.name, face)
    if spec.second_name is not None:
        other = fonts.face(spec.second_name, spec.language)
        return [[first, measure(spec.second_name, other)]]
    halves = [[measure(half, face) for half in pair] for pair in _splits(spec.name)]
    return [[first], *halves]


def _splits(name: str) -> list[tuple[str, str]]:
    """Where a long name may be broken: at a blank, or in Chinese anywhere; the best place first."""
    wanted = 0.56 * len(name)
    blanks = [i for i, c in enumerate(name) if c == " "]
    if blanks:
        places = sorted(blanks, key=lambda i: abs(i - wanted))[:3]
        return [(name[:i], name[i + 1 :]) for i in places]
    place = round(wanted)
    return [(name[:place], name[place:])] if min(place, len(name) - place) > 1 else []


def _place_names(
    spec: ImpressionSpec, lines: Sequence[Line], inside: _Inside, *, easy: bool
) -> list[Mark] | None:
    """The lines on arcs one inside the other, as large as may be; ``None``: they do not fit."""
    share = 1.0 if len(lines) == 1 else 0.74
    largest = spec.profile.name_height * share
    chinese = _CHINESE_EASY if easy else _CHINESE_LEAST
    latin = _LATIN_EASY if easy else _LATIN_LEAST
    least = min(chinese if any(line.chinese for line in lines) else latin, largest)
    for narrow in (_SOFT, _HARD):
        height = largest
        while height >= least - 1e-9:
            placed = _at_height(spec, lines, inside, height, narrow)
            if placed is not None:
                return placed
            height -= _STEP
    return None


def _at_height(
    spec: ImpressionSpec, lines: Sequence[Line], inside: _Inside, height: float, narrow: float
) -> list[Mark] | None:
    depth, placed = BORDER_GAP, list[Mark]()
    for number, line in enumerate(lines):
        tall = height * (_INNER if number else 1.0) * (1.0 if line.chinese else _LATIN_SHARE)
        role = "second_name" if number else "name"
        marks = _on_arc(spec, role, line, inside, tall, depth, narrow)
        if marks is None:
            return None
        placed += marks
        depth += tall + CLEAR + 0.2
    return placed


def _on_arc(  # noqa: PLR0913, PLR0917  # what decides on an arc
    spec: ImpressionSpec,
    role: str,
    line: Line,
    inside: _Inside,
    height: float,
    depth: float,
    narrow: float,
) -> list[Mark] | None:
    em = height / line.tall
    widest = max(cell.width for cell in line.cells) * em
    # The outer corners of a letter stand further out than its middle: sink it by so much.
    tightest = (
        min(spec.profile.width, spec.profile.height) ** 2
        / 2
        / max(spec.profile.width, spec.profile.height)
    )
    sunk = tightest - math.sqrt(max(tightest**2 - (widest * _USUAL_CHINESE / 2) ** 2, 0))
    above_feet = 0.0 if spec.profile.outline is Outline.ROUND else _OVAL_TRACK * height
    track = _ring(spec, depth + sunk + height - above_feet)
    if not _ring(spec, depth + sunk + height).possible:
        return None
    room = 2 * _free_length(track, inside, (-above_feet, height - above_feet), widest * narrow)
    fit = _fit(line, em, room, narrow, track.length)
    if fit is None:
        return None
    marks = list(_along(role, line, fit, track, height / 2 - above_feet))
    touching = any(overlap(one.corners(), two.corners()) for one, two in pairwise(marks))
    return None if touching else marks


def _free_length(track: Ring, inside: _Inside, span: tuple[float, float], width: float) -> float:
    """How far from the top, on either side, letters stand clear of what is inside.

    Args:
        track: the curve they are measured on.
        inside: what they keep clear of.
        span: where they begin and end, over the curve.
        width: of the last one.
    """
    end, distance = track.length / 2 * _REACH, 0.0
    probe_at = 0.0
    while probe_at + width / 2 <= end:
        if not inside.clear(*_probe(track, probe_at, span, width)):
            break
        distance = probe_at + width / 2
        probe_at += _SCAN
    return distance


def _probe(
    track: Ring, at: float, span: tuple[float, float], width: float
) -> tuple[Point, list[Point]]:
    """The middle and the corners of a letter at that place."""
    spot, (low, high) = track.at(at), span
    sine, cosine = math.sin(math.radians(spot.turn)), math.cos(math.radians(spot.turn))
    x, y = spot.point
    corners = [
        (x + dx * cosine - dy * sine, y + dx * sine + dy * cosine)
        for dx, dy in ((-width / 2, low), (width / 2, low), (width / 2, high), (-width / 2, high))
    ]
    middle = (low + high) / 2
    return (x - middle * sine, y + middle * cosine), corners


def _fit(line: Line, em: float, room: float, narrow: float, around: float) -> _Fit | None:
    """The widest letters, and then the widest spacing up to the usual, that the room allows."""
    count, natural = len(line.cells), line.width * em
    usual = _USUAL_CHINESE if line.chinese else 1.0
    narrow *= usual if not line.chinese else 1.0
    least_gap = max(0.35, 0.1 * line.tall * em) if line.chinese else 0.06 * em
    condensed = min(usual, (room - (count - 1) * least_gap) / natural)
    if condensed < narrow or (line.chinese and condensed * em * 0.92 < _NARROWEST):
        return None
    if count == 1:
        return _Fit(em, condensed, 0.0)
    # Few letters do not run all around, many come close to it.
    wanted = around * 0.75 * (1 - math.exp(-(count if line.chinese else count * 0.6) / 6.5))
    widest_gap = (1.5 if line.chinese else 0.5) * em * condensed
    gap = (min(wanted, room) - natural * condensed) / (count - 1)
    return _Fit(em, condensed, min(max(gap, least_gap), widest_gap))


def _along(role: str, line: Line, fit: _Fit, track: Ring, above: float) -> Iterator[Mark]:
    """The characters, their middles ``above`` the track."""
    widths = [cell.width * fit.em * fit.condensed for cell in line.cells]
    steps = [(one + two) / 2 + fit.gap for one, two in pairwise(widths)]
    place = -(sum(widths) + fit.gap * (len(widths) - 1)) / 2 + widths[0] / 2
    for cell, step in zip(line.cells, [*steps, 0.0], strict=True):
        spot = track.at(place)
        turn = math.radians(spot.turn + 90)
        centre = (
            spot.point[0] + above * math.cos(turn),
            spot.point[1] + above * math.sin(turn),
        )
        if cell.glyph.bounds is not None:
            yield mark(role, cell, line, centre, spot.turn, fit.em, fit.condensed)
        place += step
