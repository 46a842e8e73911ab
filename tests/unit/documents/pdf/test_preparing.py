from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.documents.pdf import CONTENTS_BYTES, PdfLimits, SealBox, prepare, read
from eseal.errors import (
    AlreadySealedError,
    ESealError,
    InvalidInputError,
    TooLargeError,
    UnsupportedDocumentError,
)

BOX = SealBox(page=0, x=120, y=20, width=60, height=30)
SOME_DER = b"\x30\x03\x02\x01\x05"


def test_the_original_is_kept_and_the_digest_covers_all_but_the_cms(document, options):
    prepared = prepare(document, options)
    start = prepared.contents_offset
    end = start + 2 * prepared.contents_length

    assert prepared.data.startswith(document)
    assert prepared.data[start - 1 : end + 1] == b"<" + b"0" * (end - start) + b">"
    covered = prepared.data[: start - 1] + prepared.data[end + 1 :]
    assert prepared.digest == hashlib.sha256(covered).digest()


def test_what_is_embedded_is_found_again(document, options):
    prepared = prepare(document, options)
    sealed = prepared.embed(SOME_DER)

    (seal,) = read(sealed).seals
    assert seal.problem is None
    assert seal.field == "Seal1"
    assert seal.cms == SOME_DER
    assert seal.digest == prepared.digest
    assert seal.covers_file
    assert not seal.later_revisions
    assert seal.signed_length == len(sealed)
    assert seal.subfilter == "ETSI.CAdES.detached"
    assert seal.docmdp == 1


def test_it_tells_viewers_who_when_and_why(pdfs, options):
    early = timezone(timedelta(hours=8))
    moment = datetime(2026, 11, 23, 0, 45, tzinfo=early)
    data = prepare(pdfs.fpdf(), replace(options, sealed_at=moment, reason="Contract 4")).data

    assert b"/M (D:20261122164500Z)" in data
    assert b"/Name (Trial Company Ltd)" in data
    assert b"/Reason (Contract 4)" in data


def test_the_only_clock_in_it_is_the_one_passed_in(pdfs, options):
    original = pdfs.fpdf()
    added = prepare(original, options).data[len(original) :]

    objects = added[: added.index(b"\nxref\n")]  # behind them the file's random id
    assert re.findall(rb"20\d{12}", objects) == [b"20261122164500"]
    assert b"ModDate" not in added


def test_a_company_name_in_chinese_goes_into_an_invisible_seal(pdfs, options):
    data = prepare(pdfs.fpdf(), replace(options, signer_name="杭州试验有限公司")).data
    assert len(read(data.replace(b"<00", b"<30", 1)).seals) == 1


def test_a_cms_must_fit(pdfs, options):
    prepared = prepare(pdfs.fpdf(), options)
    assert prepared.contents_length == CONTENTS_BYTES
    assert len(prepared.embed(bytes(CONTENTS_BYTES))) == len(prepared.data)
    for cms in (b"", bytes(CONTENTS_BYTES + 1)):
        with pytest.raises(InvalidInputError, match=f"got {len(cms)}"):
            prepared.embed(cms)


def test_a_sealed_pdf_is_not_sealed_again(sealed_pdf, options):
    with pytest.raises(AlreadySealedError, match="'Seal1'"):
        prepare(sealed_pdf, replace(options, field_name="Seal2"))


def test_an_empty_signature_field_is_no_seal(pdfs, options):
    objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>")
    objects[4] = b"<< /FT /Sig /T (Empty) /Subtype /Widget /Rect [0 0 0 0] /V 5 0 R >>"
    objects[5] = b"null"
    data = prepare(pdfs.hand_made(objects), options).embed(SOME_DER)
    assert [seal.field for seal in read(data).seals] == ["Seal1"]


