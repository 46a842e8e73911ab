"""From a stranger's document to one in our form that shows the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageChops

from eseal.documents.pdf import CONTENTS_BYTES, ContentPolicy, SealingMode
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.opening.limits import PdfLimits
from eseal.documents.pdf.sealing import preparing
from eseal.documents.pdf.sealing.preparing import hazards_before_sealing
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import (
    AlreadySealedError,
    ESealError,
    InvalidInputError,
    TooLargeError,
    UnsafeDocumentError,
    UnsupportedDocumentError,
)
from tests.artwork import by_pdfium
from tests.unhinted import unhinted
from tests.unit.documents.pdf.examination.dangers import embedded
from tests.unit.documents.pdf.workshop import DER, prepared, sealed

DATA = Path(__file__).parents[4] / "data" / "pdf"
PRODUCED = sorted(path.name for path in DATA.glob("*.pdf") if path.name != "pyhanko-signed.pdf")
KEPT = {"/Outlines", "/Metadata", "/StructTreeRoot", "/MarkInfo", "/OutputIntents", "/Names",
        "/Dests", "/PageLabels", "/Lang", "/ViewerPreferences"}  # fmt: skip
"""Entries of the catalog."""


def alike(one: bytes, other: bytes) -> bool:
    with pikepdf.open(BytesIO(one)) as opened:
        pages = len(opened.pages)
    return not any(
        ImageChops.difference(by_pdfium(one, page, 72), by_pdfium(other, page, 72)).getbbox()
        for page in range(pages)
    )


@pytest.mark.parametrize("name", PRODUCED)
def test_what_producers_make_shows_the_same_pixel_by_pixel(name, options):
    """But for the fitting of small text to a grid, which the instructions of fonts were for."""
    original = (DATA / name).read_bytes()
    assert alike(unhinted(original), sealed(original, options))


@pytest.mark.parametrize("name", PRODUCED)
def test_what_a_document_brings_is_kept(name, options):
    with (
        pikepdf.open(DATA / name) as before,
        pikepdf.open(BytesIO(sealed((DATA / name).read_bytes(), options))) as after,
    ):
        assert KEPT & before.Root.keys() == KEPT & after.Root.keys()
        if "/Metadata" in before.Root:
            assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()
        assert len(before.pages) == len(after.pages)
        if "/Info" in before.trailer:
            told = {key: str(value) for key, value in before.docinfo.items()}
            assert {key: str(value) for key, value in after.docinfo.items()} == told
        if "/StructTreeRoot" in before.Root:
            assert after.Root.MarkInfo.Marked


def test_every_kind_of_file_becomes_one_in_our_form(document, options):
    made = prepared(document, options)
    judged = judge(made.embed(DER))
    assert judged.is_whole
    (seal,) = judged.seals
    assert (seal.field, seal.cms, seal.digest) == ("Seal1", DER, made.digest)
    assert seal.end == len(made.data)
    assert judged.level == 1


def test_the_digest_covers_all_but_the_cms(document, options):
    made = prepared(document, options)
    start = made.contents_offset
    end = start + 2 * made.contents_length
    assert made.contents_length == CONTENTS_BYTES
    assert made.data[start - 1 : end + 1] == b"<" + b"0" * (end - start) + b">"
    covered = made.data[: start - 1] + made.data[end + 1 :]
    assert made.digest == hashlib.sha256(covered).digest()


def test_the_same_document_is_made_again_byte_for_byte(document, options):
    assert prepared(document, options).data == prepared(document, options).data
    later = replace(options, sealed_at=options.sealed_at + timedelta(seconds=1))
    assert prepared(document, options).data != prepared(document, later).data


def test_it_tells_viewers_who_when_why_and_where_to_verify(pdfs, options):
    early = timezone(timedelta(hours=8))
    moment = datetime(2026, 11, 23, 0, 45, tzinfo=early)
    asked = replace(options, sealed_at=moment, reason="Contract 4", verify_at="https://a.example/u")
    data = prepared(pdfs.fpdf(), asked).data
    assert b"/M (D:20261122164500Z)" in data
    assert b"/Name (Trial Company Ltd)" in data
    assert b"/Reason (Contract 4)" in data
    assert b"/Location (Verify at https://a.example/u)" in data
    assert b"/ContactInfo (https://a.example/u)" in data


def test_a_company_name_in_chinese_goes_into_an_invisible_seal(pdfs, options):
    data = sealed(pdfs.fpdf(), replace(options, signer_name="杭州试验有限公司", reason="合同"))
    (seal,) = judge(data).seals
    assert seal.entries["Name"][2:].decode("utf-16-be") == "杭州试验有限公司"


def test_the_file_is_known_by_what_was_handed_in(pdfs, options):
    original = pdfs.fpdf()
    revision = Revision.first(prepared(original, options).data)
    assert revision.trailer["ID"] == [hashlib.sha256(original).digest()[:16]] * 2


def test_a_sealed_pdf_is_not_sealed_again(sealed_pdf, options):
    with pytest.raises(AlreadySealedError, match="leave no place for a further one"):
        prepared(sealed_pdf, replace(options, field_name="Seal2"))


def test_what_others_added_to_a_sealed_pdf_is_not_sealed(sealed_pdf, options):
    with pytest.raises(AlreadySealedError, match="another program has added"):
        prepared(sealed_pdf + b"\n", options)


def test_what_others_signed_is_not_sealed(options):
    with pytest.raises(AlreadySealedError, match=r"in field 'Buyer'.*--container"):
        prepared((DATA / "pyhanko-signed.pdf").read_bytes(), options)


def test_a_lock_is_for_the_last_of_several(pdfs, options):
    with pytest.raises(UnsupportedDocumentError, match="after the last of several") as caught:
        prepared(pdfs.fpdf(), replace(options, mode=SealingMode(lock=True)))
    assert caught.value.field == "lock"


def test_a_flattened_copy_is_sealed_if_asked_for(pdfs, options):
    objects = pdfs.objects(root=b"/OpenAction << /S /JavaScript /JS (x) >>")
    pdf = pdfs.hand_made(objects)
    with pytest.raises(UnsafeDocumentError, match="JavaScript"):
        prepared(pdf, options)
    data = sealed(pdf, replace(options, mode=SealingMode(flatten=True)))
    assert judge(data).is_whole
    assert b"JavaScript" not in data


def test_what_must_not_be_sealed_is_named_beforehand(pdfs):
    pdf = embedded(pdfs)
    found = hazards_before_sealing(pdf, ContentPolicy())
    assert [hazard.code for hazard in found] == ["embedded_file"]
    assert hazards_before_sealing(pdf, ContentPolicy(embedded_files=True)) == ()


REFUSALS = {
    "empty": (lambda _: b"", "empty file"),
    "text": (lambda _: b"hello", "not a PDF"),
    "cut in the middle": (lambda pdfs: pdfs.fpdf()[:200], "damaged"),
    "encrypted": (lambda pdfs: pdfs.encrypted(), "^the PDF is locked: .*without a password"),
    "no pages": (
        lambda pdfs: pdfs.hand_made({**pdfs.objects(), 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        "no pages",
    ),
    "no page tree": (lambda pdfs: pdfs.hand_made({1: b"<< /Type /Catalog >>"}), "damaged"),
    "dynamic form": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(root=b"/AcroForm << /Fields [] /XFA (form) >>")),
        "form",
    ),
    "field of that name": (
        lambda pdfs: pdfs.hand_made(
            {
                **pdfs.objects(
                    page=b"/Annots [4 0 R]", root=b"/AcroForm << /Fields [4 0 R] >>"
                ),
                4: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Seal1) /Rect [0 0 9 9] >>",
            }
        ),
        "already has a field 'Seal1'",
    ),
    "certified": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(root=b"/Perms << /UR3 3 0 R >>")),
        "gives rights to its readers",
    ),
    "key twice": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(page=b"/Rotate 0 /Rotate 90")),
        "twice|duplicated",
    ),
    "a number too large": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(page=b"/X << /A 99999999999 >>")),
        r"below 2\*\*31, got 99999999999.*container",
    ),
    "a name too long": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(page=b"/X << /%b 1 >>" % (b"a" * 127))),
        "a name of 1 to 126 bytes.*container",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_sealed_is_refused_with_its_reason(name, pdfs, options):
    build, named = REFUSALS[name]
    with pytest.raises(UnsupportedDocumentError) as caught:
        prepared(build(pdfs), options)
    assert re.search(named, str(caught.value))
    assert caught.value.field == "document"


def test_limits_are_kept(pdfs, options):
    with pytest.raises(TooLargeError, match="at most 1000 bytes"):
        prepared(pdfs.fpdf(), options, PdfLimits(max_bytes=1000))
    with pytest.raises(TooLargeError, match="at most 1, got 2"):
        prepared(pdfs.fpdf(2), options, PdfLimits(max_pages=1))


def test_what_was_put_right_must_look_the_same(pdfs, options, monkeypatch):
    pdf = re.sub(rb"startxref\s+\d+", b"startxref\n99999999", pdfs.fpdf())
    assert judge(sealed(pdf, options)).is_whole
    told = []
    real = preparing.check_alike
    monkeypatch.setattr(preparing, "check_alike", lambda *given: told.append(real(*given)))
    sealed(pdf, options)
    assert told


@pytest.mark.parametrize(
    "change",
    [
        {"field_name": ""},
        {"field_name": "a.b"},
        {"field_name": "line\nbreak"},
        {"signer_name": "x" * 501},
        {"reason": "nul\0"},
        {"sealed_at": datetime(2026, 1, 1)},  # noqa: DTZ001  the point of the test
    ],
)
def test_options_that_make_no_sense_are_refused(pdfs, options, change):
    with pytest.raises(InvalidInputError):
        prepared(pdfs.fpdf(), replace(options, **change))


@given(data=st.data())
def test_no_mutation_of_a_document_escapes_our_errors(pdfs, options, data):
    original = data.draw(
        st.sampled_from([pdfs.fpdf(1), pdfs.object_streams(), pdfs.hybrid()]), label="pdf"
    )
    pdf = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        index = data.draw(st.integers(0, len(pdf) - 1))
        pdf[index] = data.draw(st.sampled_from(b"0159<>[]()/ \nRfn\x00\xff%"))
    try:
        made = sealed(bytes(pdf), options)
    except ESealError:
        return
    assert judge(made).is_whole


def drawing(pdfs, contents: bytes) -> bytes:
    """A document of one page with a line of text."""
    return pdfs.hand_made(
        {
            **pdfs.objects(),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            4: b"<< /Length %d >>\nstream\n%b\nendstream" % (len(contents), contents),
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        }
    )


@pytest.mark.parametrize(
    "contents",
    [
        b"Q BT /F1 24 Tf 20 60 Td (Order) Tj ET xyz",
        b"/F1 24 Tf 1 0 0 1 20 60 Tm (Order) Tj",
        b"BT /F1 24 Tf 20 60 Td (Order) Tj ET /Gone Do",
        b"BT /F1 24 Tf 20 60 Td (Order) Tj ET 20 20 60.-5 --9.0 re f",
    ],
)
def test_what_pdfium_forgives_is_put_in_order_and_told(pdfs, options, contents):
    original = drawing(pdfs, contents)
    made = prepared(original, options)
    assert alike(original, sealed(original, options))
    assert any(
        "as Chrome shows it: the drawing of a page breaks the rules" in note for note in made.notes
    )
    assert hazards_before_sealing(original, options.mode.content) == ()


@pytest.mark.parametrize("contents", [b"BT /F1 24 Tf 20 60 Td (Order) ' q Tj ET"])
def test_what_then_looks_otherwise_is_refused_for_the_old_reason(pdfs, options, contents):
    original = drawing(pdfs, b"q 1 0 0 1 9 9 cm " + contents + b" (two) Tj")
    with pytest.raises(UnsafeDocumentError) as raised:
        prepared(original, options)
    assert raised.value.reasons == ("unclear_contents",)
    found = hazards_before_sealing(original, options.mode.content)
    assert {hazard.code for hazard in found} == {"unclear_contents"}
