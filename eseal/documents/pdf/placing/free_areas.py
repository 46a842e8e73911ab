"""Where a page, as it is shown, is free."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from eseal.documents.viewer.areas import CELL, used_cells
from eseal.errors import UnsupportedDocumentError

_MAX_POINTS: Final = 4_000_000
"""Of a page's area, in square points; one of a metre square is twice as large."""
_MARGIN_CELLS: Final = 5
"""Cells kept free at the edge of the page: 9 mm, more than any printer leaves out."""
_CLEAR_CELLS: Final = 1
"""Cells kept free around the impression."""


class FreeMap:
    """Which parts of a page, as it is shown, are empty.

    Empty is what shows nothing but the paper's colour, the most frequent on the page, and is no
    annotation: an empty form field looks like paper.
    """

    def __init__(
        self,
        pdf: bytes,
        pages: int,
        index: int,
        taken: Sequence[tuple[float, float, float, float]],
        shown: tuple[float, float],
    ) -> None:
        """Look at a page.

        Args:
            pdf: the document.
            pages: how many it has.
            index: the page, from 0.
            taken: boxes that are not free: x, y, width, height in points as shown.
            shown: width and height of the page as shown, points.

        Raises:
            UnsupportedDocumentError: PDFium cannot show the page, or it is too large.
        """
        self._size = shown
        self._cells = _used_cells(pdf, pages, index, shown)
        self._rows = len(self._cells)
        self._columns = len(self._cells[0]) if self._cells else 0
        for box in taken:
            for row, columns in self._covered(box):
                self._cells[row][columns] = b"\1" * (columns.stop - columns.start)

    def is_free(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a box, x, y, width and height in points as shown, is empty and on the page."""
        x, y, width, height = box
        if min(x, y, self._size[0] - x - width, self._size[1] - y - height) < 0:
            return False
        return not any(any(self._cells[row][columns]) for row, columns in self._covered(box))

    def lower_right(self, size: tuple[float, float]) -> tuple[float, float] | None:
        """The lower left corner of an empty area, as far to the lower right as there is one.

        Args:
            size: width and height of the area, points.

        Returns:
            Points from the left and bottom edge of the page, or ``None``.
        """
        # One cell is lost where the area does not start on a cell's edge.
        wide, high = (int(side / CELL) + 1 for side in size)
        around = 2 * _CLEAR_CELLS
        place = _lower_right(self._cells, wide + around, high + around)
        if place is None:
            return None
        row, column = place
        right = (column + _CLEAR_CELLS + wide) * CELL
        bottom = (self._rows - row - _CLEAR_CELLS - high) * CELL
        return right - size[0], bottom

    def _covered(
        self, box: tuple[float, float, float, float]
    ) -> Iterator[tuple[int, slice[int, int, None]]]:
        """The rows and columns of cells under a box, as far as they are on the page."""
        x, y, width, height = box
        first = max(0, min(self._columns, int(x / CELL)))
        last = max(first, min(self._columns, math.ceil((x + width) / CELL)))
        top = max(0, self._rows - math.ceil((y + height) / CELL))
        bottom = min(self._rows, self._rows - int(y / CELL))
        for row in range(top, bottom):
            yield row, slice(first, last)


def _used_cells(pdf: bytes, pages: int, index: int, shown: tuple[float, float]) -> list[bytearray]:
    if shown[0] * shown[1] > _MAX_POINTS:
        raise UnsupportedDocumentError(
            "the page is too large to look for a free area; name the place instead",
            field="document",
        )
    rows = used_cells(pdf, pages=pages, index=index, width=shown[0])
    return [bytearray(row) for row in rows]


def _lower_right(cells: list[bytearray], wide: int, high: int) -> tuple[int, int] | None:
    """Top row and left column of the free block nearest to the lower right corner."""
    rows, columns = len(cells), len(cells[0]) if cells else 0
    sums = [[0] * (columns + 1)]
    for line in cells:
        above, total, here = sums[-1], 0, [0]
        for column, used in enumerate(line):
            total += used
            here.append(above[column + 1] + total)
        sums.append(here)
    last_row, last_column = rows - _MARGIN_CELLS - high, columns - _MARGIN_CELLS - wide
    best: tuple[int, int, int] | None = None
    for row in range(last_row, _MARGIN_CELLS - 1, -1):
        top, bottom = sums[row], sums[row + high]
        for column in range(last_column, _MARGIN_CELLS - 1, -1):
            away = (last_row - row) ** 2 + (last_column - column) ** 2
            if best is not None and away >= best[0]:
                break
            end = column + wide
            if bottom[end] - top[end] - bottom[column] + top[column] == 0:
                best = (away, row, column)
                break
    return None if best is None else best[1:]
