from __future__ import annotations

import re
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.cms import decode, verify_signature
from eseal.documents.pdf import PdfLimits, read
from eseal.errors import ESealError, InvalidFormatError, TooLargeError

SOME_DER = b"\x30\x03\x02\x01\x05"
BYTE_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]( *)")


def updated(pdf: bytes, change) -> bytes:
    """``pdf`` with one more revision, in which ``change`` was made."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signature_reference(writer):
    return writer.root["/AcroForm"]["/Fields"][0].raw_get("/V").reference


def signed_again(pdf: bytes, field: str) -> bytes:
    """``pdf`` with one more signature that allows further ones."""
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field)).write_cms(
        field, IncrementalPdfFileWriter(BytesIO(pdf))
    )
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=64)))
    _, output = steps.send(SigIOSetup(md_algorithm="sha256", output=BytesIO()))
    steps.send(SOME_DER)
    return output.getvalue()


def with_byte_range(pdf: bytes, text) -> bytes:
    """``pdf`` with another text in its last byte range, nothing moved."""
    match = list(BYTE_RANGE.finditer(pdf))[-1]
    numbers = [int(match.group(n)) for n in (1, 2, 3, 4)]
    new = b"/ByteRange " + text(numbers).encode()
    assert len(new) <= len(match.group(0))
    return pdf[: match.start()] + new.ljust(len(match.group(0))) + pdf[match.end() :]


def only(pdf: bytes):
    (seal,) = read(pdf).seals
    return seal


def test_a_genuine_seal_is_read_and_verifies(sealed_pdf, p256):
    seal = only(sealed_pdf)
    signature = decode(seal.cms)

    verify_signature(signature)
    assert signature.message_digest == seal.digest
    assert signature.certificate == p256.certificate
    assert seal.problem is None


def test_a_pdf_without_signature_has_no_seals(document):
    assert read(document).seals == ()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"hello, world", "not a PDF"),
        (b"%PDF-1.7\n", "truncated"),
        (b"%PDF-1.7\n%%EOF\n", "broken"),
        (b"\n%PDF-1.7\n%%EOF\n", "not a PDF"),
    ],
)
def test_what_is_no_pdf_is_refused(data, named):
    with pytest.raises(InvalidFormatError, match=named):
        read(data)


def test_an_encrypted_pdf_is_refused(pdfs):
    with pytest.raises(InvalidFormatError, match="encrypted"):
        read(pdfs.encrypted())


def test_limits_are_kept(sealed_pdf):
    with pytest.raises(TooLargeError, match="at most 100 bytes"):
        read(sealed_pdf, PdfLimits(max_bytes=100))
    with pytest.raises(TooLargeError, match="at most 0 signatures"):
        read(sealed_pdf, PdfLimits(max_seals=0))
    with pytest.raises(InvalidFormatError, match="more than 0 form fields"):
        read(sealed_pdf, PdfLimits(max_fields=0))


def test_a_later_revision_is_reported(sealed_pdf):
    def change(writer):
        writer.root["/Lang"] = generic.TextStringObject("en")
        writer.update_root()

    seal = only(updated(sealed_pdf, change))
    assert seal.problem is None
    assert not seal.covers_file
    assert seal.later_revisions
    assert seal.signed_length == len(sealed_pdf)
    assert seal.digest == only(sealed_pdf).digest
    assert seal.docmdp == 1


def test_a_single_byte_after_the_end_is_reported(sealed_pdf):
    seal = only(sealed_pdf + b"\n")
    assert not seal.covers_file
    assert seal.later_revisions


def test_each_of_several_signatures_is_read(pdfs):
    first = signed_again(pdfs.fpdf(), "A")
    both = signed_again(first, "B")

    a, b = read(both).seals
    assert (a.field, a.problem, a.covers_file, a.signed_length) == ("A", None, False, len(first))
    assert (b.field, b.problem, b.covers_file, b.docmdp) == ("B", None, True, None)


BROKEN_RANGES = {
    "not from the start": (lambda n: f"[1 {n[1]} {n[2]} {n[3]}]", "start at 0, got 1"),
    "gap too early": (lambda n: f"[0 {n[1] - 9} {n[2]} {n[3]}]", "expected exactly /Contents"),
    "gap too late": (lambda n: f"[0 {n[1]} {n[2] + 1} {n[3] - 1}]", "expected exactly /Contents"),
    "gap elsewhere": (lambda n: f"[0 {n[1] + 2} {n[2] - 2} {n[3]}]", "expected exactly"),
    "parts overlap": (lambda n: f"[0 {n[1]} {n[1] - 5} {n[3]}]", "overlap"),
    "no gap": (lambda n: f"[0 {n[1]} {n[1]} {n[3]}]", "overlap"),
    "beyond the end": (lambda n: f"[0 {n[1]} {n[2]} {n[3] + 1}]", "beyond the file"),
    "negative": (lambda n: f"[0 {n[1]} {n[2]} -1]", "four whole numbers"),
    "fraction": (lambda n: f"[0 {n[1]} {n[2]} 5.0]", "four whole numbers"),
    "three numbers": (lambda n: f"[0 {n[1]} {n[2]}]", "four whole numbers"),
    "five numbers": (lambda n: f"[0 {n[1]} {n[2]} {n[3]} 0]", "four whole numbers"),
    "words": (lambda n: f"[0 {n[1]} /A {n[3]}]", "four whole numbers"),
    "empty": (lambda _: "[]", "four whole numbers"),
    "null": (lambda _: "null", "four whole numbers"),
    "within the dictionary": (lambda n: f"[0 {n[1]} {n[2]} 0]", "within the signature dictionary"),
}


@pytest.mark.parametrize("name", BROKEN_RANGES)
def test_a_broken_byte_range_is_a_problem(sealed_pdf, name):
    text, named = BROKEN_RANGES[name]
    seal = only(with_byte_range(sealed_pdf, text))
    assert re.search(named, seal.problem)
    assert seal.digest == b""
    assert not seal.covers_file


def test_a_range_that_stops_short_is_seen_as_such(sealed_pdf):
    seal = only(with_byte_range(sealed_pdf, lambda n: f"[0 {n[1]} {n[2]} {n[3] - 10}]"))
    assert not seal.covers_file
    assert "sealed revision" in seal.problem


REWRITES = {
    "no byte range": (rb"/ByteRange", b"/BiteRange", "four whole numbers"),
    "no contents": (rb"/Contents(?= <30)", b"/Kontents", "no /Contents"),
    "contents as text": (rb"/Contents <3082", b"/Contents (3082", "no /Contents"),
    "one digit astray": (rb"/Contents <3082", b"/Contents <3Z82", "no /Contents"),
    "no CMS": (rb"/Contents <3082", b"/Contents <0082", "hold a CMS in DER"),
    "length beyond": (rb"/Contents <3082....", b"/Contents <3082ffff", "cut off"),
    "length of lengths": (rb"/Contents <3082", b"/Contents <3089", "CMS in DER"),
    "indefinite": (rb"/Contents <3082", b"/Contents <3080", "indefinite"),
    "short form": (rb"/Contents <3082", b"/Contents <3002", "more than a CMS"),
    "padding used": (rb"00>", b"01>", "more than a CMS and zero padding"),
    "certification level": (rb"/P 1(?=\s)", b"/P 7", "level from 1 to 3, got 7"),
}


@pytest.mark.parametrize("name", REWRITES)
def test_a_broken_signature_dictionary_is_a_problem(sealed_pdf, name):
    pattern, replacement, named = REWRITES[name]
    start = sealed_pdf.rindex(b"/Contents <3082")
    changed, count = re.subn(pattern, replacement, sealed_pdf[start:], count=1)
    assert count == 1
    assert len(changed) == len(sealed_pdf) - start
    seal = only(sealed_pdf[:start] + changed)
    assert re.search(named, seal.problem), seal.problem


def signature_with(pdfs, dictionary: bytes, value: bytes = b"5 0 R"):
    """A hand-made PDF whose one signature dictionary reads as given; offsets are filled in."""
    objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] /SigFlags 3 >>")
    objects[4] = b"<< /FT /Sig /T (Seal1) /V %b >>" % value
    objects[5] = dictionary
    pdf = pdfs.hand_made(objects)
    gaps = list(re.finditer(rb"<30030201050000>", pdf))
    start, end = gaps[-1].span() if gaps else (0, 0)
    numbers = b"0 %06d %06d %06d" % (start, end, len(pdf) - end)
    return pdf.replace(b"0 AAAAAA BBBBBB CCCCCC", numbers)


RANGE = b"/ByteRange [0 AAAAAA BBBBBB CCCCCC]"
HONEST = b"<< /Type /Sig /SubFilter /X " + RANGE + b" /Contents <30030201050000> >>"


def test_a_hand_made_signature_is_read(pdfs):
    seal = only(signature_with(pdfs, HONEST))
    assert (seal.problem, seal.cms, seal.subfilter, seal.docmdp) == (None, SOME_DER, "X", None)


DISGUISES = {
    "inside another entry": (
        b"<< " + RANGE + b" /Other << /Contents <30030201050000> >> /Contents <3003020106> >>",
        "hides its /Contents",
    ),
    "behind another entry": (
        b"<< /Contents <3003020106> " + RANGE + b" /Other <30030201050000> >>",
        "expected exactly /Contents",
    ),
    "twice": (
        b"<< " + RANGE + b" /Contents <3003020106> /Contents <30030201050000> >>",
        "Multiple definitions",
    ),
    "inside a text": (
        b"<< " + RANGE + b" /Reason (/Contents <30030201050000>) /Contents 3 0 R >>",
        "hides its /Contents",
    ),
    "escaped key": (
        b"<< " + RANGE + b" /Cont#65nts <30030201050000> >>",
        "no /Contents in hexadecimal",
    ),
    "array": (b"[" + HONEST + b"]", "not a dictionary"),
    "far away": (
        b"<< /Pad (" + b"x" * 70_000 + b") " + RANGE + b" /Contents <30030201050000> >>",
        "no /Contents",
    ),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_contents_in_disguise_are_a_problem(pdfs, name):
    dictionary, named = DISGUISES[name]
    seal = only(signature_with(pdfs, dictionary))
    assert re.search(named, seal.problem), seal.problem


def test_a_signature_that_is_no_object_of_its_own_is_a_problem(pdfs):
    seal = only(signature_with(pdfs, b"null", value=HONEST))
    assert "not an object of its own" in seal.problem


@pytest.mark.parametrize(
    ("reference", "level"),
    [
        (b"[<< /TransformMethod /DocMDP /TransformParams << /P 3 >> >>]", 3),
        (b"[<< /TransformMethod /DocMDP /TransformParams << >> >>]", 2),
        (b"[<< /TransformMethod /DocMDP >>]", 2),
        (b"[<< /TransformMethod /FieldMDP >>]", None),
        (b"[1 2]", None),
        (b"null", None),
    ],
)
def test_the_certification_level_is_read(pdfs, reference, level):
    dictionary = b"<< /Reference " + reference + HONEST[2:]
    seal = only(signature_with(pdfs, dictionary))
    assert (seal.problem, seal.docmdp) == (None, level)


def test_a_nameless_field_cannot_hide_a_signature(pdfs):
    pdf = signature_with(pdfs, HONEST).replace(b"/T (Seal1)", b"/X (Seal1)")
    assert [seal.field for seal in read(pdf).seals] == [""]


def test_inherited_type_and_value_are_followed(pdfs):
    objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>")
    objects[4] = b"<< /FT /Sig /T (Group) /Kids [5 0 R 6 0 R 7] >>"
    objects[5] = b"<< /T (One) /V 7 0 R /Kids [8 0 R] >>"
    objects[6] = b"<< /T (Two) >>"
    objects[7] = b"<< /Type /Sig >>"
    objects[8] = b"<< /Subtype /Widget >>"
    assert [seal.field for seal in read(pdfs.hand_made(objects)).seals] == ["Group.One"]


def test_a_form_that_is_none_has_no_seals(pdfs):
    for root in (b"/AcroForm 5", b"/AcroForm << /Fields 7 >>", b"/AcroForm << >>"):
        assert read(pdfs.hand_made(pdfs.objects(root=root))).seals == ()


class TestSubstitution:
    """A later revision puts something else into the seal's place."""

    def test_another_signature_dictionary_in_the_field(self, sealed_pdf):
        def change(writer):
            field = writer.root["/AcroForm"]["/Fields"][0]
            copy = generic.DictionaryObject(dict(field["/V"].items()))
            field["/V"] = writer.add_object(copy)
            writer.update_container(field)

        assert only(updated(sealed_pdf, change)).problem

    def test_the_object_written_anew(self, sealed_pdf):
        def change(writer):
            writer.mark_update(signature_reference(writer))

        assert only(updated(sealed_pdf, change)).problem

    def test_the_seal_moved_to_another_field(self, sealed_pdf):
        def change(writer):
            field = writer.root["/AcroForm"]["/Fields"][0]
            field["/T"] = generic.TextStringObject("Another")
            writer.update_container(field)

        assert "does not hold this signature" in only(updated(sealed_pdf, change)).problem

    def test_the_field_removed(self, sealed_pdf):
        def change(writer):
            del writer.root["/AcroForm"]["/Fields"][0]
            writer.update_container(writer.root["/AcroForm"])

        assert read(updated(sealed_pdf, change)).seals == ()

    def test_a_second_field_that_points_to_the_same_signature(self, sealed_pdf):
        def change(writer):
            form = writer.root["/AcroForm"]
            twin = generic.DictionaryObject(
                {
                    pdf_name("/FT"): pdf_name("/Sig"),
                    pdf_name("/T"): generic.TextStringObject("Twin"),
                    pdf_name("/V"): form["/Fields"][0].raw_get("/V"),
                }
            )
            form["/Fields"].append(writer.add_object(twin))
            writer.update_container(form)

        seals = read(updated(sealed_pdf, change)).seals
        assert [seal.field for seal in seals] == ["Seal1"]
        assert seals[0].later_revisions


