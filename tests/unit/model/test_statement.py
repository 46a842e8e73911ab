import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.model.book import Ticket
from eseal.model.ids import new_id
from eseal.model.json_values import MAX_INTEGER
from eseal.model.statement import (
    MAX_PURPOSE_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_STATEMENT_BYTES,
    BlockReference,
    Statement,
    check_media_type,
    check_purpose,
    format_time,
    new_nonce,
    parse_time,
)

VECTOR = Statement(
    id="aaaqeayeaudaocajbifqydiob4",
    seal=b"\x01" * 32,
    ticket=Ticket(volume=3, position=16383, value=b"\x07" * 32),
    digest=b"\x02" * 32,
    media_type="application/pdf",
    authorization=b"\x03" * 32,
    not_before=BlockReference(1337, 42, b"\x04" * 32, b"\x05" * 20),
    sealed_at=datetime(2026, 11, 22, 16, 45, tzinfo=UTC),
    nonce=b"\x05" * 32,
    purpose='合同 "A" 🏢',
)
VECTOR_JSON = (
    '{"authorization":"' + "03" * 32 + '","digest":{"alg":"sha-256","value":"' + "02" * 32 + '"},'
    '"id":"aaaqeayeaudaocajbifqydiob4","media_type":"application/pdf","nonce":"' + "05" * 32 + '",'
    '"not_before":{"chain_id":1337,"hash":"0x' + "04" * 32 + '","number":42,"registry":"0x'
    + "05" * 20 + '"},'
    '"purpose":"合同 \\"A\\" 🏢","seal":"' + "01" * 32 + '",'
    '"sealed_at":"2026-11-22T16:45:00Z",'
    '"ticket":{"position":16383,"value":"' + "07" * 32 + '","volume":3},"v":2}'
).encode()  # fmt: skip

hashes = st.binary(min_size=32, max_size=32)
naturals = st.integers(0, MAX_INTEGER)


def readable(text: str) -> bool:
    try:
        check_purpose(text)
    except InvalidFormatError:
        return False
    return True


statements = st.builds(
    Statement,
    id=st.builds(new_id),
    seal=hashes,
    ticket=st.builds(Ticket, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), hashes),
    digest=hashes,
    media_type=st.sampled_from(["application/pdf", "image/svg+xml", "text/plain", "a/b"]),
    authorization=hashes,
    not_before=st.builds(
        BlockReference, naturals, naturals, hashes, st.binary(min_size=20, max_size=20)
    ),
    sealed_at=st.datetimes(timezones=st.just(UTC)).map(lambda t: t.replace(microsecond=0)),
    nonce=hashes,
    purpose=st.none() | st.text(min_size=1, max_size=MAX_PURPOSE_CHARS).filter(readable),
    source=st.none() | hashes,
    envelope=st.none() | hashes,
    external_reference=st.none() | st.text(min_size=1, max_size=200).filter(readable),
)


def fields_of(data: bytes) -> dict:
    return json.loads(data)


def test_the_vector():
    assert VECTOR.encode() == VECTOR_JSON
    assert Statement.parse(VECTOR_JSON) == VECTOR


@given(statements)
def test_a_statement_is_rfc_8785_and_reads_back_as_itself(statement):
    data = statement.encode()
    assert data == rfc8785.dumps(fields_of(data))
    assert Statement.parse(data) == statement
    assert len(data) <= MAX_STATEMENT_BYTES


def test_a_statement_without_purpose_has_no_such_member():
    plain = VECTOR._replace(purpose=None)
    assert "purpose" not in fields_of(plain.encode())
    assert Statement.parse(plain.encode()).purpose is None


def test_envelope_and_reference_are_there_where_they_were_given():
    data = VECTOR_JSON.replace(
        b'"id"', b'"envelope":"' + b"08" * 32 + b'","external_reference":"2026-117","id"'
    )
    shared = VECTOR._replace(envelope=b"\x08" * 32, external_reference="2026-117")
    assert shared.encode() == data
    assert Statement.parse(data) == shared


def test_what_sealing_wrote_anew_names_what_was_handed_in():
    written = VECTOR._replace(source=b"\x06" * 32)
    data = VECTOR_JSON.replace(
        b'"ticket"', b'"source":{"alg":"sha-256","value":"' + b"06" * 32 + b'"},"ticket"'
    )
    assert written.encode() == data
    assert Statement.parse(data) == written
    assert VECTOR.source is None
    assert "source" not in fields_of(VECTOR_JSON)


