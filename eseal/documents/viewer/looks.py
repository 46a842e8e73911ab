"""The looks that PDFium gives to form fields that have none (ISO 32000-1 section 12.7.3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from eseal.documents.viewer.opened import opened, page_of

_SMALL = 0.05
"""Pixels in a point: fields get their looks when they are drawn, however small."""


def with_looks(pdf: bytes, pages: Iterable[int]) -> bytes:
    """A copy of a document in which the fields of some pages, from 0, have the looks PDFium shows.

    Raises:
        UnsupportedDocumentError: PDFium cannot show it.
    """
    out = BytesIO()
    with opened(pdf) as document:
        for index in pages:
            with page_of(document, index) as page:
                page.render(scale=_SMALL, may_draw_forms=True)
        document.save(out)
    return out.getvalue()
