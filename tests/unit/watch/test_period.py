import base64
import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.model.book import Book, VolumeTree, tag
from eseal.model.commitment import Kind
from eseal.model.seal import seal_handle
from eseal.watch.history.openings import Opening
from eseal.watch.history.period import MAX_PERIOD_BYTES, PeriodTickets, PeriodVolume
from eseal.watch.log.tickets import make_volume

BOOK = Book(b"k" * 32, 4)
ISSUER, CERTIFICATE = b"i" * 32, b"a certificate"


def volume(number):
    return PeriodVolume(number, b"".join(BOOK.value(number, at) for at in range(16)))


PERIOD = PeriodTickets(
    issuer=ISSUER,
    certificate=CERTIFICATE,
    depth=4,
    order="2026-117",
    since=datetime(2026, 11, 1, tzinfo=UTC),
    until=datetime(2026, 12, 1, tzinfo=UTC),
    first=10,
    end=20,
    volumes=(volume(1), volume(2)),
    openings=(
        Opening(10, Kind.USE, b'{"v":2}', b"cms"),
        Opening(19, Kind.DECLARATION, "{甲}".encode(), b"signature"),
    ),
    signature=b"s" * 64,
)
FIELDS = json.loads(PERIOD.encode())
FULL, SHORT = (base64.b64encode(bytes(size)).decode() for size in (512, 511))


def test_a_period_has_whole_volumes_and_no_key():
    read = PeriodTickets.parse(PERIOD.encode())
    assert read == PERIOD
    assert read.handle == seal_handle(ISSUER, CERTIFICATE)
    for one in read.volumes:
        made = make_volume(one, read.handle, one.number)
        assert made.root == VolumeTree(BOOK, one.number).root
        first = BOOK.ticket(one.number * 16)
        at = list(made.positions).index(first.position)
        assert int(made.prefixes[at]) == int.from_bytes(tag(read.handle, first)[:8])
    assert b"k" * 32 not in PERIOD.encode()
    assert BOOK.value(0, 0).hex() not in PERIOD.encode().decode()


def test_all_but_the_signature_is_signed():
    signed = PERIOD.signed(lambda message: message[-32:] * 2)
    assert signed.signature == PERIOD.message[-32:] * 2
    assert replace(PERIOD, signature=b"t" * 64).message == PERIOD.message
    changes = {
        "issuer": b"j" * 32,
        "certificate": b"another",
        "order": "2026-118",
        "since": datetime(2026, 10, 1, tzinfo=UTC),
        "until": datetime(2026, 12, 2, tzinfo=UTC),
        "first": 9,
        "end": 21,
        "volumes": PERIOD.volumes[:1],
        "openings": PERIOD.openings[:1],
    }
    for name, value in changes.items():
        assert replace(PERIOD, **{name: value}).message != PERIOD.message, name


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"issuer": "00"},
        {"certificate": "?"},
        {"certificate": ""},
        {"depth": 5},
        {"depth": 3},
        {"depth": 2**53 - 1},
        {"depth": True},
        {"order": ""},
        {"order": "a\u202eb"},
        {"since": "2026-12-01T00:00:00Z"},
        {"until": "2026-10-01T00:00:00Z"},
        {"until": "2026-12-01"},
        {"first": 11},
        {"first": -1},
        {"end": 19},
        {"first": 21},
        {"volumes": []},
        {"volumes": {}},
        {"volumes": [{"number": 1, "tickets": SHORT}]},
        {"volumes": [{"number": 1, "tickets": "*"}]},
        {"volumes": [{"number": 1 << 32, "tickets": FULL}]},
        {"volumes": FIELDS["volumes"][:1] * 2},
        {"volumes": FIELDS["volumes"][::-1]},
        {"openings": FIELDS["openings"][:1] * 2},
        {"openings": FIELDS["openings"][::-1]},
        {"openings": [FIELDS["openings"][0] | {"kind": "disclosure"}]},
        {"openings": [FIELDS["openings"][0] | {"kind": "x"}]},
        {"openings": [FIELDS["openings"][0] | {"more": 1}]},
        {"signature": "00" * 63},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_none(change):
    fields = FIELDS | change
    data = json.dumps(fields, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    with pytest.raises(InvalidFormatError):
        PeriodTickets.parse(data)


def test_one_encoding_alone():
    with pytest.raises(InvalidFormatError, match="canonical"):
        PeriodTickets.parse(b" " + PERIOD.encode())


def test_none_is_larger_than_can_be_read(monkeypatch):
    monkeypatch.setattr("eseal.watch.history.period.MAX_PERIOD_BYTES", 10)
    assert len(PERIOD.encode()) < MAX_PERIOD_BYTES
    with pytest.raises(InvalidFormatError, match="at most 10 bytes"):
        PeriodTickets.parse(PERIOD.encode())


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(InvalidFormatError):
        PeriodTickets.parse(data)


@given(st.integers(0, len(PERIOD.encode()) - 1), st.integers(1, 255))
def test_no_spoilt_byte_raises_anything_else(at, flip):
    data = bytearray(PERIOD.encode())
    data[at] ^= flip
    with contextlib.suppress(InvalidFormatError):
        assert PeriodTickets.parse(bytes(data)) != PERIOD
