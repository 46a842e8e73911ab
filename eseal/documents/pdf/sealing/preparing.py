"""Preparing a PDF for its seal: everything but the CMS (ETSI EN 319 142-1, PAdES-B-B).

Runs in a confined process: it reads what strangers have made. Whoever holds keys gets the result
and checks its form (:func:`eseal.documents.pdf.asking.checked`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pikepdf

from eseal.documents.confined.budget import VERIFYING
from eseal.documents.pdf.examination.examining import check, examine
from eseal.documents.pdf.examination.hazards import ContentPolicy, Hazard
from eseal.documents.pdf.file.scanner import HEADER
from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS, PdfLimits
from eseal.documents.pdf.opening.opening import guarded, open_document
from eseal.documents.pdf.placing.stamps import is_pdf_a_1
from eseal.documents.pdf.readying.flattening import flatten
from eseal.documents.pdf.readying.hidden import VERIFIABLE, check_verifiable, hazards_left
from eseal.documents.pdf.readying.repairs import check_alike, repairs
from eseal.documents.pdf.readying.tidying import tidy
from eseal.documents.pdf.sealing.empty_fields import ready_fields
from eseal.documents.pdf.sealing.first_seal import write_first
from eseal.documents.pdf.sealing.further_seal import empty_places, write_further
from eseal.documents.pdf.sealing.lent_looks import fields_without_look, notes_on
from eseal.documents.pdf.sealing.rewriting import Rewritten, written_by_qpdf
from eseal.documents.pdf.seals.judging import Judged, judge
from eseal.documents.viewer.copies import unlike
from eseal.errors import AlreadySealedError, InvalidFormatError, UnsupportedDocumentError

if TYPE_CHECKING:
    from eseal.documents.pdf.file.writing import Written
    from eseal.documents.pdf.sealing.options import PdfSealOptions


def prepare_pieces(
    data: bytes, options: PdfSealOptions, limits: PdfLimits = DEFAULT_LIMITS
) -> tuple[Written, tuple[str, ...]]:
    """Examine a document, write it anew, and add a signature that lacks only its CMS.

    A document in our form that has a place for a further party gets that filled, behind what it
    is.

    The result is looked at as a verifier does, once, where that may show more: whoever has a seal
    can build a document with places by hand; what was put in order must be so; and what took long
    to prepare may take too long to verify.

    Args:
        data: the document.
        options: how to seal it.
        limits: what it may cost.

    Returns:
        The new file, or what follows the old one; and notes of the choices made.

    Raises:
        TooLargeError: the file is above the limit.
        AlreadySealedError: it carries a signature that allows no further one.
        UnsafeDocumentError: the examination found what must not be sealed.
        UnsupportedDocumentError: empty, not a PDF, truncated, broken, encrypted, without pages,
            or with text the visible seal cannot show.
        InvalidInputError: options that cannot be used.
    """
    begun = time.process_time()
    options.check()
    if options.mode.flatten:
        data = flatten(data, limits)
    judged = _judged(data)
    if judged is not None:
        written, notes = write_further(judged, options)
        before, in_doubt = data, True
    else:
        written, notes, in_doubt = _first(data, options, limits)
        before = b""
    most = VERIFIABLE * VERIFYING.of(written.end).cpu_seconds
    if in_doubt or time.process_time() - begun > most:
        check_verifiable(b"".join((before, *written.pieces)), most)
    return written, notes


def _first(
    data: bytes, options: PdfSealOptions, limits: PdfLimits
) -> tuple[Written, tuple[str, ...], bool]:
    """Write a document with its first seal; the last value is whether it was put in order."""
    if options.mode.lock:
        raise UnsupportedDocumentError(
            "lock: it closes a document after the last of several seals; this one has none yet",
            field="lock",
        )
    try:
        return _prepare_first(data, options, limits)
    except InvalidFormatError as error:
        raise UnsupportedDocumentError(
            f"the PDF cannot be written in the form in which it is sealed: {error}. Print it to a "
            "new PDF, or seal it as a container",
            field="document",
        ) from None


def _prepare_first(
    data: bytes, options: PdfSealOptions, limits: PdfLimits
) -> tuple[Written, tuple[str, ...], bool]:
    with (
        open_document(data, limits) as pdf,
        guarded(UnsupportedDocumentError, "the PDF cannot be sealed"),
    ):
        tidy(pdf)
        lacking = fields_without_look(pdf)
        meaning = put_in_order(pdf, limits)
        check((*examine(pdf, options.mode.content), *meaning.hazards))
        ready_fields(pdf)
        anew = written_by_qpdf(pdf)
        repaired = repairs(pdf, meaning.warnings)
        check_alike(data, anew, len(pdf.pages), repaired, meaning)
        if meaning.programs:
            meaning.still()
            anew = written_by_qpdf(pdf)
        blend = not _forbids_blending(pdf)
        written, notes = write_first(Rewritten(anew), data, options, blend=blend)
        lent = notes_on(lacking)
        in_order = bool(repaired or meaning.touched or meaning.settled)
        return written, (*meaning.notes, *lent, *notes), in_order


def hazards_before_sealing(
    data: bytes, policy: ContentPolicy, limits: PdfLimits = DEFAULT_LIMITS
) -> tuple[Hazard, ...]:
    """What a document holds that must not be sealed.

    Raises:
        TooLargeError, UnsupportedDocumentError: it cannot be read.
        AlreadySealedError: it carries a signature that allows no further one.
    """
    judged = _judged(data)
    if judged is not None:
        empty_places(judged)
        return hazards_left(data)  # as a verifier looks at it
    with open_document(data, limits) as pdf:
        tidy(pdf)
        meaning = put_in_order(pdf, limits)
        found = (*examine(pdf, policy), *meaning.hazards)
        if found or not meaning.settled:
            return found
        changed = unlike(data, written_by_qpdf(pdf), pages=len(pdf.pages), but=meaning.buttons)
        return meaning.behind(changed) if changed else ()


def _judged(data: bytes) -> Judged | None:
    """The document if it is a sealed one in our form."""
    if HEADER.match(data) is None:
        return None
    try:
        judged = judge(data)
    except InvalidFormatError:
        return None
    if judged.problem is not None:
        raise AlreadySealedError(
            "another program has added something behind the seals of this PDF: take the sealed "
            "document out of it (eseal verify --extract) and seal that",
            field="document",
        )
    return judged


def _forbids_blending(pdf: pikepdf.Pdf) -> bool:
    metadata = pdf.Root.get("/Metadata")
    return isinstance(metadata, pikepdf.Stream) and is_pdf_a_1(metadata.read_bytes())
