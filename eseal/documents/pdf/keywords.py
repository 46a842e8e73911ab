"""Which of the places of a keyword a seal goes to."""

from __future__ import annotations

from typing import Final

from eseal.documents.pdf.placing import AtKeyword, Occurrence
from eseal.errors import InvalidInputError

MAX_KEYWORD_CHARS: Final = 100


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
    from eseal.documents.viewer import SEALING
    from eseal.documents.viewer.words import find_words, plain

    text, which = keyword.text, keyword.occurrence
    if isinstance(which, int) and which < 1:
        raise InvalidInputError(
            f"occurrence: expected a number from 1, got {which}", field="occurrence"
        )
    if not plain(text) or len(text) > MAX_KEYWORD_CHARS:
        raise InvalidInputError(
            f"keyword: expected 1 to {MAX_KEYWORD_CHARS} characters that are not blank, "
            f"got {text[:MAX_KEYWORD_CHARS]!r}",
            field="keyword",
        )
    wanted = {Occurrence.FIRST: 1, Occurrence.LAST: None, Occurrence.EVERY_PAGE: None}
    number = which if isinstance(which, int) else wanted[which]
    found = [
        (int(page), (float(left), float(bottom), float(right), float(top)))
        for page, (left, bottom, right, top) in SEALING.ask(
            find_words,
            pdf,
            pages=pages,
            keyword=text,
            backwards=which is Occurrence.LAST,
            most=number,
        )
    ]
    if not found:
        raise InvalidInputError(
            f"keyword: {text!r} stands nowhere in the PDF (a scanned page has no text)",
            field="keyword",
        )
    if number is not None:
        if len(found) < number:
            raise InvalidInputError(
                f"keyword: expected {text!r} to stand in the PDF at least {number} times, "
                f"found {len(found)}",
                field="keyword",
            )
        return found[number - 1 :]
    return sorted(dict(found).items())  # the last of each page