def judged_genuine(pdf: bytes) -> bool:
    """Whether a careless verifier that only asks this package would call the file genuine."""
    try:
        seals = read(pdf).seals
        for seal in seals:
            if seal.problem is not None or not seal.covers_file:
                return False
            signature = decode(seal.cms)
            verify_signature(signature)
            if signature.message_digest != seal.digest:
                return False
    except ESealError:
        return False
    return bool(seals)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_no_mutation_escapes_our_errors_or_passes(sealed_pdf, data):
    pdf = bytearray(sealed_pdf)
    gap = sealed_pdf.rindex(b"/Contents <3082") + 10
    end = sealed_pdf.index(b">", gap)
    for _ in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans(), label="near the signature"):
            index = data.draw(st.integers(gap - 400, gap + 20))
        else:
            index = data.draw(st.integers(0, len(pdf) - 1))
        pdf[index] = data.draw(st.sampled_from(b"0159<>[]()/ \nRfn\x00\xff%"))
    changed = bytes(pdf)
    if judged_genuine(changed):
        assert changed[:gap] + changed[end:] == sealed_pdf[:gap] + sealed_pdf[end:]


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 40_000), tail=st.binary(max_size=40))
def test_no_cut_or_tail_escapes_our_errors_or_passes(sealed_pdf, cut, tail):
    changed = sealed_pdf[:cut] + tail
    assert not judged_genuine(changed) or changed == sealed_pdf
