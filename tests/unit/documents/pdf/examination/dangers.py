"""The parts that files with something dangerous in them are made of."""

from __future__ import annotations

import re

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.hazards import STRICT, ContentPolicy, Hazard
from eseal.documents.pdf.opening.opening import DEFAULT_LIMITS, PdfLimits, open_document

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def look(
    pdf: bytes, policy: ContentPolicy = STRICT, limits: PdfLimits = DEFAULT_LIMITS
) -> tuple[Hazard, ...]:
    """What is found in a file."""
    with open_document(pdf, limits) as opened:
        return examine(opened, policy)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def form_xobject(content: bytes, size: bytes = b"200 30") -> bytes:
    return stream(
        content,
        b"/Type /XObject /Subtype /Form /BBox [0 0 %b] /Resources << /Font << /F1 9 0 R >> "
        b"/ExtGState << /Blend << /BM /Multiply >> >> >>" % size,
    )


def with_objects(pdfs, extra: dict[int, bytes], *, page: bytes = b"", root: bytes = b"") -> bytes:
    nothing = dict.fromkeys(range(4, max(extra, default=4)), b"null")
    return pdfs.hand_made({**pdfs.objects(page=page, root=root), **nothing, **extra})


def with_text(pdfs, annotation: bytes, look: bytes, *, root: bytes = b"") -> bytes:
    """A page that says something at (100, 700), and one annotation with an appearance."""
    return with_objects(
        pdfs,
        {
            4: stream(b"BT /F1 12 Tf 100 700 Td (The price is 100 euros) Tj ET"),
            5: annotation,
            6: form_xobject(look),
            9: FONT,
        },
        page=b"/Contents 4 0 R /Annots [5 0 R] /Resources << /Font << /F1 9 0 R >> >>",
        root=root,
    )


def field(entries: bytes, box: bytes = b"90 500 290 530") -> bytes:
    return b"<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /Rect [%b] /T (Price) %b >>" % (
        box,
        entries,
    )


def ticked(entries: bytes) -> bytes:
    """A box to tick with looks for both states."""
    looks = b"/AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    return (
        b"<< /Type /Annot /Subtype /Widget /FT /Btn /F 4 /Rect [90 500 99 509] /T (Box) %b %b >>"
        % (
            looks,
            entries,
        )
    )


WHITE = b"1 g 0 0 200 30 re f"
SHOWS_100 = b"/Tx BMC q BT /F1 12 Tf 2 8 Td (100) Tj ET Q EMC"
FORM = b"/AcroForm << /Fields [5 0 R] /DR << /Font << /F1 9 0 R >> >> >>"
COVER = b"<< /Type /Annot /Subtype /%b /F 4 /Rect [90 690 290 720] /AP << /N 6 0 R >> >>"
FILLED = b"<< /Type /Annot /Subtype /%b /F 4 /Rect [90 690 290 720] /C [1] /IC [1] >>"


def two_fields(pdfs, other_box: bytes) -> bytes:
    return with_objects(
        pdfs,
        {
            4: field(b"/V (100) /AP << /N 6 0 R >>"),
            5: field(b"/V (100) /AP << /N 6 0 R >>", other_box).replace(b"(Price)", b"(Sum)"),
            6: form_xobject(SHOWS_100),
            9: FONT,
        },
        page=b"/Annots [4 0 R 5 0 R]",
        root=b"/AcroForm << /Fields [4 0 R 5 0 R] >>",
    )


def layer(pdfs, configuration: bytes, group: bytes = b"", root: bytes = b"") -> bytes:
    return with_objects(
        pdfs,
        {4: b"<< /Type /OCG /Name (Price) %b >>" % group},
        root=b"/OCProperties << /OCGs [4 0 R] /D << %b >> %b >>" % (configuration, root),
    )


def beside(pdfs, body: bytes = b"7 0 obj\n<< /Shadow true >>\nendobj\n") -> bytes:
    """A document with something between its objects and its table that no table lists."""
    pdf = pdfs.hand_made(pdfs.objects())
    at = pdf.index(b"xref")
    pdf = pdf[:at] + body + pdf[at:]
    return re.sub(rb"startxref\n\d+", b"startxref\n%d" % (at + len(body)), pdf)


def with_fonts(pdfs, names: tuple[bytes, bytes]) -> bytes:
    descriptor = b"<< /Type /FontDescriptor /FontName /%b /Flags 4 /FontFile %d 0 R >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /FontDescriptor %d 0 R >>"
    return with_objects(
        pdfs,
        {
            4: font % (names[0], 6),
            5: font % (names[1], 7),
            6: descriptor % (names[0], 8),
            7: descriptor % (names[1], 9),
            8: stream(b"one program"),
            9: stream(b"another program"),
        },
        page=b"/Resources << /Font << /F1 4 0 R /F2 5 0 R >> >>",
    )


ACTION = b"<< /Type /Action /S /%b %b >>"


def clickable(pdfs, action: bytes) -> bytes:
    link = b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>"
    return with_objects(pdfs, {4: link, 5: action}, page=b"/Annots [4 0 R]")


def embedded(pdfs, root: bytes = b"", part: bytes = b"") -> bytes:
    xmp = b"<x:xmpmeta><rdf:Description pdfaid:part='%b'/></x:xmpmeta>" % part
    return with_objects(
        pdfs,
        {
            4: b"<< /Type /Filespec /F (a.xml) /AFRelationship /Data /EF << /F 5 0 R >> >>",
            5: stream(b"<invoice/>", b"/Type /EmbeddedFile"),
            6: stream(xmp, b"/Type /Metadata /Subtype /XML"),
        },
        root=b"/Names << /EmbeddedFiles << /Names [(a.xml) 4 0 R] >> >> /Metadata 6 0 R " + root,
    )


def image(pdfs, entries: bytes) -> bytes:
    kind = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
    return with_objects(
        pdfs,
        {4: stream(b"\0", kind + b"/ColorSpace /DeviceGray " + entries)},
        page=b"/Resources << /XObject << /Im 4 0 R >> >>",
    )
