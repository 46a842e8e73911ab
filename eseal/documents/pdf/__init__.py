"""Seals in PDF files: PAdES-B-B (ETSI EN 319 142-1) in an incremental update.

pyHanko reads and writes the PDF structure; none of its exceptions leaves this package. Where a
forger would work, on the byte range under the signature, the bytes themselves are checked.
"""

from __future__ import annotations

from eseal.documents.pdf.assembling import PreparedPdf
from eseal.documents.pdf.examination import ContentPolicy, Hazard, HazardCode, examine
from eseal.documents.pdf.fields import TIME_STAMP
from eseal.documents.pdf.flattening import flatten
from eseal.documents.pdf.manner import Manner
from eseal.documents.pdf.opening import PdfLimits
from eseal.documents.pdf.page_ranges import PageRanges
from eseal.documents.pdf.parties import PartyField
from eseal.documents.pdf.placing import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    Edge,
    InField,
    Occurrence,
    Placing,
    QrCode,
    SealBox,
    VisibleSeal,
)
from eseal.documents.pdf.preparing import CONTENTS_BYTES, PdfSealOptions, prepare
from eseal.documents.pdf.reading import PdfReading, PdfSeal, read

__all__ = [
    "CONTENTS_BYTES",
    "TIME_STAMP",
    "At",
    "AtKeyword",
    "Automatic",
    "ContentPolicy",
    "CrossPage",
    "Edge",
    "Hazard",
    "HazardCode",
    "InField",
    "Manner",
    "Occurrence",
    "PageRanges",
    "PartyField",
    "PdfLimits",
    "PdfReading",
    "PdfSeal",
    "PdfSealOptions",
    "Placing",
    "PreparedPdf",
    "QrCode",
    "SealBox",
    "VisibleSeal",
    "examine",
    "flatten",
    "prepare",
    "read",
]
