"""The looks that PDFium gives to form fields that have none (ISO 32000-1 section 12.7.3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from eseal.documents.viewer.opened import Box, opened, page_of

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

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


def texts_in(pdf: bytes, places: Sequence[tuple[int, Box]]) -> list[tuple[str, str]]:
    """What stands in some boxes of pages, from 0: printed, and with all annotations and fields.

    Raises:
        UnsupportedDocumentError: PDFium cannot show it.
    """
    from pypdfium2 import raw

    with opened(pdf) as document:
        printed = [*_texts(document, places)]
        for index in sorted({index for index, _ in places}):
            with page_of(document, index) as page:
                raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        return [*zip(printed, _texts(document, places), strict=True)]


def _texts(document: PdfDocument, places: Sequence[tuple[int, Box]]) -> Iterator[str]:
    for index, box in places:
        with page_of(document, index) as page:
            text = page.get_textpage()
            yield text.get_text_bounded(*box)
            text.close()
