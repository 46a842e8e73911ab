"""A copy that can be sealed of a document that cannot: what it shows, and nothing else.

Form fields and annotations are drawn into the pages; then everything no page needs is left behind,
so scripts, actions, layers and attachments are gone. Each page is compared with the original as it
was shown; one that would look different, for instance because a hidden layer comes to light, is put
in as a picture of itself.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import pikepdf

from eseal.documents.pdf.examination.examining import MAX_HAZARDS, check, examine
from eseal.documents.pdf.examination.hazards import Hazard
from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS, MAX_COMPARED_PAGES, PdfLimits
from eseal.documents.pdf.opening.opening import guarded, open_document
from eseal.documents.viewer.copies import draw_in, unlike_but_for_specks, with_pictures
from eseal.errors import TooLargeError, UnsupportedDocumentError

_CANNOT: Final = "the PDF cannot be flattened"
_CATALOG: Final = frozenset({"/Type", "/Pages", "/Lang"})
_DRAWING: Final = frozenset(
    "/" + key
    for key in [
        "Type",
        "Parent",
        "Resources",
        "MediaBox",
        "CropBox",
        "Rotate",
        "Contents",
        "Group",
        "UserUnit",
        "TrimBox",
        "BleedBox",
    ]
)
"""The entries of a page that decide what it shows, and where it stands."""


def flatten(data: bytes, limits: PdfLimits = DEFAULT_LIMITS) -> bytes:
    """Make a copy that can be sealed. To be run in a confined process; it takes its time.

    Args:
        data: the document.
        limits: what it may cost.

    Returns:
        A PDF of the same pages, as they are shown on a screen, that passes the examination. Text
        stays text, but for pages that would look different without being a picture, or would not
        pass.

    Raises:
        AlreadySealedError: it is signed, which a copy would not be.
        TooLargeError: it has too many pages.
        UnsafeDocumentError: it would not pass even so.
        UnsupportedDocumentError: it is damaged or locked, or cannot be shown.
    """
    with open_document(data, limits) as pdf, guarded(UnsupportedDocumentError, _CANNOT):
        pages = len(pdf.pages)
        _check_length(pages)
        copy = _bare(draw_in(_saved(pdf)))
        pictures = set(unlike_but_for_specks(data, copy, pages=pages))
    hazards = _hazards(copy, limits)
    # What pages share is found once: if something is left after that, it may be on any of them.
    for more in (_dangerous(hazards, pages), set(range(pages))):
        pictures |= more
        if pictures:
            with guarded(UnsupportedDocumentError, _CANNOT):
                copy = _bare(with_pictures(data, copy, pages=sorted(pictures)))
            hazards = _hazards(copy, limits)
        if not hazards:
            break
    check(hazards)
    return copy


def _check_length(pages: int) -> None:
    if pages > MAX_COMPARED_PAGES:
        raise TooLargeError(
            "the PDF is too long to be flattened: expected at most "
            f"{MAX_COMPARED_PAGES} pages, got {pages}",
            field="document",
        )


def _hazards(copy: bytes, limits: PdfLimits) -> tuple[Hazard, ...]:
    """What must not be sealed in the copy, or could be read in more than one way."""
    with open_document(copy, limits) as made:
        meaning = put_in_order(made, limits)
        return (*meaning.hazards, *meaning.settled, *examine(made))


def _dangerous(hazards: tuple[Hazard, ...], pages: int) -> set[int]:
    """The pages on which something is left."""
    if any(hazard.page is None for hazard in hazards) or len(hazards) >= MAX_HAZARDS:
        return set(range(pages))
    return {hazard.page for hazard in hazards if hazard.page is not None}


def _bare(data: bytes) -> bytes:
    """The file with its pages, what they need to be drawn, and nothing else."""
    with pikepdf.open(BytesIO(data)) as pdf:
        for key in pdf.Root.keys() - _CATALOG:
            del pdf.Root[key]
        for key in pdf.trailer.keys() & {"/Info"}:
            del pdf.trailer[key]
        for page in pdf.pages:
            for key in page.obj.keys() - _DRAWING:
                del page.obj[key]
        return _saved(pdf)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    """The document written by qpdf: what nothing leads to stays behind."""
    out = BytesIO()
    pdf.save(out, encryption=False, fix_metadata_version=False)
    return out.getvalue()
