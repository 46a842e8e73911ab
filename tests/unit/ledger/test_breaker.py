import threading

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.ledger.wire.breaker import Breaker


def fail():
    raise LedgerUnreachableError("down")


def opened(**options):
    breaker = Breaker("node:1", failures=1, **options)
    with pytest.raises(LedgerUnreachableError, match="down"):
        breaker.run(fail)
    assert not breaker.closed
    return breaker


def test_only_failures_in_a_row_count():
    breaker = Breaker("node:1", failures=2)
    for _ in range(3):
        with pytest.raises(LedgerUnreachableError):
            breaker.run(fail)
        assert breaker.run(lambda: 5) == 5
    assert breaker.closed


def test_an_open_circuit_says_what_was_wrong():
    with pytest.raises(LedgerUnreachableError, match=r"down \(node:1 is left alone for 5 s\)"):
        opened().run(lambda: 5)


def test_many_at_a_time_while_closed():
    breaker, both = Breaker("node:1"), threading.Barrier(2, timeout=10)
    threads = [threading.Thread(target=lambda: breaker.run(both.wait)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both.broken


def test_one_at_a_time_while_trying():
    breaker = opened(pause=0)
    started, go_on = threading.Event(), threading.Event()

    def slow():
        started.set()
        assert go_on.wait(10)
        return 5

    trial = threading.Thread(target=lambda: breaker.run(slow))
    trial.start()
    assert started.wait(10)
    with pytest.raises(LedgerUnreachableError, match="left alone"):
        breaker.run(lambda: 6)
    go_on.set()
    trial.join()
    assert breaker.closed


def test_a_trial_that_fails_leaves_it_open():
    breaker = opened(pause=0)
    with pytest.raises(LedgerUnreachableError, match="down"):
        breaker.run(fail)
    assert not breaker.closed


def test_an_outcome_that_comes_late_changes_nothing():
    breaker = Breaker("node:1", failures=1)

    def slow():
        with pytest.raises(LedgerUnreachableError):
            breaker.run(fail)  # another thread's, in the meantime
        return 5

    assert breaker.run(slow) == 5
    assert not breaker.closed
