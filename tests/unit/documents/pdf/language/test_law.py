from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.language.law import MAX_DEPTH, OddContentsError, judge
from eseal.documents.pdf.language.repair import repaired
from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.meaning.desk.desk import MAX_REPAIRED
from tests.unit.documents.pdf.meaning.made import codes, deflated, document, stream

PLAIN = (
    b"",
    b"q 1 0 0 -1 0 792 cm .5 0 0 RG +5 w Q",
    b"0 0 m 10 10 l 1 2 3 4 5 6 c h 0 0 5 5 re W* n",
    b"BT /F1 12 Tf 1 0 0 1 72 700 Tm [(Order)-250(form)]TJ 0 -14 Td (\\(a\\) \\351)' T* ET",
    b"BT <00a1>Tj <a>Tj ET",
    b"/P <</MCID 0/Lang(en-US)>>BDC /Text#20body BMC EMC EMC",
    b"/CS0 cs 0.1 0.2 0.3 scn /Pattern cs /P1 scn 0 0 1 /P2 scn",
    b"[] 0 d [3 2.5] 0 d 2 J 1 j 10 M 3 Tr /GS0 gs /Im1 Do/Sh0 sh",
    b"0 0 m 1 w 0 g 10 10 l S n f*",
    b"BT 10 0 0 10 0 0 cm 0 0 60 1 re f (a) Tj ET",
    b"q BI /W 2 /H 2 /BPC 8 /CS /G ID \0\x80\xff\0 EI Q",
    b"BI /IM true /W 8 /H 2 /D [1 0] ID \xaa\x55\nEI",
)
"""Contents as producers write them."""

ODD = (
    *(b"--20 60 60 40 re f", b"20 60 60-20 40 re f", b"20- 0 m n", b"+-2 w", b"1e2 w", b"0x14 w"),
    *(b"20 60 60 40re f", b"20.5.5 0 m n", b". 0 m n", b"- w", b"20,5 w", b"99999999999 w"),
    *(b"20 60 60 re f", b"7 7 20 60 60 40 re f", b"/A 0 m n", b"(20) w", b"1 0 rg", b"true w"),
    *(b"0 0 5 5 re xyz f", b"0 0 5 5 RE f", b"fill", b"(a) pop", b"endstream"),
    *(
        b"Q 0 g",
        b"q Q Q 0 g",
        b"BT q ET Q",
        b"BT BT ET ET",
        b"q BT Q ET",
        b"0 0 m BT ET 9 9 l f",
        b"9 9 l f",
        b"W n",
    ),
    *(b"0 0 5 5 re W 0 0 9 9 re q f Q", b"(a) Tj", b"1 0 0 1 0 0 Tm (a) Tj"),
    *(b"20\x0b60 m n", b"20\x0860 m n", b"20\xa060 m n", b"{ 0 g }", b"1 0 R w"),
    *(b"/ gs", b"<31 zz> Tj", b"BT (open ET", b"BT (1\r2) Tj ET", b"BT (\\777) Tj ET"),
    *(b"[5 5 0 d", b"] w", b"<< /A 1 /A 2 >> /B BDC"),
    *(b"-1 w", b"3 J", b"7 j", b"0 M", b"8 Tr", b"[-5 5] 0 d", b"[0 0] 0 d", b"1.5 J"),
    *(b"BI /W 2 /W 2 /H 2 /BPC 8 /CS /G ID 1234 EI", b"BI /W 2 /H 2 /BPC 3 /CS /G ID 12 EI"),
    *(b"BI /W 2 /H 2 /BPC 8 /CS /G ID 12 EI", b"BI /W 2 /H 2 /BPC 8 /CS /G ID 12345 EI"),
    *(b"BI /W 4 /H 2 /BPC 8 /CS /G ID 12 EI 78 EI", b"BI /W 2 /H 2 /BPC 8 /CS /G /F /X ID 1234 EI"),
    *(b"BI /W 2 /H 2 /BPC 8 /CS /G /D [0] ID 1234 EI", b"BI /Odd 1 ID EI"),
    b"q " * (MAX_DEPTH + 1) + b"Q " * (MAX_DEPTH + 1),
)
"""Contents that readers read differently."""


def put(data: bytes) -> bytes:
    """The contents in order, judged, if there was nothing to doubt."""
    made = repaired(data)
    if made.doubt:
        raise OddContentsError(made.doubt)
    judge(made.data)
    return made.data


@pytest.mark.parametrize("data", PLAIN)
def test_what_producers_write_is_plain(data):
    judge(data)


