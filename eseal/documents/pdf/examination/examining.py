"""What a document must not hold when it is sealed, looked for in qpdf's objects.

See :class:`~eseal.documents.pdf.examination.graph.Graph`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pikepdf

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
)
from eseal.documents.pdf.examination.annotations import annotations_of
from eseal.documents.pdf.examination.graph import Graph
from eseal.documents.pdf.examination.hazards import STRICT, ContentPolicy, Hazard, HazardCode
from eseal.documents.pdf.opening.opening import guarded
from eseal.errors import UnsafeDocumentError, UnsupportedDocumentError

MAX_HAZARDS: Final = 100
"""So many are listed; one is enough to refuse."""
_NAMED: Final = 3
"""So many are named in an error's message."""


def examine(pdf: pikepdf.Pdf, policy: ContentPolicy = STRICT) -> tuple[Hazard, ...]:
    """Look for everything a document must not hold when it is sealed.

    Args:
        pdf: the document, as :mod:`~eseal.documents.pdf.opening` opened it: its size is within
            limits.
        policy: what it may hold nevertheless.

    Returns:
        What was found, at most a hundred; nothing for a document that can be sealed.

    Raises:
        TooLargeError: its parts refer to one another too often.
        UnsupportedDocumentError: it is broken, or cannot be shown.
    """
    found: dict[Hazard, None] = {}
    with guarded(UnsupportedDocumentError, "the PDF is broken"):
        for hazard in _all(Graph(pdf), policy):
            found[hazard] = None
            if len(found) == MAX_HAZARDS:
                break
    return tuple(found)


def check(hazards: tuple[Hazard, ...]) -> None:
    """Refuse a document in which something was found.

    Raises:
        UnsafeDocumentError: there is at least one hazard; names the first few reasons, where they
            are, and what to do.
    """
    if not hazards:
        return
    first = {hazard.code: hazard for hazard in reversed(hazards)}
    reasons = [*first.values()][::-1]
    named = "; ".join(str(hazard) for hazard in reasons[:_NAMED])
    more = len(reasons) - _NAMED
    remedies = dict.fromkeys(hazard.remedy.value for hazard in reasons)
    raise UnsafeDocumentError(
        f"the PDF cannot be sealed as it is: {named}"
        + (f"; and {more} more {'reason' if more == 1 else 'reasons'}" if more > 0 else "")
        + f". What to do: {'; '.join(remedies)}; or ask its author for a plain copy",
        reasons=tuple(hazard.code.value for hazard in reasons),
    )


def _all(graph: Graph, policy: ContentPolicy) -> Iterator[Hazard]:
    there = [*annotations_of(graph)]
    for page in graph.stray_pages:
        yield Hazard(HazardCode.UNREACHABLE_PAGE, f"object {page.split()[0]}")
    yield from actions.find(graph)
    yield from media.find(graph, there)
    yield from attachments.find_portfolio(graph)
    if not policy.embedded_files:
        yield from attachments.find(graph, there)
    yield from external.find(graph)
    yield from layers.find(graph)
    yield from fonts.find(graph)
    yield from forms.find(graph, there)
    yield from forms.find_signatures(graph)
    yield from overlays.find(graph, there)
    if not policy.covered_text:
        yield from covered.find(graph)
