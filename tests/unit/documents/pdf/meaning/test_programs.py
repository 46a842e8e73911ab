"""What programs of named glyphs say of themselves."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.meaning.resources.fonts.programs import Program, cff
from tests.odd.fonts import bare_cff
from tests.odd.programs import turned_cff

EMPTY, DRAWN = b"\x8b\x0e", b"\x8b\x8b\x15\x0e"
STANDARD = {49: "one", 50: "two"}


def program(*glyphs: str, codes=STANDARD, notdef: bytes = EMPTY) -> Program:
    return Program.of(glyphs, codes, notdef)


def test_a_cff_program_has_the_codes_of_its_glyphs():
    assert cff(turned_cff()).codes[ord("1")] == "eight"
    assert cff(bare_cff()).codes[ord("1")] == "one"
    assert len(cff(bare_cff()).codes) == len(cff(bare_cff()).glyphs) == 10
    assert not cff(bare_cff()).is_blank
    assert cff(b"") is cff(bare_cff()[:100]) is None


@pytest.mark.parametrize(
    ("program", "code", "readings", "one"),
    [
        (program("one"), 49, [{49: "one"}], True),
        (program("one", "two"), 49, [{49: "one"}, {49: "two"}], False),
        (program("one"), 49, [{49: "one"}, {}], False),
        (program("one"), 50, [{50: "two"}], True),
        (program("one"), 49, [{49: "two"}], False),
        (program("one", codes=None), 50, [{50: "two"}], False),
        (program("one", "uni0032"), 50, [{50: "two"}], False),
        (program("one"), 50, [{50: "g57"}], False),
        (program("one"), 200, [{}], False),
        (program("one"), 5, [{}], True),
        (program("one", notdef=DRAWN), 5, [{}], False),
        (program("one", codes={5: "one"}), 5, [{}], False),
    ],
)
def test_a_code_leads_to_one_glyph_or_to_none_for_all(program, code, readings, one):
    assert program.is_one(code, readings) is one
