"""Which glyphs a Type 1 program has."""

from __future__ import annotations

import pytest
from pikepdf import Name

from eseal.documents.pdf.meaning.resources.type1 import glyphs_of
from tests.odd.type1 import type1
from tests.unit.documents.pdf.meaning.made import refused, stream
from tests.unit.documents.pdf.meaning.test_fonts import SYMBOLIC, WIN
from tests.unit.documents.pdf.meaning.test_fonts import made as shown

TWO = type1(["one", "two"])
START = TWO.index(b"eexec\n") + len(b"eexec\n")


def test_the_names_are_those_of_its_list():
    assert glyphs_of(TWO) == {"one", "two"}


def test_in_digits_too():
    assert glyphs_of(TWO[:START] + TWO[START:].hex("\n", 32).encode()) == {"one", "two"}


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"%!PS-AdobeFont-1.0: Digits",
        TWO[:START],
        TWO[: START + 120],
        TWO[: START + 300],
        TWO.replace(b"11 dict begin", b"11 dict begin /CharStrings 1 dict"),
        TWO[:START] + b"zzzz" + TWO[START:],
        TWO[:START] + b"0a0z" + TWO[START:],
    ],
)
def test_what_cannot_be_read_for_sure_has_none(program):
    assert glyphs_of(program) is None


@pytest.mark.parametrize(
    ("encoding", "text", "fine"),
    [
        (b"", b"12", True),
        (WIN, b"12 ", True),
        (WIN, b"3", False),
        (b"/Encoding << /Differences [51 /one] >>", b"3", True),
        (b"/Encoding << /Differences [49 /uni0031] >>", b"1", False),
    ],
)
def test_text_shows_glyphs_that_are_there(encoding, text, fine):
    pdf, font = shown(b"", SYMBOLIC, encoding, text)
    del font.FontDescriptor.FontFile2
    font.Subtype = Name.Type1
    font.FontDescriptor.FontFile = stream(pdf, TWO)
    assert refused(pdf) == (set() if fine else {"unclear_font"})
