"""A forged page for programs that search a file, which follow no table (decision 033)."""

from __future__ import annotations

import re

from eseal.documents.pdf import prepare, read

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
AGREED = b"BT /F1 20 Tf 50 700 Td (AGREED) Tj ET"
FORGED = b"BT /F1 20 Tf 50 700 Td (FORGED) Tj ET"


def content(header: bytes, text: bytes) -> bytes:
    return b"%b<< /Length %d >>\nstream\n%b\nendstream" % (header, len(text), text)


def forged(sealed: bytes) -> bytes:
    """The file with another content 4, which its table calls by a new number."""
    size = int(re.findall(rb"/Size (\d+)", sealed)[-1])
    start = re.findall(rb"startxref\n(\d+)", sealed)[-1]
    body = sealed + content(b"4 0 obj\n", FORGED) + b"\nendobj\n"
    # Poppler asks for the document information first, finds none, and searches.
    return body + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /Prev %b >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, len(sealed), size + 2, size + 1, start, len(body))
    )


def test_what_a_search_would_show_is_an_alteration(pdfs, options, p256, run, tmp_path):
    entries = b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = {**pdfs.objects(page=entries), 4: content(b"", AGREED), 5: FONT}
    prepared = prepare(pdfs.hand_made(objects), options)
    sealed = prepared.embed(p256.seal(prepared.digest))
    path = tmp_path / "forged.pdf"

    path.write_bytes(sealed)
    assert run("pdftotext", path, "-").stdout.split() == ["AGREED"]
    path.write_bytes(forged(sealed))
    assert run("pdftotext", path, "-").stdout.split() == ["FORGED"]

    (seal,) = read(path.read_bytes()).seals
    assert seal.problem is None
    assert "it contains objects that no table lists" in seal.alterations
