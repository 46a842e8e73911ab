"""How far glyphs reach, in programs of every kind."""

from __future__ import annotations

import pytest

from eseal.documents.viewer.reach import Outlines, farthest
from tests.odd.fonts import DIGITS, ORDER, bare_cff, open_type, plain
from tests.odd.reach import BELOW, BESIDE, by_part, true_type, with_cids
from tests.odd.type1 import type1

ALL = range(len(ORDER))
CIDS = [0, *range(101, 101 + len(DIGITS))]
TALL = type1(DIGITS, step=2000)
FEW = 300
SQUARE = 0.7


@pytest.mark.parametrize(
    ("outlines", "far"),
    [
        (Outlines(plain(), ALL), SQUARE),
        (Outlines(true_type(BESIDE), ALL), 28),
        (Outlines(true_type(BELOW), ALL), 28.7),
        (Outlines(true_type(BESIDE), range(4)), SQUARE),
        (Outlines(by_part(), ALL), 28.3),
        (Outlines(bare_cff(), ALL), SQUARE),
        (Outlines(bare_cff(BESIDE), ALL), 28),
        (Outlines(open_type(BELOW), ALL), 28.7),
        (Outlines(with_cids(BESIDE), CIDS), 28),
        (Outlines(with_cids(BESIDE), ALL), SQUARE),  # of these it has the first alone
        (Outlines(TALL, names=DIGITS), 20),
        (Outlines(TALL, names=DIGITS[:2]), 4),
        (Outlines(type1([f"g{at}" for at in range(FEW)], step=10), names=[f"g{FEW - 1}"]), 3),
        (Outlines(type1(["a", "b#c"], step=1000), names=["b#c"]), 2),
    ],
)
def test_the_farthest_of_a_program(outlines, far):
    assert farthest([outlines]) == [pytest.approx(far, abs=0.1)]


def test_many_glyphs_are_all_measured():
    names = [f"g{at}" for at in range(FEW)]
    many = type1(names, step=10)
    # Names that are not there show nothing, and many codes come before the last digit.
    numbers = [*[0] * 70_000, *ALL]
    found = farthest([Outlines(many, names=names), Outlines(true_type(BESIDE), numbers)])
    assert found == [pytest.approx(3, abs=0.1), pytest.approx(28, abs=0.1)]


def test_none_are_measured_without_a_program():
    assert farthest([]) == []
