import threading

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.ledger.wire import fan_out as module
from eseal.ledger.wire.fan_out import Answer, FanOut, Fault


def test_everybody_is_asked_and_faults_are_answers():
    def ask(name, member):
        if member == 2:
            raise LedgerUnreachableError("down")
        return f"{name}{member}"

    heard = list(FanOut({"a": 1, "b": 2, "c": 3}).ask(ask))
    assert sorted(heard, key=lambda one: one.name) == [
        Answer("a", "a1"),
        Fault("b", "down"),
        Answer("c", "c3"),
    ]


def test_only_those_named():
    assert list(FanOut({"a": 1, "b": 2}).ask(lambda _, member: member, ["b"])) == [Answer("b", 2)]


def test_nobody_waits_for_the_slow():
    wait = threading.Event()
    panel = FanOut({"quick": 0, "slow": 1}, timeout=0.1)

    def ask(_, member):
        return member and wait.wait(60)

    # Even a quick answer takes a moment where all processors are busy.
    assert next(panel.ask(ask, timeout=60)) == Answer("quick", 0)
    assert list(panel.ask(ask))[-1] == Fault("slow", "no answer within 0.1 s")
    wait.set()


def test_an_error_of_ours_comes_through():
    with pytest.raises(ZeroDivisionError):
        list(FanOut({"a": 0}).ask(lambda _, member: 1 // member))


def test_an_endpoint_that_owes_too_many_answers(monkeypatch):
    monkeypatch.setattr(module, "MAX_UNANSWERED", 1)
    wait = threading.Event()
    panel = FanOut({"a": 0}, timeout=0.1)
    assert isinstance(next(panel.ask(lambda *_: wait.wait(10))), Fault)
    assert next(panel.ask(lambda *_: 5)) == Fault("a", "1 questions are unanswered already")
    wait.set()
