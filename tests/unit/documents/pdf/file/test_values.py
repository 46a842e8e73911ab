"""One value, one spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eseal.documents.pdf.file.grammar import check_values
from eseal.documents.pdf.file.values import (
    MAX_DEPTH,
    TELLTALE,
    Name,
    Ref,
    decode_name,
    parse,
    parse_loosely,
    spell,
    spell_name,
    spell_number,
    spell_string,
)
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.file.plain import bytes_of_names, plain, strings, values


@given(values)
def test_what_is_written_is_read_again(value):
    text = spell(value)
    assert parse(text) == plain(value)
    assert parse_loosely(text) == plain(value)
    assert spell(parse(text)) == text
    assert check_values([text])


SPELT = {
    b"true": True,
    b"false": False,
    b"null": None,
    b"0": 0,
    b"-7": -7,
    b"2147483647": 2**31 - 1,
    b"0.5": Decimal("0.50"),
    b"-0.25": -0.25,
    b"595.28": 595.28,
    b"0.00000000000001": Decimal("1e-14"),
    b"/A": Name("A"),
    b"/A#20#23#2f#28": Name("A #/("),
    b"/#e5#8d#b0": Name("印".encode().decode("latin-1")),
    b"12 0 R": Ref(12),
    b"()": b"",
    rb"(a \(b\) \\ <c>)": rb"a (b) \ <c>",
    b"<0a>": b"\n",
    b"<feff5370>": b"\xfe\xff\x53\x70",
    b"[ ]": [],
    b"[ 1 [ /A ] null ]": [1, [Name("A")], None],
    b"<< >>": {},
    b"<< /A 1 /B << /C 2 0 R >> >>": {"B": {"C": Ref(2)}, "A": 1},
    b"<< /A 1 >>": {"A": 1, "B": None},
}


@pytest.mark.parametrize("text", SPELT)
def test_how_values_are_spelt(text):
    assert spell(SPELT[text]) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0, b"0"),
        (1e-15, b"0"),
        (-1e-15, b"0"),
        (Decimal("-0.000"), b"0"),
        (Decimal("10.00"), b"10"),
        (1e9, b"1000000000"),
        (Decimal("1E+3"), b"1000"),
        (0.1 + 0.2, b"0.3"),
        (100, b"100"),
    ],
)
def test_numbers_have_no_exponent_and_no_idle_digits(value, text):
    assert spell_number(value) == text


@pytest.mark.parametrize(
    "value", [2**31, -(2**31), 1e300, float("nan"), float("inf"), Decimal("NaN"), 2147483647.5]
)
def test_numbers_that_some_reader_cannot_hold_are_refused(value):
    with pytest.raises(InvalidFormatError, match=r"below 2\*\*31"):
        spell_number(value)


@given(bytes_of_names)
@example(b"trailer")
@example(b"Layer.obj")
def test_names_use_escapes_only_where_they_must(raw):
    try:
        spelt = spell_name(raw.decode("latin-1"))
    except InvalidFormatError:
        return
    assert decode_name(spelt) == raw.decode("latin-1")
    assert spelt.isascii()
    assert not set(spelt) & set(b" \t\r\n\f\0()<>[]{}/%")
    needed = sum(byte in b"#()<>[]{}/%" or not 0x21 <= byte <= 0x7E for byte in raw)
    framed = any(word in raw for word in (b"obj", b"xref", b"trailer"))
    assert spelt.count(b"#") == needed or (framed and spelt.count(b"#") > needed)


@pytest.mark.parametrize("name", ["", "a" * 127, "a\0b"])
def test_names_that_readers_read_otherwise_are_refused(name):
    with pytest.raises(InvalidFormatError, match="1 to 126 bytes without NUL"):
        spell_name(name)


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("obj", b"#6fbj"),
        ("A.obj", b"A.#6fbj"),
        ("4obj", b"4#6fbj"),
        ("endobjobj", b"end#6fbj#6fbj"),
        ("startxref", b"start#78ref"),
        ("trailer", b"#74railer"),
        ("\x80objx", b"#80#6fbjx"),
    ],
)
def test_of_names_that_look_like_a_frame_a_letter_is_escaped(name, spelt):
    assert spell_name(name) == spelt
    assert decode_name(spelt) == name
    assert not TELLTALE.search(spelt)


@pytest.mark.parametrize("name", ["object", "Subobject", "startx", "%%EOF", "%PDF-1.7"])
def test_names_that_only_begin_so_are_not(name):
    assert decode_name(spell_name(name)) == name


@given(strings)
@example(b"1 0 obj")
@example(b"the endobj of it")
@example(b"%%EOF")
@example(b"objx")
def test_strings_are_text_or_digits(value):
    spelt = spell_string(value)
    if spelt.startswith(b"("):
        assert value.decode("ascii").isprintable()
        assert b"xref" not in value
    else:
        assert bytes.fromhex(spelt[1:-1].decode()) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, "text", complex(1)])
def test_what_is_no_value_is_refused(value):
    with pytest.raises(InvalidFormatError, match=f"got {type(value).__name__}"):
        spell(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"]",
        b">>",
        b"[ >>",
        b"<< ]",
        b"[ 1",
        b"<< /A",
        b"<< /A >>",
        b"<< 1 2 >>",
        b"<< (A) 1 >>",
        b"1 2",
        b"/",
        b"/A/",
        b"R",
        b"obj",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"--1",
        b"-0",
        b"1.50",
        b"1e5",
        b"0.123456789012345",
        b"00000000001",
        b"<0>",
        b"<0A>",
        b"(a",
        b"(()",
        rb"(\n)",
        b"(a\nb)",
        b"nullx",
        b"true1",
        b"True",
        b"0 0 R",
        b"1 1 R",
        b"999999999 0 R",
        b"%",
        b"{ }",
        b"1\n",
        b"\xff",
    ],
)
def test_what_is_no_value_is_not_read(text):
    with pytest.raises(InvalidFormatError):
        parse(text)


def test_depth_has_an_end():
    assert parse(b"[ " * MAX_DEPTH + b"] " * (MAX_DEPTH - 1) + b"]")
    with pytest.raises(InvalidFormatError, match="at most 60 levels"):
        parse(b"[ " * (MAX_DEPTH + 1) + b"] " * MAX_DEPTH + b"]")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"+7", 7),
        (b"--7", -7),
        (b"007", 7),
        (b"1.", Decimal(1)),
        (b".50", Decimal("0.5")),
        (b"-.5", Decimal("-0.5")),
        (b"(a\\nb\\051\\)\\q\\7)", b"a\nb))q\x07"),
        (b"(a\nb)", b"a\nb"),
        (b"(\\r\\t\\b\\f\\400)", b"\r\t\b\f\x00"),
        (b"/A#42\xff", Name("AB\xff")),
        (b"[ 1 0 R <0a> ]", [Ref(1), b"\n"]),
    ],
)
def test_values_as_qpdf_spells_them(text, value):
    assert parse_loosely(text) == value
    assert type(parse_loosely(text)) is type(value)


@given(st.binary(max_size=60) | st.text("<>[]()/ #01.R-nultrfase\\", max_size=40).map(str.encode))
def test_other_bytes_are_refused_and_nothing_else_happens(text):
    for read in (parse, parse_loosely):
        try:
            value = read(text)
        except InvalidFormatError:
            continue
        assert isinstance(value, (bool, int, Decimal, str, bytes, Ref, list, dict, type(None)))
