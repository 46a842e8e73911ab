"""A part of a page as it is drawn, not turned: so boxes of the page lie straight on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from eseal.documents.viewer.opened import Box

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfPage

_MAX_PIXELS: Final = 8_000_000


def clipped(box: Box, bounds: Box) -> Box | None:
    """What of a box lies within bounds; nothing if it has no size, or is not a number."""
    left, bottom = max(bounds[0], box[0]), max(bounds[1], box[1])
    right, top = min(bounds[2], box[2]), min(bounds[3], box[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around some, at least one."""
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


def scale_of(area: Box, scale: float) -> float:
    """Pixels in a point: as many as wanted, fewer for a large area."""
    left, bottom, right, top = area
    return min(scale, math.sqrt(_MAX_PIXELS / max(1.0, (right - left) * (top - bottom))))


def drawn_part(
    page: PdfPage, area: Box, *, scale: float, annotations: bool, grey: bool = True
) -> Image.Image:
    """A part of a page.

    Args:
        page: the page.
        area: the part, in the page's own units; what of it lies off the page is left out.
        scale: pixels in a point.
        annotations: whether to draw annotations and fields.
        grey: whether shades of grey are enough.
    """
    left, bottom, right, top = page.get_bbox()
    turned = page.get_rotation()
    page.set_rotation(0)
    try:
        sides = (area[0] - left, area[1] - bottom, right - area[2], top - area[3])
        bitmap = page.render(
            scale=scale,
            crop=tuple(max(0.0, side) for side in sides),
            may_draw_forms=annotations,
            draw_annots=annotations,
            grayscale=grey,
        )
        image: Image.Image = bitmap.to_pil().convert("L" if grey else "RGB")
        return image
    finally:
        page.set_rotation(turned)
