"""Answers, step by step, also of a child that a document has taken over."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from eseal.documents.confined import SEALING, exchange
from eseal.errors import (
    TooCostlyError,
    TooLargeError,
    UnsupportedDocumentError,
)
from tests.unit.documents.confined.program import TASKS
from tests.unit.documents.confined.watching import PATIENCE, children, settled

SHORT = replace(SEALING, cpu_seconds=0.2, wall_seconds=5.0)


def test_steps_share_a_process_and_a_budget(reader):
    steps = reader.ask_in_steps(TASKS.count_to, budget=SEALING, most=3)
    assert [steps.take() for _ in range(3)] == [[0], [0, 1], [0, 1, 2]]
    assert not steps.are_missing
    with pytest.raises(UnsupportedDocumentError):
        steps.take()
    assert steps.are_missing


def test_each_step_may_bring_a_file(reader):
    steps = reader.ask_in_steps(TASKS.files, budget=SEALING, sizes=[3, 0, 100_000])
    assert [len(steps.take()) for _ in range(3)] == [3, 0, 100_000]
    steps = reader.ask_in_steps(
        TASKS.files, budget=replace(SEALING, answer_bytes=10), sizes=[6, 6, 4]
    )
    assert steps.take() == bytes(6)
    with pytest.raises(UnsupportedDocumentError, match="cost"):
        steps.take()


@pytest.mark.parametrize("size", [10, 1 << 20])
def test_a_step_that_fails_takes_nothing_from_the_others(reader, size):
    steps = reader.ask_in_steps(TASKS.then, budget=SHORT, size=size, what="fail")
    assert len(steps.take()) == size
    with pytest.raises(TooLargeError):
        steps.take()
    assert steps.take() == "went on"
    steps = reader.ask_in_steps(TASKS.then, budget=SHORT, size=size, what="stumble")
    steps.take()
    with pytest.raises(UnsupportedDocumentError):
        steps.take()
    assert steps.take() == "went on"


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("crash", UnsupportedDocumentError),
        ("spin", TooCostlyError),
        ("rewrite", UnsupportedDocumentError),
        ("write_half", UnsupportedDocumentError),
    ],
)
def test_what_a_step_has_said_stands_whatever_happens_in_the_next(reader, what, error):
    steps = reader.ask_in_steps(TASKS.then, budget=SHORT, size=1 << 20, what=what)
    assert steps.take() == "x" * (1 << 20)
    for _ in range(2):
        with pytest.raises(error):
            steps.take()
        assert steps.are_missing


def test_no_file_is_brought_twice(reader):
    """Or a small answer could fill the memory of whoever asks."""
    twice = sealed('{"file": [0, 9]}') * 2
    steps = reader.ask_in_steps(TASKS.answer, budget=SEALING, text=twice)
    assert len(steps.take()) == 9
    with pytest.raises(UnsupportedDocumentError, match="cannot be read"):
        steps.take()


def test_what_a_step_has_said_cannot_be_read_again_by_the_next(reader, monkeypatch):
    take = exchange.Answers.take

    def late(answers, piece):  # as in a process that has much else to do
        time.sleep(0.2)
        return take(answers, piece)

    monkeypatch.setattr(exchange.Answers, "take", late)
    steps = reader.ask_in_steps(TASKS.then, budget=SHORT, size=100_000, what="take_back")
    assert steps.take() == "x" * 100_000
    assert steps.take() == "another"


def test_who_says_nothing_again_and_again_is_not_listened_to(reader):
    steps = reader.ask_in_steps(TASKS.then, budget=SHORT, size=1, what="go_on_and_on")
    assert steps.take() == "x"
    assert len(steps._came) < exchange.MAX_ANSWERS
    assert isinstance(steps._missing, UnsupportedDocumentError)


def test_answers_of_all_steps_together_have_an_end(reader):
    steps = reader.ask_in_steps(TASKS.then, budget=SEALING, size=12 << 20, what="wordy")
    assert len(steps.take()) == 12 << 20
    with pytest.raises(UnsupportedDocumentError):
        steps.take()


def test_steps_are_asked_again_if_the_warm_process_was_killed(reader):
    reader.load()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(reader.ask_in_steps, TASKS.then, budget=SEALING, size=1, what="sleep")
        pid = reader._helper.process.pid
        assert settled(lambda: children(pid) != [])
        reader._helper.process.kill()
        steps = asked.result(PATIENCE)
    assert [steps.take() for _ in range(3)] == ["x", None, "went on"]


def sealed(text: str) -> str:
    """An answer of somebody's own making."""
    return (b"\x01" + len(text).to_bytes(8, "big") + text.encode()).hex()


@pytest.mark.parametrize(
    "text",
    [
        "ff" * 100,
        "01",
        (b"\x01" + (1 << 62).to_bytes(8, "big") + b"{}").hex(),
        (b"\x01" + (9).to_bytes(8, "big") + b"{}").hex(),
        "03",
        sealed("{}"),
        sealed("[1]"),
        sealed("{"),
        sealed('{"value": NaN}'),
        sealed('{"value": 1e}'),
        sealed('{"value": ' + "9" * 5000 + "}"),
        sealed("[" * 100_000),
        sealed('{"value": [' + "{}," * 1_000_000 + "1]}"),
        sealed('{"file": [0, 100]}'),
        sealed('{"file": [-1, 1]}'),
        sealed('{"file": [0, 1e99]}'),
        sealed('{"file": 1}'),
        sealed("") * 5000,
        sealed('{"error": 1}'),
        sealed('{"error": {"code": [], "message": "", "field": null, "reasons": []}}'),
        sealed('{"error": {"code": "corruption", "message": "", "field": null, "reasons": []}}'),
        sealed('{"error": {"code": "too_large", "message": "", "field": "A b", "reasons": []}}'),
        sealed('{"error": {"code": "too_large", "message": "", "field": 7, "reasons": []}}'),
        sealed(json.dumps({"error": {
            "code": "unsafe_document", "message": "", "field": None, "reasons": ["a b"]}})),
        sealed(json.dumps({"error": {
            "code": "unsafe_document", "message": "", "field": None, "reasons": ["a"] * 101}})),
    ],
)  # fmt: skip
def test_an_answer_of_whoever_took_a_child_over_is_read_as_a_strangers(reader, text):
    with pytest.raises(UnsupportedDocumentError) as caught:
        reader.ask(TASKS.answer, budget=SHORT, text=text)
    assert type(caught.value) is UnsupportedDocumentError


@pytest.mark.parametrize("said", ["07", "02", "0200", "ffffff"])
def test_a_child_that_was_taken_over_ends_nobody_but_itself(reader, said):
    reader.ask(TASKS.values, budget=SEALING, value=1)
    warm = reader._helper.process.pid
    with ThreadPoolExecutor(1) as pool:
        honest = pool.submit(reader.ask, TASKS.sleep, budget=SEALING, seconds=1)
        for _ in range(2):
            with pytest.raises(UnsupportedDocumentError, match="cannot be read"):
                reader.ask(TASKS.babble, budget=SEALING, said=said)
        assert honest.result(PATIENCE) is None
    assert reader._helper.process.pid == warm
