"""Which of the places of a word a seal goes to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.layout import Box
from eseal.documents.pdf.placing.options import AtKeyword, Occurrence
from eseal.documents.viewer.words import find_words, plain
from eseal.errors import InvalidInputError

MAX_KEYWORD_CHARS: Final = 100
_NEAR: Final = 120 * POINTS_PER_MM
"""How far from its name a company's place for the seal may be: a third of a page."""
_LISTED: Final = 6
"""Places that are named in a message."""
_FORMS: Final = (
    *("盖章)", "盖章:", "盖章处", "公章)", "公章:", "蓋章)", "蓋章:", "蓋章處"),
    *("印)", "seal)", "seal:", "stempel)", "stempel:"),
)
"""What asks for a seal, as forms have it: with a bracket or a colon behind it."""
_WORDS: Final = ("盖章", "蓋章", "印", "seal", "stempel")
"""The words alone, ㊞ among them. They stand in sentences, too: there they ask for nothing."""
_MOST_PAGES: Final = 200
"""Of a longer document no words are looked for unasked: at 2 ms a page and word it would take as
long as a seal may."""
_SAME_LINE: Final = 0.5
"""Of the lower of two boxes: so much of it stands beside the other."""


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
            f"got {text[:MAX_KEYWORD_CHARS]!r}",
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


def own_place(
    canvas: Canvas, own: tuple[str, ...], is_last: Callable[[Place], bool]
) -> tuple[Place, list[Place]] | None:
    """Where the document asks for the seal of its own accord: a word beside one's own name.

    The last page on which both stand decides, where people sign; on it a word in the name's line
    comes before one below it, and that before one above it.

    Args:
        canvas: the document.
        own: names by which the document may call the one who seals.
        is_last: whether nothing follows a word in its line.

    Returns:
        The place, which is noted, and the other words of its kind on the page; ``None`` if there is
        no place, or the document is not searched.
    """
    if len(canvas.pages) > _MOST_PAGES:
        return None
    names = _named(canvas, own)
    for words in (_FORMS, _WORDS) if names else ():
        asking = [place for word in words for place in places_of(canvas, word)]
        for *_, place in sorted(_pairs(asking, names)):
            if words is _FORMS or is_last(place):
                canvas.notes.append(
                    "the seal is beside the company's own name, at the words that ask for it: "
                    f"{place}"
                )
                return place, [
                    each for each in asking if each.index == place.index and each != place
                ]
    return None


def _pairs(asking: list[Place], names: list[Place]) -> list[tuple[int, int, float, Place]]:
    """Words near names, the best one least: page from the end, place to the name, distance."""
    return [
        (-word.index, _side(word.box, name.box), distance, word)
        for word in asking
        for name in names
        if word.index == name.index and (distance := math.dist(word.middle, name.middle)) <= _NEAR
    ]


def _side(word: Box, name: Box) -> int:
    """0 for a word in the line of a name, 1 for one below it, 2 for one above it."""
    shared = min(word[1] + word[3], name[1] + name[3]) - max(word[1], name[1])
    if shared >= _SAME_LINE * min(word[3], name[3]):
        return 0
    return 1 if word[1] < name[1] else 2


def nearest(places: list[Place], to: list[Place]) -> Place | None:
    """Of some places the one that is nearest to one of others on its page; ``None`` if none is."""
    distances = [
        (math.dist(place.middle, other.middle), place)
        for place in places
        for other in to
        if place.index == other.index
    ]
    near = [each for each in distances if each[0] <= _NEAR]
    return min(near, key=lambda each: each[0])[1] if near else None


def _beside_own(canvas: Canvas, text: str, found: list[Place], own: tuple[str, ...]) -> Place:
    place = nearest(found, _named(canvas, own))
    listed = "; ".join(map(str, found[:_LISTED]))
    if place is None:
        raise InvalidInputError(
            f"keyword: {text!r} stands at {len(found)} places ({listed}), none of them beside the "
            "company's name: say which (occurrence: first, last, every-page or a number)",
            field="keyword",
        )
    canvas.notes.append(
        f"{text!r} stands at {len(found)} places ({listed}); taken is the one beside the company's "
        f"own name: {place}"
    )
    return place


def _named(canvas: Canvas, own: tuple[str, ...]) -> list[Place]:
    """Where the document calls the one who seals by name."""
    return [place for name in own if plain(name) for place in places_of(canvas, name)]
