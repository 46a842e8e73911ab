"""Actions (ISO 32000-1 section 12.6): programs, and what runs, opens, sends or hides something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, dictionaries, kind

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


def find(structure: Structure) -> Iterator[Hazard]:
    """Actions in any live object, whether something leads to it or not."""
    for number, value in structure.naming({*_BY_TYPE, "JS"}):
        for entries in dictionaries(value):
            code = _BY_TYPE.get(kind(entries, "S"))
            if "JS" in entries or "JavaScript" in entries:
                code = HazardCode.JAVASCRIPT
            if code is not None:
                yield Hazard(code, f"object {number}")
    yield from _automatic(structure)


def _automatic(structure: Structure) -> Iterator[Hazard]:
    """What happens without a click (sections 12.6.3 and 7.7.2)."""
    opening = structure.resolve(structure.catalog.get("OpenAction"))
    if isinstance(opening, dict) and not _is_harmless(structure, opening):
        yield Hazard(HazardCode.AUTOMATIC_ACTION, "on opening")
    for number, value in structure.naming(["AA"]):
        if any(structure.dictionary(entries.get("AA")) for entries in dictionaries(value)):
            yield Hazard(HazardCode.AUTOMATIC_ACTION, f"object {number}")


def _is_harmless(structure: Structure, action: dict[str, Any]) -> bool:
    return kind(action, "S") in _HARMLESS_AT_OPENING and not structure.resolve(action.get("Next"))
