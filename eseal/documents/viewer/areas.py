"""Which parts of a page show something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eseal.documents.viewer.opened import opened, page_of

if TYPE_CHECKING:
    from PIL import Image

CELL: Final = 5
"""Points in the side of a cell that is used or not: 1.8 mm."""
_NOISE: Final = 14
"""Levels of 255 by which paper may differ from its colour, as on a scan."""


def used_cells(pdf: bytes, *, pages: int, index: int, width: float) -> list[list[int]]:
    """A page as it is shown, as rows of cells, from the top: 0 for one that shows only paper.

    Paper is what is most frequent on the page.

    Args:
        pdf: the document.
        pages: how many it has.
        index: the page, from 0.
        width: of the page as shown, points.

    Raises:
        UnsupportedDocumentError: PDFium cannot show the page.
    """
    with opened(pdf, pages) as document, page_of(document, index) as page:
        scale = width / page.get_width()  # PDFium's size may leave the unit out
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
        return cells_of(bitmap.to_pil().convert("L"))


def cells_of(image: Image.Image) -> list[list[int]]:
    """Rows of cells of a page drawn with one pixel to the point."""
    histogram = image.histogram()
    paper = max(range(256), key=histogram.__getitem__)
    used = image.point([255 * (abs(value - paper) > _NOISE) for value in range(256)])
    columns, rows = image.width // CELL, image.height // CELL
    if not (columns and rows):
        return []
    # Rows of cells begin at the bottom, where the area is wanted. The average of a cell's pixels
    # is 0 only if all are: one of 25 makes it 10.
    spare = image.height - rows * CELL
    cells = used.crop((0, spare, columns * CELL, image.height)).reduce(CELL).tobytes()
    return [[*cells[row * columns : (row + 1) * columns]] for row in range(rows)]
