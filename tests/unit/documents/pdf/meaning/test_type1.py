"""What a Type 1 program says of itself."""

from __future__ import annotations

import pytest
from pikepdf import Name

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import type1 as programs
from eseal.documents.pdf.meaning.resources.fonts.type1 import lengths
from tests.odd.type1 import type1
from tests.unit.documents.pdf.meaning.made import refused, stream
from tests.unit.documents.pdf.meaning.test_fonts import ROMAN, SYMBOLIC, WIN
from tests.unit.documents.pdf.meaning.test_fonts import made as shown

TWO = type1(["one", "two"], [(49, "two"), (200, "one"), (201, "six")])
START = TWO.index(b"eexec\n") + len(b"eexec\n")


def read(program):
    return programs.read(program, Allowance(10_000))


def test_the_names_are_those_of_its_list():
    assert read(TWO).glyphs == {"one", "two"}


def test_in_digits_too():
    digits = TWO[:START] + TWO[START:-532].hex("\n", 32).encode() + TWO[-532:]
    assert read(digits) == read(TWO)
    assert lengths(digits)[::2] == (START, 532)


def test_its_own_codes_are_those_of_glyphs_that_are_there():
    assert read(TWO).codes == {49: "two", 200: "one"}
    standard = TWO.replace(TWO[TWO.index(b"/Encoding") : TWO.index(b"/FontBBox")],
                           b"/Encoding StandardEncoding def\n")  # fmt: skip
    assert read(standard).codes == {49: "one", 50: "two"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"dup 200 /one put", b"dup 49 /one put"),
        (b"dup 200 /one put", b"dup 8#310 /one put"),
        (b"dup 200 /one put", b"dup 200 /one put pop"),
        (b"/Encoding 256 array", b"/Encoding 257 array"),
        (b"/FontBBox", b"/Encoding StandardEncoding def /FontBBox"),
    ],
)
def test_codes_written_otherwise_are_not_known(before, after):
    assert read(TWO.replace(before, after)).codes is None


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
        type1(["one", "two"], count=2),
        type1(["one", "one"]),
        type1(["one"], private=b"/lenIV 0 def /lenIV 4 def"),
        type1(["one"], private=b"/Encoding StandardEncoding def"),
        TWO + TWO,
        TWO + b"/FontName /Other def",
        TWO.replace(b"currentdict end", b"currentfile eexec currentdict end"),
    ],
)
def test_what_cannot_be_read_for_sure_is_not(program):
    assert read(program) is None


def test_it_may_say_that_it_has_more():
    assert read(type1(["one"], count=300)).glyphs == {"one"}


def test_its_parts_are_measured():
    assert lengths(TWO) == (START, len(TWO) - START - 532, 532)
    assert lengths(TWO + b"{restore}if\r\n") == (START, len(TWO) - START - 532, 545)
    assert lengths(TWO[:-532]) == (START, len(TWO) - START - 532, 0)


@pytest.mark.parametrize(
    ("flags", "encoding", "text", "fine"),
    [
        (SYMBOLIC, b"", b"1", True),
        (SYMBOLIC, b"", b"2", False),
        (ROMAN, b"", b"1", False),
        (SYMBOLIC, b"/Encoding /StandardEncoding", b"1", False),
        (ROMAN, b"/Encoding << /Differences [65 /one] >>", b"1", False),
        (ROMAN, WIN, b"12 ", True),
        (ROMAN, WIN, b"3\\351", True),
        (ROMAN, WIN, b"\\310", False),
        (ROMAN, WIN, b"\\001\\240", True),
        (SYMBOLIC, b"/Encoding << /Differences [51 /one] >>", b"3", True),
        (SYMBOLIC, b"/Encoding << /Differences [49 /uni0031] >>", b"1", False),
        (SYMBOLIC, b"/Encoding << /Differences [49 /.notdef] >>", b"1", False),
    ],
)
def test_a_code_leads_to_one_glyph(flags, encoding, text, fine):
    pdf, font = shown(b"", flags, encoding, text)
    del font.FontDescriptor.FontFile2
    font.Subtype = Name.Type1
    font.FontDescriptor.FontFile = stream(pdf, TWO)
    assert refused(pdf) == (set() if fine else {"unclear_font"})
    assert [font.FontDescriptor.FontFile[f"/Length{part}"] for part in (1, 2, 3)] == [*lengths(TWO)]
