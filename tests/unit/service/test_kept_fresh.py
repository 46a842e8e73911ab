"""Answers that are kept fresh: a commit never waits for whoever gives them."""

from __future__ import annotations

import threading

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.service.instance.kept_fresh import KeptFresh

PATIENCE = 5.0


class Oracle:
    """Answers with how often it was asked, when it is let."""

    def __init__(self):
        self.now = 0.0
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.answered = threading.Semaphore(0)
        self.error = None
        self.kept = KeptFresh(self.answer, 2.0, lambda: self.now)

    def answer(self):
        self.asked += 1
        answer = self.asked
        assert self.may_answer.wait(PATIENCE)
        try:
            if self.error is not None:
                raise self.error
            return answer
        finally:
            self.answered.release()

    def await_answer(self):
        assert self.answered.acquire(timeout=PATIENCE)
        asking = self.kept._asking
        if asking is not None:
            asking.join(PATIENCE)


@pytest.fixture
def oracle():
    return Oracle()


def test_the_first_answer_is_waited_for_where_one_may(oracle):
    assert oracle.kept.newest is None
    assert oracle.kept.age == float("inf")
    assert oracle.kept.look(PATIENCE) == 1
    assert oracle.kept.age == 0.0


def test_an_old_answer_serves_while_another_one_is_asked_for(oracle):
    assert oracle.kept.ask() == 1
    oracle.answered.acquire()
    oracle.now = 1.9
    assert oracle.kept.look() == 1
    assert oracle.asked == 1
    oracle.now = 2.0
    oracle.may_answer.clear()
    assert [oracle.kept.look() for _ in range(3)] == [1, 1, 1]
    oracle.may_answer.set()
    oracle.await_answer()
    assert oracle.kept.newest == oracle.asked == 2


def test_who_may_not_wait_gets_none(oracle):
    oracle.may_answer.clear()
    assert oracle.kept.look() is None
    assert oracle.kept.look(0.01) is None
    oracle.may_answer.set()
    oracle.await_answer()
    assert oracle.kept.newest == 1


def test_an_error_leaves_the_last_answer_and_is_not_repeated_at_once(oracle):
    oracle.kept.ask()
    oracle.answered.acquire()
    oracle.error = LedgerUnreachableError("gone")
    oracle.now = 3.0
    assert oracle.kept.look() == 1
    oracle.await_answer()
    assert oracle.kept.look() == 1
    assert oracle.asked == 2
    assert oracle.kept.age == 3.0
    oracle.now = 5.0
    oracle.error = None
    oracle.kept.look()
    oracle.await_answer()
    assert oracle.kept.newest == 3
    oracle.error = LedgerUnreachableError("gone")
    with pytest.raises(LedgerUnreachableError):
        oracle.kept.ask()


def test_an_older_answer_does_not_replace_a_newer_one(oracle):
    oracle.may_answer.clear()
    oracle.kept.look()  # asked at 0, answered late
    slow = oracle.kept._asking
    oracle.now = 1.0
    oracle.may_answer.set()
    newer = oracle.kept.ask()
    slow.join(PATIENCE)
    assert oracle.kept.newest == newer
