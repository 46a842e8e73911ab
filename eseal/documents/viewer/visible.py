"""Whether something is seen in a place of a page: judged by its pixels.

A word that is invisible, as white as its paper, cut off, covered, or off the page has no pixels of
its own; neither has an empty place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from eseal.documents.viewer.opened import Box, opened, page_of
from eseal.documents.viewer.upright import around, clipped, drawn_part, scale_of
from eseal.excerpts import printable

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfPage

_SCALE: Final = 1.0
"""Pixels in a point: letters of four points are still no even grey."""
_SHADE: Final = 14
"""Levels of 255 by which what is written differs from its ground."""
_NOISE: Final = 28
"""Levels of 255 by which paper may differ, as on a scan: 14 to both sides of its colour."""
_EDGE: Final = 1.0
"""Points by which the box of a word may stand over the edge of a page."""
_MAX_TOLD: Final = 60
"""Characters of what stands in a place."""


def shown(page: PdfPage, boxes: Sequence[Box], shade: int = _SHADE) -> list[bool]:
    """Which of some places lie on a page and show more than one colour.

    Args:
        page: the page.
        boxes: places, in the page's own units.
        shade: levels of 255 by which one colour may differ.
    """
    left, bottom, right, top = bounds = page.get_bbox()
    grown = (left - _EDGE, bottom - _EDGE, right + _EDGE, top + _EDGE)
    there = [clipped(box, bounds) if clipped(box, grown) == box else None for box in boxes]
    inside = [box for box in there if box is not None]
    if not inside:
        return [False] * len(boxes)
    area = around(inside)
    scale = scale_of(area, _SCALE)
    drawn = drawn_part(page, area, scale=scale, annotations=True, grey=False)
    return [box is not None and _spread(drawn, box, area, scale) > shade for box in there]


def beneath(pdf: bytes, *, pages: int, index: int, box: Box) -> str | None:
    """The text that stands in a place of a page; ``""`` if only something drawn does.

    Args:
        pdf: the document.
        pages: how many it has.
        index: the page, from 0.
        box: the place, in the page's own units.

    Returns:
        The beginning of the text; ``None`` of a place that shows nothing but its ground.

    Raises:
        UnsupportedDocumentError: PDFium cannot show the page.
    """
    with opened(pdf, pages) as document, page_of(document, index) as page:
        (seen,) = shown(page, [box], _NOISE)
        if not seen:
            return None
        text = page.get_textpage()
        try:
            words = text.get_text_bounded(*box)
        finally:
            text.close()
    told = " ".join(words.split())
    return printable(told, "")[:_MAX_TOLD]


def _spread(drawn: Image.Image, box: Box, area: Box, scale: float) -> int:
    """Levels between the darkest and the lightest pixel of a box, in the colour that has most."""
    across = _pixels(box[0] - area[0], box[2] - area[0], scale, drawn.width)
    down = _pixels(area[3] - box[3], area[3] - box[1], scale, drawn.height)
    part = drawn.crop((across[0], down[0], across[1], down[1]))
    histograms = [band.histogram() for band in part.split()]
    levels = [[level for level, count in enumerate(each) if count] for each in histograms]
    return max(each[-1] - each[0] for each in levels)


def _pixels(start: float, end: float, scale: float, size: int) -> tuple[int, int]:
    """The pixels of a side, at least one, of so many that were drawn."""
    first = min(round(start * scale), size - 1)
    return first, max(first + 1, min(round(end * scale), size))
