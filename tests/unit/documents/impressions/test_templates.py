"""Geometry of the templates: nothing overlaps, spacing is even, what does not fit is refused."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.documents.impressions import PROFILES, Fonts, ImpressionSpec, Outline, compose
from eseal.documents.impressions.drawing.paths import polygon, star, star_radius
from eseal.documents.impressions.drawing.polygons import overlap
from eseal.errors import InvalidInputError
from tests.impressions import (
    CHINESE,
    JAPANESE,
    LATIN,
    inside_room,
    outline_points,
    overlapping,
)

CODE = "3301061234567"
NUMBER = "91330106MA2GLYQ19H"
ROUND = [name for name, one in PROFILES.items() if one.outline is Outline.ROUND]


def check(spec, composition):
    """All that must hold of every impression."""
    profile = spec.profile
    assert not overlapping(composition.marks)
    assert all(inside_room(mark) for mark in composition.marks)
    across = profile.width / 2 - profile.border - 0.35
    up = profile.height / 2 - profile.border - 0.35
    for mark in composition.marks:
        for x, y in outline_points(mark):
            if profile.outline is Outline.SQUARE:
                assert max(abs(x), abs(y)) <= across, mark.glyph.character
            else:
                assert (x / across) ** 2 + (y / up) ** 2 <= 1, mark.glyph.character
    stars = [s for s in composition.drawing.shapes if len(s.path.segments) == 11 and not s.stroke]
    for shape in stars:
        hull = [points[0] for _, points in shape.path.segments[::2] if points]
        hull = [(x - profile.width / 2, y - profile.height / 2) for x, y in reversed(hull)]
        assert not any(overlap(hull, mark.corners(0.3)) for mark in composition.marks)
    text = spec.name + (spec.second_name or "") + (spec.number or "") + (spec.code or "")
    text += "".join(spec.lines)
    shown = sorted(mark.glyph.character for mark in composition.marks)
    assert shown == sorted(text.replace(" ", ""))


def gaps_on_the_ring(marks):
    """The room between neighbours along the circle at the characters' feet, millimetres."""
    feet = math.dist((0, 0), marks[0].centre) - marks[0].height / 2
    return [
        feet * math.radians(one.turn - two.turn) - (one.width + two.width) / 2
        for one, two in pairwise(marks)
    ]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["云栖茶业有限公司", "株式会社さくら商事", "Acme Trading GmbH"])
def test_every_template_is_drawn(fonts, profile, name):
    template = PROFILES[profile]
    lines = ("合同专用章", "[2]") if template.purpose else ()
    number = NUMBER if template.number else None
    for code in (None, CODE):
        spec = ImpressionSpec(template, name, number=number, lines=lines, code=code)
        composition = compose(spec, fonts)
        check(spec, composition)
        drawing = composition.drawing
        assert (drawing.width, drawing.height) == (template.width, template.height)


@pytest.mark.parametrize("text", [CHINESE, JAPANESE, LATIN], ids=["zh", "ja", "en"])
@pytest.mark.parametrize("length", [4, 7, 13, 20, 29, 40])
@pytest.mark.parametrize("profile", ["official-42", "finance-25", "foreign-invested"])
def test_names_of_4_to_40_characters(fonts, profile, length, text):
    spec = ImpressionSpec(PROFILES[profile], text[:length].strip())
    composition = compose(spec, fonts)
    check(spec, composition)
    least = min(mark.height for mark in composition.marks)
    assert least >= (1.3 if text is LATIN else 1.7)


@pytest.mark.parametrize("name", [CHINESE[:8], CHINESE[:19], JAPANESE[:12], "Siemensgesellschaft"])
def test_spacing_on_an_arc_is_even(made, name):
    marks = [mark for mark in made("official-42", name).marks if mark.role == "name"]
    assert len(marks) == len(name)
    gaps = gaps_on_the_ring(marks)
    assert max(gaps) - min(gaps) < 0.01
    assert min(gaps) >= 0.1
    # The name stands level: it ends as far down on the left as on the right.
    assert marks[0].centre[1] == pytest.approx(marks[-1].centre[1], abs=0.5)


def test_spacing_on_an_oval_is_even_along_its_border(made):
    marks = made("foreign-invested", "上海大众汽车国际投资有限公司").marks
    steps = [math.dist(one.centre, two.centre) for one, two in pairwise(marks)]
    assert max(steps) / min(steps) < 1.25


