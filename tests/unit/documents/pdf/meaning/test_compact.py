"""CFF programs that can be read in one way only."""

from __future__ import annotations

import struct
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import compact
from tests.odd import originals
from tests.odd.compact import CALL, FIRST, RETURN, STRAIGHT, glyph, program
from tests.odd.fonts import bare_cff, open_type
from tests.odd.reach import BELOW, with_cids
from tests.unit.documents.pdf.meaning.made import meaning

DIGITS = [glyph(value) for value in range(10)]
ENOUGH = 10_000


@pytest.mark.parametrize("odd", [*originals("compact")], ids=lambda odd: odd.name)
def test_what_readers_follow_in_two_ways_is_refused(odd):
    hazards = [str(each) for each in meaning(pikepdf.open(BytesIO(odd.pdf))).hazards]
    assert hazards
    assert all("font Digits has a" in each for each in hazards)


@pytest.mark.parametrize(
    "made",
    [
        bare_cff(),
        open_type(),
        with_cids(BELOW),
        program(DIGITS),
        program(DIGITS, cids=STRAIGHT, select=b"\3" + struct.pack(">HHBH", 1, 0, 0, 11)),
        program([glyph(1, FIRST + CALL, 8), *DIGITS[1:]], parts=[[b"\x8b\x8b\x15\x8b\6" + RETURN]]),
    ],
)
def test_others_are_not(made):
    compact.check(made, Allowance(ENOUGH))


@pytest.mark.parametrize("size", range(0, len(program(DIGITS)) - 20, 7))
def test_what_is_cut_is_told(size):
    with pytest.raises((struct.error, ValueError, IndexError)):
        compact.check(program(DIGITS)[:size], Allowance(ENOUGH))


def test_glyphs_are_read_no_longer_than_allowed():
    calls = [*(2 * (bytes([at + 33]) + CALL) + RETURN for at in range(9)), RETURN]
    with pytest.raises(struct.error, match="too long"):
        compact.check(program([glyph(1, FIRST + CALL), *DIGITS], parts=[calls]), Allowance(1000))
