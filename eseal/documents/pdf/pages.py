"""Where a visible seal goes on a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.objects import entry
from eseal.errors import InvalidInputError, UnsupportedDocumentError

_MAX_TREE_DEPTH: Final = 64
"""A page tree balanced as the standard suggests is 10 deep for a million pages."""
_FULL_TURN: Final = 360
_QUARTER: Final = 90


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """The visible part of a page in its own coordinates, and the clockwise turn it is shown at.

    Attributes:
        left: points, as are ``bottom``, ``right`` and ``top``.
        rotation: 0, 90, 180 or 270 degrees.
    """

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def shown_size(self) -> tuple[float, float]:
        """Width and height of the page as a reader sees it, in points."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation % (2 * _QUARTER) else (width, height)

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

    def _point(self, x: float, y: float) -> tuple[float, float]:
        match self.rotation:
            case 90:
                return self.right - y, self.bottom + x
            case 180:
                return self.right - x, self.top - y
            case 270:
                return self.left + y, self.top - x
            case _:
                return self.left + x, self.bottom + y


def geometry(page: generic.DictionaryObject) -> PageGeometry:
    """The geometry of a page (ISO 32000-1 section 7.7.3.3: entries may be inherited).

    Raises:
        UnsupportedDocumentError: the page has no usable media box or rotation.
        PdfReadError: the page tree is too deep.
    """
    rotation = _inherited(page, "/Rotate") or 0
    box = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox")
    if not isinstance(rotation, int) or rotation % _QUARTER:
        raise UnsupportedDocumentError(f"expected a page turned by quarters, got {rotation}")
    if not isinstance(box, generic.ArrayObject) or len(box) != 4:  # noqa: PLR2004  corners
        raise UnsupportedDocumentError("the page has no media box", field="document")
    x1, y1, x2, y2 = (float(corner) for corner in box)
    if not all(map(math.isfinite, (x1, y1, x2, y2))) or x1 == x2 or y1 == y2:
        raise UnsupportedDocumentError("the page's media box is empty", field="document")
    return PageGeometry(
        left=min(x1, x2),
        bottom=min(y1, y2),
        right=max(x1, x2),
        top=max(y1, y2),
        rotation=rotation % _FULL_TURN,
    )


def check_on_page(page: PageGeometry, x: float, y: float, width: float, height: float) -> None:
    """Check that a box, in points as shown, lies on the page.

    Raises:
        InvalidInputError: it has no size, or part of it is off the page.
    """
    shown_width, shown_height = page.shown_size
    inside = x >= 0 and y >= 0 and x + width <= shown_width and y + height <= shown_height
    if not (width > 0 and height > 0 and inside):
        raise InvalidInputError(
            f"visible: expected a box on the page of {shown_width / POINTS_PER_MM:.0f} x "
            f"{shown_height / POINTS_PER_MM:.0f} mm, got {width / POINTS_PER_MM:g} x "
            f"{height / POINTS_PER_MM:g} mm at {x / POINTS_PER_MM:g}, {y / POINTS_PER_MM:g}",
            field="visible",
        )


def _inherited(node: generic.DictionaryObject, key: str) -> object:
    current: object = node
    for _ in range(_MAX_TREE_DEPTH):
        if not isinstance(current, generic.DictionaryObject):
            return None
        value = entry(current, key)
        if value is not None:
            return value
        current = entry(current, "/Parent")
    raise PdfReadError("the page tree is too deep")
