"""Actions (ISO 32000-1 section 12.6): programs, and what runs, opens, sends or hides something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, kind
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode

_BY_TYPE: Final = {
    "JavaScript": HazardCode.JAVASCRIPT,
    "Launch": HazardCode.LAUNCH_ACTION,
    "SubmitForm": HazardCode.FORM_DATA_ACTION,
    "ImportData": HazardCode.FORM_DATA_ACTION,
    "ResetForm": HazardCode.FORM_DATA_ACTION,
    "Hide": HazardCode.DISPLAY_ACTION,
    "SetOCGState": HazardCode.DISPLAY_ACTION,
    "GoToR": HazardCode.OTHER_FILE_ACTION,
    "GoToE": HazardCode.OTHER_FILE_ACTION,
    "Movie": HazardCode.MULTIMEDIA,
    "Sound": HazardCode.MULTIMEDIA,
    "Rendition": HazardCode.MULTIMEDIA,
    "GoTo3DView": HazardCode.MULTIMEDIA,
    "RichMediaExecute": HazardCode.MULTIMEDIA,
}
"""Action types (table 198) that are refused. GoTo, URI, Named and Thread at a click are not."""
_HARMLESS_AT_OPENING: Final = frozenset({"GoTo"})


def find(graph: Graph) -> Iterator[Hazard]:
    """Actions in any object that something leads to."""
    for found in graph.found:
        code = _BY_TYPE.get(kind(found.entries, "/S"))
        if "/JS" in found.entries or "/JavaScript" in found.entries:
            code = HazardCode.JAVASCRIPT
        if code is not None:
            yield Hazard(code, graph.where(found.place), found.place.page)
    yield from _automatic(graph)


def _automatic(graph: Graph) -> Iterator[Hazard]:
    """What happens without a click (sections 12.6.3 and 7.7.2)."""
    opening = graph.resolve(graph.catalog.get("/OpenAction"))
    if isinstance(opening, dict) and not _is_harmless(graph, opening):
        yield Hazard(HazardCode.AUTOMATIC_ACTION, "on opening the document")
    for found in graph.found:
        if graph.dictionary(found.entries.get("/AA")):
            yield Hazard(HazardCode.AUTOMATIC_ACTION, graph.where(found.place), found.place.page)


def _is_harmless(graph: Graph, action: dict[str, Any]) -> bool:
    return kind(action, "/S") in _HARMLESS_AT_OPENING and not graph.resolve(action.get("/Next"))
