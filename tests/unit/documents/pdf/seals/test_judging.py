"""What follows a seal is ours byte for byte, or it is not."""

from __future__ import annotations

import hashlib
import zlib
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eseal.documents.pdf.file import revision
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.file.writing import Signature
from eseal.documents.pdf.seals.judging import Judged, Kind, judge
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.examination.dangers import field, with_objects
from tests.unit.documents.pdf.file.by_hand import file_of
from tests.unit.documents.pdf.seals.forging import (
    OPTIONS,
    SIGNED,
    Parts,
    at,
    field_of,
    forged,
    last,
    party,
    rebuilt,
    stamped,
    validated,
)
from tests.unit.documents.pdf.workshop import DER, prepared, sealed

KINDS = [
    Kind.SEAL, Kind.PARTY, Kind.VALIDATION_DATA, Kind.TIME_STAMP, Kind.PARTY, Kind.VALIDATION_DATA,
    Kind.TIME_STAMP, Kind.PARTY, Kind.TIME_STAMP, Kind.VALIDATION_DATA,
]  # fmt: skip
BUYER, DATA, STAMP, AGENT = 1, 2, 3, 4
"""Steps."""


def not_ours(data: bytes, so_far: bytes) -> Judged:
    """Check that what follows the first part of a file is not in our form."""
    judged = judge(data)
    assert not judged.is_whole
    assert judged.problem
    assert judged.revision.end == len(so_far)
    before = judge(so_far)
    assert (judged.kinds, judged.seals, judged.stamps) == (
        before.kinds,
        before.seals,
        before.stamps,
    )
    return judged


def test_a_section_costs_what_is_in_it(pdfs, monkeypatch):
    """However many fields stand before it: none of them is read again for a time-stamp."""
    count, stamps, read, real = 200, 5, [], revision.parse
    monkeypatch.setattr(revision, "parse", lambda text: read.append(text) or real(text))
    numbers = range(4, 4 + count)
    listed = b" ".join(b"%d 0 R" % number for number in numbers)
    boxes = {number: b"%d 9 %d 12" % (3 * number, 3 * number + 2) for number in numbers}
    fields = {
        number: field(b"/P 3 0 R", box).replace(b"Price", b"F%d" % number)
        for number, box in boxes.items()
    }
    page, form = b"/Annots [%b]" % listed, b"/AcroForm << /Fields [%b] >>" % listed
    file = sealed(with_objects(pdfs, fields, page=page, root=form), OPTIONS, SIGNED)

    def cost(data: bytes) -> int:
        read.clear()
        assert judge(data).is_whole
        return len(read)

    first = cost(file)
    for _ in range(stamps):
        file = stamped(file)
    assert first > count
    assert cost(file) - first < 10 * stamps


class TestGenuine:
    def test_every_step_is_ours(self, steps):
        for number, data in enumerate(steps):
            judged = judge(data)
            assert judged.is_whole
            assert judged.problem is None
            assert [*judged.kinds] == KINDS[: number + 1]
            assert judged.level == 2
            assert judged.closed is (number >= 7)
            assert judged.revision.end == len(data)

    def test_what_each_signature_covers(self, steps):
        judged = judge(steps[-1])
        assert [seal.field for seal in judged.seals] == ["Seal1", "Buyer", "Agent", "Bank"]
        assert [stamp.field for stamp in judged.stamps] == ["Time-1", "Time-2", "Time-3"]
        ends = [*map(len, steps)]
        assert [seal.end for seal in judged.seals] == [ends[0], ends[1], ends[4], ends[7]]
        for signed in (*judged.seals, *judged.stamps):
            start, end = signed.gap
            covered = steps[-1][:start] + steps[-1][end : signed.end]
            assert signed.digest == hashlib.sha256(covered).digest()
            assert signed.cms == (SIGNED if signed is judged.seals[0] else DER)
            assert steps[-1][start:end].startswith(b"<" + signed.cms.hex().encode())

    def test_places_are_counted_and_time_stamps_are_none(self, steps):
        for data, filled in ((steps[0], 1), (steps[3], 2), (steps[4], 3), (steps[-1], 4)):
            places = judge(data).places()
            assert [place.name for place in places] == ["Seal1", "Buyer", "Agent", "Bank"]
            assert sum(place.value is not None for place in places) == filled

    def test_a_seal_without_places_allows_what_validates_it(self, pdfs):
        alone = sealed(pdfs.fpdf(1), OPTIONS)
        assert judge(alone).level == 1
        kept = stamped(validated(stamped(alone)))
        assert judge(kept).is_whole
        assert [*judge(kept).kinds[1:]] == [Kind.TIME_STAMP, Kind.VALIDATION_DATA, Kind.TIME_STAMP]


