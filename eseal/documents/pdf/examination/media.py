"""Sound, video, three-dimensional content (ISO 32000-1 clause 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, dictionaries, kind

_ANNOTATIONS: Final = frozenset({"Movie", "Sound", "Screen", "RichMedia", "3D"})


def find(structure: Structure) -> Iterator[Hazard]:
    """Annotations that play something."""
    for number, value in structure.naming(_ANNOTATIONS):
        for entries in dictionaries(value):
            if kind(entries, "Subtype") in _ANNOTATIONS and "Rect" in entries:
                yield Hazard(HazardCode.MULTIMEDIA, f"object {number}")
