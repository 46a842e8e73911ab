"""A document open in PDFium, and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eseal.documents.pdfium import LOCK, library
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the page's own units."""


@contextmanager
def opened(pdf: bytes, pages: int | None = None) -> Iterator[PdfDocument]:
    """Open a document, forms included; holds the lock until it is closed.

    Args:
        pdf: the document.
        pages: how many it must have, or a page found would not be the page that is sealed.

    Raises:
        UnsupportedDocumentError: PDFium cannot read it, or counts other pages.
    """
    with LOCK:
        pdfium = library()
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError:
            raise UnsupportedDocumentError(
                "the PDF is broken: it cannot be shown", field="document"
            ) from None
        try:
            if pages not in {None, len(document)}:
                raise UnsupportedDocumentError(
                    f"the PDF says it has {pages} pages, and shows {len(document)}",
                    field="document",
                )
            if document.get_formtype():
                document.init_forms()
            yield document
        finally:
            document.close()


@contextmanager
def page_of(document: PdfDocument, index: int) -> Iterator[PdfPage]:
    """A page, from 0.

    Raises:
        UnsupportedDocumentError: PDFium cannot show it.
    """
    import pypdfium2

    try:
        page = document[index]
    except (pypdfium2.PdfiumError, IndexError):
        raise UnsupportedDocumentError(
            f"page {index + 1} cannot be shown", field="document"
        ) from None
    try:
        yield page
    finally:
        page.close()