class TestFirstRevision:
    @pytest.mark.parametrize("data", [b"", b"%PDF-1.7", file_of()])
    def test_what_is_not_sealed_in_our_form_is_no_sealed_document(self, data):
        with pytest.raises(InvalidFormatError):
            judge(data)

    def test_it_lacks_its_cms_only_while_it_is_made(self, pdfs):
        made = prepared(pdfs.fpdf(1), OPTIONS)
        with pytest.raises(InvalidFormatError, match="CMS"):
            judge(made.data)
        judged = judge(made.data, unsigned=True)
        assert judged.seals[0].cms == b""
        assert judged.seals[0].digest == made.digest
        later = validated(made.embed(DER))
        with pytest.raises(InvalidFormatError, match="CMS"):
            judge(made.data + later[len(made.data) :], unsigned=True)

    def test_padding_is_zeros_and_the_cms_is_der(self, pdfs):
        opened = sealed(pdfs.fpdf(1), OPTIONS)
        start, end = judge(opened).seals[0].gap
        for digits in (b"3003020106", b"3003020105" + b"0" * 900 + b"1", b"3004020105"):
            changed = opened[: start + 1] + digits + opened[start + 1 + len(digits) :]
            if digits.endswith((b"6", b"3004020105")):
                judge(changed)
                continue
            with pytest.raises(InvalidFormatError, match="zero padding"):
                judge(changed)
        for digits in (b"3080", b"3103", b"0003", b"3085", b"30847fffffff", b"3083ffffff"):
            changed = opened[: start + 1] + digits + opened[start + 1 + len(digits) :]
            with pytest.raises(InvalidFormatError, match="CMS"):
                judge(changed)
        for at_digit in (start + 1, start + 500, end - 2):
            for byte in (b"A", b"g", b" ", b">", b"<", b"\n"):
                with pytest.raises(InvalidFormatError):
                    judge(opened[:at_digit] + byte + opened[at_digit + 1 :])

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"/P 2 ", b"/P 3 "),
            (b"/P 2 ", b"/P 0 "),
            (b"/TransformMethod /DocMDP", b"/TransformMethod /DocMDQ"),
            (b"/V /1.2", b"/V /1.3"),
            (b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.CAdES.detacheD"),
            (b"/Filter /Adobe.PPKLite", b"/Filter /Adobe.PPKLitf"),
            (b"/Type /Sig ", b"/Type /Sih "),
            (b"/Type /SigRef", b"/Type /SigReg"),
            (b"/ByteRange [ 0 ", b"/ByteRange [ 1 "),
            (b"/Perms << /DocMDP", b"/Perms << /DocMDQ"),
            (b"/FT /Sig ", b"/FT /Sih "),
            (b"/Name (Trial Company Ltd)", b"/Nbme (Trial Company Ltd)"),
        ],
    )
    def test_its_seal_is_as_we_write_it(self, opened, old, new):
        assert old in opened
        with pytest.raises(InvalidFormatError):
            judge(opened.replace(old, new))

    def test_every_number_of_the_byte_range_counts(self, opened):
        at_range = opened.index(b"/ByteRange [ ") + 13
        numbers = opened[at_range : opened.index(b" ]", at_range)]
        for index, byte in enumerate(numbers):
            for other in b"0123456789":
                if byte in b" " or other == byte:
                    continue
                changed = bytearray(opened)
                changed[at_range + index] = other
                with pytest.raises(InvalidFormatError):
                    judge(bytes(changed))

    def test_truth_is_no_number(self, opened):
        """In Python ``True == 1``; in no reader of PDF."""
        alone = opened.replace(b"/P 2 ", b"/P 1 ")
        assert judge(alone).level == 1
        assert judge(moved(alone, b"Company Ltd)", b"Company Limited)")).is_whole
        for old, new in ((b"/ByteRange [ 0 ", b"/ByteRange [ false "), (b"/P 1 ", b"/P true ")):
            with pytest.raises(InvalidFormatError):
                judge(moved(alone, old, new))


