"""Where a word stands on the pages."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.viewer.opened import Box, opened, page_of
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MAX_SEARCHED_PAGES: Final = 2000
"""Pages; at some 2 ms each the search stays within its time."""


def find_words(
    pdf: bytes, *, pages: int, keyword: str, backwards: bool, most: int | None
) -> list[tuple[int, Box]]:
    """Look for a word, page after page; places on one page come in reading order.

    Args:
        pdf: the document.
        pages: how many it has.
        keyword: what to look for; blanks, width and case make no difference.
        backwards: from the last page to the first; ends with the first page on which it stands.
        most: ends with so many places.

    Returns:
        Pages from 0, and boxes.

    Raises:
        UnsupportedDocumentError: PDFium cannot read the document, or it is too long.
    """
    wanted, found = plain(keyword), list[tuple[int, Box]]()
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
                found += ((index, box) for box in _boxes_on(page, wanted))
            if (backwards and found) or (most is not None and len(found) >= most):
                break
    return found[:most]


def plain(text: str) -> str:
    """Text without blanks, marks of width, and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and c.isprintable())


def _boxes_on(page: PdfPage, wanted: str) -> list[Box]:
    text = page.get_textpage()
    try:
        if wanted not in plain(text.get_text_range()):
            return []  # cheap; what follows asks for each character
        import pypdfium2.raw as pdfium

        letters: list[str] = []
        origins: list[int] = []
        for index in range(text.count_chars()):
            letter = plain(chr(pdfium.FPDFText_GetUnicode(text, index)))
            letters.append(letter)
            origins += [index] * len(letter)
        line, found, start = "".join(letters), [], 0
        while (start := line.find(wanted, start)) >= 0:
            end = start + len(wanted)
            found.append(_around(text, sorted(set(origins[start:end]))))
            start = end
        return found
    finally:
        text.close()


def _around(text: Any, indexes: list[int]) -> Box:
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
