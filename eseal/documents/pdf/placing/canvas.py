"""A document while a seal is being placed in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.placing.geometry import PageGeometry, geometry
from eseal.errors import InvalidInputError


@dataclass(frozen=True)
class Canvas:
    """A document that can be looked at and drawn on.

    Attributes:
        draft: its objects, with what is being changed.
        data: the file as viewers get to see it, without the changes.
        pages: references to its pages, in order.
        blend: whether ink may let shine through what lies under it.
        notes: what whoever seals should know of the choices made, in words.
    """

    draft: Draft
    data: bytes
    pages: tuple[Ref, ...]
    blend: bool
    notes: list[str] = field(default_factory=list)

    def geometry(self, index: int) -> PageGeometry:
        """The geometry of a page, from 0."""
        return geometry(self.draft, self.pages[index])

    def index(self, page: int, *, option: str = "placement") -> int:
        """A page from 0, given from 0 or, negative, from the end.

        Raises:
            InvalidInputError: there is no such page.
        """
        count = len(self.pages)
        if not -count <= page < count:
            raise InvalidInputError(
                f"{option}: expected a page from 1 to {count}, or from -1 for the last, got "
                f"{page + 1 if page >= 0 else page}",
                field=option,
            )
        return page % count
