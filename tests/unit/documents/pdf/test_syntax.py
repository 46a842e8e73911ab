from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.inventory import walk
from eseal.documents.pdf.syntax import Name, Ref, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"null", None),
        (b"true", True),
        (b" %comment\n false", False),
        (b"-17", -17),
        (b"+.5", 0.5),
        (b"4.", 4.0),
        (b"12 0 R", Ref(12, 0)),
        (b"/A#42c#2F", Name("ABc/")),
        (b"/", Name("")),
        (rb"(a(b)\)\n\\ \101\7)", b"a(b))\n\\ A\x07"),
        (b"(a\r\nb\rc\\\r\nd)", b"a\nb\ncd"),
        (b"<48 65 6>", b"He`"),
        (b"[1 0 R 2 0 R 3 4]", [Ref(1, 0), Ref(2, 0), 3, 4]),
        (b"[1 0 R 20 0 R\n300 0 R ]", [Ref(1, 0), Ref(20, 0), Ref(300, 0)]),
        (b"[1 0 R 2 3 R]", [Ref(1, 0), Ref(2, 3)]),
        (b"[1 10 R 2 0 R]", [Ref(1, 10), Ref(2, 0)]),
        (b"[1 0 R\f2 0 R]", [Ref(1, 0), Ref(2, 0)]),
        (b"[01 0 R 2 00 R]", [Ref(1, 0), Ref(2, 0)]),
        (b"<</A[<<>>]/B/C>>", {"A": [{}], "B": Name("C")}),
    ],
)
def test_values(text, value):
    found, end = parse(text + b" ")
    assert found == value
    assert end == len(text)


@pytest.mark.parametrize(
    "text",
    [b"", b"]", b">>", b"[>>", b"<<]", b"<</A>>", b"<<1 2>>", b"<</A 1/A 2>>", b"(a", b"<zz>",
     b"foo", b"[" * 300],
)  # fmt: skip
def test_what_is_no_value_is_refused(text):
    with pytest.raises(PdfReadError):
        parse(text)


@given(st.binary(max_size=200))
def test_no_bytes_escape(data):
    with suppress(PdfReadError):
        parse(data)


@given(st.lists(st.sampled_from([b"1 0 obj", b"endobj", b"<<", b">>", b"(", b")", b"stream\n",
                                 b"endstream", b"/Length 3", b"xref", b"trailer", b"%", b"\n",
                                 b"startxref 1", b" ", b"7"]), max_size=40))  # fmt: skip
def test_a_walk_ends_and_finds_objects_in_their_order(parts):
    data = b"".join(parts)
    found = walk(data, 0, {})
    offsets = [entry.offset for entry in found]
    assert offsets == sorted(set(offsets))


def test_a_walk_sees_everything_between_tables():
    data = (
        b"%PDF-1.7\n1 0 obj\n(text with endobj \\) inside)\nendobj\n"
        b"2 0 obj << /Length 6 0 R >> stream\nendstream endobj 9 0 obj\nendstream endobj\n"
        b"6 0 obj 25 endobj junk junk\n3 0 obj [ ] endobj\n"
        b"xref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 >>\nstartxref\n9\n%%EOF\n"
        b"4 0 obj ((((deep)))) endobj 5 0 obj << /Length 99 >> stream\nshort endstream endobj\n"
        b"8 0 obj << /Length 3 >> stream\nnever"
    )
    found = walk(data, 0, {6: data.index(b"6 0 obj")})
    assert [entry.number for entry in found] == [1, 2, 6, 3, 4, 5, 8]
