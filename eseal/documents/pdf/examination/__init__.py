"""The examination of a PDF before the key touches it: what you see is what is sealed.

Each module looks for one class of danger. All of them read the document's objects through
:class:`~eseal.documents.pdf.structure.Structure`, and most look no further than the list of names
that occur in it: a plain document costs one pass over its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eseal.documents.pdf.annotations import annotations_of
from eseal.documents.pdf.examination import (
    actions,
    attachments,
    covered,
    external,
    fonts,
    forms,
    layers,
    media,
    overlays,
    unlisted,
)
from eseal.documents.pdf.examination.hazards import (
    SENTENCES,
    STRICT,
    ContentPolicy,
    Hazard,
    HazardCode,
)
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.page_tree import PageTree, page_tree
from eseal.documents.pdf.structure import Structure
from eseal.documents.viewer import SEALING, Viewer
from eseal.errors import TooLargeError, UnsafeDocumentError, UnsupportedDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MAX_HAZARDS",
    "SENTENCES",
    "STRICT",
    "ContentPolicy",
    "Hazard",
    "HazardCode",
    "check",
    "examine",
    "look",
]

MAX_HAZARDS: Final = 100
"""So many are listed; one is enough to refuse."""
_NAMED: Final = 3
"""So many are named in an error's message."""


def examine(
    pdf: bytes, limits: PdfLimits = DEFAULT_LIMITS, policy: ContentPolicy = STRICT
) -> tuple[Hazard, ...]:
    """Look for everything a document must not hold when it is sealed.

    Args:
        pdf: the document.
        limits: what it may cost.
        policy: what it may hold nevertheless.

    Returns:
        What was found, at most a hundred; nothing for a document that can be sealed.

    Raises:
        TooLargeError: the file, its pages or its objects are above the limit.
        UnsupportedDocumentError: not a PDF, broken, encrypted or without pages.
    """
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "the PDF is broken"):
        structure = Structure(reader, pdf)
        return look(structure, limits, policy).hazards


@dataclass(frozen=True, slots=True)
class Looked:
    """What the examination saw.

    Attributes:
        hazards: what must not be sealed.
        tree: its pages.
    """

    hazards: tuple[Hazard, ...]
    tree: PageTree


def look(
    structure: Structure, limits: PdfLimits, policy: ContentPolicy, viewer: Viewer = SEALING
) -> Looked:
    """As :func:`examine`, for a document that is open.

    Args:
        structure: the document.
        limits: what it may cost.
        policy: what it may hold nevertheless.
        viewer: who shows it, if it must be shown.

    Raises:
        TooLargeError: its pages or its objects are above the limit.
        UnsupportedDocumentError: without pages, or with a page tree that is none.
        Exception: whatever pyHanko throws on a broken file.
    """
    if len(structure.places) > limits.max_objects:
        raise TooLargeError(
            f"the PDF has too many parts: expected at most {limits.max_objects} objects, "
            f"got {len(structure.places)}",
            field="document",
        )
    tree = page_tree(structure, limits.max_pages)
    found: dict[Hazard, None] = {}
    for hazard in _all(structure, tree, policy, viewer):
        found[hazard] = None
        if len(found) == MAX_HAZARDS:
            break
    return Looked(tuple(found), tree)


def check(hazards: tuple[Hazard, ...]) -> None:
    """Refuse a document in which something was found.

    Raises:
        UnsafeDocumentError: there is at least one hazard; names the first few reasons.
    """
    if not hazards:
        return
    first = {hazard.code: hazard for hazard in reversed(hazards)}
    named = "; ".join(str(hazard) for hazard in [*first.values()][::-1][:_NAMED])
    more = len(first) - _NAMED
    raise UnsafeDocumentError(
        f"the PDF cannot be sealed as it is: {named}"
        + (f"; and {more} more reasons" if more > 0 else "")
        + ". Ask its author for a plain copy, or seal a flattened one",
        reasons=tuple(hazard.code.value for hazard in [*first.values()][::-1]),
    )


def _all(
    structure: Structure, tree: PageTree, policy: ContentPolicy, viewer: Viewer
) -> Iterator[Hazard]:
    yield from unlisted.find_unlisted(structure)
    yield from unlisted.find_unreachable(structure, tree)
    yield from actions.find(structure)
    yield from media.find(structure)
    if not policy.embedded_files:
        yield from attachments.find(structure)
    yield from external.find(structure)
    if structure.mentions({"OCProperties"}):
        yield from layers.find(structure)
    if structure.mentions({"FontFile", "FontFile2", "FontFile3"}):
        yield from fonts.find(structure, tree)
    if structure.mentions({"Annots", "AcroForm"}):
        there = list(annotations_of(structure, tree))
        yield from forms.find(structure, there)
        yield from overlays.find(structure, there, viewer)
    if not policy.covered_text and structure.mentions(covered.NAMES):
        yield from covered.find(structure, tree, viewer)
