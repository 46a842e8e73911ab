"""Where something stands on a page as it is shown: words, and free areas. By PDFium.

PDFium is not thread-safe: whoever calls it holds its one lock. It is loaded only when it is needed.
"""

from __future__ import annotations

import math
import time
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.pdf.pdfium import opened
from eseal.errors import InvalidInputError, UnsupportedDocumentError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument, PdfPage

MAX_KEYWORD_CHARS: Final = 100
MAX_SEARCHED_PAGES: Final = 2000
"""Pages; at some 2 ms each the search stays within its time."""
MAX_SECONDS: Final = 20.0
"""For one document, looked at between two pages."""
_SCALE: Final = 1.0
"""Pixels in a point of the page looked at for a free area: 72 dots per inch."""
_MAX_PIXELS: Final = 4_000_000
"""A page of a metre square at that resolution is as large as eight million."""
_CELL: Final = 5
"""Pixels in the side of a cell that is free or not: 1.8 mm."""
_CELL_POINTS: Final = _CELL / _SCALE
_NOISE: Final = 14
"""Levels of 255 by which paper may differ from its colour, as on a scan."""
_MARGIN_CELLS: Final = 5
"""Cells kept free at the edge of the page: 9 mm, more than any printer leaves out."""
_CLEAR_CELLS: Final = 1
"""Cells kept free around the impression."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a keyword stands.

    Attributes:
        page: from 0.
        box: left, bottom, right, top in the page's own units.
    """

    page: int
    box: tuple[float, float, float, float]


def find_keyword(
    pdf: bytes, pages: int, keyword: str, order: Callable[[int], Iterable[int]]
) -> Generator[Found, None, None]:
    """Look for a keyword, page after page; places on one page come in reading order.

    The lock is held while the generator is open: take what is needed and close it.

    Args:
        pdf: the document.
        pages: how many it has.
        keyword: what to look for; blanks, width and case make no difference.
        order: which pages to look at, given how many there are.

    Raises:
        InvalidInputError: the keyword is blank or too long.
        UnsupportedDocumentError: PDFium cannot read the document, or it takes too long.
    """
    wanted = _plain(keyword)
    if not wanted or len(keyword) > MAX_KEYWORD_CHARS:
        raise InvalidInputError(
            f"keyword: expected 1 to {MAX_KEYWORD_CHARS} characters that are not blank, "
            f"got {keyword[:MAX_KEYWORD_CHARS]!r}",
            field="keyword",
        )
    deadline = time.monotonic() + MAX_SECONDS
    with _opened(pdf, pages) as document:
        for number, index in enumerate(order(pages)):
            if number == MAX_SEARCHED_PAGES or time.monotonic() > deadline:
                raise UnsupportedDocumentError(
                    f"the search for {keyword!r} ended after {number} pages without result; "
                    "name the page instead",
                    field="keyword",
                )
            with _page(document, index) as page:
                yield from (Found(index, box) for box in _boxes_on(page, wanted))


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
        self._cells = _used_cells(_rendered(pdf, pages, index, shown))
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
        wide, high = (int(side / _CELL_POINTS) + 1 for side in size)
        around = 2 * _CLEAR_CELLS
        place = _lower_right(self._cells, wide + around, high + around)
        if place is None:
            return None
        row, column = place
        right = (column + _CLEAR_CELLS + wide) * _CELL_POINTS
        bottom = (self._rows - row - _CLEAR_CELLS - high) * _CELL_POINTS
        return right - size[0], bottom

    def _covered(
        self, box: tuple[float, float, float, float]
    ) -> Iterator[tuple[int, slice[int, int, None]]]:
        """The rows and columns of cells under a box, as far as they are on the page."""
        x, y, width, height = box
        first = max(0, min(self._columns, int(x / _CELL_POINTS)))
        last = max(first, min(self._columns, math.ceil((x + width) / _CELL_POINTS)))
        top = max(0, self._rows - math.ceil((y + height) / _CELL_POINTS))
        bottom = min(self._rows, self._rows - int(y / _CELL_POINTS))
        for row in range(top, bottom):
            yield row, slice(first, last)


def _rendered(pdf: bytes, pages: int, index: int, shown: tuple[float, float]) -> Image.Image:
    if shown[0] * shown[1] * _SCALE * _SCALE > _MAX_PIXELS:
        raise UnsupportedDocumentError(
            "the page is too large to look for a free area; name the place instead",
            field="document",
        )
    with _opened(pdf, pages) as document, _page(document, index) as page:
        scale = shown[0] * _SCALE / page.get_width()  # PDFium's size may leave the unit out
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
        image: Image.Image = bitmap.to_pil().convert("L")
        return image


@contextmanager
def _opened(pdf: bytes, pages: int) -> Iterator[PdfDocument]:
    with opened(pdf) as document:
        if len(document) != pages:  # or a page found would not be the page that is sealed
            raise UnsupportedDocumentError(
                f"the PDF says it has {pages} pages, and shows {len(document)}",
                field="document",
            )
        yield document


@contextmanager
def _page(document: PdfDocument, index: int) -> Iterator[PdfPage]:
    import pypdfium2

    try:
        page = document[index]
    except (pypdfium2.PdfiumError, IndexError):
        raise UnsupportedDocumentError(
            f"page {index + 1} cannot be shown", field="document"
        ) from None
    try:
        yield page
    finally:
        page.close()


def _boxes_on(page: PdfPage, wanted: str) -> list[tuple[float, float, float, float]]:
    text = page.get_textpage()
    try:
        if wanted not in _plain(text.get_text_range()):
            return []  # cheap; what follows asks for each character
        import pypdfium2.raw as pdfium

        letters: list[str] = []
        origins: list[int] = []
        for index in range(text.count_chars()):
            plain = _plain(chr(pdfium.FPDFText_GetUnicode(text, index)))
            letters.append(plain)
            origins += [index] * len(plain)
        line, found, start = "".join(letters), [], 0
        while (start := line.find(wanted, start)) >= 0:
            end = start + len(wanted)
            found.append(_around(text, sorted(set(origins[start:end]))))
            start = end
        return found
    finally:
        text.close()


def _around(text: Any, indexes: list[int]) -> tuple[float, float, float, float]:
    """The box around characters, as far as they stand in one line."""
    left, bottom, right, top = text.get_charbox(indexes[0])
    for index in indexes[1:]:
        x1, y1, x2, y2 = text.get_charbox(index)
        beside = y1 < top and y2 > bottom
        below = x1 < right and x2 > left
        if not (beside or below):
            break  # the word goes on in the next line
        left, bottom, right, top = min(left, x1), min(bottom, y1), max(right, x2), max(top, y2)
    return left, bottom, right, top


def _plain(text: str) -> str:
    """Text without blanks, marks of width, and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and c.isprintable())


def _used_cells(image: Image.Image) -> list[bytearray]:
    """The page as rows of cells, from the top: 0 for a free one."""
    histogram = image.histogram()
    paper = max(range(256), key=histogram.__getitem__)
    used = image.point([255 * (abs(value - paper) > _NOISE) for value in range(256)])
    columns, rows = image.width // _CELL, image.height // _CELL
    if not (columns and rows):
        return []
    # Rows of cells begin at the bottom, where the area is wanted. The average of a cell's pixels
    # is 0 only if all are: one of 25 makes it 10.
    spare = image.height - rows * _CELL
    cells = used.crop((0, spare, columns * _CELL, image.height)).reduce(_CELL).tobytes()
    return [bytearray(cells[row * columns : (row + 1) * columns]) for row in range(rows)]


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