REFUSALS = {
    "empty": (lambda _: b"", "empty file"),
    "text": (lambda _: b"hello", "not a PDF"),
    "junk before": (lambda pdfs: b"\n" + pdfs.fpdf(), "not a PDF: expected %PDF- at the first"),
    "truncated": (lambda pdfs: pdfs.fpdf()[:-600], "truncated"),
    "middle cut out": (lambda pdfs: pdfs.fpdf()[:600] + pdfs.fpdf()[-400:], "broken"),
    "xref off": (
        lambda pdfs: re.sub(rb"startxref\s+\d+", b"startxref\n99999999", pdfs.fpdf()),
        "broken",
    ),
    "encrypted": (lambda pdfs: pdfs.encrypted(), "encrypted"),
    "no pages": (
        lambda pdfs: pdfs.hand_made({**pdfs.objects(), 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        "no pages",
    ),
    "pages lie": (
        lambda pdfs: pdfs.hand_made(
            {**pdfs.objects(), 2: b"<< /Type /Pages /Kids [3 0 R] /Count 7 >>"}
        ),
        "it says it has 7 pages and has 1",
    ),
    "no page tree": (
        lambda pdfs: pdfs.hand_made({1: b"<< /Type /Catalog >>"}),
        "expected a catalog with an entry /Pages",
    ),
    "no catalog": (lambda pdfs: pdfs.hand_made({1: b"null"}), "expected a catalog"),
    "dynamic form": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(root=b"/AcroForm << /Fields [] /XFA (form) >>")),
        "XFA",
    ),
    "field of that name": (
        lambda pdfs: pdfs.hand_made(
            {
                **pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>"),
                4: b"<< /FT /Tx /T (Seal1) /V (text) >>",
            }
        ),
        "already has a field 'Seal1'",
    ),
    "field twice": (
        lambda pdfs: pdfs.hand_made(
            {
                **pdfs.objects(root=b"/AcroForm << /Fields [4 0 R 4 0 R] >>"),
                4: b"<< /FT /Tx /T (A) >>",
            }
        ),
        "lists a field twice",
    ),
    "nested without end": (
        lambda pdfs: pdfs.hand_made({**pdfs.objects(), 1: b"[" * 200_000}),
        "nested too deeply",
    ),
    "size lies": (
        lambda pdfs: pdfs.object_streams().replace(b"/Size 6", b"/Size 3 /Index [0 6]"),
        "expected a /Size above 5, got 3",
    ),
    "entries without data": (
        lambda pdfs: pdfs.object_streams().replace(
            b"/Size 6 /W [1 3 1]", b"/Size 6 /W [0 0 0] /Index [0 1000000000]"
        ),
        "declares too many objects",
    ),
    "certified": (
        lambda pdfs: pdfs.hand_made(pdfs.objects(root=b"/Perms << /UR3 3 0 R >>")),
        "usage rights",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_sealed_is_refused_with_its_reason(name, pdfs, options):
    build, named = REFUSALS[name]
    with pytest.raises(UnsupportedDocumentError, match=re.escape(named)):
        prepare(build(pdfs), options)


def test_a_pdf_above_the_limit_is_refused(pdfs, options):
    with pytest.raises(TooLargeError, match="at most 1000 bytes"):
        prepare(pdfs.fpdf(), options, PdfLimits(max_bytes=1000))


def test_too_many_fields_are_refused(pdfs, options):
    objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R 5 0 R] >>")
    objects |= {4: b"<< /FT /Tx /T (A) >>", 5: b"<< /FT /Tx /T (B) >>"}
    with pytest.raises(UnsupportedDocumentError, match="more than 1 form fields"):
        prepare(pdfs.hand_made(objects), options, PdfLimits(max_fields=1))


def test_a_decompression_bomb_is_refused(pdfs, options):
    with pytest.raises(UnsupportedDocumentError, match="limit"):
        prepare(pdfs.object_streams(), options, PdfLimits(max_stream_bytes=16))


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
        prepare(pdfs.fpdf(), replace(options, **change))


class TestVisible:
    def test_the_box_is_where_it_was_asked_for(self, pdfs, options):
        data = prepare(pdfs.fpdf(), replace(options, visible=BOX)).data
        rectangle = [float(n) for n in re.findall(rb"/Rect \[([^\]]*)\]", data)[-1].split()]
        expected = [120, 20, 180, 50]
        assert rectangle == pytest.approx([mm * 72 / 25.4 for mm in expected], abs=0.01)

    @pytest.mark.parametrize(
        ("rotation", "rectangle"),
        [
            (0, [10, 20, 110, 60]),
            (90, [535, 10, 575, 110]),
            (180, [485, 782, 585, 822]),
            (270, [20, 732, 60, 832]),
            (-90, [20, 732, 60, 832]),
            (450, [535, 10, 575, 110]),
        ],
    )
    def test_on_a_turned_page_it_stands_upright_at_the_same_place(
        self, pdfs, options, rotation, rectangle
    ):
        mm = 25.4 / 72
        box = SealBox(page=0, x=10 * mm, y=20 * mm, width=100 * mm, height=40 * mm)
        pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % rotation))
        data = prepare(pdf, replace(options, visible=box)).data
        found = [float(n) for n in re.findall(rb"/Rect \[([^\]]*)\]", data)[-1].split()]
        assert found == pytest.approx(rectangle, abs=0.01)

    def test_it_goes_on_the_page_asked_for(self, pdfs, options):
        original = pdfs.fpdf(3)
        last = prepare(original, replace(options, visible=replace(BOX, page=-1))).data
        same = prepare(original, replace(options, visible=replace(BOX, page=2))).data
        first = prepare(original, replace(options, visible=BOX)).data

        def page(data):
            return re.findall(rb"/P (\d+) 0 R", data[len(original) :])

        assert page(last) == page(same) != page(first)

    @pytest.mark.parametrize(("page", "called"), [(1, 2), (-2, -2), (7, 8)])
    def test_a_page_that_is_not_there_is_refused(self, pdfs, options, page, called):
        with pytest.raises(InvalidInputError, match=f"got {called}"):
            prepare(pdfs.fpdf(1), replace(options, visible=replace(BOX, page=page)))

    @pytest.mark.parametrize(
        "change", [{"x": -1}, {"x": 200}, {"y": 280}, {"width": 0}, {"height": -5}, {"y": -0.1}]
    )
    def test_a_box_off_the_page_is_refused(self, pdfs, options, change):
        with pytest.raises(InvalidInputError, match="page of 210 x 297 mm"):
            prepare(pdfs.fpdf(), replace(options, visible=replace(BOX, **change)))

    def test_a_box_too_small_to_read_is_refused(self, pdfs, options):
        small = replace(BOX, width=8, height=4)
        with pytest.raises(UnsupportedDocumentError, match="too small"):
            prepare(pdfs.fpdf(), replace(options, visible=small))

    @pytest.mark.parametrize(
        ("name", "named"), [("Müller 公司", r"'公' \(U\+516C\)"), ("a\u2028b", "U\\+2028")]
    )
    def test_a_character_the_font_lacks_is_named(self, pdfs, options, name, named):
        with pytest.raises((UnsupportedDocumentError, InvalidInputError)) as caught:
            prepare(pdfs.fpdf(), replace(options, signer_name=name, visible=BOX))
        assert re.search(named, str(caught.value)) or "printable" in str(caught.value)

    @pytest.mark.parametrize("box", [b"", b"/MediaBox [0 0 0 842]", b"/MediaBox [0 0 5]"])
    def test_a_page_without_size_is_refused(self, pdfs, options, box):
        objects = pdfs.objects(page=box)
        objects[2] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
        with pytest.raises(UnsupportedDocumentError, match="media box"):
            prepare(pdfs.hand_made(objects), replace(options, visible=BOX))

    def test_a_page_turned_askew_is_refused(self, pdfs, options):
        pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate 45"))
        with pytest.raises(UnsupportedDocumentError, match="quarters"):
            prepare(pdf, replace(options, visible=BOX))

    def test_a_page_that_is_its_own_parent_is_refused(self, pdfs, options):
        objects = pdfs.objects()
        objects[2] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>"
        with pytest.raises(UnsupportedDocumentError, match="too deep"):
            prepare(pdfs.hand_made(objects), replace(options, visible=BOX))


def test_a_table_with_the_number_of_another_object_is_refused(pdfs, options):
    pdf = pdfs.object_streams().replace(b"5 0 obj", b"1 0 obj")
    with pytest.raises(UnsupportedDocumentError, match="object 1 is a cross-reference stream"):
        prepare(pdf, options)


@settings(max_examples=200, deadline=None)
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
        prepared = prepare(bytes(pdf), options)
    except ESealError:
        return
    (seal,) = read(prepared.embed(SOME_DER)).seals
    assert seal.problem is None
    assert seal.covers_file
