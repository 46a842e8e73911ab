"""Sections behind a canonical file: read strictly, judged by others."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.file import revision as module
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.scanner import table
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.file.by_hand import (
    CATALOG,
    ID,
    PAGE,
    TEXT,
    file_of,
    increment_of,
    stream,
)


def following(data: bytes, times: int = 1) -> Revision:
    revision = Revision.first(data)
    for _ in range(times):
        revision = revision.following()
    return revision


def test_a_file_as_it_stood_after_each_section():
    data = increment_of(file_of(), {3: PAGE, 5: b"[ 3 0 R ]", 7: stream(b"abc")})
    first, second = Revision.first(data), following(data)
    assert (first.size, second.size) == (5, 8)
    assert (first.end, second.end) == (len(file_of()), len(data))
    assert first.load(3) == second.load(3)
    assert second.load(5) == [Ref(3)]
    assert bytes(second.load(7).data) == b"abc"
    assert second.load(7).entries == {}
    assert second.trailer["Prev"] == first.sections[0].table
    assert second.load(4) == Stream({}, TEXT)
    assert second.catalog == {"Pages": Ref(2), "Type": Name("Catalog")}
    with pytest.raises(InvalidFormatError, match="object 5"):
        first.load(5)
    with pytest.raises(InvalidFormatError, match="object 6"):
        second.load(6)


def test_what_is_handed_out_can_be_changed():
    data = increment_of(file_of(), {5: b"[ 3 0 R ]", 6: stream(b"abc")})
    first, second = Revision.first(data), following(data)
    first.catalog.clear()
    second.load(5).clear()
    second.load(6).entries["Type"] = Name("X")
    assert first.catalog == second.catalog == {"Pages": Ref(2), "Type": Name("Catalog")}
    assert second.load(5) == [Ref(3)]
    assert second.load(6).entries == {}


def test_what_is_made_of_objects_is_made_anew_where_one_of_them_has_changed():
    data = increment_of(increment_of(file_of(), {5: b"1"}), {2: b"[ 3 0 R ]"})
    revision, calls = Revision.first(data), []

    def make(objects):
        calls.append(objects)
        return objects.value(Ref(2))

    first = revision.once("pages", make)
    assert first == revision.load(2)
    assert revision.following().once("pages", make) is first  # 5 is none of those looked at
    assert revision.following().following().once("pages", make) == [Ref(3)]
    assert revision.once("pages", make) == first
    assert len(calls) == 3


def test_what_was_not_there_is_noticed_when_it_is():
    data = increment_of(file_of(), {5: b"1"})
    revision = Revision.first(data)

    def make(objects):
        with suppress(InvalidFormatError):
            return objects.load(5)

    assert revision.once("five", make) is None
    assert revision.following().once("five", make) == 1


GOOD = {
    "a new object": ({5: b"1"}, {}),
    "a gap in the numbers": ({9: b"1"}, {}),
    "an old object": ({3: PAGE}, {}),
    "several runs": ({1: CATALOG, 3: PAGE, 4: stream(b""), 6: b"1", 7: b"2"}, {}),
    "a reference to what is new": ({3: b"[ 5 0 R ]", 5: b"1"}, {}),
}


@pytest.mark.parametrize("name", GOOD)
def test_sections_in_canonical_form_are_read(name):
    objects, more = GOOD[name]
    assert {*following(increment_of(file_of(), objects, **more)).sections[-1].objects} == {*objects}


BAD = {
    "nothing": lambda base: increment_of(base, {4: b"1"}).replace(b"4 0 obj\n1\nendobj\n", b"", 1),
    "order": lambda base: increment_of(base, {6: b"1", 5: b"1"}),
    "twice": lambda base: increment_of(base, {5: b"1"}).replace(
        b"5 0 obj\n1\nendobj\nxref", b"5 0 obj\n1\nendobj\n5 0 obj\n1\nendobj\nxref"
    ),
    "object zero": lambda base: increment_of(base, {0: b"1", 5: b"1"}),
    "runs in one": lambda base: increment_of(base, {3: PAGE, 5: b"1"}, sections=[(3, 1), (5, 1)])
    .replace(b"3 1\n", b"3 3\n"),
    "one run in two": lambda base: increment_of(
        base, {5: b"1", 6: b"1"}, sections=[(5, 1), (6, 1)]
    ),
    "runs in another order": lambda base: increment_of(
        base, {3: PAGE, 5: b"1"}, sections=[(5, 1), (3, 1)]
    ),
    "an empty run": lambda base: increment_of(base, {5: b"1"}, sections=[(5, 1), (9, 0)]),
    "object zero in the table": lambda base: increment_of(base, {5: b"1"}).replace(
        b"xref\n5 1\n", b"xref\n0 1\n0000000000 65535 f \n5 1\n"
    ),
    "a free entry": lambda base: increment_of(base, {5: b"1"}).replace(
        b"xref\n5 1\n", b"xref\n4 1\n0000000000 00001 f \n5 1\n"
    ),
    "Prev of nothing": lambda base: increment_of(base, {5: b"1"}, prev=15),
    "Prev in words": lambda base: increment_of(base, {5: b"1"}).replace(b"/Prev ", b"/Prev /A "),
    "no Prev": lambda base: increment_of(base, {5: b"1"}).replace(b"/Prev ", b"/Prevs "),
    "too large a Size": lambda base: increment_of(base, {5: b"1"}, size=7),
    "too small a Size": lambda base: increment_of(base, {5: b"1"}, size=5),
    "another entry": lambda base: increment_of(base, {5: b"1"}, trailer=b" /XRefStm 15"),
    "a dangling reference": lambda base: increment_of(base, {5: b"[ 6 0 R ]"}),
    "an unknown entry of the catalog": lambda base: increment_of(
        base, {1: CATALOG.replace(b"/Pages", b"/AA 2 0 R /Pages")}
    ),
    "a catalog that is none": lambda base: increment_of(base, {1: b"[ 2 0 R ]"}),
    "a word of the frame": lambda base: increment_of(base, {5: b"(1 0 obj)"}),
    "a header": lambda base: increment_of(base, {5: b"(%PDF-1.7)"}),
    "an object stream": lambda base: increment_of(
        base, {5: stream(b"", b"/Length 0 /Type /ObjStm ")}
    ),
    "a newline before": lambda base: base + b"\n" + increment_of(base, {5: b"1"})[len(base) :],
    "another file": lambda base: base + base,
    "a line": lambda base: base + b"\n",
    "a comment": lambda base: base + b"%\n",
    "a byte": lambda base: base + b"\0",
    "an object alone": lambda base: base + b"5 0 obj\n1\nendobj\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_other_sections_are_refused(name):
    data = BAD[name](file_of())
    revision = Revision.first(data)
    assert revision.end == len(file_of())
    with pytest.raises(InvalidFormatError):
        revision.following()


def test_each_section_follows_the_one_before_it():
    one = increment_of(file_of(), {5: b"1"})
    two = increment_of(one, {6: b"1"})
    assert following(two, 2).size == 7
    astray = increment_of(one, {6: b"1"}, prev=Revision.first(one).sections[0].table)
    with pytest.raises(InvalidFormatError, match="follows the section before"):
        following(astray, 2)


def test_sections_have_an_end(monkeypatch):
    monkeypatch.setattr(module, "MAX_SECTIONS", 2)
    two = increment_of(increment_of(file_of(), {5: b"1"}), {6: b"1"})
    with pytest.raises(InvalidFormatError, match="at most 1 increments"):
        following(two, 2)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_tables_name_runs_of_numbers(numbers):
    offsets = {number: 1000 + number for number in sorted(numbers)}
    lines = table(offsets, first=False).split(b"\n")
    assert (lines[0], lines[-1]) == (b"xref", b"")
    found, at = {}, 1
    while at < len(lines) - 1:
        first, length = map(int, lines[at].split())
        for number in range(first, first + length):
            at += 1
            assert lines[at].endswith(b" 00000 n ")
            assert len(lines[at]) == 19
            found[number] = int(lines[at][:10])
        assert first + length not in numbers
        at += 1
    assert found == offsets


@given(at=st.integers(len(file_of()), len(increment_of(file_of(), {5: b"[ (a) ]"})) - 1),
       byte=st.integers(0, 255))  # fmt: skip
def test_no_changed_byte_makes_another_section_of_the_same_objects(at, byte):
    data = increment_of(file_of(), {5: b"[ (a) ]"})
    changed = data[:at] + bytes([byte]) + data[at + 1 :]
    try:
        found = following(changed)
    except InvalidFormatError:
        return
    identifiers = data.rindex(ID)
    same = found.size == 6 and 5 in found.places and found.load(5) == [b"a"]
    assert changed == data or not same or at in range(identifiers, identifiers + len(ID))
