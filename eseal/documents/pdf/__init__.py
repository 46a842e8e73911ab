"""Seals in PDF files: PAdES (ETSI EN 319 142-1) in files of one canonical form.

Rooms: ``file`` has the form (reader, writer), ``seals`` the signatures in it and what may follow
one, ``placing`` where a seal shows, ``examination`` what must not be sealed, ``language`` and
``meaning`` what readers could show differently, ``opening``, ``readying`` and ``sealing`` the way
from a stranger's document to one in our form. What reads strangers' files runs in confined
processes, as ``tasks``, which ``asking`` asks for: take it from here, not from the rooms. Imports
the CMS, the viewer, the confined processes and artwork; no other format.
"""

from __future__ import annotations

from eseal.documents.pdf.asking import (
    TIME_STAMP,
    Form,
    PdfReading,
    PdfSignature,
    examine,
    flatten,
    prepare,
    read,
    sealed_revision,
    show_pages,
)
from eseal.documents.pdf.examination.hazards import ContentPolicy, Hazard, HazardCode
from eseal.documents.pdf.placing.options import (
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
from eseal.documents.pdf.placing.page_ranges import PageRanges
from eseal.documents.pdf.sealing.options import (
    CONTENTS_BYTES,
    Beside,
    PartyPlace,
    PdfSealOptions,
    SealingMode,
)
from eseal.documents.pdf.sealing.prepared import PreparedPdf

__all__ = [
    "CONTENTS_BYTES",
    "TIME_STAMP",
    "At",
    "AtKeyword",
    "Automatic",
    "Beside",
    "ContentPolicy",
    "CrossPage",
    "Edge",
    "Form",
    "Hazard",
    "HazardCode",
    "InField",
    "Occurrence",
    "PageRanges",
    "PartyPlace",
    "PdfReading",
    "PdfSealOptions",
    "PdfSignature",
    "Placing",
    "PreparedPdf",
    "QrCode",
    "SealBox",
    "SealingMode",
    "VisibleSeal",
    "examine",
    "flatten",
    "prepare",
    "read",
    "sealed_revision",
    "show_pages",
]
