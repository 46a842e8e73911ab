"""Glyphs compared before and after: what the grid moves is the same, another digit is not."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from eseal.documents.viewer.glyphs import Names, Pair, unlike
from tests.odd.fonts import ORDER, plain, saved, unsaved
from tests.odd.type1 import type1

BAR = (100, 300, 500, 380)
POINT = (100, 0, 180, 80)


def drawing(*boxes: tuple[int, int, int, int]) -> bytes:
    """A font of one glyph that is made of boxes, in thousandths of its size."""
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef"])
    made.setupCharacterMap({})
    pen = TTGlyphPen(None)
    for left, low, right, high in boxes:
        pen.moveTo((left, low))
        for corner in ((left, high), (right, high), (right, low)):
            pen.lineTo(corner)
        pen.closePath()
    made.setupGlyf({".notdef": pen.glyph()})
    made.setupHorizontalMetrics({".notdef": (600, min([box[0] for box in boxes], default=0))})
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupHead(unitsPerEm=1000, created=0, modified=0)
    made.setupPost()
    return saved(made.font)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([BAR], [BAR]),
        ([], []),
        ([BAR, POINT], [(100, 320, 500, 400), POINT]),  # a bar moves by a fiftieth
        ([BAR], [(100, 290, 520, 390)]),  # and gets thicker
        ([BAR, POINT], [(100, 360, 500, 440), (100, 60, 180, 140)]),  # all moves by a sixteenth
    ],
)
def test_what_a_grid_does_is_the_same(before, after):
    assert unlike([Pair(drawing(*before), drawing(*after), [0])]) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([BAR], []),
        ([], [POINT]),
        ([BAR, POINT], [BAR]),
        ([POINT], [(100, -120, 180, 80)]),  # a point, a comma
        ([BAR, POINT], [BAR, (300, 0, 380, 80)]),
        ([BAR], [(100, 450, 500, 530)]),
        ([BAR], [(100, 3300, 500, 3380)]),  # out of sight
    ],
)
def test_what_says_something_else_is_not(before, after):
    assert unlike([Pair(drawing(*before), drawing(*after), [0])]) == [0]


def test_no_two_digits_are_the_same():
    for one, other in combinations(ORDER[1:], 2):
        font = unsaved()
        font["glyf"][one], font["hmtx"][one] = font["glyf"][other], font["hmtx"][other]
        glyph = ORDER.index(one)
        assert unlike([Pair(plain(), saved(font), [glyph])]) == [0]
        assert unlike([Pair(plain(), saved(font), [glyph - 1])] * 2) == []


def test_the_pair_is_named_however_many_glyphs_there_are(monkeypatch):
    monkeypatch.setattr("eseal.documents.viewer.glyphs._AT_ONCE", 3)
    same = Pair(plain(), plain(), range(len(ORDER)))
    other = Pair(drawing(BAR), drawing(POINT), [0])
    assert unlike([same, other, same, Pair(plain(), drawing(), []), other]) == [1, 4]
    assert unlike([]) == []


def test_a_large_glyph_covers_no_others():
    font, other = unsaved(), unsaved()
    large = TTFont(BytesIO(drawing((-9000, -9000, 9000, 9000))))["glyf"][".notdef"]
    for each in (font, other):
        each["glyf"]["zero"] = large
        each["hmtx"]["zero"] = 500, -9000
    other["glyf"]["four"], other["hmtx"]["four"] = other["glyf"]["nine"], other["hmtx"]["nine"]
    assert unlike([Pair(saved(font), saved(other), range(len(ORDER)))]) == [0]


CODES = [(49, "one"), (50, "two")]


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (type1(["one", "two"], CODES), True),
        (type1(["one", "two"], CODES, step=101), False),
        (type1(["one"], CODES), False),
        (type1(["one", "two", "six"], CODES), False),
        (type1(["one", "two"], CODES[:1]), False),
        (type1(["one", "two"], [*CODES, (51, "one")]), False),
        (type1(["one", "two", "b"], CODES), True),
    ],
)
def test_glyphs_with_names_look_the_same_to_the_pixel(after, same):
    names = Names(["one", "two"], ["six", "nine"], [49, 50], [48, *range(51, 58)])
    pair = Pair(type1(["one", "two"], CODES), after, names=names)
    assert unlike([pair]) == ([] if same else [0])
