"""A copy that can be sealed of a document that cannot: what it shows, and nothing else.

Form fields and annotations are drawn into the pages; the pages then move into a new file, so that
scripts, actions, layers, attachments and everything else no page needs stay behind. Each page is
compared with the original as it was shown; one that would look different, for instance because a
hidden layer comes to light, is put in as a picture of itself.
"""

from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING, Final

from eseal.documents.pdf.examination import check, examine
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.page_tree import page_tree
from eseal.documents.pdf.pdfium import opened
from eseal.documents.pdf.structure import Structure
from eseal.errors import AlreadySealedError, TooLargeError, UnsupportedDocumentError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument, PdfPage

MAX_PAGES: Final = 500
"""Each page is drawn twice, at some 20 ms."""
MAX_SECONDS: Final = 60.0
"""For one document, looked at between two pages."""
_COMPARED_AT: Final = 1.5
"""Pixels in a point: at 108 dots per inch a comma has several."""
_PICTURE_AT: Final = 200 / 72
"""Pixels in a point of a page that becomes a picture: as a good scan."""
_MAX_PIXELS: Final = 24_000_000
"""An A3 page as a picture has 8 million."""
_NOISE: Final = 48
"""Levels of 255 by which a pixel may differ, as at edges that are smoothed otherwise."""
_SPECKS: Final = 20
"""Pixels that may differ more: less than a letter."""


def flatten(pdf: bytes, limits: PdfLimits = DEFAULT_LIMITS) -> bytes:
    """Make a copy that can be sealed. The original stays as it is.

    Args:
        pdf: the document.
        limits: what it may cost.

    Returns:
        A PDF of the same pages, as they are shown on a screen, that passes the examination. Text
        stays text, but for pages that would look different without being a picture.

    Raises:
        AlreadySealedError: it is signed, which a copy would not be.
        TooLargeError: it has too many pages.
        UnsupportedDocumentError: it is broken or encrypted, or takes too long.
    """
    pages = _check(pdf, limits)
    deadline = time.monotonic() + MAX_SECONDS
    copy = _copied(pdf, pages, deadline)
    hazards = examine(copy, limits)
    if hazards:
        copy = _copied(pdf, pages, deadline, pictures=frozenset(range(pages)))
        hazards = examine(copy, limits)
    check(hazards)
    return copy


def _check(pdf: bytes, limits: PdfLimits) -> int:
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "the PDF is broken"):
        for field in form_fields(reader, limits.max_fields):
            if field.is_filled_signature:
                raise AlreadySealedError(
                    f"the PDF carries a signature, in field {field.name!r}, which a flattened "
                    "copy would lose",
                    field="document",
                )
        pages = len(page_tree(Structure(reader, pdf), limits.max_pages).pages)
    if pages > MAX_PAGES:
        raise TooLargeError(
            f"the PDF is too long to be flattened: expected at most {MAX_PAGES} pages, got {pages}",
            field="document",
        )
    return pages


def _copied(
    pdf: bytes, count: int, deadline: float, *, pictures: frozenset[int] = frozenset()
) -> bytes:
    from pypdfium2 import PdfDocument

    with opened(pdf) as original, opened(pdf) as source:
        if len(original) != count:
            raise UnsupportedDocumentError(
                f"the PDF is broken: it has {count} pages, of which {len(original)} can be shown",
                field="document",
            )
        _flatten_pages(source)
        copy = PdfDocument.new()
        try:
            copy.import_pages(source)
            for index in range(count):
                if time.monotonic() > deadline:
                    raise UnsupportedDocumentError(
                        f"the PDF takes too long to be flattened: {index} of {count} pages in "
                        f"{MAX_SECONDS:g} seconds",
                        field="document",
                    )
                shown = original[index]
                if index in pictures or not _alike(shown, copy[index]):
                    _replace(copy, index, shown)
            out = BytesIO()
            copy.save(out)
        finally:
            copy.close()
    return out.getvalue()


def _flatten_pages(source: PdfDocument) -> None:
    from pypdfium2 import raw

    for index in range(len(source)):
        page = source[index]
        page.flatten(raw.FLAT_NORMALDISPLAY)
        page.close()
        page = source[index]
        for number in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
            raw.FPDFPage_RemoveAnnot(page, number)
        page.close()


def _alike(one: PdfPage, other: PdfPage) -> bool:
    """Whether two pages look the same, but for specks."""
    from PIL import ImageChops

    if one.get_size() != other.get_size():
        return False
    first, second = (_drawn(page, _COMPARED_AT) for page in (one, other))
    difference = ImageChops.difference(first, second).convert("L")
    return sum(difference.histogram()[_NOISE:]) <= _SPECKS


def _drawn(page: PdfPage, scale: float) -> Image.Image:
    width, height = page.get_size()
    scale = min(scale, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    image: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    return image


def _replace(copy: PdfDocument, index: int, shown: PdfPage) -> None:
    """Put a picture of a page in the page's place."""
    from pypdfium2 import PdfBitmap, PdfImage, PdfMatrix

    width, height = shown.get_size()
    picture = PdfImage.new(copy)
    picture.set_bitmap(PdfBitmap.from_pil(_drawn(shown, _PICTURE_AT)))
    picture.set_matrix(PdfMatrix().scale(width, height))
    copy.del_page(index)
    page = copy.new_page(width, height, index)
    page.insert_obj(picture)
    page.gen_content()
    page.close()
