"""Each time-stamp of a file is read once, and so many at most."""

from __future__ import annotations

import pytest

from eseal.documents.cms.validation_data import MAX_EFFORT
from eseal.errors import InvalidFormatError, InvalidSignatureError
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.pki.tsp.token import TimeStamp
from eseal.verify.inputs.stamps import BYTES_AS_ONE, STAMP_COST, Stamps
from tests.fuzz.mutators.carrying import WAYS
from tests.stamping import Other

DIGEST = bytes(32)


@pytest.fixture(scope="module")
def stamp():
    stampers = TimeStampers([BuiltInSource(Other().tsa.answer)])
    return lambda: stampers.stamp(DIGEST).token


def test_one_is_read_once(stamp, monkeypatch):
    stamps, token = Stamps(), stamp()
    assert stamps.read(token, archive=False).imprint == DIGEST
    monkeypatch.delattr(TimeStamp, "verify")
    assert stamps.read(token, archive=False).imprint == DIGEST


def test_what_carries_something_or_does_not_verify_is_none(stamp):
    token = stamp()
    with pytest.raises(InvalidFormatError, match="a time-stamp that holds"):
        Stamps().read(WAYS["unknown attribute"](token, b"x"), archive=False)
    with pytest.raises(InvalidSignatureError):
        Stamps().read(token[:-1] + bytes([token[-1] ^ 1]), archive=False)


def test_without_end_they_are_not_looked_at(stamp):
    """Each takes some milliseconds, in the process that answers others as well."""
    stamps, token = Stamps(), stamp()
    stamps.read(token, archive=False)
    assert not stamps.effort.allows(MAX_EFFORT - STAMP_COST)
    assert stamps.read(token, archive=False).imprint == DIGEST
    with pytest.raises(InvalidFormatError, match="more time-stamps than"):
        stamps.read(stamp(), archive=False)


def test_large_ones_cost_more():
    stamps, junk = Stamps(), bytes(200 * BYTES_AS_ONE)
    tries = MAX_EFFORT // (200 + STAMP_COST)
    for _ in range(tries):
        with pytest.raises(InvalidFormatError, match="256 parts"):
            stamps.read(junk, archive=False)
    with pytest.raises(InvalidFormatError, match="more time-stamps than"):
        stamps.read(junk, archive=False)
