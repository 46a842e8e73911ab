"""Content that lies outside the file, or that changes between screen and paper."""

from __future__ import annotations

from collections.abc import Iterator

from eseal.documents.pdf.examination.graph import Found, Graph, kind
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode


def find(graph: Graph) -> Iterator[Hazard]:
    """Streams kept in other files, pages drawn from other documents, alternate images."""
    for found in graph.found:
        if found.is_stream:
            for code in _codes(graph, found):
                yield Hazard(code, graph.where(found.place), found.place.page)


def _codes(graph: Graph, found: Found) -> Iterator[HazardCode]:
    entries = found.entries
    if graph.resolve(entries.get("/F")) is not None:
        yield HazardCode.EXTERNAL_CONTENT
    subtype = kind(entries, "/Subtype")
    if "/OPI" in entries or (subtype == "Form" and "/Ref" in entries):
        yield HazardCode.EXTERNAL_CONTENT
    if subtype == "Image" and "/Alternates" in entries:
        yield HazardCode.ALTERNATE_IMAGE
