"""A part of a page as it is drawn, not turned: so boxes of the page lie straight on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.viewer.opened import Box

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfPage

_MAX_PIXELS: Final = 8_000_000
_PAPER: Final = (255, 255, 255, 255)


def clipped(box: Box, bounds: Box) -> Box | None:
    """What of a box lies within bounds; nothing if it has no size, or is not a number."""
    left, bottom = max(bounds[0], box[0]), max(bounds[1], box[1])
    right, top = min(bounds[2], box[2]), min(bounds[3], box[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes have in common over the smaller one's."""
    common = clipped(one, other)
    if common is None:
        return 0.0
    smaller = min(_area(one), _area(other))
    return _area(common) / smaller if smaller > 0 else 1.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


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
    with _upright(page, area) as crop:
        bitmap = page.render(
            scale=scale,
            crop=crop,
            may_draw_forms=annotations,
            draw_annots=annotations,
            grayscale=grey,
        )
        image: Image.Image = bitmap.to_pil().convert("L" if grey else "RGB")
        return image


def drawn_while(page: PdfPage, area: Box, scale: float, check: Callable[[], None]) -> Image.Image:
    """The same in grey without annotations, as long as nobody objects.

    Args:
        page: the page.
        area: the part, in the page's own units.
        scale: pixels in a point.
        check: is called before and after, and after each hundred things that are drawn. If it
            raises, no more is drawn.
    """
    from pypdfium2 import PdfBitmap, raw

    objections = list[Exception]()

    def objects(_: Any) -> bool:
        try:
            check()
        except Exception as error:  # noqa: BLE001  PDFium lets none through
            objections.append(error)
        return bool(objections)

    pause = raw.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(objects)
    check()
    with _upright(page, area) as crop:
        sides = [math.ceil(side * scale) for side in crop]
        width, height = (math.ceil(side * scale) for side in (page.get_width(), page.get_height()))
        bitmap = PdfBitmap.new_native(
            width - sides[0] - sides[2], height - sides[1] - sides[3], raw.FPDFBitmap_Gray
        )
        bitmap.fill_rect(_PAPER, 0, 0, bitmap.width, bitmap.height)
        place = -sides[0], -sides[3], width, height, 0
        raw.FPDF_RenderPageBitmap_Start(bitmap, page, *place, raw.FPDF_GRAYSCALE, pause)
        raw.FPDF_RenderPage_Close(page)
    if not objections:
        check()
    for objection in objections:
        raise objection
    image: Image.Image = bitmap.to_pil()
    return image


@contextmanager
def _upright(page: PdfPage, area: Box) -> Iterator[tuple[float, float, float, float]]:
    """Turn a page so that it lies straight; what is left, below, right and above of an area."""
    left, bottom, right, top = page.get_bbox()
    turned = page.get_rotation()
    page.set_rotation(0)
    try:
        yield (
            max(0.0, area[0] - left),
            max(0.0, area[1] - bottom),
            max(0.0, right - area[2]),
            max(0.0, top - area[3]),
        )
    finally:
        page.set_rotation(turned)
