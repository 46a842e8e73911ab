"""One meaning: what readers of PDF could show differently is put in order, or found and told.

The contents of a document are compared with rules narrower than ISO 32000-1 (docs/contents.md).
What has one plain meaning is written in the one way that all readers take alike; what has not is a
hazard, mostly cured by flattening. Only what pages draw is looked at, and each part once.

Runs in a confined process: qpdf has the document open.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from pikepdf import Pdf

from eseal.documents.pdf.examination.hazards import Hazard
from eseal.documents.pdf.limits import DEFAULT_LIMITS, PdfLimits
from eseal.documents.pdf.meaning import annots, files, forms, pages
from eseal.documents.pdf.meaning.desk import Desk, EnoughFoundError
from eseal.documents.pdf.meaning.leftovers import leftovers
from eseal.documents.pdf.meaning.streams import Streams
from eseal.documents.pdf.opening import guarded
from eseal.errors import UnsupportedDocumentError

__all__ = ["Meaning", "put_in_order"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What came of putting a document in order.

    Attributes:
        hazards: what has no plain meaning, at most a hundred.
        touched: pages, from 0, whose drawing was changed: to be compared with what they were.
            All others draw with the same bytes as before. In each page that no hazard names,
            brackets match, so that more can be drawn behind.
        warnings: what qpdf had to say of the file, which it says once.
    """

    hazards: tuple[Hazard, ...]
    touched: frozenset[int]
    warnings: tuple[str, ...]


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
    return Meaning(tuple(desk.found), frozenset(desk.touched), tuple(streams.warnings))


def _all(desk: Desk) -> None:
    listed = [page.obj for page in desk.pdf.pages]
    forms.put_in_order(desk, listed)
    files.put_in_order(desk)
    for index, page in enumerate(listed):
        desk.page = index
        pages.put_in_order(desk, page)
        pages.drawn(desk, page)
        annots.on_page(desk, page)
    desk.page = None
    pages.clear_tree(desk.pdf.Root)
    leftovers(desk)