def moved(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one text longer, and all offsets behind it right again."""
    revision = last(data)
    at_old = data.index(old)
    by = len(new) - len(old)
    signature = judge(data).seals[0]
    text = data[:at_old] + new + data[at_old + len(old) :]
    start, end = signature.gap
    shift = by if at_old < start else 0
    length = len(text) - end - shift
    text = text.replace(
        b"%d %d %d ]" % (start, end, len(data) - end),
        b"%d %d %d ]" % (start + shift, end + shift, length),
    )
    for place in revision.places.values():
        if place.offset > at_old:
            text = text.replace(
                b"\n%010d 00000 n" % place.offset, b"\n%010d 00000 n" % (place.offset + by)
            )
    table = revision.sections[0].table
    return text.replace(b"startxref\n%d\n" % table, b"startxref\n%d\n" % (table + by))


class TestEveryByte:
    @given(data=st.data())
    def test_no_changed_byte_behind_the_first_seal_is_ours(self, steps, data):
        whole = steps[-1]
        where = data.draw(st.integers(len(steps[0]), len(whole) - 1))
        byte = data.draw(st.integers(0, 255))
        self.check(steps, where, byte)

    def check(self, steps, where: int, byte: int) -> None:
        whole = steps[-1]
        changed = whole[:where] + bytes([byte]) + whole[where + 1 :]
        judged = judge(changed)
        genuine = judge(whole)
        signed = (*genuine.seals, *genuine.stamps)
        in_gap = any(start < where < end - 1 for start, end in (each.gap for each in signed))
        if changed != whole and not in_gap:
            assert not judged.is_whole
            assert judged.revision.end <= where
        if judged.is_whole and changed != whole:
            told = (*judged.seals, *judged.stamps)
            assert [each.cms for each in told] != [each.cms for each in signed]

    def test_at_the_seams(self, steps):
        for end in map(len, steps):
            for where in range(max(end - 1, len(steps[0])), min(end + 3, len(steps[-1]))):
                for byte in b"0\n":
                    self.check(steps, where, byte)

    @given(data=st.data(), piece=st.sampled_from([b"", b" ", b"\n", b"%\n", b"\0", b"0", b"1 "]))
    def test_no_piece_more_or_less_is_ours(self, steps, data, piece):
        whole = steps[-1]
        where = data.draw(st.integers(len(steps[0]), len(whole)))
        cut = data.draw(st.integers(0, 30))
        changed = whole[:where] + piece + whole[where + cut :]
        if changed not in steps:
            assert not judge(changed).is_whole

    @given(tail=st.binary(min_size=1, max_size=80))
    @example(tail=b"\n")
    @example(tail=b"\0")
    @example(tail=b"%%EOF\n")
    def test_no_tail_is_ours(self, steps, tail):
        for data in (steps[0], steps[3]):
            not_ours(data + tail, data)

    def test_cutting_sections_off_is_possible(self, steps):
        whole = steps[-1]
        ends = {len(step): number for number, step in enumerate(steps)}
        assert [judge(whole[:end]).kinds for end in ends] == [
            tuple(KINDS[: number + 1]) for number in ends.values()
        ]
        for end in range(len(steps[0]) + 1, len(whole), 977):
            if end not in ends:
                assert not judge(whole[:end]).is_whole

    def test_sections_in_another_order_are_not_ours(self, steps):
        sections = [after[len(before) :] for before, after in pairwise(steps)]
        not_ours(steps[0] + sections[1], steps[0])
        not_ours(steps[0] + sections[0] + sections[2], steps[1])
        not_ours(steps[3] + sections[2], steps[3])
        not_ours(steps[3] + sections[0], steps[3])
        other = stamped(steps[1])
        not_ours(other + sections[1], other)


def changed_page(parts: Parts) -> None:
    page = at(field_of(parts.before, "Seal1").page)
    parts.objects[page] = parts.load(Ref(page)) | {"Rotate": 90}


def changed_contents(parts: Parts) -> None:
    page = parts.before.load(at(field_of(parts.before, "Seal1").page))
    made = zlib.compress(b"0 0 50 50 re f")
    contents = page["Contents"]
    number = at(contents[0] if isinstance(contents, list) else contents)
    parts.objects[number] = Stream({"Filter": Name("FlateDecode")}, made)


def changed_catalog(parts: Parts) -> None:
    parts.objects[1] = parts.load(Ref(1)) | {"Lang": b"en"}


def changed_form(parts: Parts) -> None:
    form = parts.before.catalog["AcroForm"]
    parts.objects[at(form)] = parts.load(form) | {"NeedAppearances": True}


def changed_seal(parts: Parts) -> None:
    """The seal's own field is written anew: another look for it."""
    field = field_of(parts.before, "Seal1").reference
    parts.objects[at(field)] = parts.load(field) | {"Rect": [0, 0, 600, 600]}


def lone_object(parts: Parts) -> None:
    parts.objects[parts.free] = {"Type": Name("Font")}


def rewritten_as_it_was(parts: Parts) -> None:
    parts.load(Ref(2))


def far_number(parts: Parts) -> None:
    """The last object under a number further on."""
    number = max(parts.objects)
    value = parts.objects.pop(number)
    new = number + 1
    for other, held in parts.objects.items():
        parts.objects[other] = renamed(held, number, new)
    parts.objects[new] = value


def renamed(value: object, old: int, new: int) -> object:
    match value:
        case Ref():
            return Ref(new) if value.number == old else value
        case dict():
            return {key: renamed(each, old, new) for key, each in value.items()}
        case list():
            return [renamed(each, old, new) for each in value]
        case Stream():
            return Stream(renamed(value.entries, old, new), value.data)
        case _:
            return value


MORE = {
    "a page": changed_page,
    "contents": changed_contents,
    "the catalog": changed_catalog,
    "the form": changed_form,
    "the first seal": changed_seal,
    "an object that nothing needs": lone_object,
    "an object as it was": rewritten_as_it_was,
    "another number": far_number,
}


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("step", [BUYER, DATA, STAMP, AGENT])
def test_a_section_with_something_more_is_not_ours(steps, step, name):
    start = len(steps[step - 1])
    assert rebuilt(steps[step], start, lambda _: None) == steps[step]
    not_ours(rebuilt(steps[step], start, MORE[name]), steps[step - 1])


@pytest.mark.parametrize("name", MORE)
def test_a_change_alone_is_not_ours(opened, name):
    def change(draft):
        class Bare:
            before, objects, free = last(opened), draft.changed, draft.size
            load = staticmethod(last(opened).value)

        MORE[name](Bare)
        draft.changed.setdefault(2, draft.load(2))

    if name != "another number":
        not_ours(forged(opened, change), opened)


def test_a_first_revision_without_places_allows_no_party(pdfs, opened):
    alone = sealed(pdfs.fpdf(1), OPTIONS)
    with_party = party(opened, "Buyer")
    assert judge(with_party).is_whole

    def fill(draft):
        seal = field_of(draft, "Seal1")
        entries = draft.load(at(seal.reference)) | {"T": b"Buyer"}
        entries["V"] = draft.add(Signature({"Type": Name("Sig")}, 100))
        draft.append(draft.add(entries), draft.dictionary(draft.catalog["AcroForm"])["Fields"])

    not_ours(forged(alone, fill), alone)
    not_ours(forged(opened, fill), opened)