def test_the_longest_statement_fits():
    longest = VECTOR._replace(
        ticket=Ticket(2**32 - 1, 2**32 - 1, bytes(32)),
        media_type="a/" + "b" * 125,
        not_before=BlockReference(MAX_INTEGER, MAX_INTEGER, bytes(32), bytes(20)),
        purpose="🏢" * MAX_PURPOSE_CHARS,
        source=bytes(32),
        envelope=bytes(32),
        external_reference="🏢" * MAX_REFERENCE_CHARS,
    )
    assert Statement.parse(longest.encode()) == longest


def test_a_moment_is_written_in_utc_whichever_zone_it_was_given_in():
    beijing = timezone(timedelta(hours=8))
    moment = datetime(2026, 11, 23, 0, 45, 59, 999_999, tzinfo=beijing)
    assert format_time(moment) == "2026-11-22T16:45:59Z"
    assert format_time(datetime(26, 1, 2, tzinfo=UTC)) == "0026-01-02T00:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        format_time(datetime(2026, 1, 1))  # noqa: DTZ001 - that it has no zone is the point


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22T16:45:00",
        "2026-11-22T16:45:00+00:00",
        "2026-11-22T16:45:00.5Z",
        "2026-11-22t16:45:00z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "２026-11-22T16:45:00Z",  # noqa: RUF001 - full width, on purpose
        "2026-11-22T16:45:00Z\n",
    ],
)
def test_another_time_form_is_refused(text):
    with pytest.raises(InvalidFormatError, match="a time such as 2026-11-22T16:45:00Z"):
        parse_time(text)


TICKET = {"volume": 3, "position": 16383, "value": "07" * 32}
BLOCK = {"chain_id": 1, "number": 1, "hash": "0x" + "04" * 32, "registry": "0x" + "05" * 20}
REFUSED = [
    ("v", 1, "expected version 2, got 1"),
    ("v", "1", "v to be an integer"),
    ("v", True, "v to be an integer"),
    ("v", 1.0, "v to be an integer"),
    ("id", "A" * 26, "id: expected 26"),
    ("id", 7, "id to be a string"),
    ("seal", "01" * 31, "seal to be 64 lower-case hex"),
    ("seal", "AB" * 32, "seal to be 64 lower-case hex"),
    ("ticket", None, "a JSON object"),
    ("ticket", {"volume": 0, "position": 0}, "ticket with the members"),
    ("ticket", TICKET | {"x": 1}, "ticket with the members"),
    ("ticket", TICKET | {"volume": -1}, "ticket.volume to be an integer"),
    ("ticket", TICKET | {"volume": True}, "ticket.volume to be an integer"),
    ("ticket", TICKET | {"volume": 2**32}, r"ticket.volume to be an integer from 0 to 2\*\*32"),
    ("ticket", TICKET | {"position": 2**32}, "ticket.position to be an integer"),
    ("ticket", TICKET | {"position": 10**30}, "ticket.position to be an integer"),
    ("ticket", TICKET | {"value": "07" * 31}, "ticket.value to be 64"),
    ("extra", 1, "the members"),
    ("digest", "02" * 32, "a JSON object"),
    ("digest", {"alg": "sha-256"}, "the members"),
    ("digest", {"alg": "sha-256", "value": "02" * 32, "x": 1}, "the members"),
    ("digest", {"alg": "sha-1", "value": "02" * 32}, "digest algorithm sha-256"),
    ("digest", {"alg": "sha-256", "value": "02" * 20}, r"digest.value to be 64"),
    ("media_type", "Application/PDF", "media_type: expected a lower-case media type"),
    ("media_type", "text/plain; charset=utf-8", "media_type: expected"),
    ("media_type", "a/" + "b" * 126, "media_type: expected"),
    ("authorization", None, "authorization to be a string"),
    ("not_before", [], "a JSON object"),
    ("not_before", {**BLOCK, "hash": "04" * 32}, "hash to be 0x and 64"),
    ("not_before", {**BLOCK, "chain_id": "1"}, "chain_id to be"),
    ("not_before", {**BLOCK, "number": -1}, "number to be"),
    ("not_before", {**BLOCK, "registry": "0x" + "0A" * 20}, "registry to be 0x and 40"),
    ("not_before", {**BLOCK, "registry": "0x" + "05" * 32}, "registry to be 0x and 40"),
    ("sealed_at", "yesterday", "a time such as"),
    ("nonce", "05" * 33, "nonce to be 64"),
    ("purpose", "", "purpose: expected 1 to 500"),
    ("purpose", "x" * 501, "purpose: expected 1 to 500"),
    ("purpose", "a\nb", "U\\+000A"),
    ("purpose", "pay \u202e001", "U\\+202E"),
    ("purpose", None, "purpose to be a string"),
    ("source", "06" * 32, "a JSON object"),
    ("source", {"alg": "sha-1", "value": "06" * 32}, "algorithm sha-256"),
    ("source", {"alg": "sha-256", "value": "06" * 20}, "value to be 64"),
    ("source", None, "a JSON object"),
    ("envelope", "06" * 31, "envelope to be 64"),
    ("envelope", None, "envelope to be a string"),
    ("external_reference", "", "external_reference: expected 1 to 200"),
    ("external_reference", "x" * 201, "external_reference: expected 1 to 200"),
    ("external_reference", "a\u200b", r"U\+200B"),
    ("external_reference", None, "external_reference to be a string"),
    ("extra", 1, "the members"),
]


