from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from eseal.documents.pdf.file.values import Name, spell
from eseal.documents.pdf.seals.dictionary import (
    FILL_FORMS,
    NO_CHANGES,
    Said,
    certification,
    level_of,
    lock,
    locks,
    said_in,
    seal_entries,
)

MOMENT = datetime(2026, 11, 23, 0, 45, tzinfo=timezone(timedelta(hours=8)))


def test_what_is_said_is_text():
    said = Said("云章", MOMENT, "Contract", "Verify at https://a", "https://a").entries()
    assert said == {
        "Name": b"\xfe\xff" + "云章".encode("utf-16-be"),
        "Reason": b"Contract",
        "Location": b"Verify at https://a",
        "ContactInfo": b"https://a",
        "M": b"D:20261122164500Z",
    }
    assert Said("A", MOMENT.astimezone(UTC)).entries().keys() == {"Name", "M"}


def test_only_texts_are_taken_back():
    said = Said("A", MOMENT, "B").entries()
    entries = seal_entries(said, certification(NO_CHANGES))
    assert said_in(entries) == said
    assert said_in(entries | {"Name": Name("A"), "Other": b"x", "Reason": 7}) == {
        key: value for key, value in said.items() if key == "M"
    }


@pytest.mark.parametrize(
    "odd", [b"\xfe\xff\x00A", b"\xef\xbb\xbfA", b"\xc4", b"\xff\xfeA\x00", b"\xfe\xff\xd8\x00"]
)
def test_a_text_in_another_encoding_is_not_taken_back(odd):
    """So a seal with such a text is not in our form."""
    assert said_in({"M": odd, "Name": b"A"}) == {"Name": b"A"}


def test_levels():
    for level in (NO_CHANGES, FILL_FORMS):
        assert level_of(seal_entries({}, certification(level))) == level
    for entries in (
        {},
        {"Reference": []},
        {"Reference": [certification(3)]},
        {"Reference": [certification(1), certification(2)]},
        {"Reference": certification(1)},
        {"Reference": [lock(["A"])]},
    ):
        assert level_of(entries) is None


def test_a_lock_names_its_fields():
    made = lock(["A", "B.印"])
    assert made["TransformParams"]["Fields"] == [
        b"A",
        b"\xfe\xffB"[:2] + "B.印".encode("utf-16-be"),
    ]
    assert made["TransformParams"]["Action"] == "Include"
    assert locks(seal_entries({}, made))
    assert not locks(seal_entries({}, certification(1)))
    assert not locks(seal_entries({}, None))


@pytest.mark.parametrize("references", [None, 7, b"x", [1], [[]], [{}], {"TransformMethod": 1}])
def test_other_references_lock_nothing(references):
    assert not locks({"Reference": references})


def test_a_seal_is_written_as_pades_asks():
    text = spell(seal_entries({}, None))
    assert text == b"<< /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Type /Sig >>"
