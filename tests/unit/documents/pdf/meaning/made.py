"""One-page documents for the tests of what readers could show differently."""

from __future__ import annotations

import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from eseal.documents.pdf.meaning import Meaning, put_in_order

BOX = b"20 60 60 40 re f"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def parsed(text: bytes):
    """A value as it stands in a file; without references."""
    return Object.parse(text)


def document(
    content: bytes = BOX, *, resources: bytes = b"<< >>", page: bytes = b"<< >>"
) -> pikepdf.Pdf:
    """A document of one page."""
    pdf = pikepdf.new()
    made = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 200, 200]))
    made.Resources = parsed(resources)
    for key, value in parsed(page).items():
        made[key] = value
    made.Contents = pdf.make_stream(content)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    return pdf


def stream(pdf: pikepdf.Pdf, data: bytes, entries: bytes = b"<< >>"):
    """A stream with entries of its own; data as they are, packed already if a filter says so."""
    made = pdf.make_stream(data)
    for key, value in parsed(entries).items():
        made[key] = value
    return made


def form(pdf: pikepdf.Pdf, content: bytes = b"0 0 60 40 re f", entries: bytes = b"<< >>"):
    made = stream(pdf, content, entries)
    made.Type, made.Subtype = Name.XObject, Name.Form
    if "/BBox" not in made:
        made.BBox = Array([0, 0, 60, 40])
    return made


def image(pdf: pikepdf.Pdf, data: bytes, entries: bytes):
    made = stream(pdf, data, entries)
    made.Type, made.Subtype = Name.XObject, Name.Image
    return made


def drawing(pdf: pikepdf.Pdf, value) -> pikepdf.Pdf:
    """The document, whose page draws an external object."""
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=value)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q 60 0 0 60 20 60 cm /X Do Q")
    return pdf


def annotated(entries: bytes, **more) -> pikepdf.Pdf:
    """A document with one annotation."""
    pdf = document()
    made = parsed(b"<< /Type /Annot /Rect [20 60 80 100] >>")
    for key, value in parsed(entries).items():
        made[key] = value
    for key, value in more.items():
        made["/" + key] = value(pdf)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(made)])
    return pdf


def reopened(pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """The document as it is after a way through a file."""
    return pikepdf.open(BytesIO(saved(pdf)), suppress_warnings=True)


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    pdf.save(out, fix_metadata_version=False)
    return out.getvalue()


def meaning(pdf: pikepdf.Pdf) -> Meaning:
    return put_in_order(pdf)


def codes(pdf: pikepdf.Pdf) -> set[str]:
    """What is found in a document, whether it is refused or settled by what PDFium shows."""
    found = meaning(pdf)
    return {hazard.code.value for hazard in (*found.hazards, *found.settled)}


def refused(pdf: pikepdf.Pdf) -> set[str]:
    """What is refused in a document, whatever it looks like."""
    return {hazard.code.value for hazard in meaning(pdf).hazards}


def deflated(data: bytes) -> bytes:
    return zlib.compress(data)
