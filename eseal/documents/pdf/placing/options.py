"""Where a seal shows in a PDF: what is asked for, before any document is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from eseal.documents.artwork import Artwork
from eseal.documents.pdf.placing.page_ranges import ALL_PAGES, PageRanges

MAX_MILLIMETRES: Final = 10_000.0
"""Pages larger than ten metres are refused by every viewer (ISO 32000-1 annex C: 5 m)."""
MIN_SLICE_MM: Final = 2.0
"""A narrower slice of a cross-page seal cannot be told from a printing fault."""


@dataclass(frozen=True, slots=True)
class SealBox:
    """A box on a page. Art keeps its size and stands in the middle, smaller if it does not fit.

    Attributes:
        page: from 0; negative counts from the last page.
        x: millimetres from the left edge of the page as shown to the box.
        y: millimetres from the bottom edge of the page as shown to the box.
        width: millimetres.
        height: millimetres.
        text: the word on top where the seal is text.
    """

    page: int
    x: float
    y: float
    width: float
    height: float
    text: str = "Seal"


@dataclass(frozen=True, slots=True)
class At:
    """A point on a page; the impression stands there in its own size.

    Attributes:
        page: from 0; negative counts from the last page.
        x: millimetres from the left edge of the page as shown.
        y: millimetres from the bottom edge of the page as shown.
        centred: whether the point is the impression's middle; its lower left corner otherwise.
    """

    page: int
    x: float
    y: float
    centred: bool = False


class Occurrence(Enum):
    """Which of the places where a keyword stands; a number counts from 1."""

    FIRST = "first"
    LAST = "last"
    EVERY_PAGE = "every-page"
    """The last one on each page that has it; the signature field is at the very last."""


@dataclass(frozen=True, slots=True)
class AtKeyword:
    """Over the middle of a word of the text, as people do with a real seal.

    Attributes:
        text: the word; blanks, width (full or half) and case make no difference.
        occurrence: which one; ``None``: the one there is, or the one beside the company's name.
    """

    text: str
    occurrence: Occurrence | int | None = None


@dataclass(frozen=True, slots=True)
class InField:
    """In an empty signature field that the document has already.

    Attributes:
        name: fully qualified (ISO 32000-1 section 12.7.3.2).
    """

    name: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """Where the document asks for the seal: at such words (盖章, Seal) beside the company's name.

    Else in a free area of the last page, as far to the lower right as there is one.
    """


Spot = SealBox | At | AtKeyword | InField | Automatic
"""One place where the impression stands, and the signature field with it."""


class Edge(Enum):
    """The edge of the page that a cross-page seal is cut at."""

    RIGHT = "right"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CrossPage:
    """A cross-page seal (骑缝章): one impression cut into slices along an edge of the pages.

    Attributes:
        pages: the pages that carry a slice.
        edge: where; with ``double_sided`` this is the edge of odd pages.
        height: how high the impression's middle stands: millimetres from the bottom edge, or
            ``None`` to go by ``share``.
        share: the same as a share of the room there is: 0 at the bottom, 1 at the top.
        double_sided: for pages printed on both sides of a sheet: odd pages carry one impression
            at ``edge``, even pages another at the opposite edge, which is the same of the paper.
        first: how many times as wide as the others the first slice is.
        group: most pages that share one impression, or ``None`` for as many as slices of
            ``min_slice`` allow.
        min_slice: least width of a slice in millimetres.
    """

    pages: PageRanges = ALL_PAGES
    edge: Edge = Edge.RIGHT
    height: float | None = None
    share: float = 0.5
    double_sided: bool = False
    first: float = 1.0
    group: int | None = None
    min_slice: float = MIN_SLICE_MM


class QrCode(Enum):
    """Whether the impression has a QR code that leads to the page of this use."""

    AUTOMATIC = "automatic"
    """Beside it, if the service knows its address and there is room."""
    BESIDE = "beside"
    INSIDE = "inside"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Placing:
    """All that is asked for about where a seal shows.

    Attributes:
        spot: where the impression and its signature field stand; ``None`` for an invisible field.
        pages: pages that show the impression at the same place, or ``None`` for that page alone.
        cross_page: the cross-page seal, or ``None``.
        qr: the QR code.
    """

    spot: Spot | None = None
    pages: PageRanges | None = None
    cross_page: CrossPage | None = None
    qr: QrCode = QrCode.AUTOMATIC


@dataclass(frozen=True, slots=True)
class VisibleSeal:
    """What shows, and where.

    Attributes:
        placing: where.
        artwork: the impression, or ``None`` for a box with text.
        qr: the QR code, or ``None`` if the service has no public address.
    """

    placing: Placing
    artwork: Artwork | None = None
    qr: Artwork | None = None
