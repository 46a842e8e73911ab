"""The curve text runs along: parallel to a round or oval border, measured by its length."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

from eseal.documents.impressions.drawing.paths import Point

_STEPS: Final = 720
"""Pieces a curve is measured in: on the largest seal a piece is 0.4 mm, its error some µm."""
_ROOM_TO_BEND: Final = 0.85
"""Share of the smallest radius of curvature that a parallel curve may go inwards."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a curve.

    Attributes:
        point: where it is; the seal's middle is (0, 0).
        turn: degrees anticlockwise that letters standing there, feet inwards, are turned.
    """

    point: Point
    turn: float


@dataclass(frozen=True, slots=True)
class Ring:
    """The curve ``depth`` inside an ellipse, at the same distance everywhere.

    Places on it are given by their distance from its top, clockwise, in millimetres.

    Attributes:
        across: the ellipse's horizontal semi-axis.
        up: its vertical one; the same for a circle.
        depth: how far inside it the curve runs.
    """

    across: float
    up: float
    depth: float

    @property
    def possible(self) -> bool:
        """Whether the curve is smooth: not so deep inside that it would cross itself."""
        long, short = max(self.across, self.up), min(self.across, self.up)
        return self.depth < short**2 / long * _ROOM_TO_BEND

    @property
    def length(self) -> float:
        """The way all around."""
        return _lengths(self)[-1]

    def at(self, distance: float) -> Spot:
        """The place ``distance`` from the top, clockwise; to the left of it if negative."""
        lengths = _lengths(self)
        wanted = distance % lengths[-1]
        step = max(bisect.bisect_right(lengths, wanted) - 1, 0)
        step = min(step, _STEPS - 1)
        rest = (wanted - lengths[step]) / (lengths[step + 1] - lengths[step])
        return self._spot((step + rest) * 2 * math.pi / _STEPS)

    def _spot(self, angle: float) -> Spot:
        # Clockwise from the top: x = a sin t, y = b cos t; its normal is (b sin t, a cos t).
        sine, cosine = math.sin(angle), math.cos(angle)
        norm = math.hypot(self.up * sine, self.across * cosine)
        out = (self.up * sine / norm, self.across * cosine / norm)
        point = (
            self.across * sine - self.depth * out[0],
            self.up * cosine - self.depth * out[1],
        )
        return Spot(point, math.degrees(math.atan2(-out[0], out[1])))


@lru_cache(maxsize=256)
def _lengths(ring: Ring) -> tuple[float, ...]:
    points = [ring._spot(step * 2 * math.pi / _STEPS).point for step in range(_STEPS + 1)]  # noqa: SLF001  # its own module
    return (0.0, *accumulate(math.dist(one, two) for one, two in pairwise(points)))
