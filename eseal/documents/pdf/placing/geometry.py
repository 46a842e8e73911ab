"""Where a visible seal goes on a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.file.objects import Objects
from eseal.documents.pdf.file.values import Ref
from eseal.errors import InvalidFormatError, InvalidInputError, UnsupportedDocumentError

_MAX_UNIT: Final = 10_000.0
"""Points: a page of the largest size ISO 32000-1 annex C allows is then 50 km wide."""
MAX_PAGES: Final = 10_000
_MAX_PARENTS: Final = 64
"""A balanced tree of a million pages is 10 deep."""
_CORNERS: Final = 4
_FULL_TURN: Final = 360
_QUARTER: Final = 90


_ROUNDING: Final = 0.01
"""Points: a box that touches the edge of the page is on it, whatever its sum was rounded to."""


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """The visible part of a page in its own coordinates, and how it is shown.

    Attributes:
        left: units of the page, as are ``bottom``, ``right`` and ``top``.
        rotation: 0, 90, 180 or 270 degrees clockwise.
        unit: points in a unit of the page (ISO 32000-1 table 30, ``/UserUnit``).
    """

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    unit: float = 1.0

    @property
    def shown_size(self) -> tuple[float, float]:
        """Width and height of the page as a reader sees it, in points."""
        width, height = (self.right - self.left) * self.unit, (self.top - self.bottom) * self.unit
        return (height, width) if self.rotation % (2 * _QUARTER) else (width, height)

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """What turns points of the page as shown, from its lower left, into its coordinates."""
        scale = 1 / self.unit
        match self.rotation:
            case 90:
                return 0, scale, -scale, 0, self.right, self.bottom
            case 180:
                return -scale, 0, 0, -scale, self.right, self.top
            case 270:
                return 0, -scale, scale, 0, self.left, self.top
            case _:
                return scale, 0, 0, scale, self.left, self.bottom

    def rectangle(
        self, x: float, y: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """The page coordinates of a box given as it is shown.

        Args:
            x: points from the left edge of the page as shown to the box.
            y: points from the bottom edge of the page as shown to the box.
            width: points.
            height: points.

        Returns:
            Left, bottom, right, top in the page's own coordinates.
        """
        ax, ay = self._point(x, y)
        bx, by = self._point(x + width, y + height)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def shown(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[float, float, float, float]:
        """The reverse of :meth:`rectangle`: x, y, width, height in points as shown."""
        a, b, c, d, e, f = self.matrix
        square = self.unit * self.unit  # over the determinant, which is 1 / unit ** 2
        corners = [
            ((d * (x - e) - c * (y - f)) * square, (a * (y - f) - b * (x - e)) * square)
            for x, y in ((left, bottom), (right, top))
        ]
        (ax, ay), (bx, by) = corners
        return min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.matrix
        return a * x + c * y + e, b * x + d * y + f


def pages_of(objects: Objects) -> tuple[Ref, ...]:
    """References to the pages, in order; what was examined has a page tree as it should be.

    Raises:
        InvalidFormatError: it has not.
    """
    root = objects.catalog.get("Pages")
    waiting, found = [root], list[Ref]()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, Ref) or len(found) + len(waiting) > MAX_PAGES:
            raise InvalidFormatError("expected a tree of pages")
        node = objects.dictionary(item)
        if "Kids" in node:
            waiting += reversed(objects.array(node["Kids"]))
        else:
            found.append(item)
    return tuple(found)


def inherited(objects: Objects, page: dict[str, Any], key: str) -> Any:
    """An entry of a page, or of its nearest ancestor that has it; ``None`` if none has.

    Raises:
        InvalidFormatError: the page tree is too deep.
    """
    node = page
    for _ in range(_MAX_PARENTS):
        if key in node:
            return objects.value(node[key])
        if "Parent" not in node:
            return None
        node = objects.dictionary(node["Parent"])
    raise InvalidFormatError("the page tree is too deep")


def geometry(objects: Objects, page: Ref) -> PageGeometry:
    """The geometry of a page (ISO 32000-1 section 7.7.3.3: entries may be inherited).

    What is shown is the part of the crop box that lies in the media box (section 14.11.2).

    Raises:
        UnsupportedDocumentError: the page has no usable media box, rotation or unit.
        InvalidFormatError: it is no page, or the page tree is too deep.
    """
    node = objects.dictionary(page)
    rotation = inherited(objects, node, "Rotate") or 0
    if type(rotation) is not int or rotation % _QUARTER:
        raise UnsupportedDocumentError(f"expected a page turned by quarters, got {rotation}")
    unit = objects.value(node.get("UserUnit"))
    points = 1.0 if unit is None else _number(unit)
    if not 0 < points <= _MAX_UNIT:
        raise UnsupportedDocumentError(f"expected a unit above 0, got {unit}", field="document")
    media = box_of(objects, inherited(objects, node, "MediaBox"))
    if media is None:
        raise UnsupportedDocumentError("the page has no media box", field="document")
    if media[0] == media[2] or media[1] == media[3]:
        raise UnsupportedDocumentError("the page's media box is empty", field="document")
    crop = box_of(objects, inherited(objects, node, "CropBox"))
    left, bottom, right, top = _common(media, crop)
    return PageGeometry(left, bottom, right, top, rotation % _FULL_TURN, points)


def annotation_boxes(objects: Objects, page: Ref) -> list[tuple[float, float, float, float]]:
    """The rectangles of a page's annotations, in its own units: fields may look like paper."""
    annotations = objects.array(objects.dictionary(page).get("Annots"))
    boxes = [box_of(objects, objects.dictionary(item).get("Rect")) for item in annotations]
    return [box for box in boxes if box is not None]


def on_page(page: PageGeometry, box: tuple[float, float, float, float]) -> bool:
    """Whether a box, x, y, width and height in points as shown, lies on the page."""
    x, y, width, height = box
    shown_width, shown_height = page.shown_size
    return min(x, y, shown_width - x - width, shown_height - y - height) >= -_ROUNDING


def check_on_page(  # noqa: PLR0913  # a box, and which choice it was
    page: PageGeometry,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    option: str = "placement",
) -> None:
    """Check that a box, in points as shown, lies on the page.

    Raises:
        InvalidInputError: it has no size, or part of it is off the page.
    """
    shown_width, shown_height = page.shown_size
    if not (width > 0 and height > 0 and on_page(page, (x, y, width, height))):
        raise InvalidInputError(
            f"{option}: expected a box on the page of {shown_width / POINTS_PER_MM:.0f} x "
            f"{shown_height / POINTS_PER_MM:.0f} mm, got {width / POINTS_PER_MM:g} x "
            f"{height / POINTS_PER_MM:g} mm at {x / POINTS_PER_MM:g}, {y / POINTS_PER_MM:g}",
            field=option,
        )


def box_of(objects: Objects, value: Any) -> tuple[float, float, float, float] | None:
    """A rectangle, its lower left corner first; ``None`` if it is none."""
    value = objects.value(value)
    if not isinstance(value, list) or len(value) != _CORNERS:
        return None
    x1, y1, x2, y2 = (_number(objects.value(corner)) for corner in value)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _common(
    media: tuple[float, float, float, float], crop: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float]:
    """The part of the crop box inside the media box; without any, the media box."""
    if crop is None:
        return media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _number(value: object) -> float:
    """A finite number.

    Raises:
        UnsupportedDocumentError: it is none.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | Decimal)
        or not math.isfinite(value)
    ):
        raise UnsupportedDocumentError(
            f"expected a number in a page's boxes, got {type(value).__name__}", field="document"
        )
    return float(value)
