"""A clock that is ahead, told from one that is right on a ledger where nobody writes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from eseal.clock_watch import KEPT_SECONDS, ClockWatch, is_synchronised
from eseal.errors import ClockError

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """What a machine knows of time: a clock anybody sets, and seconds nobody does."""

    def __init__(self, path):
        self.path = path
        self.now, self.elapsed = NOW, 1000.0
        self.kept_right = False

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.elapsed += seconds

    @property
    def watch(self):
        """That of another process each time."""
        return ClockWatch(self.path, lambda: self.elapsed, lambda: self.kept_right)

    def start_again(self):
        """Another boot: what is written is of the one before."""
        known = json.loads(self.path.read_bytes())
        self.path.write_bytes(json.dumps(known | {"boot": "before"}).encode())
        self.elapsed = 1.0

    @property
    def ahead(self):
        return self.watch.ahead(self.now)

    def block(self, before=0):
        return int(self.now.timestamp()) - before


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "clock.json")


def test_nothing_is_known_at_first(machine):
    assert machine.ahead == 0
    assert not machine.path.exists()


def test_a_clock_that_runs_on_is_right_however_long_nobody_writes(machine):
    machine.watch.confirm(machine.now)
    machine.wait(30 * 24 * 3600)
    assert machine.ahead == pytest.approx(0)


def test_a_clock_that_was_set_forward_is_ahead_until_it_is_set_back(machine):
    machine.watch.confirm(machine.now)
    machine.wait(10)
    machine.now += HOUR
    assert machine.ahead == pytest.approx(3600)
    machine.wait(2 * KEPT_SECONDS)
    assert machine.ahead == pytest.approx(3600)
    machine.now -= HOUR
    assert machine.ahead == pytest.approx(0)


def test_a_clock_that_was_set_back_and_forward_again_is_right(machine):
    machine.watch.confirm(machine.now)
    machine.now -= HOUR
    machine.wait(2 * KEPT_SECONDS)
    machine.watch.confirm(machine.now)
    machine.now += HOUR
    assert machine.ahead == pytest.approx(0)


def test_many_small_steps_add_up(machine):
    for _ in range(4):
        machine.watch.confirm(machine.now)
        machine.wait(2 * KEPT_SECONDS)
        machine.now += timedelta(seconds=100)
    assert machine.ahead == pytest.approx(400)


def test_a_block_made_after_we_sent_shows_by_how_much_the_clock_is_ahead(machine):
    sent = machine.now
    machine.wait(20)
    machine.watch.learn(sent, machine.now, machine.block(before=620))
    assert machine.ahead == pytest.approx(600)
    machine.watch.learn(sent, machine.now, machine.block(before=5))
    assert machine.ahead == pytest.approx(0)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"boot": "x", "elapsed": 0, "time": 1.8e9, "ahead": 0}']
)
def test_what_is_no_moment_or_a_later_one_of_another_start_says_nothing(machine, content):
    machine.path.write_bytes(content)
    assert machine.ahead == 0
    machine.watch.confirm(machine.now)
    assert json.loads(machine.path.read_bytes())["time"] == machine.now.timestamp()


def test_after_another_start_a_day_is_believed_and_more_if_another_clock_says_so(machine):
    machine.watch.confirm(machine.now)
    machine.start_again()
    machine.now += timedelta(days=1)
    assert machine.ahead == 0
    machine.now += HOUR
    assert machine.ahead == pytest.approx(25 * 3600)
    with pytest.raises(ClockError, match=r"clock is 90000 s ahead.*remove .*clock\.json"):
        machine.watch.check(machine.now)
    machine.kept_right = True
    machine.watch.check(machine.now)
    machine.watch.confirm(machine.now)
    machine.kept_right = False
    machine.wait(10)
    assert machine.ahead == pytest.approx(0)


def test_the_kernel_is_asked_whether_the_clock_is_kept_right():
    assert is_synchronised() in {True, False}


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path):
    machine = Machine(tmp_path / "none" / "clock.json")
    machine.watch.confirm(machine.now)
    assert machine.ahead == 0


def test_the_machine_s_own_seconds_are_used(tmp_path):
    watch = ClockWatch(tmp_path / "clock.json")
    watch.confirm(datetime.now(UTC))
    assert watch.ahead(datetime.now(UTC)) == pytest.approx(0, abs=1)
    assert watch.ahead(datetime.now(UTC) + HOUR) == pytest.approx(3600, abs=1)
