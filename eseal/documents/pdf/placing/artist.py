"""Drawing on a page's own contents, as part of the revision that the signature covers.

A signature field has one widget (ISO 32000-2 section 12.7.5.5), so what a seal shows on further
pages is content of these pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.file.writing import packed
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.geometry import inherited
from eseal.documents.pdf.placing.stamps import Drawing, number, operators, resources_of
from eseal.errors import UnsupportedDocumentError

_PREFIX: Final = "Eseal"
_MAX_TRIES: Final = 1000


class PageArtist:
    """Draws on pages of one document."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._begin: Ref | None = None

    def draw(self, index: int, drawings: Sequence[Drawing]) -> None:
        """Add drawings over what a page shows.

        The contents there are closed in ``q`` and ``Q``, so that whatever they leave behind does
        not move the drawings; their own brackets match, or they would not be sealed. Resources may
        be shared or inherited: the page gets its own copy.

        Args:
            index: of the page, from 0.
            drawings: placed in points from the lower left corner of the page as shown.
        """
        canvas, draft = self._canvas, self._canvas.draft
        reference = canvas.pages[index]
        page = draft.dictionary(reference)
        prefix, resources = self._resources(page, drawings)
        held = page.get("Contents")
        there = draft.value(held)
        streams = there if isinstance(there, list) else [] if held is None else [held]
        # An artifact (ISO 32000-1 section 14.8.2.2): no part of what a tagged PDF reads out.
        matrix = map(number, canvas.geometry(index).matrix)
        parts = [b"Q /Artifact BMC q", *matrix, b"cm"]
        content = b" ".join(parts) + b"\n" + operators(drawings, prefix=prefix, blend=canvas.blend)
        end = draft.add(packed({}, content + b"\nQ EMC\n"))
        contents = [self._begin_stream(), *streams, end]
        draft.change(reference, page | {"Contents": contents, "Resources": resources})

    def _begin_stream(self) -> Ref:
        """The stream that opens the bracket, the same for all pages."""
        if self._begin is None:
            self._begin = self._canvas.draft.add(packed({}, b"q\n"))
        return self._begin

    def _resources(
        self, page: dict[str, Any], drawings: Sequence[Drawing]
    ) -> tuple[str, dict[str, Any]]:
        """The prefix of the drawings' names, which is new on the page, and its resources."""
        draft = self._canvas.draft
        resources = dict(inherited(draft, page, "Resources") or {})
        categories = {
            key: dict(draft.dictionary(resources.get(key))) for key in ("XObject", "ExtGState")
        }
        names = [name for named in categories.values() for name in named]
        prefix = _free_prefix(names)
        named = resources_of(drawings, prefix=prefix, blend=self._canvas.blend)
        for key, added in named.items():
            resources[key] = categories[key] | added
        return prefix, resources


def _free_prefix(names: list[str]) -> str:
    for number_ in range(_MAX_TRIES):
        prefix = f"{_PREFIX}{number_ or ''}"
        if not any(name.startswith(prefix) for name in names):
            return prefix
    raise UnsupportedDocumentError("a page's resources use up all names", field="document")
