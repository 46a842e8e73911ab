"""Objects followed from reference to value, and changes that are not written yet."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.file.by_hand import CATALOG, PAGE, PAGES, SIMPLE, file_of


@pytest.fixture
def revision() -> Revision:
    page = PAGE.replace(b" /Type", b" /Rest [ 5 0 R 6 0 R 7 0 R ] /Type")
    return Revision.first(file_of([CATALOG, PAGES, page, SIMPLE[3], b"6 0 R", b"null", b"[ 1 ]"]))


def test_values_are_followed_once(revision):
    assert revision.value(Ref(7)) == [1]
    assert revision.value(7) == 7
    assert revision.value(Ref(6)) is None
    with pytest.raises(InvalidFormatError, match="a value in object 5"):
        revision.value(Ref(5))


def test_what_is_asked_for_must_be_there(revision):
    assert revision.dictionary(Ref(1))["Type"] == "Catalog"
    assert revision.dictionary(None) == revision.dictionary(Ref(6)) == {}
    assert revision.array(None) == revision.array(Ref(6)) == []
    assert revision.array(Ref(7)) == [1]
    for read in (revision.dictionary, revision.stream):
        with pytest.raises(InvalidFormatError, match="got list"):
            read(Ref(7))
    with pytest.raises(InvalidFormatError, match="expected an array, got Stream"):
        revision.array(Ref(4))
    with pytest.raises(InvalidFormatError, match="got NoneType"):
        revision.stream(None)
    with pytest.raises(InvalidFormatError, match="expected object 99"):
        revision.load(99)


def test_values_are_made_anew(revision):
    revision.load(7).append(2)
    assert revision.load(7) == [1]


def test_a_draft_leaves_the_file_as_it_is(revision):
    draft = Draft(revision)
    made = draft.add({"A": 1})
    assert made == Ref(8)
    assert draft.size == 9
    draft.update(made, B=2)
    draft.append(5, Ref(7), Ref(7))
    draft.change(Ref(3), [])
    assert draft.load(8) == {"A": 1, "B": 2}
    assert draft.load(7) == [1, 5]
    assert draft.load(3) == []
    assert draft.load(4) == revision.load(4)
    assert {*draft.changed} == {3, 7, 8}
    assert revision.load(7) == [1]


def test_an_entry_becomes_an_object_of_its_own(revision):
    draft = Draft(revision)
    assert draft.own(Ref(1), "Pages", {}) == Ref(2)
    assert draft.changed == {}
    names = draft.own(Ref(1), "Names", {})
    assert draft.load(names.number) == {}
    assert draft.catalog["Names"] == names
    box = draft.own(Ref(2), "MediaBox", [])
    assert draft.load(box.number) == [0, 0, 595, 842]
    assert draft.load(2)["MediaBox"] == box
    draft.update(Ref(1), Dests=Ref(6))
    again = draft.own(Ref(1), "Dests", {"Empty": Name("A")})
    assert again != Ref(6)
    assert draft.load(again.number) == {"Empty": "A"}
