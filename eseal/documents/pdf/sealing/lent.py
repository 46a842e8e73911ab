"""Fields that are lent a look: whoever seals should know that, and which of them show nothing.

Their author has said what they hold and in which colour, but not drawn it. It may be white.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pikepdf import Array, Dictionary, Pdf, String

from eseal.documents.pdf.meaning.looks import lacks
from eseal.documents.pdf.meaning.values import Box, array, box, dictionary, inherited, name
from eseal.documents.viewer.opened import opened, page_of
from eseal.documents.viewer.visible import shown

_NAMED: Final = 3
"""Fields that are named."""
_MOST_PAGES: Final = 50
"""Pages on which is looked whether fields show what they hold, at some 20 ms."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field without a look.

    Attributes:
        page: the page it stands on, from 0.
        name: its partial name, for people.
        box: its place, in the page's own units, if it holds a text to be seen there.
    """

    page: int
    name: str
    box: Box | None


def fields_without_look(pdf: Pdf) -> list[Lacking]:
    """The fields of a document that are lent a look when it is put in order; asked before that."""
    form = dictionary(pdf.Root.get("/AcroForm"))
    redrawn = form.get("/NeedAppearances") is True
    return [
        Lacking(index, str(inherited(item, "/T") or "")[:64], _box(item))
        for index, page in enumerate(pdf.pages)
        for item in array(page.obj.get("/Annots"))
        if isinstance(item, Dictionary)
        and name(item.get("/Subtype")) == "Widget"
        and lacks(item, redrawn=redrawn)
    ]


def notes_on(lacking: list[Lacking], written: bytes, pages: int) -> Iterator[str]:
    """What whoever seals should know of them.

    Args:
        lacking: the fields.
        written: the document with the looks they were lent.
        pages: how many it has.
    """
    if not lacking:
        return
    yield (
        f"drawn as Chrome shows them, as the document does not say how they look: "
        f"{_named(lacking)}; look at the sealed one"
    )
    held = _held(lacking)
    seen = _seen(held, written, pages)
    unseen = [each for each in held if each not in seen]
    if unseen:
        yield f"these hold something that is not seen, perhaps as it is white: {_named(unseen)}"


def _held(lacking: list[Lacking]) -> list[Lacking]:
    """Those that hold something, on pages that are looked at."""
    listed = sorted({each.page for each in lacking if each.box is not None})[:_MOST_PAGES]
    return [each for each in lacking if each.box is not None and each.page in listed]


def _seen(held: list[Lacking], written: bytes, pages: int) -> set[Lacking]:
    """Those of them that show more than one colour."""
    found: set[Lacking] = set()
    with opened(written, pages) as document:
        for index in dict.fromkeys(each.page for each in held):
            here = [each for each in held if each.page == index]
            boxes = [each.box for each in here if each.box is not None]
            with page_of(document, index) as page:
                seen = shown(page, boxes)
            found |= {each for each, is_seen in zip(here, seen, strict=True) if is_seen}
    return found


def _named(fields: list[Lacking]) -> str:
    told = [f"{each.name!r} on page {each.page + 1}" for each in fields[:_NAMED]]
    more = len(fields) - _NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _box(item: Any) -> Box | None:
    value = inherited(item, "/V")
    held = (isinstance(value, String) and str(value).strip()) or isinstance(value, Array)
    return box(item.get("/Rect")) if held else None
