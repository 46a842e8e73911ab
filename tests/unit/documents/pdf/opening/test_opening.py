"""What is opened although it is not quite as it should be, and what is not opened."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.opening.opening import PdfLimits, open_document
from eseal.documents.pdf.readying.repairs import repairs
from eseal.errors import (
    AlreadySealedError,
    InvalidInputError,
    TooLargeError,
    UnsupportedDocumentError,
)

SAMPLES = Path("tests/data/pdf")


def opened(data: bytes) -> tuple[int, tuple[str, ...]]:
    """How many pages a file has, and what was put right in it."""
    with open_document(data) as pdf:
        assert examine(pdf) == ()
        return len(pdf.pages), repairs(pdf)


def locked(pdf: bytes, user: str, **allowed: bool) -> bytes:
    """The file encrypted; by nobody's password it opens for everybody."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as plain:
        allow = pikepdf.Permissions(**allowed)
        plain.save(out, encryption=pikepdf.Encryption(owner="secret", user=user, allow=allow))
    return out.getvalue()


def with_free_entry(pdf: bytes, entry: bytes) -> bytes:
    return pdf.replace(b"0000000000 65535 f", entry)


FORGIVEN = {
    "as it should be": lambda pdf: pdf,
    "no line end behind the end": lambda pdf: pdf.rstrip(b"\r\n"),
    "bytes behind the end": lambda pdf: pdf + b"\0" * 600 + b"<!-- sent by a server -->",
    "bytes before the start": lambda pdf: b"HTTP/1.1 200 OK\r\n\r\n" + pdf,
    "a free entry of a high generation": lambda pdf: with_free_entry(pdf, b"0000000000 65536 f"),
    "a free entry that leads somewhere": lambda pdf: with_free_entry(pdf, b"0000000001 00000 f"),
    "a table from 1": lambda pdf: re.sub(rb"xref\n0 ", b"xref\n1 ", pdf),
    "a table elsewhere": lambda pdf: re.sub(rb"startxref\n(\d+)", b"startxref\n99", pdf),
    "no table": lambda pdf: pdf[: pdf.index(b"xref")] + b"trailer << /Root 1 0 R >>",
    "no end": lambda pdf: pdf.replace(b"%%EOF", b""),
    "a size that is too small": lambda pdf: re.sub(rb"/Size \d+", b"/Size 2", pdf),
}


@pytest.mark.parametrize("name", FORGIVEN)
def test_what_every_reader_forgives_is_forgiven(name, pdfs):
    data = FORGIVEN[name](pdfs.hand_made(pdfs.objects()))
    assert opened(data)[0] == 1


def test_only_what_is_repaired_must_be_looked_at_again(pdfs):
    pdf = pdfs.hand_made(pdfs.objects())
    assert opened(pdf)[1] == ()
    assert opened(pdfs.object_streams())[1] == ()
    assert any("reconstruct" in each for each in opened(FORGIVEN["no table"](pdf))[1])


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pdf")), ids=lambda path: path.name)
def test_real_documents_need_no_repair(path):
    with open_document(path.read_bytes(), signed=True) as pdf:
        examine(pdf)
        assert repairs(pdf) == ()


def test_encryption_that_opens_without_a_password_is_undone(pdfs):
    pdf = locked(pdfs.fpdf(2), "", print_highres=False, print_lowres=False, extract=False)
    with open_document(pdf) as document:
        assert len(document.pages) == 2


def test_a_password_is_asked_for(pdfs):
    with pytest.raises(UnsupportedDocumentError, match="expected a PDF that opens without a pass"):
        open_document(locked(pdfs.fpdf(1), "secret"))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty file"),
        (b"PK\3\4 no PDF", "in the first 1024 bytes, got 'PK"),
        (b" " * 1024 + b"%PDF-1.7", "not a PDF"),
        (b"%PDF-1.7", "damaged, and cannot be repaired: "),
        (b"%PDF-1.7\ntrailer << /Root 1 0 R >>", "damaged, and cannot be repaired: "),
    ],
)
def test_what_is_no_document(data, named):
    with pytest.raises(UnsupportedDocumentError, match=named) as caught:
        open_document(data)
    assert caught.value.field == "document"
    assert "BytesIO" not in str(caught.value)


def test_limits_are_kept(pdfs):
    pdf = pdfs.fpdf(3)
    for limits, named in (
        (PdfLimits(max_bytes=100), "at most 100 bytes"),
        (PdfLimits(max_pages=2), "at most 2, got 3"),
        (PdfLimits(max_objects=2), "at most 2 objects"),
    ):
        with pytest.raises(TooLargeError, match=named):
            open_document(pdf, limits)


def test_whatever_is_cut_off_or_changed_is_opened_or_refused(pdfs):
    """No other exception, whatever the bytes."""
    pdf = pdfs.fpdf(2)
    refused = 0
    for position in range(0, len(pdf), 7):
        for data in (pdf[:position], pdf[:position] + b"<<" + pdf[position + 2 :]):
            try:
                with open_document(data) as document:
                    examine(document)
                    repairs(document)
            except InvalidInputError:
                refused += 1
    assert 0 < refused < len(pdf) // 7


class TestSigned:
    """Written anew, a signed document would be signed no longer."""

    def test_it_is_refused_with_advice(self, sealed_pdf):
        with pytest.raises(AlreadySealedError, match=r"in field .* as a container") as caught:
            open_document(sealed_pdf)
        assert "--container OUT.asice" in str(caught.value)
        with open_document(sealed_pdf, signed=True) as pdf:
            assert len(pdf.pages) >= 1

    def test_by_somebody_else(self):
        with pytest.raises(AlreadySealedError, match="signed, in field"):
            open_document((SAMPLES / "pyhanko-signed.pdf").read_bytes())

    @pytest.mark.parametrize(
        "fields",
        [
            b"[<< /FT /Sig /T (A) /V << /Type /Sig >> >>]",
            b"[<< /FT /Sig /T (A) /Kids [<< /T (B) /Kids [<< /V << /Type /Sig >> >>] >>] >>]",
        ],
    )
    def test_in_whatever_field(self, pdfs, fields):
        form = b"/AcroForm << /Fields %b >>" % fields
        with pytest.raises(AlreadySealedError, match="signed, in field 'A"):
            open_document(pdfs.hand_made(pdfs.objects(root=form)))

    def test_rights_for_readers(self, pdfs):
        root = b"/Perms << /UR3 << /Type /Sig >> >>"
        with pytest.raises(AlreadySealedError, match="gives rights"):
            open_document(pdfs.hand_made(pdfs.objects(root=root)))

    @pytest.mark.parametrize("root", [b"/Perms << >>", b"/AcroForm << /Fields [<< /FT /Sig >>] >>"])
    def test_an_empty_field_is_no_signature(self, pdfs, root):
        open_document(pdfs.hand_made(pdfs.objects(root=root)))

    def test_a_form_that_runs_in_a_circle(self, pdfs):
        objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>")
        pdf = pdfs.hand_made({**objects, 4: b"<< /T (A) /Kids [4 0 R 4 0 R] >>"})
        with pytest.raises(TooLargeError, match="circle"):
            open_document(pdf, PdfLimits(max_fields=1000))
