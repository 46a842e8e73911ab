import pytest

from eseal.documents.pdf import PageRanges
from eseal.errors import InvalidFormatError, InvalidInputError


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("1-3,5,-1", (0, 1, 2, 4, 9)),
        ("all", tuple(range(10))),
        ("odd", (0, 2, 4, 6, 8)),
        ("even", (1, 3, 5, 7, 9)),
        ("-2--1, 1", (0, 8, 9)),
        ("3,3,2-4", (1, 2, 3)),
        ("9--1", (8, 9)),
        ("ODD, 2", (0, 1, 2, 4, 6, 8)),
    ],
)
def test_pages_come_in_order_and_once(text, pages):
    assert PageRanges.parse(text).of(10) == pages


@pytest.mark.parametrize(
    "text", ["", "0", "1-", "-", "1..3", "1,,2", "one", "+1", "01", "1-2-3", "1234567", "1," * 1000]
)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidFormatError, match="1-3,5,-1") as caught:
        PageRanges.parse(text, field="cross")
    assert caught.value.field == "cross"


@pytest.mark.parametrize(("text", "named"), [("11", "got 11"), ("-11", "got -11"), ("5-2", "5-2")])
def test_pages_that_are_not_there_are_refused(text, named):
    with pytest.raises(InvalidInputError, match=named):
        PageRanges.parse(text).of(10)
