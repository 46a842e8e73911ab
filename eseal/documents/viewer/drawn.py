"""Pictures of pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from eseal.documents.pdfium import LOCK, library
from eseal.documents.viewer.opened import opened, page_of
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL import Image

_MAX_PIXELS: Final = 24_000_000
"""An A3 page at 200 dots per inch has 8 million."""
_BELOW_ONE: Final = 1 - 5e-6
"""PDFium makes an image a pixel larger where the page is wider by a rounding error."""


def as_png(pdf: bytes, *, dpi: float) -> bytes:
    """The first page as a PNG with a transparent ground that knows its resolution."""
    out = io.BytesIO()
    render(pdf, dpi).save(out, "PNG", dpi=(dpi, dpi), optimize=False)
    return out.getvalue()


def render(pdf: bytes, dpi: float) -> Image.Image:
    """The first page as an image with transparency."""
    with LOCK:
        pdfium = library()
        document = pdfium.PdfDocument(pdf)
        try:
            page = document[0]
            bitmap = page.render(
                scale=dpi / 72 * _BELOW_ONE,
                fill_color=(255, 255, 255, 0),
                maybe_alpha=False,
                force_bitmap_format=pdfium.raw.FPDFBitmap_BGRA,
                rev_byteorder=True,
            )
            image: Image.Image = bitmap.to_pil().copy()
            bitmap.close()
            page.close()
        finally:
            document.close()
    return image


def page_as_png(pdf: bytes, *, page: int, width: int) -> bytes:
    """A page on white paper as a PNG.

    Args:
        pdf: the document.
        page: from 0; negative from the end.
        width: pixels, as near as the page's shape allows.

    Raises:
        InvalidInputError: there is no such page.
        UnsupportedDocumentError: PDFium cannot show it.
    """
    with opened(pdf) as document:
        count = len(document)
        if not -count <= page < count:
            raise InvalidInputError(
                f"page: expected a page from 1 to {count}, or from -1 for the last", field="page"
            )
        with page_of(document, page % count) as shown:
            wide, high = shown.get_size()
            scale = min(width / wide, (_MAX_PIXELS / (wide * high)) ** 0.5)
            image = shown.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
