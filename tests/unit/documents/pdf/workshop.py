"""Sealing in this process: what a confined one does with a document, step by step."""

from __future__ import annotations

from dataclasses import replace

from eseal.documents.pdf import PdfSealOptions, PreparedPdf
from eseal.documents.pdf.asking import checked
from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS, PdfLimits
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.geometry import pages_of
from eseal.documents.pdf.sealing.preparing import prepare_pieces
from eseal.documents.pdf.sealing.rewriting import Rewritten, written_by_qpdf

DER = b"\x30\x03\x02\x01\x05"
"""What looks like a CMS, for tests that verify none."""


def prepared(
    pdf: bytes, options: PdfSealOptions, limits: PdfLimits = DEFAULT_LIMITS
) -> PreparedPdf:
    """See :func:`eseal.documents.pdf.prepare`."""
    written, notes = prepare_pieces(pdf, options, limits)
    made = b"".join(written.pieces)
    start = written.end - len(made)
    return replace(checked(pdf[:start] + made), notes=notes)


def sealed(pdf: bytes, options: PdfSealOptions, cms: bytes = DER) -> bytes:
    """The document with something in the place of its CMS."""
    return prepared(pdf, options).embed(cms)


def rewritten(pdf: bytes) -> Rewritten:
    """The document as qpdf writes it, neither examined nor put in order."""
    with open_document(pdf) as opened:
        return Rewritten(written_by_qpdf(opened))


def canvas_of(pdf: bytes) -> Canvas:
    """The document, ready to be drawn on."""
    source = rewritten(pdf)
    draft = Draft(source)
    return Canvas(draft, source.data, pages_of(draft), blend=True)
