"""Convex outlines: whether two overlap, how far a point is from one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eseal.documents.impressions.drawing.paths import Point


def overlap(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two convex outlines share more than an edge (separating axis theorem)."""
    return not any(_separates(axis, one, other) for axis in (*_axes(one), *_axes(other)))


def distance(point: Point, corners: Sequence[Point]) -> float:
    """From a point to a convex outline; 0 inside it."""
    following = [*corners[1:], corners[0]]
    sides = list(zip(corners, following, strict=True))
    turns = [
        (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) for a, b in sides
    ]
    if all(turn >= 0 for turn in turns):
        return 0.0
    return min(_to_side(point, a, b) for a, b in sides)


def _axes(corners: Sequence[Point]) -> list[Point]:
    following = [*corners[1:], corners[0]]
    return [(b[1] - a[1], a[0] - b[0]) for a, b in zip(corners, following, strict=True)]


def _separates(axis: Point, one: Sequence[Point], other: Sequence[Point]) -> bool:
    first = [axis[0] * x + axis[1] * y for x, y in one]
    second = [axis[0] * x + axis[1] * y for x, y in other]
    slack = 1e-9
    return max(first) <= min(second) + slack or max(second) <= min(first) + slack


def _to_side(point: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b) ** 2
    along = 0.0
    if length:
        along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length
    along = min(max(along, 0.0), 1.0)
    return math.dist(point, (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))
