"""The generator of odd originals: every row of the table, the same files every time."""

from collections import Counter

import tests.odd
from tests.odd.fonts import STRAIGHT, TURNED, true_type


def test_every_row_has_variants_each_of_its_own():
    made = list(tests.odd.originals())
    counts = Counter(odd.kind for odd in made)
    assert counts.keys() == tests.odd.RULES.keys()
    assert min(counts.values()) >= 4
    assert len({str(odd) for odd in made}) == len({odd.pdf for odd in made}) == len(made) >= 600


def test_they_are_the_same_every_time():
    rows = "fonts", "layers", "duplicates"
    assert list(tests.odd.originals(*rows)) == list(tests.odd.originals(*rows))
    assert {odd.kind for odd in tests.odd.originals("layers")} == {"layers"}


def test_a_font_has_just_the_tables_asked_for():
    from io import BytesIO

    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(true_type(((1, 0, STRAIGHT), (3, 1, TURNED)))))
    found = {(part.platformID, part.platEncID): part.cmap[ord("1")] for part in font["cmap"].tables}
    assert found == {(1, 0): "one", (3, 1): "eight"}
