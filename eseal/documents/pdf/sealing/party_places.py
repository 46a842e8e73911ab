"""Places for further parties, made by the first seal.

An empty place looks like paper: it has a blank look, so that no viewer paints a mark of its own,
and its label stands on the page beneath, as it does on a paper form. What else is printed beneath
is told: a seal over names and dates is customary, and its ink covers nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.placing.artist import PageArtist
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.geometry import check_on_page
from eseal.documents.pdf.placing.keywords import beside, chosen
from eseal.documents.pdf.placing.layout import Box
from eseal.documents.pdf.placing.options import At, AtKeyword
from eseal.documents.pdf.placing.seal_drawing import centred_on, free_map
from eseal.documents.pdf.placing.stamps import Drawing, add_appearance, add_artwork
from eseal.documents.pdf.sealing.options import Beside, PartyPlace
from eseal.documents.pdf.seals.party import MOST_OF_PAGE
from eseal.documents.viewer.visible import beneath
from eseal.errors import InvalidInputError, UnsupportedDocumentError

Taken = list[tuple[int, Box]]
"""Areas in use: page from 0, and box in points as shown."""
_GAP: Final = 1.0
"""Points between places: viewers count what touches as overlapping."""
Made = tuple[str, Ref, dict[str, Any]]
"""A field to be made: its label, its page, and its entries."""


def add_places(canvas: Canvas, parties: Sequence[PartyPlace], taken: Taken) -> list[Made]:
    """Find and draw the places of further parties.

    Args:
        canvas: the document.
        parties: who is to seal, and where.
        taken: areas that other fields have; those of the places are added.

    Raises:
        InvalidInputError: a place is not there, off the page, or lies over another one.
        UnsupportedDocumentError: the document has no room for one.
    """
    artist = PageArtist(canvas)
    return [_add_place(canvas, party, taken, artist) for party in parties]


def _add_place(canvas: Canvas, party: PartyPlace, taken: Taken, artist: PageArtist) -> Made:
    if party.spot is None:
        look = add_appearance(canvas.draft, (), (0, 0), 0, blend=False)
        return party.label, canvas.pages[0], {"AP": {"N": look}}
    index, box = _box(canvas, party, taken)
    page = canvas.geometry(index)
    check_on_page(page, *box, option="parties")
    if box[2] * box[3] > MOST_OF_PAGE * math.prod(page.shown_size):
        raise InvalidInputError(
            f"parties: expected a place for {party.label!r} of at most half of its page",
            field="parties",
        )
    if any(index == other and _overlap(box, area) for other, area in taken):
        raise InvalidInputError(
            f"parties: expected a place for {party.label!r} that lies over no other seal's",
            field="parties",
        )
    taken.append((index, box))
    tell_beneath(canvas, party.label, index, box, field="parties")
    rectangle = list(page.rectangle(*box))
    if party.caption is not None and canvas.blend:  # else a verifier could not tell it from a text
        stamp = add_artwork(canvas.draft, party.caption, ink=False)
        artist.draw(index, [Drawing(stamp, box[0], box[1])])
    size = page.shown(*page.rectangle(*box))[2:]
    look = add_appearance(canvas.draft, (), size, page.rotation, blend=False)
    return party.label, canvas.pages[index], {"AP": {"N": look}, "Rect": rectangle}


def tell_beneath(canvas: Canvas, label: str, index: int, box: Box, *, field: str) -> None:
    """Say what is printed where a later seal will show.

    Args:
        canvas: the document.
        label: of the place.
        index: its page, from 0.
        box: where it is, in points as shown.
        field: the part of the request that it comes from.

    Raises:
        UnsupportedDocumentError: the document is PDF/A-1, where nothing shines through.
    """
    printed = _beneath(canvas, index, box)
    if printed is None:
        return
    what = f"what is printed there: {printed!r}" if printed else "what is drawn there"
    where = f"the place of {label!r} on page {index + 1} lies over {what}"
    if not canvas.blend:
        raise UnsupportedDocumentError(
            f"{field}: {where}; in PDF/A-1 a seal would cover it: name an empty place",
            field=field,
        )
    canvas.notes.append(where)


def _beneath(canvas: Canvas, index: int, box: Box) -> str | None:
    """What is printed in a box of a page, as far as it lies on it; ``None`` if nothing is."""
    page = canvas.geometry(index)
    right, top = (
        min(start + side, edge)
        for start, side, edge in zip(box[:2], box[2:], page.shown_size, strict=True)
    )
    left, bottom = max(box[0], 0.0), max(box[1], 0.0)
    if left >= right or bottom >= top:
        return None
    place = page.rectangle(left, bottom, right - left, top - bottom)
    return beneath(canvas.data, pages=len(canvas.pages), index=index, box=place)


def _box(canvas: Canvas, party: PartyPlace, taken: Taken) -> tuple[int, Box]:
    """Page and box of a place."""
    width, height = (side * POINTS_PER_MM for side in party.size)
    match party.spot:
        case At() as at:
            x, y = at.x * POINTS_PER_MM, at.y * POINTS_PER_MM
            if at.centred:
                x, y = x - width / 2, y - height / 2
            return canvas.index(at.page, option="parties"), (x, y, width, height)
        case AtKeyword() as keyword:
            place = chosen(canvas, keyword, (party.label,))[-1]
            corner = centred_on(canvas, place.index, place.box, (width, height))
            return place.index, (*corner, width, height)
        case Beside(words):
            return _beside(canvas, party.label, words, (width, height), taken)
        case None:
            raise AssertionError(party)


def _beside(
    canvas: Canvas, label: str, words: Sequence[str], size: tuple[float, float], taken: Taken
) -> tuple[int, Box]:
    """Over the words that ask for this party's seal; else in a free area of the last page."""
    found = beside(canvas, label, words)
    if found is not None and canvas.blend:  # else the words themselves would be covered
        corner = centred_on(canvas, found.index, found.box, size)
        canvas.notes.append(f"the place of {label!r} is beside the words that ask for it: {found}")
        return found.index, (*corner, *size)
    index = canvas.index(-1)
    on_page = [box for other, box in taken if other == index]
    free = free_map(canvas, index, on_page).lower_right(size)
    if free is None:
        raise UnsupportedDocumentError(
            f"parties: the last page has no free area for {label!r}; name a place", field="parties"
        )
    canvas.notes.append(f"the place of {label!r} is in a free area of the last page")
    return index, (*free, *size)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2] + _GAP
        and other[0] < one[0] + one[2] + _GAP
        and one[1] < other[1] + other[3] + _GAP
        and other[1] < one[1] + one[3] + _GAP
    )