@pytest.mark.parametrize(("member", "value", "said"), REFUSED)
def test_a_wrong_member_is_refused_and_named(member, value, said):
    fields = fields_of(VECTOR_JSON) | {member: value}
    data = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(InvalidFormatError, match=said):
        Statement.parse(data)


@pytest.mark.parametrize("member", sorted(set(fields_of(VECTOR_JSON)) - {"purpose"}))
def test_a_missing_member_is_refused(member):
    fields = fields_of(VECTOR_JSON)
    del fields[member]
    with pytest.raises(InvalidFormatError, match="expected text with the members"):
        Statement.parse(rfc8785.dumps(fields))


@pytest.mark.parametrize(
    "data",
    [
        VECTOR_JSON + b"\n",
        b" " + VECTOR_JSON,
        VECTOR_JSON.replace(b'"v":2', b'"v": 2'),
        VECTOR_JSON.replace(b'"v":2', b'"v":2,"v":2'),
        VECTOR_JSON.replace("合".encode(), b"\\u5408"),
        VECTOR_JSON.replace(b'{"authorization"', b'{"v":2,"authorization"'),
    ],
)
def test_the_same_values_encoded_otherwise_are_refused(data):
    assert data != VECTOR_JSON
    with pytest.raises(InvalidFormatError, match="RFC 8785 canonical JSON"):
        Statement.parse(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected JSON"),
        (b"\xff", "expected JSON"),
        (b"[]", "a JSON object"),
        (b"1", "a JSON object"),
        (b"\xef\xbb\xbf" + VECTOR_JSON, "expected JSON"),
        (VECTOR_JSON[:-1], "expected JSON"),
        (VECTOR_JSON.replace("合".encode(), b"\\ud800"), "expected JSON"),
        (b"[" * 4000, "expected JSON"),
        (b" " * (MAX_STATEMENT_BYTES + 1), "at most 5120 bytes"),
    ],
)
def test_what_is_no_statement_at_all_is_refused(data, said):
    with pytest.raises(InvalidFormatError, match=said):
        Statement.parse(data)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_stumble(data):
    with pytest.raises(InvalidFormatError):
        Statement.parse(data)


@given(st.data())
def test_no_change_of_one_byte_goes_unnoticed(data):
    position = data.draw(st.integers(0, len(VECTOR_JSON) - 1))
    byte = data.draw(st.integers(0, 255))
    changed = VECTOR_JSON[:position] + bytes([byte]) + VECTOR_JSON[position + 1 :]
    try:
        assert Statement.parse(changed).encode() == changed
    except InvalidFormatError:
        assert changed != VECTOR_JSON


@pytest.mark.parametrize("text", ["", "pdf", "/pdf", "a/", "a/b/c", "a b/c", "a/b\n", "é/b"])
def test_what_is_no_media_type_is_refused(text):
    with pytest.raises(InvalidFormatError) as caught:
        check_media_type(text)
    assert caught.value.field == "media_type"


def test_nonces_are_32_bytes_and_never_the_same():
    assert len({new_nonce() for _ in range(100)}) == 100
    assert len(new_nonce()) == 32
