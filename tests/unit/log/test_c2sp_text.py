import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.log.c2sp_text import is_key_name, parse_base64, parse_decimal, parse_hash


@given(st.integers(0, 2**63 - 1))
def test_decimals(number):
    assert parse_decimal(str(number), "size") == number


@pytest.mark.parametrize(
    "text",
    ["", "+1", "-1", "01", "00", " 1", "1 ", "1\n", "1_0", "0x1", "1e3", "٣", "9223372036854775808",
     "10000000000000000000", "9" * 5000],
)  # fmt: skip
def test_other_numbers_are_refused(text):
    with pytest.raises(InvalidFormatError, match="size: expected a decimal"):
        parse_decimal(text, "size")


@given(st.binary(max_size=70))
def test_base64(data):
    assert parse_base64(base64.b64encode(data).decode(), "x") == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AA=", "AAA", "AB==", "AAB=", "AA==\n", "AA== ", " AA==", "AA==AA==", "A===",
     "====", "AA-_", "AAé=", "AA\n==", "=AAA"],
)  # fmt: skip
def test_other_base64_is_refused(text):
    with pytest.raises(InvalidFormatError, match="x: expected canonical padded base64"):
        parse_base64(text, "x")


def test_a_hash_has_32_bytes():
    assert parse_hash(base64.b64encode(b"h" * 32).decode(), "root") == b"h" * 32
    for length in (0, 31, 33):
        with pytest.raises(InvalidFormatError, match=f"root: expected 32 bytes, got {length}"):
            parse_hash(base64.b64encode(bytes(length)).decode(), "root")


@pytest.mark.parametrize("name", ["example.com/log", "印章.example", "a", "-"])
def test_key_names(name):
    assert is_key_name(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u3000", "a\nb", "a\x85b", "\ud800"]
)
def test_other_key_names_are_refused(name):
    assert not is_key_name(name)
