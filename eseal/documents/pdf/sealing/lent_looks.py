"""Fields that are lent a look: whoever seals should know that.

Their author has said what they hold and in which colour, but not drawn it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pikepdf import Dictionary, Pdf

from eseal.documents.pdf.meaning.desk.values import array, dictionary, inherited, name
from eseal.documents.pdf.meaning.looks import lacks

_NAMED: Final = 3
"""Fields that are named."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field without a look.

    Attributes:
        page: the page it stands on, from 0.
        name: its partial name, for people.
    """

    page: int
    name: str


def fields_without_look(pdf: Pdf) -> list[Lacking]:
    """The fields of a document that are lent a look when it is put in order; asked before that."""
    form = dictionary(pdf.Root.get("/AcroForm"))
    redrawn = form.get("/NeedAppearances") is True
    return [
        Lacking(index, str(inherited(item, "/T") or "")[:64])
        for index, page in enumerate(pdf.pages)
        for item in array(page.obj.get("/Annots"))
        if isinstance(item, Dictionary)
        and name(item.get("/Subtype")) == "Widget"
        and lacks(item, redrawn=redrawn)
    ]


def notes_on(lacking: list[Lacking]) -> Iterator[str]:
    """What whoever seals should know of them."""
    if not lacking:
        return
    yield (
        f"drawn as Chrome shows them, as the document does not say how they look: "
        f"{_named(lacking)}; look at the sealed one"
    )


def _named(fields: list[Lacking]) -> str:
    told = [f"{each.name!r} on page {each.page + 1}" for each in fields[:_NAMED]]
    more = len(fields) - _NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
