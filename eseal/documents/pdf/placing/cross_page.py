"""Cutting one impression into the slices of a cross-page seal (骑缝章).

Fan out a stack of sheets so that each shows a strip of its right edge, and press one seal over the
strips: the uppermost sheet has the leftmost slice. At the left edge it is the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from eseal.documents.pdf.placing.options import CrossPage, Edge
from eseal.errors import InvalidInputError

_LEAST: Final = 2
"""Pages an impression must run across to bind them."""
_MAX_FIRST: Final = 20.0
"""Times as wide: beyond it the other slices are threads."""
_FIELD: Final = "cross_page"


@dataclass(frozen=True, slots=True)
class Slice:
    """One page's part of an impression.

    Attributes:
        page: from 0.
        edge: the edge of the page it lies at.
        start: millimetres from the impression's left side to the slice's.
        end: millimetres from the impression's left side to the slice's right side.
    """

    page: int
    edge: Edge
    start: float
    end: float


def slices(pages: Sequence[int], width: float, options: CrossPage) -> list[Slice]:
    """The slices of an impression over pages; those of one group make up the whole impression.

    Args:
        pages: the pages, from 0, in order.
        width: of the impression, millimetres.
        options: how it is cut.

    Raises:
        InvalidInputError: too few pages, or options that cannot be used.
    """
    _check(options)
    other = Edge.LEFT if options.edge is Edge.RIGHT else Edge.RIGHT
    if not options.double_sided:
        faces = [(options.edge, list(pages), options.edge is Edge.LEFT)]
    else:
        # Turned over, the stack's last sheet lies on top, so even pages run the other way.
        odd = [page for page in pages if page % 2 == 0]
        even = [page for page in pages if page % 2]
        faces = [(options.edge, odd, options.edge is Edge.LEFT)]
        if len(even) >= _LEAST:
            faces.append((other, even, other is Edge.RIGHT))
    if len(faces[0][1]) < _LEAST:
        what = "sheets (odd pages)" if options.double_sided else "pages"
        raise InvalidInputError(
            f"cross-page seal: expected at least {_LEAST} {what} to run across, "
            f"got {len(faces[0][1])}",
            field=_FIELD,
        )
    found: list[Slice] = []
    for edge, face, backwards in faces:
        for group in _groups(face, width, options):
            found += _cut(group, edge, width, options.first, backwards=backwards)
    return sorted(found, key=lambda slice_: slice_.page)


def _check(options: CrossPage) -> None:
    if not 1 <= options.first <= _MAX_FIRST:
        raise _wrong(f"a first slice 1 to {_MAX_FIRST:g} times as wide", options.first)
    if options.group is not None and options.group < _LEAST:
        raise _wrong(f"groups of at least {_LEAST} pages", options.group)
    if not (math.isfinite(options.min_slice) and options.min_slice > 0):
        raise _wrong("a least width of slices above 0 mm", options.min_slice)
    if not 0 <= options.share <= 1:
        raise _wrong("a height from 0 (bottom) to 1 (top)", options.share)


def _wrong(expected: str, got: float) -> InvalidInputError:
    return InvalidInputError(f"cross-page seal: expected {expected}, got {got:g}", field=_FIELD)


def _groups(pages: list[int], width: float, options: CrossPage) -> list[list[int]]:
    """Pages that share an impression: groups as even as can be, none of a single page."""
    # n slices, the first ``first`` times as wide: the others have width / (n - 1 + first).
    most = math.floor(width / options.min_slice + 1e-9) - (math.ceil(options.first) - 1)
    if most < _LEAST:
        raise InvalidInputError(
            f"cross-page seal: an impression {width:g} mm wide cannot be cut into slices of "
            f"{options.min_slice:g} mm or more",
            field=_FIELD,
        )
    if options.group is not None:
        most = min(most, options.group)
    count = min(math.ceil(len(pages) / most), len(pages) // _LEAST)
    bounds = [len(pages) * number // count for number in range(count + 1)]
    return [pages[start:end] for start, end in pairwise(bounds)]


def _cut(
    pages: list[int], edge: Edge, width: float, first: float, *, backwards: bool
) -> list[Slice]:
    unit = width / (len(pages) - 1 + first)
    edges = [0.0, *accumulate([first * unit] + [unit] * (len(pages) - 1))]
    edges[-1] = width  # whatever the sum was rounded to: no hair of the impression is lost
    if backwards:
        return [
            Slice(page, edge, width - end, width - start)
            for page, (start, end) in zip(pages, pairwise(edges), strict=True)
        ]
    return [
        Slice(page, edge, start, end)
        for page, (start, end) in zip(pages, pairwise(edges), strict=True)
    ]
