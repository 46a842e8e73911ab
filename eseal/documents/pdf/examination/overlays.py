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

_DRAWN_BY_ALL: Final = frozenset({"Square", "Circle", "Ink"})
"""Annotations that viewers draw from their entries where they have no look of their own."""
_DRAWN_BY_SOME: Final = frozenset({"FreeText", "Stamp", "Polygon"})
"""Likewise, but PDFium does not."""


def find(structure: Structure, found: Sequence[Annotation], viewer: Viewer) -> Iterator[Hazard]:
    """Hidden annotations, and those over text.

    Raises:
        UnsupportedDocumentError: the document cannot be shown.
    """
    drawn: dict[int, list[Box]] = defaultdict(list)
    undrawn: dict[int, list[Box]] = defaultdict(list)
    for each in found:
        is_drawn = _is_drawn(structure, each)
        if is_drawn is None or _is_field_out_of_sight(structure, each):
            continue
        if each.is_hidden:
            where = f"{each.subtype}, page {each.page + 1}"
            yield Hazard(HazardCode.HIDDEN_ANNOTATION, where, each.page)
        elif not each.is_empty:
            (drawn if is_drawn else undrawn)[each.page].append(each.box)
    if drawn or undrawn:
        from eseal.documents.viewer.covers import covered_by_annotations

        covered = viewer.ask(
            covered_by_annotations,
            structure.data,
            drawn=[*drawn.items()],
            undrawn=[*undrawn.items()],
        )
        for page in map(int, covered):
            yield Hazard(HazardCode.OVERLAY, f"page {page + 1}", page)


def _is_drawn(structure: Structure, annotation: Annotation) -> bool | None:
    """Whether PDFium draws it; ``None`` if nobody does."""
    entries, subtype = annotation.entries, annotation.subtype
    if structure.dictionary(entries.get("AP")) or subtype in _DRAWN_BY_ALL:
        return True
    if subtype == "Polygon" and not structure.array(entries.get("IC")):
        return None  # without a colour inside it is a line
    return False if subtype in _DRAWN_BY_SOME else None


def _is_field_out_of_sight(structure: Structure, annotation: Annotation) -> bool:
    """One of those ``forms`` looks at; or a signature, whose look stands and falls with it."""
    if annotation.subtype != "Widget":
        return False
    return annotation.is_hidden or (
        structure.inherited(annotation.entries, "FT") == "Sig"
        and bool(structure.inherited(annotation.entries, "V"))
    )
