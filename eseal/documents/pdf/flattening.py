"""A copy that can be sealed of a document that cannot: what it shows, and nothing else.

Form fields and annotations are drawn into the pages; the pages then move into a new file, so that
scripts, actions, layers, attachments and everything else no page needs stay behind. Each page is
compared with the original as it was shown; one that would look different, for instance because a
hidden layer comes to light, is put in as a picture of itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from eseal.documents.pdf.examination import MAX_HAZARDS, check, examine
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.objects import entry
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.page_tree import page_tree
from eseal.documents.pdf.structure import Structure
from eseal.documents.viewer import SEALING
from eseal.documents.viewer.copies import draw_in, unlike, with_pictures
from eseal.errors import AlreadySealedError, TooLargeError, UnsupportedDocumentError

if TYPE_CHECKING:
    from eseal.documents.pdf.reader import BoundedReader

MAX_PAGES: Final = 500
"""Each page is drawn twice, at some 20 ms."""
MAX_SECONDS: Final = 60.0
"""For one document."""
_INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DRAWING: Final = (*_INHERITED, "/Contents", "/Group", "/UserUnit", "/TrimBox", "/BleedBox")
_MAX_TREE_DEPTH: Final = 64


def flatten(pdf: bytes, limits: PdfLimits = DEFAULT_LIMITS) -> bytes:
    """Make a copy that can be sealed. The original stays as it is.

    Args:
        pdf: the document.
        limits: what it may cost.

    Returns:
        A PDF of the same pages, as they are shown on a screen, that passes the examination. Text
        stays text, but for pages that would look different without being a picture, or would not
        pass.

    Raises:
        AlreadySealedError: it is signed, which a copy would not be.
        TooLargeError: it has too many pages.
        UnsupportedDocumentError: it is broken or encrypted, or takes too long.
    """
    pages = _check(pdf, limits)
    deadline = time.monotonic() + MAX_SECONDS
    copy = _rewritten(_ask(deadline, draw_in, _explicit(pdf)))
    pictures = set(_ask(deadline, unlike, pdf, copy, pages=pages))
    hazards = examine(copy, limits)
    if any(hazard.page is None for hazard in hazards) or len(hazards) == MAX_HAZARDS:
        pictures.update(range(pages))
    pictures.update(hazard.page for hazard in hazards if hazard.page is not None)
    if pictures:
        copy = _rewritten(_ask(deadline, with_pictures, pdf, copy, pages=sorted(pictures)))
        hazards = examine(copy, limits)
    check(hazards)
    return copy


def _ask(deadline: float, task: Callable[..., Any], *files: bytes, **arguments: Any) -> Any:
    return SEALING.ask(task, *files, seconds=max(0.001, deadline - time.monotonic()), **arguments)


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
