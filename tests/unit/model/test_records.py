import hashlib
import json
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.model.book import Ticket
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import (
    MAX_RECORD_BYTES,
    Declaration,
    Disclosure,
    Mark,
    MarkEvent,
    RosterChange,
    RosterEvent,
    Span,
    Word,
    roster_handle,
    signed_message,
)
from eseal.model.statement import BlockReference

AT = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)
ID = "aaaqeayeaudaocajbifqydiob4"
TICKET = Ticket(1, 2, b"\x07" * 32)
BLOCK = BlockReference(1337, 42, b"\x04" * 32, b"\x05" * 20)
DECLARATION = Declaration(
    ID, b"\x01" * 32, TICKET, ID, Word.VOID, BLOCK, AT, b"\x05" * 32, reason="解除"
)
ROSTER = RosterChange(b"\x02" * 32, TICKET, RosterEvent.FOUNDING, b"\x03" * 32, AT, b"\x05" * 32)
DISCLOSURE = Disclosure(ID, "regulator:x", "seal:y", AT, b"\x05" * 32, order="order 7", company=ID)
MARK = Mark(ID, MarkEvent.RESTORE, b"\x03" * 32, AT, b"\x05" * 32)
RECORDS = [DECLARATION, ROSTER, DISCLOSURE, MARK]

hashes = st.binary(min_size=32, max_size=32)
times = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
tickets = st.builds(Ticket, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), hashes)
naturals = st.integers(0, 2**53 - 1)
words = st.sampled_from(["a", "合同 “A”", 'x "y" \\', "🏢" * 200])
spans = st.tuples(times, times, st.none() | hashes).map(
    lambda made: Span(min(made[:2]), max(made[:2]), made[2])
)
records = st.one_of(
    st.builds(
        Declaration,
        id=st.builds(new_id),
        seal=hashes,
        ticket=tickets,
        about=st.builds(new_id) | st.builds(Span, times) | spans,
        word=st.sampled_from(Word),
        not_before=st.builds(
            BlockReference, naturals, naturals, hashes, st.binary(min_size=20, max_size=20)
        ),
        declared_at=times,
        nonce=hashes,
        reason=st.none() | words | st.just("🏢" * 500),
    ),
    st.builds(
        RosterChange,
        subject=hashes,
        ticket=tickets,
        event=st.sampled_from(RosterEvent),
        body=hashes,
        at=times,
        nonce=hashes,
    ),
    st.builds(
        Disclosure,
        id=st.builds(new_id),
        actor=words,
        what=words | st.just("🏢" * 300),
        at=times,
        nonce=hashes,
        order=st.none() | words,
        notice_after=st.none() | times,
        company=st.none() | st.builds(new_id),
    ),
    st.builds(
        Mark,
        id=st.builds(new_id),
        event=st.sampled_from(MarkEvent),
        body=hashes,
        at=times,
        nonce=hashes,
    ),
)


@given(records)
def test_a_record_is_rfc_8785_and_reads_back_as_itself(record):
    data = record.encode()
    assert data == rfc8785.dumps(json.loads(data))
    assert type(record).parse(data) == record
    assert len(data) <= MAX_RECORD_BYTES


def test_the_forms_never_change():
    assert DECLARATION.encode().decode() == (
        '{"about":{"use":"' + ID + '"},"declared_at":"2026-11-22T16:45:00Z","id":"' + ID + '",'
        '"kind":"declaration","nonce":"' + "05" * 32 + '","not_before":{"chain_id":1337,"hash":"0x'
        + "04" * 32 + '","number":42,"registry":"0x' + "05" * 20 + '"},"reason":"解除",'
        '"seal":"' + "01" * 32 + '","ticket":'
        '{"position":2,"value":"' + "07" * 32 + '","volume":1},"v":1,"word":"void"}'
    )  # fmt: skip
    assert ROSTER.encode().decode() == (
        '{"at":"2026-11-22T16:45:00Z","body":"' + "03" * 32 + '","event":"founding",'
        '"kind":"roster","nonce":"' + "05" * 32 + '","subject":"' + "02" * 32 + '","ticket":'
        '{"position":2,"value":"' + "07" * 32 + '","volume":1},"v":1}'
    )  # fmt: skip
    assert DISCLOSURE.encode().decode() == (
        '{"actor":"regulator:x","at":"2026-11-22T16:45:00Z","company":"' + ID + '","id":"' + ID
        + '","kind":"disclosure","nonce":"' + "05" * 32 + '","order":"order 7","v":1,'
        '"what":"seal:y"}'
    )  # fmt: skip
    assert MARK.encode().decode() == (
        '{"at":"2026-11-22T16:45:00Z","body":"' + "03" * 32 + '","event":"restore","id":"' + ID
        + '","kind":"mark","nonce":"' + "05" * 32 + '","v":1}'
    )  # fmt: skip


@pytest.mark.parametrize("record", RECORDS)
def test_one_kind_is_never_another(record):
    for other in RECORDS:
        if other is not record:
            with pytest.raises(InvalidFormatError):
                type(other).parse(record.encode())


