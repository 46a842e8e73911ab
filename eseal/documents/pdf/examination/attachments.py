"""Embedded files (ISO 32000-1 section 7.11.4), and documents that are folders of files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from eseal.documents.pdf.examination.annotations import Annotation, where
from eseal.documents.pdf.examination.graph import Graph, is_reference, is_string, kind, text
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode

_PDFA_PART: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*(?:3|4)\s*[\"'<]")
"""What an archive file with attachments says of itself (ISO 19005-3 section 6.6.4, 19005-4)."""
_SHOWN: Final = 64


def find(graph: Graph, there: Sequence[Annotation]) -> Iterator[Hazard]:
    """Files attached anywhere, but for those that PDF/A-3 declares as associated files."""
    holding = [found for found in graph.found if graph.dictionary(found.entries.get("/EF"))]
    declared = _declared(graph) if holding else ()
    for found in holding:
        if found.entries in declared:
            continue
        names = [graph.resolve(found.entries.get(key)) for key in ("/UF", "/F")]
        name = next((text(each)[:_SHOWN] for each in names if is_string(each)), "")
        spot = graph.where(found.place)
        yield Hazard(HazardCode.EMBEDDED_FILE, f"{name!r}, {spot}", found.place.page)
    for each in there:
        if each.subtype == "FileAttachment":
            yield Hazard(HazardCode.EMBEDDED_FILE, where(graph, each), each.page)


def find_portfolio(graph: Graph) -> Iterator[Hazard]:
    """A collection (section 12.3.5): viewers that know it open one of its files first."""
    if graph.dictionary(graph.catalog.get("/Collection")):
        yield Hazard(HazardCode.PORTFOLIO, "the document as a whole")


def _declared(graph: Graph) -> Sequence[object]:
    """File specifications that the catalog of a PDF/A-3 or A-4 lists with their relationship."""
    listed = [
        graph.dictionary(item)
        for item in graph.array(graph.catalog.get("/AF"))
        if is_reference(item) and kind(graph.dictionary(item), "/AFRelationship")
    ]
    if not listed or not _PDFA_PART.search(graph.decoded(graph.catalog.get("/Metadata"))):
        return ()
    return listed
