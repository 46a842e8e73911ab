import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.vkey import KeyType, VerifierKey, parse_vkey


def test_a_published_key_reads_and_writes_to_itself(published_notes):
    peter = published_notes["keys"][0]
    text = f"{peter['name']}+{peter['key_hash']}+{peter['verifier']}"
    key = parse_vkey(text, KeyType.NOTE)
    assert (key.name, str(key)) == ("PeterNeumann", text)


def test_a_witness_key_is_of_a_type_of_its_own():
    key = VerifierKey("w.example/1", KeyType.COSIGNATURE, bytes(range(32)))
    assert parse_vkey(str(key), KeyType.COSIGNATURE) == key
    with pytest.raises(InvalidFormatError, match="type 0x01"):
        parse_vkey(str(key), KeyType.NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        "name+00000000+",
        "name+0000000G+AQ==",
        "name+00000000+AQ==",
        "+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode(),
        "a b+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode(),
        "name+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode(),
        "n" * 1025,
    ],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(InvalidFormatError, match="verifier key"):
        parse_vkey(text, KeyType.COSIGNATURE)


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text):
    with pytest.raises(InvalidFormatError):
        parse_vkey(text, KeyType.COSIGNATURE)


@pytest.mark.parametrize(("name", "key"), [("w", bytes(31)), ("a b", bytes(32)), ("", bytes(32))])
def test_what_no_key_can_be(name, key):
    with pytest.raises(InvalidInputError):
        VerifierKey(name, KeyType.NOTE, key)
