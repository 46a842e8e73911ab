"""Who waits for whom."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from eseal.documents.confined import SEALING, VERIFYING, lanes
from eseal.documents.confined.lanes import (
    BYTES_AT_ONCE,
    LARGE,
    MOST_AT_ONCE,
    NEW_AT_ONCE,
    Line,
)
from eseal.errors import BusyError, TooCostlyError
from tests.unit.documents.confined.program import TASKS
from tests.unit.documents.confined.watching import PATIENCE, children, settled

HOSTILE = replace(VERIFYING, cpu_seconds=1.0, wall_seconds=60.0)


@pytest.fixture
def line(monkeypatch):
    """A line in which nothing gets old, and nobody waits for long."""
    monkeypatch.setattr(lanes, "OLD_SECONDS", 1000.0)
    monkeypatch.setattr(lanes, "WAIT_SECONDS", 0.05)
    return Line(gives_way=False)


def test_so_many_begin_at_once_and_others_when_one_has_ended(line):
    with ExitStack() as turns:
        for _ in range(NEW_AT_ONCE):
            turns.enter_context(line.turn(1))
        with pytest.raises(BusyError, match="try again"), line.turn(1):
            pass
        turns.pop_all().close()
        with line.turn(1):
            pass


def full(line, monkeypatch, turns):
    """Fill a line, with work that is old."""
    monkeypatch.setattr(lanes, "OLD_SECONDS", 0.0)
    found = [turns.enter_context(line.turn(1)) for _ in range(MOST_AT_ONCE)]
    assert not any(turn.is_over for turn in found)
    return found


def test_newcomers_do_not_wait_for_old_ones(line, monkeypatch):
    with ExitStack() as turns:
        full(line, monkeypatch, turns)
        with pytest.raises(BusyError), line.turn(1):
            pass


def test_the_oldest_has_to_end_where_strangers_wait(monkeypatch):
    line = Line(gives_way=True)
    with ExitStack() as turns:
        found = full(line, monkeypatch, turns)
        for number in (1, 2):
            begun = time.monotonic()
            turns.enter_context(line.turn(1))
            assert time.monotonic() - begun < 1.0
            assert [turn.is_over for turn in found] == [True] * number + [False] * (
                MOST_AT_ONCE - number
            )


@pytest.mark.usefixtures("line")
def test_work_that_is_not_old_need_not_end():
    line = Line(gives_way=True)
    with ExitStack() as turns:
        found = [turns.enter_context(line.turn(1)) for _ in range(NEW_AT_ONCE)]
        with pytest.raises(BusyError), line.turn(1):
            pass
        assert not any(turn.is_over for turn in found)


def test_memory_is_finite(line):
    with line.turn(BYTES_AT_ONCE + 1), pytest.raises(BusyError), line.turn(1):
        pass
    with line.turn(BYTES_AT_ONCE), pytest.raises(BusyError), line.turn(1):
        pass
    with line.turn(1), pytest.raises(BusyError), line.turn(BYTES_AT_ONCE):
        pass


def test_whoever_came_first_is_first(line, monkeypatch):
    monkeypatch.setattr(lanes, "WAIT_SECONDS", 10.0)
    order, threads = [], []

    def work(number, size):
        with line.turn(size):
            order.append(number)

    with line.turn(BYTES_AT_ONCE // 2):
        for number, size in enumerate((BYTES_AT_ONCE, 1, 1)):
            threads.append(threading.Thread(target=work, args=(number, size)))
            threads[-1].start()
            assert settled(lambda: len(line._waiting) == len(threads))
        assert order == []  # the small ones would fit in, but then the large one might never
    for thread in threads:
        thread.join(PATIENCE)
    assert order[0] == 0
    assert sorted(order) == [0, 1, 2]


def test_a_line_is_not_endless(line, monkeypatch):
    monkeypatch.setattr(lanes, "MOST_WAITING", 0)
    with pytest.raises(BusyError), line.turn(1):
        pass


def test_an_error_ends_a_turn(line):
    for _ in range(2 * NEW_AT_ONCE):
        with pytest.raises(KeyError), line.turn(1):
            raise KeyError


def test_an_honest_document_does_not_wait_for_hostile_ones(reader):
    """Six that take all they may: whoever comes then is answered before the first of them ends."""
    reader.load()
    with ThreadPoolExecutor(6) as pool:
        hostile = [
            pool.submit(reader.ask, TASKS.spin, budget=HOSTILE, seconds=60) for _ in range(6)
        ]
        assert settled(lambda: len(children(reader._helper.process.pid)) == 6)
        for budget in (VERIFYING, SEALING):
            assert reader.ask(TASKS.spin, budget=budget, seconds=0.02) > 0
            assert not any(each.done() for each in hostile)
        assert {type(each.exception(60)) for each in hostile} == {TooCostlyError}


def test_nobody_waits_for_thirty_at_once(reader):
    """More than can be read at the same time, of whom each takes all it may."""
    reader.load()
    waited, brief = [], replace(HOSTILE, cpu_seconds=0.5)
    with ThreadPoolExecutor(30 + MOST_AT_ONCE) as pool:
        hostile = [
            pool.submit(reader.ask, TASKS.spin, budget=brief, seconds=60)
            for _ in range(MOST_AT_ONCE + 4)
        ]
        while not all(each.done() for each in hostile):
            begun = time.monotonic()
            assert reader.ask(TASKS.spin, budget=VERIFYING, seconds=0.01) > 0
            waited.append(time.monotonic() - begun)
            time.sleep(0.2)
        kinds = [type(each.exception()) for each in hostile]
    assert max(waited) < 5.0  # on however busy a machine
    assert {TooCostlyError, BusyError} >= set(kinds)
    assert BusyError in kinds


def test_large_files_make_small_ones_wait_as_little(reader):
    reader.load()
    large = bytes(LARGE)
    with ThreadPoolExecutor(NEW_AT_ONCE + 1) as pool:
        work = [
            pool.submit(reader.ask, TASKS.sleep, large, budget=VERIFYING, seconds=1.5)
            for _ in range(NEW_AT_ONCE)
        ]
        assert settled(lambda: len(children(reader._helper.process.pid)) == NEW_AT_ONCE)
        begun = time.monotonic()
        assert reader.ask(TASKS.values, budget=VERIFYING, value=7) == 7
        assert time.monotonic() - begun < 1.0
        assert [each.result(PATIENCE) for each in work] == [None] * NEW_AT_ONCE


def test_work_that_is_old_gives_way(reader):
    reader.load()
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(reader.ask, TASKS.sleep, budget=each, seconds=1.5)
                for each in (SEALING, VERIFYING)]  # fmt: skip
        pid = reader._helper.process.pid
        # 0 and 5 at first, for a tenth of a second: too short to be seen on a busy machine.
        assert settled(lambda: nicenesses(pid) == [10, 15])
        assert not any(each.done() for each in work)


def test_strangers_never_make_companies_wait(reader, monkeypatch):
    monkeypatch.setattr(lanes, "OLD_SECONDS", 1000.0)
    reader.load()
    with ThreadPoolExecutor(NEW_AT_ONCE + 1) as pool:
        strangers = [
            pool.submit(reader.ask, TASKS.sleep, budget=VERIFYING, seconds=1.5)
            for _ in range(NEW_AT_ONCE + 1)
        ]
        assert settled(lambda: len(children(reader._helper.process.pid)) == NEW_AT_ONCE)
        assert reader.ask(TASKS.values, budget=SEALING, value=7) == 7
        assert not any(each.done() for each in strangers)


def nicenesses(pid: int) -> list[int]:
    found = []
    for child in children(pid):
        try:
            stat = Path(f"/proc/{child}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append(int(stat.rsplit(")", 1)[1].split()[16]))
    return sorted(found)
