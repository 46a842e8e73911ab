"""The documents that are sealed: rich enough that every change has something to show in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tests.odd
from tests.odd.fonts import embedded
from tests.odd.pdf import BAR, Odd, deflated, form, stream, written

DATA = Path(__file__).parent.parent / "data" / "pdf"
SAMPLES = ("libreoffice.pdf", "qpdf-object-streams.pdf", "reportlab-form.pdf", "fpdf2.pdf")
"""Documents of ordinary producers: with a table, with object streams, with a form, with neither."""


def contract() -> bytes:
    """Two pages with an amount each, a filled form, a link, an attachment, a title.

    The objects are numbered as a program would; 4 and 8 are what the pages show.
    """
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents %d 0 R "
        b"/Resources << /Font << /F1 20 0 R >> >> /Annots [%b] >>"
    )
    return written(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [9 0 R 10 0 R] /DA (/F1 12 Tf)"
            b" /DR << /Font << /F1 20 0 R >> >> >> /Names << /EmbeddedFiles << /Names [(terms.txt) "
            b"14 0 R] >> >> /Metadata 16 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R 7 0 R] /Count 2 >>",
            3: page % (4, b"9 0 R 10 0 R 13 0 R"),
            4: deflated(BAR + b"BT /F1 40 Tf 20 200 Td (1000) Tj ET"),
            7: page % (8, b""),
            8: deflated(BAR + b"BT /F1 40 Tf 20 200 Td (2000) Tj ET"),
            9: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (price) /V (30) /F 4 /DA (/F1 12 Tf) "
            b"/Rect [200 100 300 130] /AP << /N 11 0 R >> /P 3 0 R >>",
            10: b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (agreed) /V /Yes /AS /Yes /F 4 "
            b"/Rect [320 100 340 120] /AP << /N << /Yes 12 0 R /Off 18 0 R >> >> /P 3 0 R >>",
            11: form(b"BT /F1 12 Tf 5 5 Td (30) Tj ET", b"/Resources << /Font << /F1 20 0 R >> >>"),
            12: form(b"0 0.5 0 rg 0 0 20 20 re f", box=b"0 0 20 20"),
            13: b"<< /Type /Annot /Subtype /Link /Rect [20 60 120 80] /Border [0 0 0] /F 4 "
            b"/Dest [7 0 R /Fit] >>",
            14: b"<< /Type /Filespec /F (terms.txt) /UF (terms.txt) /EF << /F 15 0 R >> >>",
            15: stream(b"Terms of delivery", b"/Type /EmbeddedFile"),
            16: stream(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", b"/Type /Metadata /Subtype /XML"),
            18: form(b"1 0 0 rg 0 0 20 20 re f", box=b"0 0 20 20"),
            19: b"<< /Title (Contract) >>",
        }
        | embedded(20),
        trailer=b"/Info 19 0 R /ID [<%b> <%b>]" % (b"00" * 16, b"11" * 16),
    )


def samples() -> Iterator[tuple[str, bytes]]:
    """Documents of ordinary producers, by name."""
    for name in SAMPLES:
        yield name.removesuffix(".pdf"), (DATA / name).read_bytes()


def carriers() -> Iterator[Odd]:
    """Originals that a forger prepared in order to change them after the sealing."""
    yield from tests.odd.originals("framing")
