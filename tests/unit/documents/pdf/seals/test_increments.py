"""Validation data and time-stamps are built from what they hold, and from nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.cms.validation_data import Carried
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.file.writing import write_increment
from eseal.documents.pdf.longterm import prepare_time_stamp, sealed, with_validation_data
from eseal.documents.pdf.seals import increments
from eseal.documents.pdf.seals.increments import (
    add_time_stamp,
    add_validation_data,
    validation_store,
)
from eseal.documents.pdf.seals.judging import Kind, judge
from eseal.errors import InvalidFormatError, InvalidInputError, UnsupportedDocumentError
from tests.unit.documents.pdf.file.by_hand import file_of, increment_of
from tests.unit.documents.pdf.seals.forging import (
    Parts,
    at,
    der,
    field_of,
    forged,
    joined,
    last,
    rebuilt,
    stamped,
)

A, B, C, D = (der(b"%c" % number) for number in b"ABCD")
LOUD = der(b" 1 0 obj xref trailer %%EOF")
"""DER in which a reader that repairs a file would find one."""


def by_hash(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()


def kept(pdf: bytes, certificates=(), ocsps=(), crls=()) -> bytes:
    return with_validation_data(pdf, certificates=certificates, ocsps=ocsps, crls=crls)


def not_ours(data: bytes, so_far: bytes) -> str:
    judged = judge(data)
    assert not judged.is_whole
    assert judged.revision.end == len(so_far)
    return judged.problem


class TestValidationData:
    def test_each_is_kept_once_in_the_order_of_its_hash(self, opened):
        data = kept(opened, [B, A, B], [C], [D, A])
        store = validation_store(last(data))
        assert store.certificates == tuple(sorted([A, B], key=by_hash))
        assert store.ocsps == (C,)
        assert store.crls == tuple(sorted([A, D], key=by_hash))
        assert judge(data).kinds == (Kind.SEAL, Kind.VALIDATION_DATA)

    def test_only_what_lacks_is_added(self, opened):
        first = kept(opened, [A], [], [D])
        assert kept(first, [A], [], [D]) == first
        second = kept(first, [B, A], [C])
        assert judge(second).is_whole
        store = validation_store(last(second))
        assert store == Carried((A, B), (D,), (C,))
        assert A not in second[len(first) :]
        assert 1 not in last(second).sections[-1].objects, "the catalog leads to it already"

    def test_nothing_is_no_section(self, opened):
        assert kept(opened) == opened
        assert add_validation_data(last(opened), Carried()) is None

    def test_what_looks_like_a_frame_stands_in_digits(self, opened):
        data = kept(opened, [LOUD, A])
        assert judge(data).is_whole
        assert LOUD not in data
        assert {*validation_store(last(data)).certificates} == {LOUD, A}

    def test_what_looks_like_an_archive_stands_in_digits(self, opened):
        """By its end a ZIP is found in any file: the PDF would be another document as well."""
        for mark in (b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"):
            data = kept(opened, [der(mark)])
            assert judge(data).is_whole
            assert mark not in data
            assert validation_store(last(data)).certificates == (der(mark),)

    def test_there_are_not_more_than_any_document_needs(self, opened, monkeypatch):
        """Each section looks at all of them: thousands would make many sections costly."""
        data = kept(opened, [A, B], [C])
        monkeypatch.setattr(increments, "_MAX_ITEMS", 3)
        assert judge(data).is_whole
        with pytest.raises(InvalidFormatError, match="at most 3"):
            kept(data, [D])
        monkeypatch.setattr(increments, "_MAX_ITEMS", 2)
        assert "at most 2" in not_ours(data, opened)

    @given(ders=st.lists(st.binary(max_size=50).map(der), max_size=6))
    def test_any_der_is_kept(self, opened, ders):
        data = kept(opened, ders, ders[:2], ders[2:])
        assert judge(data).is_whole
        assert {*validation_store(last(data)).certificates} == {*ders}


def entry(key: str, value: object):
    return lambda parts: parts.store.update({key: value})


def swapped(parts: Parts) -> None:
    parts.store["Certs"].reverse()


def twice(parts: Parts) -> None:
    parts.store["Certs"] *= 2


def same_again(parts: Parts) -> None:
    """The same certificate in two objects."""
    number = parts.free
    parts.objects[number] = parts.objects[at(parts.store["Certs"][-1])]
    parts.store["Certs"].append(Ref(number))


def fewer(parts: Parts) -> None:
    parts.store["Certs"].pop()


def of_the_document(parts: Parts) -> None:
    """What the document shows is called a certificate."""
    parts.store["Certs"].append(
        parts.before.load(at(field_of(parts.before, "Seal1").page))["Contents"]
    )


def with_entries(parts: Parts) -> None:
    number = at(parts.store["Certs"][-1])
    parts.objects[number] = Stream({"Type": Name("Certificate")}, parts.objects[number].data)


def in_digits(parts: Parts) -> None:
    number = at(parts.store["Certs"][-1])
    data = bytes(parts.objects[number].data).hex().encode() + b">"
    parts.objects[number] = Stream({"Filter": Name("ASCIIHexDecode")}, data)


def damaged_digits(parts: Parts) -> None:
    number = at(parts.store["Certs"][-1])
    parts.objects[number] = Stream({"Filter": Name("ASCIIHexDecode")}, b"3g>")


def no_der(parts: Parts) -> None:
    number = at(parts.store["Certs"][-1])
    parts.objects[number] = Stream({}, b"anything else")


def behind_der(parts: Parts) -> None:
    number = at(parts.store["Certs"][-1])
    parts.objects[number] = Stream({}, bytes(parts.objects[number].data) + b"\0")


def no_stream(parts: Parts) -> None:
    parts.objects[at(parts.store["Certs"][-1])] = b"certificate"


def direct(parts: Parts) -> None:
    parts.objects[1] = parts.objects[1] | {"DSS": dict(parts.store)}


def gone(parts: Parts) -> None:
    parts.objects[1] = {key: value for key, value in parts.objects[1].items() if key != "DSS"}


def not_linked(parts: Parts) -> None:
    del parts.objects[1]


STORES = {
    "VRI": entry("VRI", {}),
    "an unknown entry": entry("Foo", []),
    "no type": entry("Type", None),
    "another type": entry("Type", Name("Catalog")),
    "empty list": entry("CRLs", []),
    "direct": direct,
    "gone": gone,
    "not linked": not_linked,
    "a list that is none": entry("Certs", b"x"),
    "items that are none": entry("Certs", [1]),
    "another order": swapped,
    "twice": twice,
    "the same again": same_again,
    "fewer": fewer,
    "of the document": of_the_document,
    "entries": with_entries,
    "in digits": in_digits,
    "damaged digits": damaged_digits,
    "no stream": no_stream,
    "no DER": no_der,
    "behind DER": behind_der,
}


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize("second", [False, True], ids=["first", "second"])
def test_a_store_written_otherwise_is_not_ours(opened, name, second):
    before = kept(opened, [D]) if second else opened
    data = kept(before, [A, B])
    assert rebuilt(data, len(before), lambda _: None) == data
    if second and name in {"direct", "gone", "not linked"}:
        return
    not_ours(rebuilt(data, len(before), STORES[name]), before)


def test_a_store_loses_nothing(opened):
    before = kept(opened, [A, B], [C])
    number = at(last(before).catalog["DSS"])

    def lose(draft) -> None:
        draft.change(Ref(number), draft.load(number) | {"Certs": []})

    not_ours(forged(before, lose), before)
    not_ours(forged(before, lambda draft: draft.update(Ref(1), DSS=None)), before)


def test_a_store_before_there_is_a_seal_is_not_ours(opened):
    """Its object could be replaced by the first validation data."""
    revision = Revision.first(opened)
    assert "DSS" not in revision.catalog
    changed = opened.replace(b"/PageLayout /OneColumn", b"/DSS << /Certs [ ] >> ")
    if changed != opened:
        with pytest.raises(InvalidFormatError):
            judge(changed)


class TestTimeStamp:
    def test_it_is_named_by_its_number(self, opened):
        data = opened
        for number in range(1, 5):
            data = stamped(data)
            judged = judge(data)
            assert judged.is_whole
            assert judged.stamps[-1].field == f"Time-{number}"
            assert judged.stamps[-1].entries["SubFilter"] == "ETSI.RFC3161"

    def test_it_stands_on_the_page_of_the_first_field_and_shows_nothing(self, opened):
        data = stamped(opened)
        field, seal = field_of(last(data), "Time-1"), field_of(last(data), "Seal1")
        assert field.page == seal.page
        assert not field.shows
        added = data[len(opened) :]
        assert b"/Rect [ 0 0 0 0 ]" in added

    def test_its_digest_covers_all_but_the_token(self, opened):
        made = prepare_time_stamp(opened)
        start = made.contents_offset - 1
        end = start + 2 * made.contents_length + 2
        assert made.digest == hashlib.sha256(made.data[:start] + made.data[end:]).digest()
        assert judge(made.embed(b"\x30\x00")).stamps[0].digest == made.digest


def stamp_entry(part: str, **entries: object):
    return lambda parts: getattr(parts, part).update(entries)


def on_another_page(parts: Parts) -> None:
    parts.field["P"] = Ref(1)


def first_in_the_list(parts: Parts) -> None:
    form = parts.before.dictionary(parts.before.catalog["AcroForm"])
    parts.objects[at(form["Fields"])].reverse()


def not_on_its_page(parts: Parts) -> None:
    page = parts.before.load(at(field_of(parts.before, "Seal1").page))
    del parts.objects[at(page["Annots"])]


def two_fields(parts: Parts) -> None:
    form = parts.before.dictionary(parts.before.catalog["AcroForm"])
    parts.objects[parts.free] = parts.field | {"T": b"Time-2"}
    parts.objects[at(form["Fields"])].append(Ref(parts.free - 1))


STAMPS = {
    "shown": stamp_entry("field", Rect=[0, 0, 100, 100]),
    "another look": stamp_entry("field", AP={"N": Ref(2)}),
    "no look": stamp_entry("field", AP=None),
    "another name": stamp_entry("field", T=b"Time-9"),
    "a name that is taken": stamp_entry("field", T=b"Buyer"),
    "flags": stamp_entry("field", F=4),
    "described": stamp_entry("field", TU=b"x"),
    "another page": on_another_page,
    "first in the list": first_in_the_list,
    "not on its page": not_on_its_page,
    "two fields": two_fields,
    "filter": stamp_entry("signature", Filter=Name("Other")),
    "type": stamp_entry("signature", Type=Name("Sig")),
    "reason": stamp_entry("signature", Reason=b"x"),
    "reference": stamp_entry("signature", Reference=[]),
    "no time-stamp": stamp_entry("signature", SubFilter=Name("ETSI.CAdES.detached")),
}


@pytest.mark.parametrize("name", STAMPS)
def test_a_time_stamp_written_otherwise_is_not_ours(opened, name):
    data = stamped(opened)
    assert rebuilt(data, len(opened), lambda _: None) == data
    not_ours(rebuilt(data, len(opened), STAMPS[name]), opened)


def test_a_document_without_a_seal_gets_none():
    revision = Revision.first(file_of())
    with pytest.raises(InvalidInputError, match="without a seal"):
        add_time_stamp(revision)
    for task in (prepare_time_stamp, kept):
        with pytest.raises(UnsupportedDocumentError, match="as this service seals it"):
            task(file_of())


def test_annotations_that_are_no_list_of_their_own_get_none(opened):
    revision = Revision.first(opened)
    page = field_of(revision, "Seal1").page
    direct = {
        **revision.dictionary(page),
        "Annots": revision.array(revision.load(at(page))["Annots"]),
    }
    data = joined(opened, write_increment(revision, {at(page): direct}))
    with pytest.raises(InvalidFormatError, match="a list of their own"):
        add_time_stamp(last(data))


def test_what_others_have_added_to_is_not_kept(opened):
    for data in (opened + b"\n", increment_of(opened, {2: b"1"})):
        with pytest.raises(UnsupportedDocumentError, match="another program"):
            sealed(data)
