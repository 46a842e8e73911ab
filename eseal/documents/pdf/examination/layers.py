"""Layers (optional content, ISO 32000-1 section 8.11) that are not shown, or not always."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, kind

_ON: Final = "ON"
_STATES: Final = {"View": "ViewState", "Print": "PrintState", "Export": "ExportState"}


def find(structure: Structure) -> Iterator[Hazard]:
    """Layers off by default, in another configuration, or by the occasion.

    A layer that is on everywhere passes: a reader who switches it off in his viewer knows it.
    """
    properties = structure.dictionary(structure.catalog.get("OCProperties"))
    if not properties:
        return
    configurations = [properties.get("D"), *structure.array(properties.get("Configs"))]
    for position, item in enumerate(configurations):
        entries = structure.dictionary(item)
        base = kind(entries, "BaseState")
        if base not in {"", _ON} or structure.array(entries.get("OFF")):
            yield Hazard(HazardCode.HIDDEN_LAYER, f"configuration {position}")
    for item in structure.array(properties.get("OCGs")):
        group = structure.dictionary(item)
        usage = structure.dictionary(group.get("Usage"))
        if any(_off(structure, usage, key, state) for key, state in _STATES.items()):
            yield Hazard(HazardCode.HIDDEN_LAYER, "a layer for some occasions only")
    yield from _membership(structure)


def _off(structure: Structure, usage: dict[str, Any], key: str, state: str) -> bool:
    return kind(structure.dictionary(usage.get(key)), state) == "OFF"


def _membership(structure: Structure) -> Iterator[Hazard]:
    """Content that shows where layers are off (section 8.11.2.2), or by a condition."""
    for number, value in structure.naming(["OCMD"]):
        entries = structure.dictionary(value)
        hiding = kind(entries, "P") in {"AllOff", "AnyOff"}
        if kind(entries) == "OCMD" and (hiding or structure.array(entries.get("VE"))):
            yield Hazard(HazardCode.HIDDEN_LAYER, f"object {number}")
