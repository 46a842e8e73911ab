"""Which of the places of a word a seal goes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.placing.blocks import Blocks
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.layout import Box
from eseal.documents.pdf.placing.options import AtKeyword, Occurrence
from eseal.documents.viewer.words import find_words, letters_of, plain
from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

MAX_KEYWORD_CHARS: Final = 100
_NEAR: Final = 120 * POINTS_PER_MM
"""How far from its name a company's place for the seal may be: a third of a page."""
_LISTED: Final = 6
"""Places that are named in a message."""
_WORDS: Final = ("盖章", "蓋章", "公章", "签章", "印", "(章)", "seal", "stempel")
"""What asks for a seal, ㊞ among them. In sentences it asks for nothing: what else its line says
decides."""
_MOST_PAGES: Final = 200
"""Of a longer document no words are looked for unasked: at 2 ms a page and word it would take as
long as a seal may."""

_MOST_WORDS: Final = 100
"""Of those that ask on one page: no form has more."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a word stands.

    Attributes:
        index: of the page, from 0.
        box: x, y, width and height, in points as shown.
    """

    index: int
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box."""
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    def __str__(self) -> str:
        x, y = self.middle
        return f"page {self.index + 1} at {x / POINTS_PER_MM:.0f}, {y / POINTS_PER_MM:.0f} mm"


def places_of(canvas: Canvas, text: str) -> list[Place]:
    """Where a word is seen, in the order of the pages.

    Args:
        canvas: the document.
        text: the word; blanks, width (full or half) and case make no difference.

    Raises:
        UnsupportedDocumentError: the document cannot be searched, or is too long.
    """
    return _search(canvas, text)[0]


def _search(
    canvas: Canvas, text: str, *, backwards: bool = False, most: int | None = None
) -> tuple[list[Place], int]:
    """Where a word is seen; and how often it stands where nobody sees it."""
    found = find_words(
        canvas.data, pages=len(canvas.pages), keyword=text, backwards=backwards, most=most
    )
    places = [Place(index, canvas.geometry(index).shown(*box)) for index, box in found.places]
    return places, found.unseen


def chosen(canvas: Canvas, keyword: AtKeyword, own: tuple[str, ...]) -> list[Place]:
    """The places a keyword was asked for at; the last is that of the field.

    Where it was not said which of several, it is the one beside a name of one's own, and that is
    noted; where there is none, nothing is guessed.

    Args:
        canvas: the document.
        keyword: what to look for, and which of its places.
        own: names by which the document may call the one who seals.

    Raises:
        InvalidInputError: it does not stand there, or not so often, or it is not clear which of
            its places is meant.
        UnsupportedDocumentError: the document cannot be searched, or it takes too long.
    """
    text, which = keyword.text, keyword.occurrence
    if isinstance(which, int) and which < 1:
        raise InvalidInputError(
            f"occurrence: expected a number from 1, got {which}", field="occurrence"
        )
    if not plain(text) or len(text) > MAX_KEYWORD_CHARS:
        raise InvalidInputError(
            f"keyword: expected 1 to {MAX_KEYWORD_CHARS} characters that are not blank, "
            f"got {excerpt(text, MAX_KEYWORD_CHARS)}",
            field="keyword",
        )
    number = 1 if which is Occurrence.FIRST else which if isinstance(which, int) else None
    found, unseen = _search(canvas, text, backwards=which is Occurrence.LAST, most=number)
    if not found:
        where = "nowhere in the PDF (a scanned page has no text)"
        if unseen:
            where = (
                "in the PDF only where no reader sees it (invisible, covered, tiny, or off the "
                "page); name the place by page and millimetres"
            )
        raise InvalidInputError(f"keyword: {text!r} stands {where}", field="keyword")
    if number is not None:
        if len(found) < number:
            raise InvalidInputError(
                f"keyword: expected {text!r} to stand in the PDF at least {number} times, "
                f"found {len(found)}",
                field="keyword",
            )
        return [found[number - 1]]
    match which:
        case Occurrence.LAST:
            return found[-1:]
        case Occurrence.EVERY_PAGE:
            return [*{place.index: place for place in found}.values()]
    return [found[0] if len(found) == 1 else _beside_own(canvas, text, found, own)]


def own_place(canvas: Canvas, own: tuple[str, ...]) -> tuple[Place, list[Place]] | None:
    """Where the document asks for the seal of its own accord: a word that asks the company named.

    The last page on which one does decides, where people sign; on it a word in the name's line
    comes before one below it.

    Args:
        canvas: the document.
        own: names by which the document may call the one who seals.

    Returns:
        The place, which is noted, and the other words of its kind on the page; ``None`` if there is
        no place, or the document is not searched.
    """
    if len(canvas.pages) > _MOST_PAGES:
        return None
    asking = _asking(canvas, _WORDS) if _named(canvas, own) else []
    place = owned(canvas, asking, own)
    if place is None:
        return None
    canvas.notes.append(
        f"the seal is beside the company's own name, at the words that ask for it: {place}"
    )
    return place, [each for each in asking if each.index == place.index and each != place]


def beside(canvas: Canvas, label: str, words: Sequence[str]) -> Place | None:
    """Where the document asks a party for its seal, whose label may be its name or its role."""
    return owned(canvas, _asking(canvas, words), (label,), role=True)


def owned(
    canvas: Canvas,
    asking: Sequence[Place],
    own: tuple[str, ...],
    *words: str,
    role: bool = False,
) -> Place | None:
    """Of words that ask, those that plainly ask one company; ``None`` if none does.

    Args:
        canvas: the document.
        asking: the words.
        own: names of the company.
        words: what was looked for, if it was no words that ask for a seal.
        role: whether a name may be a label, too (:class:`Blocks`).
    """
    named = _named(canvas, own)
    for index in sorted({each.index for each in asking} & {each.index for each in named})[::-1]:
        names = [each for each in named if each.index == index]
        here = [
            each
            for each in asking
            if each.index == index and not any(_is_within(each, name) for name in names)
        ]
        blocks = Blocks(_letters(canvas, index), own, words, role=role)
        pairs = [
            (not owner.is_beside(piece), math.dist(word.middle, name.middle), word)
            for word in here[:_MOST_WORDS]
            if (piece := blocks.at(word.middle)) and (owner := blocks.owner(piece))
            for name in names
            if owner.holds(name.middle)
        ]
        if near := [pair for pair in pairs if pair[1] <= _NEAR]:
            return min(near)[-1]
    return None


def _asking(canvas: Canvas, words: Sequence[str]) -> list[Place]:
    return [place for word in words for place in places_of(canvas, word)]


def _letters(canvas: Canvas, index: int) -> list[tuple[str, Box]]:
    shown = canvas.geometry(index).shown
    letters = letters_of(canvas.data, pages=len(canvas.pages), index=index)
    return [(letter, shown(*box)) for letter, box in letters]


def _is_within(word: Place, name: Place) -> bool:
    """Whether a word is part of a name."""
    x, y = word.middle
    left, bottom, width, height = name.box
    return left < x < left + width and bottom < y < bottom + height


def _beside_own(canvas: Canvas, text: str, found: list[Place], own: tuple[str, ...]) -> Place:
    place = owned(canvas, found, own, text)
    listed = "; ".join(map(str, found[:_LISTED]))
    if place is None:
        raise InvalidInputError(
            f"keyword: {text!r} stands at {len(found)} places ({listed}), none of them plainly "
            "beside the company's name: say which (occurrence: first, last, every-page or a "
            "number)",
            field="keyword",
        )
    canvas.notes.append(
        f"{text!r} stands at {len(found)} places ({listed}); taken is the one beside the company's "
        f"own name: {place}"
    )
    return place


def _named(canvas: Canvas, own: tuple[str, ...]) -> list[Place]:
    """Where the document calls the one who seals by name, or by a longer one."""
    return [place for name in own if plain(name) for place in places_of(canvas, name)]
