"""A forged page for programs that search a file, which follow no table (docs/canonical-form.md)."""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf

from eseal.documents.pdf import Form, prepare, read, sealed_revision

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
AGREED = b"BT /F1 20 Tf 50 700 Td (AGREED) Tj ET"
FORGED = b"BT /F1 20 Tf 50 700 Td (FORGED) Tj ET"


def content(header: bytes, text: bytes) -> bytes:
    return b"%b<< /Length %d >>\nstream\n%b\nendstream" % (header, len(text), text)


def forged(sealed: bytes) -> bytes:
    """The file with another content of the page, which its table calls by a new number."""
    with pikepdf.open(BytesIO(sealed)) as opened:
        number = opened.pages[0].Contents.objgen[0]
    size = int(re.findall(rb"/Size (\d+)", sealed)[-1])
    start = re.findall(rb"startxref\n(\d+)", sealed)[-1]
    body = sealed + content(b"%d 0 obj\n" % number, FORGED) + b"\nendobj\n"
    # Poppler asks for the document information first, finds none, and searches.
    return body + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /Prev %b >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, len(sealed), size + 2, size + 1, start, len(body))
    )


def test_what_a_search_would_show_never_passes_and_the_sealed_page_comes_out(
    pdfs, options, p256, run, tmp_path
):
    entries = b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = {**pdfs.objects(page=entries), 4: content(b"", AGREED), 5: FONT}
    prepared = prepare(pdfs.hand_made(objects), options)
    sealed = prepared.embed(p256.seal(prepared.digest))
    assert read(sealed).form is Form.CANONICAL
    path = tmp_path / "forged.pdf"

    path.write_bytes(sealed)
    assert run("pdftotext", path, "-").stdout.split() == ["AGREED"]
    path.write_bytes(forged(sealed))
    assert run("pdftotext", path, "-").stdout.split() == ["FORGED"]

    reading = read(path.read_bytes())
    assert reading.form in {Form.ADDED, Form.ALTERED}, "what viewers show decides which"
    assert reading.end == len(sealed)
    assert sealed_revision(path.read_bytes()) == sealed
