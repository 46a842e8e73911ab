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

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from eseal.documents.pdf.examination import check, examine
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.objects import entry
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.page_tree import page_tree
from eseal.documents.pdf.pdfium import opened
from eseal.documents.pdf.structure import Structure
from eseal.errors import AlreadySealedError, TooLargeError, UnsupportedDocumentError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument, PdfPage

    from eseal.documents.pdf.reader import BoundedReader

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
_INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DRAWING: Final = (*_INHERITED, "/Contents", "/Group", "/UserUnit", "/TrimBox", "/BleedBox")
_MAX_TREE_DEPTH: Final = 64
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
    with opened(pdf) as original:
        if len(original) != count:
            raise UnsupportedDocumentError(
                f"the PDF is broken: it has {count} pages, of which {len(original)} can be shown",
                field="document",
            )
        copy = _rewritten(_flattened(_explicit(pdf)))
        with opened(copy) as made:
            other = set(pictures)
            for index in range(count):
                if time.monotonic() > deadline:
                    raise UnsupportedDocumentError(
                        f"the PDF takes too long to be flattened: {index} of {count} pages in "
                        f"{MAX_SECONDS:g} seconds",
                        field="document",
                    )
                if index not in other and not _alike(original[index], made[index]):
                    other.add(index)
            for index in sorted(other):
                _replace(made, index, original[index])
            return _rewritten(_saved(made)) if other else copy


def _explicit(pdf: bytes) -> bytes:
    """The file with boxes and resources on the pages themselves, where PDFium looks for them."""
    with guarded(UnsupportedDocumentError, "the PDF cannot be flattened"):
        reader = open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError)
        writer = IncrementalPdfFileWriter(reader.stream, prev=reader)
        for reference in _pages(reader, pdf):
            page = reader.get_object(reference)  # type: ignore[no-untyped-call]
            page.update(_drawing(page))
            writer.mark_update(reference)
        out = BytesIO()
        writer.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()


def _flattened(pdf: bytes) -> bytes:
    """Annotations and fields drawn into the pages."""
    from pypdfium2 import raw

    with opened(pdf) as source:
        for index in range(len(source)):
            page = source[index]
            # The binding's own word for it refuses documents without a form.
            if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
                raise UnsupportedDocumentError(
                    f"page {index + 1} cannot be flattened", field="document"
                )
            page.close()
        return _saved(source)


def _saved(document: PdfDocument) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _rewritten(pdf: bytes) -> bytes:
    """A new file that holds the pages, with what they need to be drawn, and nothing else."""
    with guarded(UnsupportedDocumentError, "the PDF cannot be flattened"):
        reader = open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError)
        pages = [
            generic.DictionaryObject(_drawing(reader.get_object(reference)))  # type: ignore[no-untyped-call]
            for reference in _pages(reader, pdf)
        ]
        writer = PdfFileWriter(stream_xrefs=True)  # type: ignore[no-untyped-call]
        together = generic.ArrayObject(pages)
        together.container_ref = reader.root_ref
        # In one go, so that what pages share is copied once.
        copied = writer.import_object(together)
        for page in copied if isinstance(copied, generic.ArrayObject) else ():
            writer.insert_page(page)  # type: ignore[no-untyped-call]
        out = BytesIO()
        writer.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()


def _pages(reader: BoundedReader, pdf: bytes) -> list[generic.Reference]:
    tree = page_tree(Structure(reader, pdf), DEFAULT_LIMITS.max_pages)
    return [generic.Reference(page.number, page.generation, reader) for page in tree.pages]


def _drawing(page: generic.DictionaryObject) -> dict[str, generic.PdfObject]:
    """The entries of a page that decide what it shows."""
    found: dict[str, generic.PdfObject] = {pdf_name("/Type"): pdf_name("/Page")}
    node: object = page
    for _ in range(_MAX_TREE_DEPTH):
        if not isinstance(node, generic.DictionaryObject):
            break
        for key in _DRAWING if node is page else _INHERITED:
            if key in node and key not in found:
                found[pdf_name(key)] = node.raw_get(key)
        node = entry(node, "/Parent")
    return found


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
