"""Which of the places of a keyword a seal goes to."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from eseal.documents.pdf.placing import AtKeyword, Occurrence
from eseal.errors import InvalidInputError


def search(
    pdf: bytes, pages: int, keyword: AtKeyword
) -> list[tuple[int, tuple[float, float, float, float]]]:
    """Find the places a keyword was asked for at.

    Args:
        pdf: the document.
        pages: how many it has.
        keyword: what to look for, and which of its places.

    Returns:
        Pages from 0, each with left, bottom, right and top in its own units; at least one.

    Raises:
        InvalidInputError: it does not stand there, or not so often.
        UnsupportedDocumentError: the document cannot be searched, or it takes too long.
    """
    from eseal.documents.pdf.looking import find_keyword

    text, which = keyword.text, keyword.occurrence
    if isinstance(which, int) and which < 1:
        raise InvalidInputError(
            f"occurrence: expected a number from 1, got {which}", field="occurrence"
        )
    last = which is Occurrence.LAST
    found: dict[int, tuple[float, float, float, float]] = {}
    number = 0
    with closing(find_keyword(pdf, pages, text, _backwards if last else range)) as places:
        for place in places:
            if last and place.page not in found and found:
                break
            found[place.page] = place.box
            number += 1
            if number == which or which is Occurrence.FIRST:
                return [(place.page, place.box)]
    if not found:
        raise InvalidInputError(
            f"keyword: {text!r} stands nowhere in the PDF (a scanned page has no text)",
            field="keyword",
        )
    if isinstance(which, int):
        raise InvalidInputError(
            f"keyword: expected {text!r} to stand in the PDF at least {which} times, "
            f"found {number}",
            field="keyword",
        )
    return sorted(found.items())


def _backwards(count: int) -> Iterable[int]:
    return range(count - 1, -1, -1)
