"""One meaning: what readers of PDF could show differently is put in order, or found and told.

The contents of a document are compared with rules narrower than ISO 32000-1 (docs/contents.md).
What has one plain meaning is written in the one way that all readers take alike; what has not is a
hazard, mostly cured by flattening. Only what pages draw is looked at, and each part once.

Runs in a confined process: qpdf has the document open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pikepdf import Pdf

from eseal.documents.pdf.examination.hazards import Hazard
from eseal.documents.pdf.meaning import actions, annots, files, forms, looks, pages, texts
from eseal.documents.pdf.meaning.desk.desk import Desk, EnoughFoundError, Hinted
from eseal.documents.pdf.meaning.desk.streams import Streams
from eseal.documents.pdf.meaning.desk.values import FILES, Box, key_of
from eseal.documents.pdf.meaning.leftovers import leftovers
from eseal.documents.pdf.meaning.resources.fonts import instructions, reach
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS, PdfLimits
from eseal.documents.pdf.opening.opening import guarded
from eseal.errors import UnsupportedDocumentError

__all__ = ["Meaning", "put_in_order"]

_NAMED: Final = 3
"""So many things are named in a note."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What came of putting a document in order.

    Attributes:
        hazards: what has no plain meaning, at most a hundred.
        settled: what had none, and was put in order as PDFium shows it: hazards unless all pages
            look as before.
        touched: pages, from 0, whose drawing was changed: to be compared with what they were.
            All others draw with the same bytes as before. In each page that no hazard names,
            brackets match, so that more can be drawn behind.
        buttons: boxes of pages, from 0, where PDFium showed a button that is drawn no more.
        warnings: what qpdf had to say of the file, which it says once.
        programs: of fonts, with instructions or PostScript: what takes their place is to be put in
            once pages have been compared, for small text then looks a little different.
    """

    hazards: tuple[Hazard, ...]
    settled: tuple[Hazard, ...]
    touched: frozenset[int]
    buttons: Mapping[int, Sequence[Box]]
    warnings: tuple[str, ...]
    programs: tuple[Hinted, ...] = ()

    def behind(self, changed: Sequence[int]) -> tuple[Hazard, ...]:
        """What was put in order on pages, from 0, that look different now; or else anywhere."""
        return tuple(each for each in self.settled if each.page in changed) or self.settled

    def still(self) -> None:
        """Put programs written anew in the place of the old ones."""
        for each in self.programs:
            for descriptor in each.descriptors:
                for key in FILES:
                    if key_of(descriptor.get(key)) == key_of(each.program):
                        descriptor[key] = each.made

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever seals should know of it, in words."""
        if not self.settled:
            return ()
        named = "; ".join(str(each) for each in self.settled[:_NAMED])
        more = len(self.settled) - _NAMED
        note = f"put in order, as Chrome shows it: {named}" + (f"; and {more} more" * (more > 0))
        return (
            f"{note}. Other viewers may have shown the document otherwise: look at the sealed one",
        )


def put_in_order(pdf: Pdf, limits: PdfLimits = DEFAULT_LIMITS) -> Meaning:
    """Give a document one meaning, as far as that is possible.

    Args:
        pdf: the document, which is changed.
        limits: what it may cost.

    Returns:
        What was found and changed.

    Raises:
        TooLargeError: its streams decode to more than the limit.
        UnsupportedDocumentError: it is broken in a way that qpdf cannot cope with.
    """
    streams = Streams(pdf, limits)
    desk = Desk(pdf, streams)
    with suppress(EnoughFoundError), guarded(UnsupportedDocumentError, "the PDF is broken"):
        _all(desk)
    streams.warned()
    return Meaning(
        tuple(desk.found),
        tuple(desk.settled),
        frozenset(desk.touched),
        desk.buttons,
        tuple(streams.warnings),
        tuple(each for each in desk.hinted.values() if each is not None),
    )


def _all(desk: Desk) -> None:
    listed = [page.obj for page in desk.pdf.pages]
    pages.strays(desk, listed)
    actions.of_outlines(desk)
    forms.put_in_order(desk, listed)
    files.put_in_order(desk)
    for desk.page, page in enumerate(listed):
        pages.put_in_order(desk, page)
        pages.drawn(desk, page)
    desk.page = None
    looks.put_in_order(desk, listed)
    texts.put_in_order(desk, listed)
    for desk.page, page in enumerate(listed):
        annots.on_page(desk, page)
    desk.page = None
    instructions.put_in_order(desk)
    reach.put_in_order(desk)
    pages.plant(desk, listed)
    if not desk.layered and "/OCProperties" in desk.pdf.Root:
        del desk.pdf.Root["/OCProperties"]  # of layers in which nothing is
    leftovers(desk)