def test_words_stay_apart(made):
    marks = list(made("official-40", "Acme Trading GmbH").marks)
    gaps = gaps_on_the_ring(marks)
    between_words = [gaps[3], gaps[10]]
    letters = [gap for index, gap in enumerate(gaps) if index not in {3, 10}]
    assert min(between_words) > max(letters) + 0.5


def test_letters_read_from_left_to_right_with_their_feet_inwards(made):
    marks = made("official-40", "云栖茶业有限公司").marks
    assert [mark.glyph.character for mark in marks] == list("云栖茶业有限公司")
    turns = [mark.turn for mark in marks]
    assert turns == sorted(turns, reverse=True)
    code = [mark for mark in made("official-40", "云栖", code=CODE).marks if mark.role == "code"]
    assert [mark.glyph.character for mark in code] == list(CODE)
    assert [mark.centre[0] for mark in code] == sorted(mark.centre[0] for mark in code)
    assert all(mark.centre[1] < 0 for mark in code)


def test_two_lines_of_a_name_on_two_arcs(fonts):
    spec = ImpressionSpec(
        PROFILES["official-42"], "云栖茶业有限公司", second_name="YUNQI TEA CO., LTD."
    )
    composition = compose(spec, fonts)
    check(spec, composition)
    radius = {
        role: min(math.dist((0, 0), m.centre) for m in composition.marks if m.role == role)
        for role in ("name", "second_name")
    }
    assert radius["second_name"] < radius["name"] - 2


def test_a_very_long_name_takes_two_arcs_by_itself(made):
    roles = {mark.role for mark in made("official-42", CHINESE[:40]).marks}
    assert roles == {"name", "second_name"}


def test_a_square_seal_is_read_in_columns_from_the_right(made):
    first, second, third, fourth = made("name-20", "张小明印").marks
    assert first.centre[0] == second.centre[0]
    assert first.centre[1] == pytest.approx(-second.centre[1])
    assert third.centre[0] < first.centre[0]
    assert (fourth.glyph.character, fourth.centre[1]) == ("印", second.centre[1])


def test_latin_on_a_square_seal_is_read_in_rows(made):
    marks = made("finance-25", "Acme Trading GmbH", lines=("FINANCE",)).marks
    tops = [mark.centre[1] for mark in marks if mark.role == "name"]
    assert min(tops) > max(mark.centre[1] for mark in marks if mark.role == "line")


def test_the_tax_number_has_the_prescribed_size(made):
    marks = [
        m for m in made("invoice", "云栖茶业有限公司", number=NUMBER).marks if m.role == "number"
    ]
    digits = [mark for mark in marks if mark.glyph.character.isdigit()]
    for mark in digits:
        left, bottom, right, top = mark.shape(None).path.bounds()
        assert 3.6 < top - bottom < 3.8
        assert right - left <= 1.31
    span = marks[-1].centre[0] - marks[0].centre[0]
    assert 23 < span < 26


def test_the_star_is_as_wide_as_it_says():
    left, _, right, _ = star((0, 0), 14).bounds()
    assert right - left == pytest.approx(14)
    assert star_radius(14) == pytest.approx(7.361, abs=0.001)
    assert len(polygon([(0, 0), (1, 0), (0, 1)]).segments) == 4


@pytest.mark.parametrize("profile", ["name-18", "invoice", "contract-38"])
def test_what_cannot_be_read_is_refused(made, profile):
    with pytest.raises(InvalidInputError, match="cannot be read") as caught:
        made(profile, (CHINESE * 2)[:80])
    assert caught.value.field == "impression"


def test_a_line_that_does_not_fit_is_refused(made):
    with pytest.raises(InvalidInputError, match="does not fit below the middle"):
        made(
            "contract-38",
            "云栖茶业有限公司",
            lines=("合同专用章仅限华东大区第三事业部采购使用",),
        )


NAMES = st.one_of(
    st.text(st.sampled_from(sorted(set(CHINESE))), min_size=2, max_size=26),
    st.text(st.sampled_from(sorted(set(JAPANESE))), min_size=2, max_size=26),
    st.text(
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        min_size=2,
        max_size=26,
    ),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(name=NAMES, profile=st.sampled_from(ROUND), code=st.sampled_from([None, CODE]))
def test_any_name_is_drawn_well_or_refused(name, profile, code):
    spec = ImpressionSpec(PROFILES[profile], name, code=code)
    try:
        composition = compose(spec, Fonts())
    except InvalidInputError:
        return
    check(spec, composition)
