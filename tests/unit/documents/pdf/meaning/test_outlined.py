"""Type 1 programs whose glyphs are drawn in one way."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import type1 as program
from tests.odd import originals
from tests.odd.fonts import DIGITS
from tests.odd.outlined import CALL, OTHER, POP, RETURN, ZERO, accented, odd
from tests.odd.type1 import number, type1
from tests.unit.documents.pdf.meaning.made import meaning

ENOUGH = 10_000
STEM = ZERO + number(10) + b"\1"
END_OF_BENT = number(3) + ZERO + OTHER + 2 * POP + b"\x0c\x21" + RETURN
BEGIN_OF_BENT = ZERO + number(1) + OTHER + RETURN
POINT_OF_BENT = ZERO + number(2) + OTHER + RETURN
BENT = (
    (number(1) + CALL)
    + 7 * (number(5) + b"\x16" + number(2) + CALL)
    + (number(50) + 2 * ZERO + ZERO + CALL)
)


@pytest.mark.parametrize("made", [*originals("outlined")], ids=lambda made: made.name)
def test_what_readers_draw_in_two_ways_is_refused(made):
    (hazard,) = meaning(pikepdf.open(BytesIO(made.pdf))).hazards
    assert "has no one glyph for code" in str(hazard)


@pytest.mark.parametrize(
    "made",
    [
        type1(DIGITS),
        type1(DIGITS, private=b"/lenIV 4 def"),
        odd(STEM),
        odd(ZERO + number(2) + b"\x0c\x0c" + ZERO + b"\x15" + b"\x09"),
        odd(number(0) + number(1) + number(3) + OTHER + POP + CALL, STEM + RETURN),
        odd(BENT, END_OF_BENT, BEGIN_OF_BENT, POINT_OF_BENT),
        odd(b"", one=accented(50, 51, across=100)),
    ],
)
def test_others_are_not(made):
    read = program.read(made, Allowance(ENOUGH))
    assert read is not None
    assert not read.unclear


def test_glyphs_are_read_no_longer_than_allowed():
    read = program.read(type1(DIGITS), Allowance(100))
    assert read is not None
    assert read.unclear > {"nine"}
