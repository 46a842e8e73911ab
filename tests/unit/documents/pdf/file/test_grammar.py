"""The grammar of whole files: nothing is accepted but the one spelling of each value."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.file.grammar import check_values, references_in
from eseal.documents.pdf.file.values import MAX_DEPTH, TELLTALE, Ref, parse, spell
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.file.plain import references, simple, values

MB = 1_000_000


def accepts(*texts: bytes) -> bool:
    try:
        check_values([*texts])
    except InvalidFormatError:
        return False
    return True


@given(st.lists(values, min_size=1, max_size=6))
def test_what_is_spelt_is_accepted_line_by_line(several):
    lines = [spell(value) for value in several]
    assert len(check_values(lines)) == len(lines)


WRONG = [
    # blanks
    b"", b" 1", b"1 ", b"[1 ]", b"[ 1]", b"[ 1  2 ]", b"[  ]", b"[]", b"<<>>", b"<<  >>",
    b"<< /A  1 >>", b"<</A 1 >>", b"<< /A 1>>", b"<< /A/B >>", b"[ 1\t2 ]", b"[ 1\n2 ]",
    b"[ (a)(b) ]",
    b"[ <00><01> ]", b"[ /A/B ]", b"1  0 R", b"[ 1 %c ]", b"[ [ ][ ] ]", b"<< /A << >>>>",
    # brackets
    b"[", b"]", b"<<", b">>", b"[ >>", b"<< ]", b"[ << ] >>", b"<< /A [ >> ]", b"[ ] ]", b"[ ] [ ]",
    b"<< >> 1", b"1 << >>", b"/A << >>", b"{ }", b"<< << >> >>", b"<< [ ] >>", b"<< /A >>",
    b"<< /A 1 /B >>", b"<< /A [ ] /B >>", b"<< /A [ ] [ ] >>", b"<< /A 1 2 >>", b"<< 1 >>",
    b"<< (A) 1 >>", b"<< /A /B /C >>", b"<< 1 0 R /A >>", b"[ 1 ] 2",
    # keys and nulls
    b"<< /A 1 /A 1 >>", b"<< /B 1 /A 1 >>", b"<< /A [ ] /A 1 >>", b"<< /B << >> /A [ ] >>",
    b"<< /B 1 /C << >> /A 1 >>", b"<< /A#20 1 /A 1 >>", b"<< /a 1 /#80 1 /Z 1 >>", b"<< /A null >>",
    b"<< /A 1 /B null /C 1 >>", b"<< /#c3 1 /z 1 >>",
    # names
    b"/", b"/#", b"/#4", b"/#4g", b"/#41", b"/#00", b"/#2F", b"/A#20B#41", b"/" + b"a" * 127,
    b"/" + b"#80" * 127, b"/A(b)", b"/a\x7f", b"/\xff", b"/a%b", b"/obj#20", b"/#20obj",
    # numbers
    b"01", b"-0", b"+1", b"1.", b".5", b"1.0", b"1.50", b"0.0", b"--1", b"1-2", b"1e3", b"1.2.3",
    b"2147483648", b"-2147483648", b"9999999999", b"[ 2147483648 ]", b"2147483647.5",
    b"0.123456789012345", b"12345678901", b"<< /A 9999999999 >>", b"[ 1 -9999999999.5 ]",
    # references, keywords
    b"0 0 R", b"01 0 R", b"1 1 R", b"1 00 R", b"1 0 r", b"999999999 0 R", b"R", b"nul", b"True",
    b"truefalse", b"null1", b"endobj",
    # strings
    b"(", b")", b"(a", b"(()", b"(a\\)", rb"(\n)", rb"(\101)", b"(\x7f)", b"<0>", b"<0A>", b"<0 0>",
    b"<0g>", b"<>", b"<41>", b"<616263>", b"<00", b"00>", b"(a\x00)", b"<28>",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_has_another_spelling_is_refused(text):
    assert not accepts(text)
    assert not accepts(b"1", text)
    assert not accepts(text, b"<< >>")


@pytest.mark.parametrize(
    "text", [b"<31206f626a>", b"<656e646f626a>", b"<2525454f46>", b"<78726566>"]
)
def test_text_stands_in_digits_only_to_hide_a_word_of_the_frame(text):
    assert accepts(text)
    assert spell(parse(text)) == text


def test_one_line_is_one_value():
    assert not accepts(b"1\n2")
    assert not accepts(b"[\n]")
    assert accepts(b"1", b"2")


@given(st.data())
def test_a_changed_text_is_another_value_or_none(data):
    """Whatever is accepted is the one spelling of the value that it is read as."""
    text = bytearray(spell(data.draw(values)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(
            st.sampled_from(
                [b" ", b"/A", b"#", b"<", b">", b"[", b"]", b"(", b")", b"0", b"1", b".", b"-",
                 b"null", b"<<", b">>", b"\\", b"41", b"R", b"\n"]
            )
        )  # fmt: skip
        cut = data.draw(st.integers(0, 2))
        text[at : at + cut] = piece
    if accepts(bytes(text)) and not TELLTALE.search(bytes(text)):
        assert spell(parse(bytes(text))) == bytes(text)


@given(st.lists(st.binary(max_size=30) | st.text("<>[]()/ 01R", max_size=30).map(str.encode)))
def test_any_bytes_are_accepted_or_refused_and_nothing_else(lines):
    if accepts(*lines):
        for line in lines:
            parse(line)


@given(st.lists(simple | references, max_size=9))
def test_references_are_found_and_strings_hold_none(items):
    (bare,) = check_values([spell([*items, b"7 0 R", [b"( 8 0 R )"]])])
    assert references_in(bare) == [item.number for item in items if isinstance(item, Ref)]


def test_depth_has_an_end():
    for opening, closing in ((b"[ ", b"] "), (b"<< /A ", b">> ")):
        deep = opening * (MAX_DEPTH - 1) + opening[:2].strip() + b" " + closing * MAX_DEPTH
        assert accepts(deep.rstrip())
        deeper = opening * MAX_DEPTH + opening[:2].strip() + b" " + closing * (MAX_DEPTH + 1)
        assert not accepts(deeper.rstrip())


HOSTILE = {
    "slashes": b"/" * MB,
    "escapes": b"/" + b"#41" * (MB // 3),
    "open dictionaries": b"<<" * (MB // 2),
    "open arrays": b"[ " * (MB // 2),
    "a long array": b"[ " + b"1 " * (MB // 2) + b"]",
    "a long array before deep ones": b"[ " + b"1 " * (MB // 2) + b"[ " * 60 + b"] " * 60 + b"]",
    "a long dictionary": b"<< " + b"".join(b"/A%07d 1 " % n for n in range(MB // 11)) + b">>",
    "many dictionaries": b"[ " + b"<< >> " * (MB // 6) + b"]",
    "dictionaries without end": b"<< /A 1 " * (MB // 8),
    "strings without end": b"(" * MB,
    "escaped strings": b"(" + b"\\" * MB,
    "digits without end": b"<" + b"00" * (MB // 2),
    "digits": b"1" * MB,
    "minus": b"-" * MB,
    "blanks": b" " * MB,
    "references": b"[ " + b"1 0 R " * (MB // 6) + b"]",
    "almost references": b"1 0 " * (MB // 4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_long_texts_take_no_longer_than_they_are(name):
    """A megabyte each: what took a square of it would not come to an end."""
    expected = {"a long array", "a long dictionary", "many dictionaries", "references"}
    assert accepts(HOSTILE[name]) is (name in expected)
    read = {*expected, "escapes"}
    with pytest.raises(InvalidFormatError) if name not in read else nullcontext() as caught:
        parse(HOSTILE[name])
    assert caught is None or len(str(caught.value)) < 500
