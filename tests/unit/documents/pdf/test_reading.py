"""What signatures stand in a file, whatever has been done to it."""

from __future__ import annotations

import hashlib
import zlib
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from eseal.documents.pdf.meaning import Meaning
from eseal.documents.pdf.reading import compare_looks, read_form, search
from eseal.documents.pdf.readying.hidden import hazards_of
from eseal.documents.pdf.sealing import preparing
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import UnsupportedDocumentError
from tests.unit.documents.pdf.attacks import (
    BEHIND,
    SHOWS_ANOTHER,
    SHOWS_THE_SAME,
    signed,
    updated,
)
from tests.unit.documents.pdf.examination.dangers import stream
from tests.unit.documents.pdf.seals.forging import OPTIONS, SIGNED
from tests.unit.documents.pdf.workshop import DER, prepared, sealed

MODES = pikepdf.ObjectStreamMode
LOCKED = pikepdf.Encryption(owner="secret", user="secret")
WRITTEN = {
    "qpdf": {},
    "object streams": {"object_stream_mode": MODES.generate},
    "linearized": {"linearize": True},
    "no stream packed": {"stream_decode_level": pikepdf.StreamDecodeLevel.all},
    "qdf": {"qdf": True},
    "encrypted": {"encryption": pikepdf.Encryption(owner="secret", user="")},
    "locked": {"encryption": LOCKED},
    "locked object streams": {"encryption": LOCKED, "object_stream_mode": MODES.generate},
}
RANGES = {
    "beyond the file": b"[ 0 100 200 99999999 ]",
    "not from the start": b"[ 9 100 200 50 ]",
    "backwards": b"[ 0 200 100 50 ]",
    "no gap": b"[ 0 100 100 50 ]",
    "three numbers": b"[ 0 100 200 ]",
    "of names": b"[ /A /B /C /D ]",
    "of references": b"[ 1 0 R 2 0 R 3 0 R 4 0 R ]",
    "truth": b"[ false true true true ]",
    "none": b"null",
    "an overlong number": b"[ 0 1 2 99999999999999999999 ]",
    "a gap of no string": b"[ 0 100 200 300 ]",
}


@pytest.fixture(scope="module")
def alone(pdfs) -> bytes:
    """A document with one seal, and nothing behind it."""
    return sealed(pdfs.fpdf(1), OPTIONS)


def is_seen(pdf: bytes, start: int = 0) -> bool:
    """Whether the file is told to hold a signature, one way or another."""
    said = read_form(pdf)
    if said["end"]:
        return bool(said["seals"])
    found = search(pdf, start=start)
    return bool(found["signatures"] or found["traces"])


def saved(pdf: bytes, **how) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out, **how)
    return out.getvalue()


class TestForm:
    def test_a_whole_file(self, steps):
        said = read_form(steps[-1])
        assert said["canonical"]
        assert (said["end"], said["detail"]) == (len(steps[-1]), "")
        assert [seal["field"] for seal in said["seals"]] == ["Seal1", "Buyer", "Agent", "Bank"]
        assert [stamp["subfilter"] for stamp in said["stamps"]] == ["ETSI.RFC3161"] * 3
        assert (said["filled"], said["total"]) == (4, 4)
        assert said["additions"][:3] == ["party", "validation data", "time-stamp"]
        seal = said["seals"][0]
        start, end = seal["gap"]
        assert seal["cms"] == SIGNED.hex()
        assert seal["subfilter"] == "ETSI.CAdES.detached"
        covered = steps[-1][:start] + steps[-1][end : seal["end"]]
        assert seal["digest"] == hashlib.sha256(covered).hexdigest()

    def test_places_are_counted(self, opened):
        said = read_form(opened)
        assert (said["filled"], said["total"], said["additions"]) == (1, 4, [])

    @pytest.mark.parametrize("tail", BEHIND)
    def test_something_behind_it(self, alone, tail):
        said = read_form(alone + BEHIND[tail])
        assert not said["canonical"]
        assert said["end"] == len(alone)
        assert said["detail"]
        assert len(said["seals"]) == 1

    @pytest.mark.parametrize("name", {**SHOWS_THE_SAME, **SHOWS_ANOTHER})
    def test_updates_by_others(self, alone, steps, name):
        change = {**SHOWS_THE_SAME, **SHOWS_ANOTHER}[name]
        for pdf in (alone, steps[4]):
            said = read_form(updated(pdf, change))
            assert not said["canonical"]
            assert said["end"] == len(pdf)
            assert read_form(pdf)["seals"] == said["seals"]

    def test_what_is_no_sealed_document(self, document):
        said = read_form(document)
        assert (said["canonical"], said["end"], said["seals"]) == (False, 0, [])


