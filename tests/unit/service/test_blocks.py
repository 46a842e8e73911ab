from datetime import UTC, datetime, timedelta

import pytest

from eseal.clock_watch import MOST_AHEAD_SECONDS, ClockWatch
from eseal.errors import ClockError
from eseal.ledger.facts import Block
from eseal.service.instance.blocks import MAX_CLOCK_LAG_SECONDS, FinalBlock
from eseal.service.sealing.orders import DigestOrder
from eseal.verify.checks.time_checks import CLOCK_TOLERANCE
from tests.actors import acting

SECOND = timedelta(seconds=1)
HOUR = 3600.0
ORDER = DigestOrder(bytes(32), "text/plain", "late")


def test_what_is_sealed_within_the_limits_verifies():
    assert max(MAX_CLOCK_LAG_SECONDS, MOST_AHEAD_SECONDS) < CLOCK_TOLERANCE


def test_a_clock_well_behind_the_ledger_is_refused(world, tmp_path):
    ledger = world.service.context.ledger
    blocks = FinalBlock(ledger, ClockWatch(tmp_path / "clock.json", lambda: 0.0), HOUR)
    newest = datetime.fromtimestamp(ledger.final_block().timestamp, UTC)
    blocks.check_clock(newest - timedelta(days=1))  # no block is known yet
    blocks.refresh()
    allowed = timedelta(seconds=MAX_CLOCK_LAG_SECONDS)
    blocks.check_clock(newest - allowed)
    with pytest.raises(ClockError, match=r"clock is 151 s behind block \d+ of the ledger"):
        blocks.check_clock(newest - allowed - SECOND)


class Ticking:
    """A ledger with one block, and what a machine knows of time."""

    def __init__(self, path):
        self.start = datetime(2026, 11, 30, 9, tzinfo=UTC)
        self.elapsed = 0.0
        self.newest = Block(1, bytes(32), int(self.start.timestamp()))
        watch = ClockWatch(path / "clock.json", lambda: self.elapsed)
        self.blocks = FinalBlock(self, watch, HOUR)

    def final_block(self):
        return self.newest

    def mine(self, moment):
        self.newest = Block(self.newest.number + 1, bytes(32), int(moment.timestamp()))


@pytest.fixture
def ticking(tmp_path):
    return Ticking(tmp_path)


def test_a_clock_that_was_set_well_forward_is_refused(ticking):
    ticking.blocks.check_clock(ticking.start)
    allowed = timedelta(seconds=MOST_AHEAD_SECONDS)
    ticking.blocks.check_clock(ticking.start + allowed)
    with pytest.raises(ClockError, match="clock is 151 s ahead"):
        ticking.blocks.check_clock(ticking.start + allowed + SECOND)


def test_a_quiet_ledger_is_no_sign_of_a_clock_ahead(ticking):
    ticking.blocks.check_clock(ticking.start)
    ticking.elapsed += 9 * 24 * 3600
    ticking.blocks.check_clock(ticking.start + timedelta(days=9))


def test_a_new_block_says_that_the_clock_is_right_after_all(ticking):
    ticking.blocks.check_clock(ticking.start)
    right = ticking.start + timedelta(hours=1)
    ticking.mine(right - timedelta(seconds=100))
    ticking.blocks.refresh(at_once=True)
    ticking.blocks.check_clock(right)


def test_a_clock_a_block_of_ours_contradicts_is_refused(ticking):
    sent = ticking.start + timedelta(minutes=10)
    ticking.blocks.learn(sent, sent, ticking.newest)
    with pytest.raises(ClockError, match="600 s ahead"):
        ticking.blocks.check_clock(sent)
    ticking.blocks.check_clock(ticking.start)  # set right


def test_nothing_is_recorded_while_the_clock_is_ahead(world, monkeypatch):
    service = world.service
    service.sealing.seal_digests(world.contract.id, [ORDER], actor=acting())
    before = service.records.history(seal_id=world.contract.id)
    real = service.context.now
    monkeypatch.setattr(service.context, "now", lambda: real() + timedelta(hours=1))
    with pytest.raises(ClockError, match=r"ahead.*remove .*clock\.json"):
        service.sealing.seal_digests(world.contract.id, [ORDER], actor=acting())
    monkeypatch.undo()
    assert service.records.history(seal_id=world.contract.id) == before
    service.sealing.seal_digests(world.contract.id, [ORDER], actor=acting())


def test_anchoring_teaches_what_the_ledgers_time_is(world):
    service = world.service
    service.sealing.seal_digests(world.contract.id, [ORDER], actor=acting())
    service.anchoring.anchor()
    watch = ClockWatch(service.context.settings.data_dir / "clock.json")
    assert abs(watch.ahead(service.context.now())) < 5


def test_a_clock_ahead_of_the_databases_is_refused_unless_a_block_says_it_is_right(tmp_path):
    ticking = Ticking(tmp_path)
    ahead = [151.0]
    watch = ClockWatch(tmp_path / "clock.json", lambda: ticking.elapsed)
    blocks = FinalBlock(ticking, watch, HOUR, lambda: ahead[0])
    late = ticking.start + timedelta(hours=9)
    with pytest.raises(ClockError, match="151 s ahead of the database's"):
        blocks.check_clock(late)
    ticking.mine(late)
    blocks.refresh(at_once=True)
    blocks.check_clock(late)
