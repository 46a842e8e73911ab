"""What we write is what we read, and what other programs read without complaint."""

from __future__ import annotations

import hashlib
import random
import zlib
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.pdf.file import writing
from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.scanner import is_telltale
from eseal.documents.pdf.file.values import TELLTALE, Name, Ref, Stream, spell
from eseal.documents.pdf.file.writing import (
    Signature,
    Spelt,
    Written,
    filled,
    is_quiet,
    packed,
    write_base,
    write_increment,
)
from eseal.errors import InvalidFormatError, InvalidInputError
from tests.unit.documents.pdf.file.plain import values

IDENTITY = bytes(range(16))
TEXT = b"0 0 50 50 re f"
SIG = {"Type": Name("Sig"), "Filter": Name("Adobe.PPKLite"), "Reason": b"a", "Cert": b"before"}


def page_with(*more: object) -> list[object]:
    """The objects of a page that leads to others."""
    return [
        {"Type": Name("Catalog"), "Pages": Ref(2)},
        {"Type": Name("Pages"), "Kids": [Ref(3)], "Count": 1},
        {
            "Type": Name("Page"),
            "Parent": Ref(2),
            "Contents": Ref(4),
            "Resources": {},
            "MediaBox": [0, 0, 595, 842],
            "PieceInfo": [Ref(5 + n) for n in range(len(more))],
        },
        Stream({}, TEXT),
        *more,
    ]


def base(*more: object, info: int | None = None) -> Written:
    return write_base(b"1.7", page_with(*more), info=info, identity=IDENTITY)


def whole(written: Written) -> bytes:
    return b"".join(written.pieces)


def read_through(data: bytes) -> Revision:
    """Read by ourselves, by qpdf, by PDFium and by pyHanko; none of them complains."""
    revision = Revision.first(data)
    while revision.end < len(data):
        revision = revision.following()
    with pikepdf.open(BytesIO(data), attempt_recovery=False) as opened:
        assert opened.check_pdf_syntax() == []
        assert len(opened.objects) == revision.size - 1
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    document.close()
    PdfFileReader(BytesIO(data), strict=True).root["/Pages"]["/Kids"][0].get_object()
    return revision


@given(st.lists(values.filter(lambda value: value is not None), max_size=4))
def test_any_values_make_a_file_that_is_read_again(several):
    if any(b" 0 R" in spell(value) for value in several):
        return  # they lead to nothing
    revision = Revision.first(whole(base(*several)))
    assert [spell(revision.load(5 + n)) for n in range(len(several))] == [*map(spell, several)]


def test_a_file_is_read_by_others():
    revision = read_through(whole(base({"Title": b"a"}, packed({}, TEXT * 99), info=5)))
    assert revision.trailer["Info"] == Ref(5)
    assert revision.trailer["ID"] == [IDENTITY, IDENTITY]
    assert zlib.decompress(bytes(revision.load(6).data)) == TEXT * 99


def test_sections_are_read_by_others():
    first = whole(base())
    draft = Draft(Revision.first(first))
    draft.update(Ref(3), Tabs=Name("S"), PieceInfo=[draft.add([1]), draft.add(packed({}, TEXT))])
    second = first + whole(write_increment(Revision.first(first), draft.changed))
    revision = read_through(second)
    assert revision.load(5) == [1]
    assert revision.load(3)["Tabs"] == "S"
    third = second + whole(write_increment(revision, {5: [2]}))
    last = read_through(third)
    assert last.load(5) == [2]
    assert last.size == revision.size == 7
    before, after = revision.trailer["ID"], last.trailer["ID"]
    assert before[0] == after[0] == IDENTITY
    section = second[revision.sections[-1].start :]
    assert after[1] == hashlib.sha256(before[1] + section).digest()[:16]


def test_what_is_spelt_is_written_as_it_is():
    data = whole(base(Spelt(b"[ 1 ]"), Spelt(b"<< /Length 3 >>", b"abc")))
    revision = read_through(data)
    assert revision.load(5) == [1]
    assert bytes(revision.load(6).data) == b"abc"


@pytest.mark.parametrize("value", [2**31, {"A": Name("")}, float("nan"), object()])
def test_what_has_no_canonical_form_is_not_written(value):
    with pytest.raises(InvalidFormatError):
        base([value])