class TestNeverNone:
    """A file in which a seal stands is never said to hold none."""

    @given(data=st.data())
    def test_cut_off_anywhere(self, steps, alone, data):
        pdf = data.draw(st.sampled_from([alone, steps[0], steps[4]]))
        cut = data.draw(st.integers(pdf.index(b"/DocMDP") + 7, len(pdf)))
        assert is_seen(pdf[:cut])

    @given(data=st.data(), junk=st.binary(min_size=1, max_size=40))
    def test_junk_anywhere(self, alone, data, junk):
        at = data.draw(st.integers(0, len(alone)))
        cut = data.draw(st.integers(0, 3))
        assert is_seen(alone[:at] + junk + alone[at + cut :])

    @given(data=st.data())
    def test_bytes_changed_anywhere(self, alone, data):
        pdf = bytearray(alone)
        for _ in range(data.draw(st.integers(1, 20))):
            pdf[data.draw(st.integers(0, len(pdf) - 1))] = data.draw(st.integers(0, 255))
        assert is_seen(bytes(pdf))

    @pytest.mark.parametrize("front", [b"\n", b"\xef\xbb\xbf", b"junk " * 100, b"junk " * 1000])
    def test_something_in_front(self, alone, front):
        assert is_seen(front + alone)

    @pytest.mark.parametrize("name", WRITTEN)
    def test_written_anew(self, alone, steps, name):
        for pdf in (alone, steps[4]):
            assert is_seen(saved(pdf, **WRITTEN[name]))

    def test_written_anew_and_damaged(self, alone):
        pdf = saved(alone, **WRITTEN["object streams"])
        for at in range(0, len(pdf), 97):
            assert is_seen(pdf[:at] + bytes([pdf[at] ^ 0x55]) + pdf[at + 1 :])

    def test_copied_by_pyhanko(self, alone):
        writer = copy_into_new_writer(PdfFileReader(BytesIO(alone)))
        out = BytesIO()
        writer.write(out)
        assert is_seen(out.getvalue())

    def test_out_of_sight_in_a_file_that_cannot_be_read(self):
        """What is packed into an object stream leaves no trace in the file's bytes."""
        packed = zlib.compress(b"1 0 << /Type /Catalog /Perms << /DocMDP 2 0 R >> >>")
        entries = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
        pdf = b"%%PDF-1.7\n4 0 obj\n%b\nendobj\n" % stream(packed, entries)
        assert is_seen(pdf)


