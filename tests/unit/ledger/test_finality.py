import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.ledger.wire.finality import MAX_DEPTH, Finality, FinalityRule


@pytest.mark.parametrize(
    ("text", "rule", "depth", "tag"),
    [
        ("immediate", FinalityRule.IMMEDIATE, 0, "latest"),
        ("tag:finalized", FinalityRule.TAG, 0, "finalized"),
        ("depth:12", FinalityRule.DEPTH, 12, "latest"),
    ],
)
def test_each_rule_is_read_and_written_back(text, rule, depth, tag):
    finality = Finality.parse(text)
    assert (finality.rule, finality.depth, finality.tag()) == (rule, depth, tag)
    assert str(finality) == text


@given(st.integers(min_value=1, max_value=MAX_DEPTH))
def test_every_depth_survives(depth):
    assert Finality.parse(f"depth:{depth}").depth == depth


@pytest.mark.parametrize(
    "text",
    ["", "Immediate", "tag", "tag:safe", "depth:", "depth:0", "depth:01", "depth:+1", "depth:-1",
     "depth: 1", "depth:1_0", "depth:1000000", "depth:\u0661", "immediate ", "depth:1\n"],
)  # fmt: skip
def test_anything_else_is_refused_with_what_is_expected(text):
    with pytest.raises(InvalidFormatError, match="expected immediate, tag:finalized or depth:N"):
        Finality.parse(text)


@given(st.text())
def test_noise_never_raises_anything_else(text):
    with contextlib.suppress(InvalidFormatError):
        assert str(Finality.parse(text)) == text
