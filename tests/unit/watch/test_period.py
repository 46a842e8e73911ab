import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.model.book import Book, tag
from eseal.watch.period import MAX_TICKETS, PeriodTickets, tickets_of

HANDLE = b"h" * 32
BOOK = Book(b"k" * 32, 4)


def test_a_period_has_its_uses_and_no_others():
    period = tickets_of(BOOK, HANDLE, 10, 20)
    assert PeriodTickets.parse(period.encode()) == period
    tags = [tag(HANDLE, BOOK.ticket(number)) for number in range(32)]
    assert list(period.tags) == tags[10:21], "across two volumes"
    assert BOOK.ticket(9).value.hex().encode() not in period.encode()


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (5, 4), (0, MAX_TICKETS)])
def test_no_period(first, last):
    with pytest.raises(InvalidInputError, match="tickets"):
        tickets_of(BOOK, HANDLE, first, last)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"handle": "00"},
        {"tickets": {}},
        {"tickets": [[0, 0]]},
        {"tickets": [[0, 1 << 24, "00" * 32]]},
        {"tickets": [[1 << 32, 0, "00" * 32]]},
        {"tickets": [[0, True, "00" * 32]]},
        {"more": 1},
    ],
)
def test_what_is_none(change):
    fields = json.loads(tickets_of(BOOK, HANDLE, 0, 1).encode()) | change
    data = json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(InvalidFormatError):
        PeriodTickets.parse(data)
    with pytest.raises(InvalidFormatError, match="canonical"):
        PeriodTickets.parse(b" " + tickets_of(BOOK, HANDLE, 0, 1).encode())


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(InvalidFormatError):
        PeriodTickets.parse(data)
