import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eseal.authority.word.messages import MAX_ANSWER_BYTES, MAX_ASK_BYTES, Ask, Attested
from eseal.errors import InvalidFormatError, InvalidInputError
from tests.authorities import ASK, FOUNDED, GERMAN

ASKED = (
    b'{"founders":"' + b"07" * 32 + b'","founders_account":'
    b'"0xAb8483F64d9C6d1EcF9b849Ae677dD3315835cb2","id":"NTRCN-91330100799655058B",'
    b'"kind":"subject_request","name":"' + ASK.name.encode() + b'","v":1}'
)


def changed(**members):
    fields = {k: v for k, v in (json.loads(ASKED) | members).items() if v is not None}
    return rfc8785.dumps(fields)


def test_the_form_of_a_request():
    assert FOUNDED.encode() == ASKED == rfc8785.dumps(json.loads(ASKED))
    for ask in (ASK, GERMAN, FOUNDED, Ask("LEIXG-213800KUD8LAJWSQ9D15", "Buyer", "GB")):
        assert Ask.parse(ask.encode()) == ask
        assert len(ask.hash) == 64
    longest = replace(FOUNDED, name="🏢" * 200)
    assert Ask.parse(longest.encode()) == longest


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"v": 2}, "subject_request of version 1"),
        ({"kind": "subject_answer"}, "subject_request of version 1"),
        ({"kind": None}, "members"),
        ({"more": "1"}, "members"),
        ({"id": "uscc:91330100799655058B"}, "normal form NTRCN-"),
        ({"id": "LEIXG-213800KUD8LAJWSQ9D15"}, "seat, such as DE"),
        ({"id": "LEIXG-213800KUD8LAJWSQ9D15", "country": "CN"}, "expected uscc:…"),
        ({"id": "LEIXG-213800KUD8LAJWSQ9D15", "country": "XX"}, "ISO 3166-1"),
        ({"id": "VATFR-40303265045"}, "expected ntr-fr:…"),
        ({"country": "DE"}, "expected CN, the country of the register"),
        ({"name": "e\u0301"}, "form NFC"),
        ({"name": 1}, "name to be a string"),
        ({"founders": "07"}, "64 lower-case hex digits"),
        ({"founders_account": "0xab8483f64d9c6d1ecf9b849ae677dd3315835cb2"}, "EIP-55"),
        ({"founders_account": "me"}, "EIP-55"),
    ],
)
def test_requests_that_cannot_be(members, said):
    with pytest.raises(InvalidInputError, match=said):
        Ask.parse(changed(**members))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", ASKED + b" ", b"[" * 1500, ASKED.replace(b":1}", b":1.0}"), b" " * 9999],
)
def test_other_encodings_of_a_request(data):
    with pytest.raises(InvalidFormatError):
        Ask.parse(data)
    with pytest.raises(InvalidFormatError):
        Attested.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data):
    for read in (Ask.parse, Attested.parse):
        with pytest.raises(InvalidInputError):
            read(data)


def test_the_form_of_an_answer(authority):
    for ask in (ASK, FOUNDED, replace(FOUNDED, name='"' * 200)):
        answer = authority.desk.prove(ask, by="test")
        assert Attested.parse(answer.encode()) == answer
        assert len(answer.encode()) <= MAX_ANSWER_BYTES
        assert len(ask.encode()) <= MAX_ASK_BYTES
    bare = replace(answer, record=None)
    assert Attested.parse(bare.encode()) == bare


@pytest.mark.parametrize("members", [{"signature": "00" * 64}, {"proof": "{}"}, {"proof": {}}])
def test_answers_that_cannot_be(authority, members):
    fields = json.loads(authority.desk.prove(ASK, by="test").encode()) | members
    with pytest.raises(InvalidFormatError):
        Attested.parse(rfc8785.dumps(fields))
