"""Where a word stands on the pages, so that a reader sees it."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.viewer.opened import Box, opened, page_of
from eseal.documents.viewer.visible import shown
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MAX_SEARCHED_PAGES: Final = 2000
"""Pages; at some 2 ms each the search stays within its time."""
_LEAST: Final = 3.0
"""Points: smaller letters are read by programs only."""
_APART: Final = 6
"""Letters' sizes between two letters of a word; wide blanks between two signs take four."""

_NO_LETTER: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a word stands.

    Attributes:
        places: pages from 0, and boxes; those on one page in reading order.
        unseen: how often it stands where no reader sees it: invisible, covered, tiny, cut off or
            off the page.
    """

    places: list[tuple[int, Box]]
    unseen: int


def find_words(pdf: bytes, *, pages: int, keyword: str, backwards: bool, most: int | None) -> Found:
    """Look for a word, page after page.

    Args:
        pdf: the document.
        pages: how many it has.
        keyword: what to look for; blanks, width and case make no difference.
        backwards: from the last page to the first; ends with the first page on which it is seen.
        most: ends with so many places.

    Raises:
        UnsupportedDocumentError: PDFium cannot read the document, or it is too long.
    """
    wanted, found, unseen = plain(keyword), list[tuple[int, Box]](), 0
    with opened(pdf, pages) as document:
        for number in range(pages):
            if number == MAX_SEARCHED_PAGES:
                raise UnsupportedDocumentError(
                    f"the search for {keyword!r} ended after {number} pages without result; "
                    "name the page instead",
                    field="keyword",
                )
            index = pages - 1 - number if backwards else number
            with page_of(document, index) as page:
                boxes = _boxes_on(page, wanted)
                seen = shown(page, boxes) if boxes else []
            found += ((index, box) for box, is_seen in zip(boxes, seen, strict=True) if is_seen)
            unseen += seen.count(False)
            if (backwards and found) or (most is not None and len(found) >= most):
                break
    return Found(found[:most], unseen)


def letters_of(pdf: bytes, *, pages: int, index: int) -> list[tuple[str, Box]]:
    """The letters of a page without blanks, width and case, and the room each font gives them.

    Args:
        pdf: the document.
        pages: how many it has.
        index: the page, from 0.

    Raises:
        UnsupportedDocumentError: PDFium cannot read the document.
    """
    with opened(pdf, pages) as document, page_of(document, index) as page:
        text = page.get_textpage()
        try:
            return [
                (letter, text.get_charbox(number, loose=True))
                for number, letter in enumerate(_letters(text))
                if letter
            ]
        finally:
            text.close()


def plain(text: str) -> str:
    """Text without blanks, marks of width, and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and c.isprintable())


def _boxes_on(page: PdfPage, wanted: str) -> list[Box]:
    """Where a word stands on a page, whether or not it is seen; an empty box where it is tiny."""
    text = page.get_textpage()
    try:
        if wanted not in plain(text.get_text_range()):
            return []  # cheap; what follows asks for each character
        letters = list(_letters(text))
        origins = [index for index, letter in enumerate(letters) for _ in letter]
        line, found, start = "".join(letters), list[Box](), 0
        while (start := line.find(wanted, start)) >= 0:
            end = start + len(wanted)
            box = _around(text, sorted(set(origins[start:end])))
            found += [] if box is None else [box]
            start = end
        return found
    finally:
        text.close()


def _letters(text: Any) -> Iterator[str]:
    """Each character of a page, plain; several letters where it is a ligature."""
    import pypdfium2.raw as pdfium

    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        yield plain(chr(code) if code <= sys.maxunicode else _NO_LETTER)  # fonts may say anything


def _around(text: Any, indexes: list[int]) -> Box | None:
    """The box around characters, as far as they stand in one line; ``None`` if far apart."""
    size = max(_size(text, index) for index in indexes)
    left, bottom, right, top = text.get_charbox(indexes[0])
    if size < _LEAST:
        return left, bottom, left, bottom
    for index in indexes[1:]:
        x1, y1, x2, y2 = text.get_charbox(index)
        beside = y1 < top and y2 > bottom
        below = x1 < right and x2 > left
        if beside and max(x1 - right, left - x2) > _APART * size:
            return None
        if not (beside or below):
            break  # the word goes on in the next line
        left, bottom, right, top = min(left, x1), min(bottom, y1), max(right, x2), max(top, y2)
    return left, bottom, right, top


def _size(text: Any, index: int) -> float:
    """The size of a letter in points: the longer side of the room its font gives it."""
    left, bottom, right, top = text.get_charbox(index, loose=True)
    longer: float = max(right - left, top - bottom)
    return longer