class TestGap:
    @pytest.mark.parametrize("room", [1, 2, 100, 5000])
    @pytest.mark.parametrize("padding", [0, 1, 40, 9_300, 99_000])
    def test_byte_ranges_leave_out_one_string_whatever_their_length(self, padding, room):
        self.check(base(Signature(SIG, room), Stream({}, b"x" * padding)), room)

    def test_where_numbers_grow_by_a_digit(self):
        """Somewhere among these each of the numbers passes 1,000 or 10,000."""
        for padding in (*range(60, 220), *range(9_100, 9_260)):
            before = (Stream({}, b"x" * padding),)
            self.check(base(*before, Signature(SIG, 40)), 40)
            self.check(base(Signature(SIG, 40), *before), 40)

    def test_in_a_section(self):
        first = whole(base())
        for room in (1, 40, 5000):
            made = write_increment(Revision.first(first), {5: Signature(SIG, room), 6: [Ref(5)]})
            self.check(made, room, first)

    def check(self, written: Written, room: int, before: bytes = b"") -> None:
        data = before + whole(written)
        assert written.end == len(data)
        start, end = written.gap
        assert data[start:end] == b"<%b>" % (b"00" * room)
        revision = Revision.first(data)
        while revision.end < len(data):
            revision = revision.following()
        number = next(n for n in revision.places if b"/ByteRange" in self.head(revision, n))
        entries = revision.load(number)
        assert entries["ByteRange"] == [0, start, end, len(data) - end]
        assert entries["Contents"] == bytes(room)
        assert {key: entries[key] for key in SIG} == SIG

    def head(self, revision: Revision, number: int) -> bytes:
        return revision.data[slice(*revision.places[number].head)]

    def test_what_fills_it(self):
        assert filled((10, 20), b"\x30\x00") == b"30000000"
        assert filled((10, 20), b"\x30\x02\xaa\xbb") == b"3002aabb"
        for der in (b"", bytes(5)):
            with pytest.raises(InvalidInputError, match=f"expected 1 to 4 bytes, got {len(der)}"):
                filled((10, 20), der)


class TestQuiet:
    WORDS = (b"xref", b"startxref", b"trailer", b"%%EOF", b"%PDF-", b"endobj", b"1 0 obj",
             b"7obj", b" obj ", b"\nobj\n", b"9\0\t\r\n\f obj",
             b"/obj(", b"9objx", b"endobject")  # fmt: skip

    @pytest.mark.parametrize("word", WORDS)
    def test_a_word_of_the_frame_is_found_wherever_it_stands(self, word):
        for before in (b"", b"a", b"abc ", b"\xff" * 99):
            for after in (b"", b"\xff", b" a" * 50):
                data = before + word + after
                if before == b"a" and word == b" obj ":
                    continue
                assert not is_quiet(data), data
                assert not is_quiet(memoryview(data))

    @pytest.mark.parametrize(
        "data",
        [b"", b"object", b"aobj", b"subobj", b"objx", b" objects ", b"o b j", b"9 aobj", b"xre\nf"],
    )
    def test_other_words_are_quiet(self, data):
        assert is_quiet(data)

    @given(st.text("obj 19end\nx/(", max_size=24).map(str.encode))
    def test_scanner_and_values_agree_about_it(self, data):
        words = (b"xref", b"trailer", b"%%EOF", b"%PDF-")
        by_scanner = any(word in data for word in words) or any(
            is_telltale(data, at) for at in range(len(data)) if data.startswith(b"obj", at)
        )
        assert is_quiet(data) is not by_scanner
        assert bool(TELLTALE.search(data)) is by_scanner

    @given(st.text("obj 19end\nx/(", max_size=24).map(str.encode))
    def test_what_is_quiet_can_stand_in_a_file(self, data):
        if is_quiet(data):
            Revision.first(whole(base(Stream({}, data))))
        Revision.first(whole(base(data, [1, data], {"A": data})))


class TestPacked:
    def test_what_it_holds_comes_out_again(self):
        stream = packed({"Type": Name("Metadata")}, TEXT * 50)
        assert stream.entries == {"Type": Name("Metadata"), "Filter": Name("FlateDecode")}
        assert zlib.decompress(stream.data) == TEXT * 50

    def test_another_level_where_one_makes_a_word(self, monkeypatch):
        told = iter([False, False, True])
        monkeypatch.setattr(writing, "is_quiet", lambda _: next(told))
        stream = packed({}, TEXT * 50)
        assert stream.entries["Filter"] == "FlateDecode"
        assert zlib.decompress(stream.data) == TEXT * 50
        assert stream.data == zlib.compress(TEXT * 50, 1)

    def test_digits_where_every_level_does(self):
        noise = random.Random(7).randbytes(300) + b" obj endobj xref " + bytes(3)
        assert all(not is_quiet(zlib.compress(noise, level)) for level in range(1, 10))
        stream = packed({}, noise)
        assert stream.entries == {"Filter": Name("ASCIIHexDecode")}
        assert is_quiet(stream.data)
        data = whole(base(stream))
        with pikepdf.open(BytesIO(data)) as opened:
            assert opened.get_object(5, 0).read_bytes() == noise
