"""PDFium, one caller at a time: the library is not thread-safe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eseal.documents.pdfium import LOCK, library
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument


@contextmanager
def opened(pdf: bytes) -> Iterator[PdfDocument]:
    """Open a document, forms included; holds the lock until it is closed.

    Raises:
        UnsupportedDocumentError: PDFium cannot read it.
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
            if document.get_formtype():
                document.init_forms()
            yield document
        finally:
            document.close()
