import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.model.subject import (
    MAX_PROOF_BYTES,
    SubjectProof,
    check_identifier,
    check_legal_name,
)

VECTOR = SubjectProof(
    subject=b"\x01" * 32,
    id="NTRCN-91330100799655058B",
    name='杭州云章 "A" 🏢',
    valid_from=datetime(2026, 11, 22, 16, 45, tzinfo=UTC),
    key=b"\x02" * 32,
    proof=b"\x03" * 80,
    signature=b"\x04" * 64,
    founders=b"\x05" * 32,
)
UNSIGNED = (
    '{"founders":"' + "05" * 32 + '","id":"NTRCN-91330100799655058B","key":"' + "02" * 32 + '",'
    '"name":"杭州云章 \\"A\\" 🏢","proof":"' + "03" * 80 + '",'
)
VECTOR_JSON = (
    UNSIGNED + '"signature":"' + "04" * 64 + '","subject":"' + "01" * 32 + '","v":1,'
    '"valid_from":"2026-11-22T16:45:00Z"}'
).encode()


def changed(**members):
    fields = json.loads(VECTOR_JSON) | members
    return rfc8785.dumps({name: value for name, value in fields.items() if value is not None})


def test_the_form():
    assert VECTOR.encode() == VECTOR_JSON == rfc8785.dumps(json.loads(VECTOR_JSON))
    assert SubjectProof.parse(VECTOR_JSON) == VECTOR
    assert VECTOR.signed_bytes == b"eseal subject 1\x00" + rfc8785.dumps(
        {k: v for k, v in json.loads(VECTOR_JSON).items() if k != "signature"}
    )


def test_without_founders():
    proof = replace(VECTOR, founders=None)
    assert b"founders" not in proof.encode()
    assert SubjectProof.parse(proof.encode()) == proof


def test_the_longest_fits():
    proof = replace(VECTOR, name="🏢" * 200)
    assert len(proof.encode()) <= MAX_PROOF_BYTES
    assert SubjectProof.parse(proof.encode()) == proof
    quoted = replace(VECTOR, name='"' * 200)
    assert SubjectProof.parse(quoted.encode()) == quoted


def test_schemes_are_named_by_their_prefix():
    assert VECTOR.scheme == sha256(b"NTRCN").digest()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"v": 2}, "version 1, got 2"),
        ({"v": True}, "v to be an integer"),
        ({"v": None}, "members"),
        ({"more": 1}, "members"),
        ({"signature": None}, "members"),
        ({"subject": "01" * 31}, "subject to be 64"),
        ({"subject": "0A" * 32}, "lower-case hex digits"),
        ({"subject": "0\u0661" * 32}, "lower-case hex digits"),
        ({"subject": 1}, "subject to be a string"),
        ({"proof": "03" * 79}, "proof to be 160"),
        ({"signature": "04" * 65}, "signature to be 128"),
        ({"key": ""}, "key to be 64"),
        ({"founders": "05" * 33}, "founders to be 64"),
        ({"valid_from": "2026-11-22T16:45:00+00:00"}, "a time such as"),
        ({"valid_from": "2026-13-22T16:45:00Z"}, "a time such as"),
        ({"id": "uscc:91330100799655058B"}, "normal form NTRCN-91330100799655058B"),
        ({"id": "NTRCN-9133 0100799655058B"}, "normal form NTRCN-91330100799655058B"),
        ({"id": "ntrcn-91330100799655058b"}, "normal form NTRCN-91330100799655058B"),
        ({"id": "NTRCN-91330100799655058C"}, "check character"),
        ({"id": "NTRXX-1"}, "expected one of"),
        ({"name": "e\u0301"}, "form NFC"),
        ({"name": " A"}, "form NFC without blanks"),
        ({"name": "A\u202eB"}, r"U\+202E"),
        ({"name": ""}, "1 to 200"),
        ({"name": "x" * 201}, "1 to 200"),
    ],
)
def test_other_forms_are_refused(members, said):
    with pytest.raises(InvalidFormatError, match=said):
        SubjectProof.parse(changed(**members))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b" " + VECTOR_JSON,
        VECTOR_JSON + b"\n",
        VECTOR_JSON[:-1] + b',"v":1}',
        VECTOR_JSON.replace("杭".encode(), b"\\u676d"),
        VECTOR_JSON.replace(b'"v":1', b'"v":1.0'),
        b"[" * 2000,
        b"\xff" * 64,
        VECTOR_JSON + b" " * MAX_PROOF_BYTES,
    ],
)
def test_other_encodings_are_refused(data):
    with pytest.raises(InvalidFormatError, match="subject_proof"):
        SubjectProof.parse(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(data):
    with pytest.raises(InvalidFormatError):
        SubjectProof.parse(data)


@given(position=st.integers(0, len(VECTOR_JSON) - 1), byte=st.integers(0, 255))
def test_whatever_parses_is_written_as_it_was_read(position, byte):
    data = VECTOR_JSON[:position] + bytes([byte]) + VECTOR_JSON[position + 1 :]
    try:
        proof = SubjectProof.parse(data)
    except InvalidFormatError:
        return
    assert proof.encode() == data


def test_the_checks_name_their_field():
    assert check_identifier("VATDE-136695976") == "VATDE-136695976"
    assert check_legal_name("Elbe Teekontor GmbH") == "Elbe Teekontor GmbH"
    with pytest.raises(InvalidInputError) as caught:
        check_identifier("vat:DE136695976")
    assert caught.value.field == "id"
    with pytest.raises(InvalidInputError) as caught:
        check_legal_name("A ")
    assert caught.value.field == "name"