@pytest.mark.parametrize("record", RECORDS)
def test_the_same_values_encoded_otherwise_are_refused(record):
    data = record.encode()
    for changed in (data + b"\n", b" " + data, data.replace(b'"v":1', b'"v":1,"v":1')):
        with pytest.raises(InvalidFormatError, match="RFC 8785 canonical JSON"):
            type(record).parse(changed)


@pytest.mark.parametrize("record", RECORDS)
def test_every_member_is_needed_and_no_other_is_taken(record):
    fields = json.loads(record.encode())
    for name in set(fields) - {"reason", "order", "company"}:
        less = {key: value for key, value in fields.items() if key != name}
        with pytest.raises(InvalidFormatError, match="the members"):
            type(record).parse(rfc8785.dumps(less))
    with pytest.raises(InvalidFormatError, match="the members"):
        type(record).parse(rfc8785.dumps(fields | {"extra": 1}))


@pytest.mark.parametrize(
    ("record", "member", "value", "said"),
    [
        (DECLARATION, "v", 2, "declaration version 1"),
        (DECLARATION, "v", True, "declaration version 1"),
        (DECLARATION, "kind", "mark", "declaration version 1"),
        (DECLARATION, "kind", 1, "declaration version 1"),
        (DECLARATION, "word", "forged", "one of void, rescinded, disputed"),
        (DECLARATION, "word", None, "word to be a string"),
        (DECLARATION, "about", {}, "about with the members"),
        (DECLARATION, "about", {"use": "x"}, "expected 26"),
        (DECLARATION, "about", {"use": ID, "since": "2026-11-22T16:45:00Z"}, "about with"),
        (DECLARATION, "about", {"until": "2026-11-22T16:45:00Z"}, "about with the members"),
        (
            DECLARATION,
            "about",
            {"since": "2026-11-22T16:45:00Z", "until": "2026-11-22T16:44:59Z"},
            "not before about.since",
        ),
        (DECLARATION, "about", ID, "a JSON object"),
        (
            DECLARATION,
            "about",
            {"since": "2026-11-22T16:45:00Z", "seal": "01" * 32},
            "about.seal only where it is another seal",
        ),
        (DECLARATION, "about", {"since": "2026-11-22T16:45:00Z", "seal": "x"}, "about.seal to be"),
        (DISCLOSURE, "notice_after", "tomorrow", "a time such as"),
        (DECLARATION, "reason", "a\nb", r"U\+000A"),
        (DECLARATION, "reason", "", "expected 1 to 500"),
        (DECLARATION, "reason", "x" * 501, "expected 1 to 500"),
        (DECLARATION, "ticket", {"volume": 0}, "ticket with the members"),
        (DECLARATION, "seal", "01" * 31, "seal to be 64"),
        (DECLARATION, "not_before", {"chain_id": 1, "number": 1}, "not_before with"),
        (ROSTER, "event", "coup", "one of founding"),
        (ROSTER, "body", "03", "body to be 64"),
        (ROSTER, "at", "now", "a time such as"),
        (DISCLOSURE, "actor", "", "actor: expected 1 to 200"),
        (DISCLOSURE, "what", "x" * 301, "what: expected 1 to 300"),
        (DISCLOSURE, "company", "x", "expected 26"),
        (DISCLOSURE, "order", "\u202e", r"U\+202E"),
        (MARK, "event", "party", "one of key_ceremony"),
        (MARK, "id", ID.upper(), "expected 26"),
        (MARK, "nonce", 5, "nonce to be a string"),
    ],
)
def test_a_wrong_member_is_refused_and_named(record, member, value, said):
    fields = json.loads(record.encode()) | {member: value}
    with pytest.raises(InvalidFormatError, match=said):
        type(record).parse(rfc8785.dumps(fields))


@pytest.mark.parametrize("kind", [Declaration, RosterChange, Disclosure, Mark])
@given(data=st.binary(max_size=300))
def test_no_bytes_make_a_parser_stumble(kind, data):
    with pytest.raises(InvalidFormatError):
        kind.parse(data)


@pytest.mark.parametrize("kind", [Declaration, RosterChange, Disclosure, Mark])
def test_what_is_too_long_is_not_read(kind):
    with pytest.raises(InvalidFormatError, match="at most 4096 bytes"):
        kind.parse(b"[" * 4097)


def test_each_kind_is_signed_under_a_name_of_its_own():
    signed = {
        signed_message(kind, b"{}") for kind in (Kind.DECLARATION, Kind.DISCLOSURE, Kind.MARK)
    }
    assert signed == {
        b"eseal declaration 1\x00{}",
        b"eseal disclosure 1\x00{}",
        b"eseal mark 1\x00{}",
    }


def test_a_roster_book_is_of_one_issuer_and_one_company():
    book = hashlib.sha256(b"eseal roster 1\x00" + b"s" * 32).digest()
    expected = hashlib.sha256(b"i" * 32 + book).digest()
    assert roster_handle(b"i" * 32, b"s" * 32) == expected
