"""Annotations that are not shown, or that cover text of the page (hide variant, NDSS 2021)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from eseal.documents.pdf.examination.annotations import Annotation, Box, where
from eseal.documents.pdf.examination.graph import Graph
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.viewer.covers import covered_by_annotations

_DRAWN_BY_ALL: Final = frozenset({"Square", "Circle", "Ink"})
"""Annotations that viewers draw from their entries where they have no look of their own."""
_DRAWN_BY_SOME: Final = frozenset({"FreeText", "Stamp", "Polygon"})
"""Likewise, but PDFium does not."""
_NAMED: Final = 3
"""Of a page with more annotations it is not said which may be meant."""


def find(graph: Graph, there: Sequence[Annotation]) -> Iterator[Hazard]:
    """Hidden annotations, and those over text.

    Raises:
        UnsupportedDocumentError: the document cannot be shown.
    """
    drawn: dict[int, list[Box]] = defaultdict(list)
    undrawn: dict[int, list[Box]] = defaultdict(list)
    for each in there:
        is_drawn = _is_drawn(graph, each)
        if is_drawn is None or _is_field_out_of_sight(graph, each):
            continue
        if each.is_hidden:
            yield Hazard(HazardCode.HIDDEN_ANNOTATION, where(graph, each), each.page)
        elif not each.is_empty:
            (drawn if is_drawn else undrawn)[each.page].append(each.box)
    if drawn or undrawn:
        covered = covered_by_annotations(
            graph.written, drawn=[*drawn.items()], undrawn=[*undrawn.items()]
        )
        for page in covered:
            kinds = sorted({graph.called(each.entries) for each in there if each.page == page})
            yield Hazard(HazardCode.OVERLAY, f"{_few(kinds)}, page {page + 1}", page)


def _few(names: Sequence[str]) -> str:
    return " or ".join(names) if len(names) <= _NAMED else f"one of {len(names)} fields or notes"


def _is_drawn(graph: Graph, annotation: Annotation) -> bool | None:
    """Whether PDFium draws it; ``None`` if nobody does."""
    entries, subtype = annotation.entries, annotation.subtype
    if graph.dictionary(entries.get("/AP")) or subtype in _DRAWN_BY_ALL:
        return True
    if subtype == "Polygon" and not graph.array(entries.get("/IC")):
        return None  # without a colour inside it is a line
    return False if subtype in _DRAWN_BY_SOME else None


def _is_field_out_of_sight(graph: Graph, annotation: Annotation) -> bool:
    """One of those ``forms`` looks at; or a signature, whose look stands and falls with it."""
    if annotation.subtype != "Widget":
        return False
    return annotation.is_hidden or (
        graph.inherited(annotation.entries, "/FT") == "/Sig"
        and bool(graph.inherited(annotation.entries, "/V"))
    )
