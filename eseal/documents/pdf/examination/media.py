"""Sound, video, three-dimensional content (ISO 32000-1 clause 13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eseal.documents.pdf.examination.annotations import Annotation, where
from eseal.documents.pdf.examination.graph import Graph
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode

_PLAYED: Final = frozenset({"Movie", "Sound", "Screen", "RichMedia", "3D"})


def find(graph: Graph, there: Sequence[Annotation]) -> Iterator[Hazard]:
    """Annotations that play something."""
    for each in there:
        if each.subtype in _PLAYED:
            yield Hazard(HazardCode.MULTIMEDIA, where(graph, each), each.page)
