"""Annotations that are not shown, or that cover text of the page (hide variant, NDSS 2021)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from eseal.documents.pdf.annotations import Annotation, Box
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure

if TYPE_CHECKING:
    from eseal.documents.viewer import Viewer

_WITHOUT_LOOK: Final = frozenset({"Link", "Popup"})
"""Annotations that draw nothing but a border."""
_MARKING: Final = frozenset({"Highlight", "Underline", "StrikeOut", "Squiggly", "Text", "Caret",
                             "PrinterMark", "TrapNet"})  # fmt: skip
"""Annotations made to stand on text."""


def find(structure: Structure, found: Sequence[Annotation], viewer: Viewer) -> Iterator[Hazard]:
    """Hidden annotations, and those over text.

    Raises:
        UnsupportedDocumentError: the document cannot be shown.
    """
    boxes: dict[int, list[Box]] = defaultdict(list)
    for each in found:
        if each.subtype in _WITHOUT_LOOK or not structure.dictionary(each.entries.get("AP")):
            continue
        if each.subtype == "Widget":
            if structure.inherited(each.entries, "FT") == "Sig" or each.is_hidden:
                continue
        elif each.is_hidden:
            yield Hazard(HazardCode.HIDDEN_ANNOTATION, f"{each.subtype}, page {each.page + 1}")
            continue
        if each.subtype not in _MARKING and not each.is_empty:
            boxes[each.page].append(each.box)
    if boxes:
        from eseal.documents.viewer.covers import covered_by_annotations

        covered = viewer.ask(covered_by_annotations, structure.data, boxes=[*boxes.items()])
        for page in map(int, covered):
            yield Hazard(HazardCode.OVERLAY, f"page {page + 1}")