@pytest.mark.parametrize("data", ODD)
def test_what_readers_read_differently_is_found(data):
    with pytest.raises(OddContentsError):
        judge(data)
    with pytest.raises(OddContentsError):
        put(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"q 0 g % comment\n1 g", b"q\n0 g\n1 g\nQ"),
        (b"5. w +.50 w 007 w -0.0 w", b"5 w\n0.5 w\n7 w\n-0 w"),
        (b"BT (a(b)c) Tj", b"BT\n<6128622963> Tj\nET"),
        (b"BT (\\61\\q\\\n2) Tj ET", b"BT\n<317132> Tj\nET"),
        (b'BT 1 2 (a) " ET', b"BT\n1 Tw\n2 Tc\n(a) '\nET"),
        (b"BX /S sh EX", b"/S sh"),
        (b"ET h 0 g 7 7", b"0 g"),
        (b"0 0 9 9 re", b"0 0 9 9 re\nn"),
        (b"/A#zz gs", b"/A#23zz gs"),
        (b"/\xe5\xae\x8b gs", b"/#e5#ae#8b gs"),
        (
            b"q BI /W 2 /H 2 /BPC 8 /CS /G ID 1234EI Q",
            b"q\nBI /W 2 /H 2 /BPC 8 /CS /G ID 1234\nEI\nQ",
        ),
        (
            b"0.12345678901234567890123456789012345678901234567 w",
            b"0.123456789012345678901234567890 w",
        ),
    ],
)
def test_what_has_one_meaning_is_put_in_order(data, expected):
    with pytest.raises(OddContentsError):
        judge(data)
    assert put(data).rstrip(b"0123456789 w") == expected.rstrip(b"0123456789 w")


def test_too_much_odd_drawing_is_not_tried():
    assert codes(document(b"% x\n" * 1000)) == set()
    assert codes(document(b"% x\n" * (MAX_REPAIRED // 4 + 1))) == {"unclear_contents"}


@pytest.mark.parametrize("content", [b"q " * 800_000, b"q Q " * 600_000])
def test_nor_is_what_packs_to_next_to_nothing(content):
    pdf = document(b"")
    pdf.pages[0].obj.Contents = stream(pdf, deflated(content), b"<< /Filter /FlateDecode >>")
    found = put_in_order(pdf)
    assert [str(each) for each in found.settled if "less odd drawing" in str(each)]
    assert pdf.pages[0].obj.Contents.read_bytes() == b""


def test_facts_name_what_contents_use():
    facts = judge(b"/G gs BT /F1 9 Tf (/F9 9 Tf q) Tj ET /X Do /OC /M BDC EMC")
    assert facts.named == {(b"/G", b"gs"), (b"/F1", b"Tf"), (b"/X", b"Do")}
    assert facts.layers == {b"/M"}


def test_a_glyph_begins_with_its_width():
    assert judge(b"500 0 0 0 9 9 d1 0 0 9 9 re f", glyph=True).begins == b"500 0 0 0 9 9 d1 "
    with pytest.raises(OddContentsError, match="width"):
        judge(b"0 0 9 9 re f", glyph=True)
    with pytest.raises(OddContentsError):
        judge(b"500 0 d0 0 g")


def test_marks_of_layers_must_match():
    judge(b"/Span BMC")
    with pytest.raises(OddContentsError):
        judge(b"/OC /M BDC 0 g")


number = st.one_of(
    st.integers(-999_999, 999_999).map(lambda value: b"%d" % value),
    st.decimals(-999, 999, places=4).map(lambda value: f"{value:f}".encode()),
)


def operation(count: int, *operators: bytes):
    operands = st.lists(number, min_size=count, max_size=count)
    return st.tuples(operands, st.sampled_from(operators)).map(lambda got: [*got[0], got[1]])


path = st.tuples(
    operation(2, b"m") | operation(4, b"re"),
    st.lists(operation(2, b"l") | operation(6, b"c") | operation(4, b"v", b"y", b"re"), max_size=4),
    st.sampled_from([b"f", b"S", b"B*", b"n"]),
).map(lambda got: [*got[0], *chain.from_iterable(got[1]), got[2]])
state = operation(1, b"g", b"G") | operation(3, b"rg") | operation(4, b"K")
shown = st.binary(max_size=20).map(lambda data: [b"<" + data.hex().encode() + b">", b"Tj"])
words = st.lists(shown | operation(2, b"Td") | state, max_size=5).map(
    lambda got: [b"BT", *chain.from_iterable(got), b"ET"]
)
pages = st.recursive(
    path | state | words | operation(6, b"cm"),
    lambda inner: st.lists(inner, max_size=4).map(
        lambda got: [b"q", *chain.from_iterable(got), b"Q"]
    ),
    max_leaves=12,
)


@given(pages)
def test_putting_plain_contents_in_order_keeps_their_tokens(tokens):
    data = b" ".join(tokens)
    judge(data)
    again = put(data)
    assert put(again) == again
    spelled = [float(token) if token[-1:].isdigit() else token for token in tokens]
    kept = [float(token) if token[-1:].isdigit() else token for token in again.split()]
    assert kept == spelled


def verdicts(data: bytes) -> list[str]:
    """What is said against contents, as they are and in order; empty where nothing is."""
    said = []
    for work in (judge, put):
        try:
            work(data)
        except OddContentsError as error:
            said.append(str(error))
        else:
            said.append("")
    return said


@given(st.lists(st.sampled_from([b"q", b"Q", b"0", b"g", b"(", b")", b"BT", b"ET", b"<", b">"])))
def test_what_is_plain_can_be_put_in_order(tokens):
    for data in (b" ".join(tokens), b"".join(tokens)):
        as_it_is, in_order = verdicts(data)
        assert as_it_is or not in_order


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data):
    as_it_is, in_order = verdicts(data)
    assert as_it_is or not in_order
