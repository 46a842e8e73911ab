from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import sys

import pytest

from eseal.documents import cms
from eseal.log.receipt import encode_receipt
from eseal.service.sealing.applying import DigestOrder
from eseal_api.frame.batch_answers import BatchAnswers, join_results
from tests.actors import acting
from tests.orphans import ends_with_its_starter

PATIENCE = 20


@pytest.fixture(scope="module")
def parts(shared_world):
    seal = shared_world.contract
    return seal.certificate, seal.chain, seal.subject_proof


@pytest.fixture(scope="module")
def items(shared_world):
    context = shared_world.service.context
    order = DigestOrder(hashlib.sha256(b"batch answers").digest())
    sealing = shared_world.service.sealing
    (recorded,) = sealing.submit_digests(shared_world.contract.id, [order], actor=acting()).result()
    use = recorded.use
    attributes = context.attributes_of(use)
    one = (use.id, use.seal_id, use.log_index, attributes, use.signature, recorded.receipts)
    return [one, b'{"problem":{}}', one]


@pytest.fixture
def answers():
    made = BatchAnswers()
    yield made
    made.close()


def test_the_helper_answers_what_this_process_would(answers, parts, items):
    made = answers.results(parts, items)
    assert made == join_results(parts, items)
    first, problem, second = json.loads(b"[%b]" % made)
    assert (first, problem) == (second, {"problem": {}})
    assert {key: first["use"][key] for key in ("id", "log_index")} == {
        "id": items[0][0],
        "log_index": items[0][2],
    }
    seal = cms.decode(base64.b64decode(first["use"]["cms"]))
    cms.verify_signature(seal)
    assert seal.receipt == encode_receipt(items[0][5], items[0][2])


def test_a_helper_that_dies_costs_no_answer(answers, parts, items):
    expected = answers.results(parts, items)
    helper = answers._helper.process
    os.kill(helper.pid, signal.SIGKILL)
    helper.wait(PATIENCE)
    assert answers.results(parts, items) == expected
    assert answers._helper is None
    assert answers.results(parts, items) == expected
    assert answers._helper.process.pid != helper.pid


def test_a_helper_that_cannot_start_costs_no_answer(answers, parts, items, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    assert answers.results(parts, items) == join_results(parts, items)


def test_a_stuck_helper_is_killed(answers, parts, items, monkeypatch):
    answers.results(parts, items)
    helper = answers._helper.process
    os.kill(helper.pid, signal.SIGSTOP)
    monkeypatch.setattr("eseal_api.frame.batch_answers._EXIT_SECONDS", 0.1)
    answers.close()
    assert helper.returncode == -signal.SIGKILL


def test_the_helper_ends_with_a_service_that_is_killed():
    assert ends_with_its_starter(
        "from eseal_api.frame.batch_answers import BatchAnswers\n"
        "print(BatchAnswers()._running().process.pid, flush=True)"
    )
