"""The annotations of a PDF (ISO 32000-1 section 12.5), page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, is_reference, kind

HIDDEN: Final = 0b100010
"""Table 165: Hidden (2) and NoView (32)."""
_CORNERS: Final = 4

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the page's own units."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation on a page.

    Attributes:
        page: from 0.
        reference: in the page's list; ``None`` if the dictionary itself stands there.
        entries: its dictionary.
        subtype: e.g. ``Link``.
        box: where it stands; empty if it has no rectangle.
    """

    page: int
    reference: str | None
    entries: dict[str, Any]
    subtype: str
    box: Box

    @property
    def is_hidden(self) -> bool:
        """Whether its flags keep it from the screen."""
        flags = self.entries.get("/F")
        return isinstance(flags, int) and bool(flags & HIDDEN)

    @property
    def is_empty(self) -> bool:
        """Whether its rectangle has no area."""
        left, bottom, right, top = self.box
        return right <= left or top <= bottom


def annotations_of(graph: Graph) -> Iterator[Annotation]:
    """Every annotation, in the order in which pages draw them."""
    for index, page in enumerate(graph.pages):
        listed = graph.dictionary(page).get("/Annots")
        for item in () if listed is None else graph.array(listed):
            entries = graph.dictionary(item)
            if entries:
                reference = item if is_reference(item) else None
                box = rectangle(graph, entries.get("/Rect"))
                yield Annotation(index, reference, entries, kind(entries, "/Subtype"), box)


def where(graph: Graph, annotation: Annotation) -> str:
    """An annotation and its page, from 1, in words."""
    return f"{graph.called(annotation.entries)}, page {annotation.page + 1}"


def rectangle(graph: Graph, value: Any) -> Box:
    """A rectangle (section 7.9.5) with its corners in order; empty if it is none."""
    corners = [graph.resolve(item) for item in graph.array(value)]
    numbers = [float(corner) for corner in corners if type(corner) in {int, float}]
    if len(numbers) != _CORNERS or len(corners) != _CORNERS:
        return 0.0, 0.0, 0.0, 0.0
    x1, y1, x2, y2 = numbers
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
