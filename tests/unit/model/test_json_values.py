import orjson
import pytest

from eseal.errors import InvalidFormatError
from eseal.model import json_values
from eseal.model.json_values import MAX_INTEGER, JsonValues, count_values, loads

READ = JsonValues("letter")


@pytest.mark.parametrize("value", [True, 1.0, "1", None, -1, MAX_INTEGER + 1])
def test_what_is_no_integer_of_every_reader(value):
    with pytest.raises(
        InvalidFormatError, match=r"letter: expected size to be an integer"
    ) as error:
        READ.integer(value, "size")
    assert error.value.field == "letter"


def test_integers_up_to_the_last():
    assert READ.integer(0, "size") == 0
    assert READ.integer(MAX_INTEGER, "size") == MAX_INTEGER


@pytest.mark.parametrize("value", [1, None, b"text", ["text"]])
def test_what_is_no_text(value):
    with pytest.raises(InvalidFormatError, match="name to be a string"):
        READ.text(value, "name")


def test_members_needed_and_allowed():
    needed, allowed = {"a", "b"}, frozenset({"c"})
    for value in ({"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}):
        assert READ.members(value, "page", needed, allowed) is value
    for value in ({"a": 1}, {"a": 1, "b": 2, "d": 4}):
        with pytest.raises(InvalidFormatError, match="page with the members a, b, got "):
            READ.members(value, "page", needed, allowed)
    with pytest.raises(InvalidFormatError, match="page to be a JSON object, got list"):
        READ.members([], "page", needed)


@pytest.mark.parametrize("value", [True, -1, 2**32, 1.0, "1"])
def test_what_is_no_integer_of_32_bits(value):
    with pytest.raises(InvalidFormatError, match="volume to be an integer"):
        READ.unsigned_32(value, "volume")
    assert READ.unsigned_32(2**32 - 1, "volume") == 2**32 - 1


@pytest.mark.parametrize("value", ["", "00", "0" * 63, "g" * 64, "AB" * 32, "０" * 64, "00" * 33])  # noqa: RUF001
def test_what_is_no_hash(value):
    with pytest.raises(InvalidFormatError, match="root to be 64 lower-case hex digits"):
        READ.hex_bytes(value, "root")
    with pytest.raises(InvalidFormatError, match="root to be a string"):
        READ.hex_bytes(7, "root")


def test_bytes_of_the_length_that_is_expected():
    assert READ.hex_bytes("ab" * 32, "root") == b"\xab" * 32
    assert READ.hex_bytes("0102", "pair", 2) == b"\x01\x02"


@pytest.mark.parametrize("text", [b"[0,0,0,0]", b"[[[[0]]]]", b'{"a":{"b":[[]]}}'])
def test_a_document_of_too_many_values_is_not_read(text, monkeypatch):
    """Each costs memory, and all threads wait for it: four gigabytes of 64 mebibytes."""
    assert loads(text) == orjson.loads(text)
    monkeypatch.setattr(json_values, "MAX_VALUES", 3)
    with pytest.raises(orjson.JSONDecodeError, match="more than 3 values"):
        loads(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"[0, 1]", 2),
        (b'{"a": {"b": []}}', 3),
        (b'["[,\\"{,", 1]', 2),
        (b'["\\\\", ",,,,"]', 2),
        (b'["[[[["]', 1),
    ],
)
def test_values_are_counted_outside_of_texts(text, values):
    assert orjson.loads(text)
    assert count_values(text, values) <= values
    assert count_values(text, values - 1) == values


def test_texts_alone_can_be_too_many():
    assert count_values(b"{" + b'"a":"b",' * 9 + b"}", 2) == 9


def test_a_text_that_does_not_end_hides_nothing_before_it():
    assert count_values(b"[0,0,0,0" + b'"' + b"," * 20, 3) == 4
