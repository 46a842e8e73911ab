"""What has no end: volumes, heads and histories that a dishonest operator or node makes up."""

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pytest

from eseal.ledger.facts import Head, NewVolume
from eseal.model.book import VolumeTree
from eseal.monitor import time_budget
from eseal.watch.alarms import UNDECIDED
from eseal.watch.history.openings import HistoryUnreachableError
from eseal.watch.rounds import volumes
from eseal.watch.rounds import watch as watching
from eseal.watch.rounds.watch import Watched

from .conftest import alarms, delete_use


@pytest.fixture
def far(monkeypatch):
    """Three volumes may be open and not torn from, as a service opens them."""
    monkeypatch.setattr(volumes, "TICKETS_AHEAD", 0)
    monkeypatch.setattr(volumes, "VOLUMES_AHEAD", 3)


def open_own(office, numbers):
    """The operator opens volumes of the seal's own book."""
    (seal, *_) = office.file.seals
    office.operator().open_volumes(
        [NewVolume(seal.handle, number, VolumeTree(seal.book, number).root) for number in numbers]
    )


@pytest.mark.usefixtures("far")
def test_volumes_without_end_keep_nothing_else_from_being_told(office, monkeypatch):
    """An operator opens thousands: each would cost the watch a tenth of a second, and a file."""
    office.seal("known", "hidden")
    office.seal("another seal's", which=1)
    office.anchor()
    delete_use(office, 1)
    open_own(office, range(1, 40))
    monkeypatch.setattr(volumes, "MAKING_SECONDS", -1.0)
    done = office.watch()
    assert sorted(alarms(done)) == ["hidden_use", "volumes_ahead"]
    assert (done.found, done.opened) == (3, 2)
    assert any("39 of 40 volumes" in sentence for sentence in done.undecided)
    monkeypatch.setattr(volumes, "MAKING_SECONDS", 300.0)
    for _ in range(2):
        done = office.watch()
        assert any("36 of 40 volumes" in sentence for sentence in done.undecided)
    office.accepted = frozenset(one.name for one in done.alarms)
    assert office.watch().exit_code == 3, "what is not looked for is never well"
    office.time += 3601
    assert alarms(office.watch()) == ["volumes_left"]


class Lying:
    """A node that says of each seal that it has as many volumes as there can be."""

    def __init__(self, ledger):
        self._ledger = ledger

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def seal(self, handle):
        return replace(self._ledger.seal(handle), volumes=2**32 - 1)


def test_volumes_that_a_node_only_speaks_of_take_no_memory(office):
    done = office.watch(ledger=Lying(office.ledger))
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert "and there are 4294967295" in done.undecided[0]


class Endless:
    """A history that goes on for as long as it is let."""

    name = "endless"

    def __init__(self, clock):
        self.clock = clock

    def openings(self, _log, _first, _last, until):
        while self.clock() <= until:
            self.clock.now += 10
        yield from ()
        raise HistoryUnreachableError("no end")


class Clock:
    """Seconds, as a test says."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_history_without_end_takes_no_other_company_s_time(office, monkeypatch):
    clock = Clock()
    for module in (watching, time_budget):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    office.seal("one")
    office.anchor()
    endless = Endless(clock)
    done = office.watch(before=[Watched(office.file, (endless, endless))])
    assert clock.now == pytest.approx(1800, abs=30), "half of the hour, for both"
    assert (done.found, done.opened, done.undecided) == (1, 1, ("no end",))


def far_ahead(office):
    """The operator anchors a head of 2**63 leaves: its proof is of hashes alone, without leaves."""
    ledger, log_id = office.operator(), office.service.context.instance.log_id
    old, sibling = ledger.head(log_id), b"s" * 32
    assert old.size == 1
    root = old.root
    for _ in range(63):
        root = hashlib.sha256(b"\x01" + root + sibling).digest()
    ledger.advance(log_id, 1, Head(2**63, root), [sibling] * 63)
    return log_id


def test_a_head_without_end_keeps_nothing_back(office):
    """Nor once it is disowned: what lies under the other heads is told in every round."""
    office.seal("one")
    office.anchor()
    log_id = far_ahead(office)
    office.with_history = False
    for _ in range(2):
        done = office.watch()
        assert alarms(done) == ["head_far_ahead"]
        assert "give --history" in " ".join(done.undecided), "the use before it was found"
        assert (done.found, done.logs[0].read, done.logs[0].anchored) == (1, 1, 2**63)
    office.with_history = True
    assert alarms(office.watch()) == ["head_far_ahead"]
    office.administration().disown(log_id, 1)
    done = office.watch()
    assert sorted(alarms(done)) == ["head_disowned", "head_far_ahead"]
    office.accepted = frozenset(one.name for one in done.alarms)
    office.seal("two")
    office.anchor()
    done = office.watch()
    assert (alarms(done), done.undecided, done.found, done.opened) == ([], (), 2, 2)