class TestNone:
    def test_documents_without_a_signature(self, document):
        found = search(document)
        assert found == {"signatures": [], "traces": False, "unreadable": None}

    def test_an_empty_signature_field_is_none(self, pdfs):
        objects = pdfs.objects(page=b"/Annots [4 0 R]", root=b"/AcroForm << /Fields [4 0 R] >>")
        objects[4] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (A) /Rect [0 0 9 9] >>"
        assert not is_seen(pdfs.hand_made(objects))

    @pytest.mark.parametrize("pdf", [b"", b"hello, world", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n"])
    def test_what_is_no_document_says_why(self, pdf):
        found = search(pdf)
        assert not found["traces"]
        assert found["unreadable"]

    def test_what_is_locked_says_so(self, pdfs):
        assert "without a password" in search(pdfs.encrypted())["unreadable"]


class TestOthers:
    def test_a_signature_behind_a_seal(self, opened):
        pdf = signed(opened, "Other")
        found = search(pdf, start=len(opened))
        (other,) = found["signatures"]
        assert (other["field"], other["subfilter"]) == ("Other", "ETSI.CAdES.detached")
        assert other["cms"] == DER.hex()
        assert other["end"] == len(pdf)
        start, end = other["gap"]
        assert other["digest"] == hashlib.sha256(pdf[:start] + pdf[end:]).hexdigest()

    def test_signatures_of_others_alone(self, pdfs):
        one = signed(pdfs.fpdf(1), "A")
        two = signed(signed(one, "B"), "T", stamp=True)
        assert read_form(two)["end"] == 0
        found = search(two)["signatures"]
        assert [each["field"] for each in found] == ["A", "B", "T"]
        assert [each["subfilter"] for each in found] == ["ETSI.CAdES.detached"] * 2 + [
            "ETSI.RFC3161"
        ]
        assert found[0]["end"] == len(one)
        assert search(two, start=len(one))["signatures"] == found[1:]

    def test_a_seal_in_a_file_that_was_changed_before_it_is_taken_out(self, alone):
        """Its digest is another one then: who signed this file, nobody is said to have."""
        changed = alone.replace(b"(Trial Company Ltd)", b"(Other Company Ltd)")
        assert changed != alone
        (seal,) = search(changed.replace(b"%PDF-1.3", b"%PDF-1.9"))["signatures"]
        assert seal["cms"] == DER.hex()
        assert seal["digest"] != read_form(alone)["seals"][0]["digest"]

    @pytest.mark.parametrize("name", RANGES)
    def test_what_cannot_be_taken_out_leaves_a_trace(self, pdfs, name):
        objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] /SigFlags 3 >>")
        objects[4] = b"<< /FT /Sig /T (A) /V 5 0 R >>"
        objects[5] = b"<< /Type /Sig /ByteRange %b /Contents <3000> >>" % RANGES[name]
        found = search(pdfs.hand_made(objects))
        assert found["traces"]
        assert found["signatures"] == []

    @pytest.mark.parametrize(
        "value",
        [
            b"<< /Type /Sig >>",
            b"<< /Type /DocTimeStamp >>",
            b"<< /ByteRange [0 1 2 3] >>",
            b"<< /Contents <3000> /Filter /Adobe.PPKLite >>",
        ],
    )
    def test_signatures_by_any_mark(self, pdfs, value):
        objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>")
        objects[4] = b"<< /FT /Sig /T (A) /V %b >>" % value
        assert is_seen(pdfs.hand_made(objects))

    def test_an_odd_number_of_digits_is_read_as_readers_read_it(self, pdfs):
        objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >>")
        objects[4] = b"<< /FT /Sig /T (A) /V 5 0 R >>"
        objects[5] = b"<< /Type /Sig /ByteRange [0 AAA BBB CCC] /Contents <3003020105000> >>"
        pdf = pdfs.hand_made(objects)
        start, end = pdf.index(b"<3003"), pdf.index(b"000>") + 4
        pdf = pdf.replace(b"AAA BBB CCC", b"%d %d %d" % (start, end, len(pdf) - end))
        (found,) = search(pdf)["signatures"]
        assert found["cms"] == DER.hex()

    def test_so_many_are_told(self):
        pdf = b"%PDF-1.7\n" + b"<3000>" * 70
        starts = range(9, len(pdf), 6)
        pdf += b"".join(b"/ByteRange [0 %d %d 1]" % (start, start + 6) for start in starts)
        found = search(pdf)
        assert len(found["signatures"]) == 64
        assert found["traces"]

    @given(data=st.binary(max_size=200))
    def test_any_bytes(self, data):
        search(b"%PDF-1.7\n" + data)
        search(data)


class TestLooks:
    @pytest.mark.parametrize("name", SHOWS_THE_SAME)
    def test_updates_that_show_nothing(self, alone, name):
        assert compare_looks(updated(alone, SHOWS_THE_SAME[name]), end=len(alone)) is None

    @pytest.mark.parametrize("name", SHOWS_ANOTHER)
    def test_updates_that_show(self, alone, name):
        said = compare_looks(updated(alone, SHOWS_ANOTHER[name]), end=len(alone))
        assert "page 1 shows something else" in said or "cannot be shown as it was" in said

    def test_what_cannot_be_shown_any_more(self, alone):
        said = compare_looks(alone + b"startxref\n7\n%%EOF\n", end=len(alone))
        assert said is None or "cannot be shown" in said


class TestHidden:
    def test_what_we_seal_hides_nothing(self, steps):
        assert hazards_of(steps[0]) == []
        assert hazards_of(steps[-1]) == []

    def test_what_should_not_have_been_sealed_is_told(self, pdfs):
        made = prepared(pdfs.fpdf(1), OPTIONS).embed(DER)
        changed = updated(made, SHOWS_THE_SAME["actions"])
        assert any("JavaScript" in each for each in hazards_of(changed))

    @pytest.mark.parametrize(
        ("page", "content", "why"),
        [
            (b"", b"9 9 --9 9 re f", "drawing of a page breaks the rules"),
            (b"", b"9 9 9. 9 re f", "puts in order before it seals"),
            (b"/UserUnit 2", b"", "in different sizes"),
            (b"/Rotate 450", b"", "puts in order before it seals"),
            (
                b"/Annots [<< /Type /Annot /Subtype /Link /Rect [9 9 99 99] /Border [0 0 99] >>]",
                b"",
                "puts in order before it seals",
            ),
        ],
    )
    def test_what_another_program_has_sealed_is_examined_as_before_sealing(
        self, pdfs, monkeypatch, page, content, why
    ):
        """A company that has its own program make the form, and has its digest sealed."""
        nothing = Meaning((), (), frozenset(), {}, ())
        monkeypatch.setattr(preparing, "put_in_order", lambda *_: nothing)
        monkeypatch.setattr(preparing, "check_alike", lambda *_: None)
        objects = pdfs.objects(page=b"/Contents 4 0 R " + page)
        objects[4] = stream(content)
        made = prepared(pdfs.hand_made(objects), OPTIONS).embed(DER)
        assert judge(made).is_whole
        (told,) = hazards_of(made)
        assert why in told

    def test_what_cannot_be_read_is_refused(self):
        with pytest.raises(UnsupportedDocumentError, match="not a PDF"):
            hazards_of(b"hello")
