from __future__ import annotations

import hashlib

import pytest

from eseal.service.sealing.applying import DigestOrder
from tests.actors import acting


@pytest.fixture
def use(world_of):
    """The ids of a use and of its seal."""
    with world_of() as service:
        seal = service.directory.seals()[0]
        order = DigestOrder(hashlib.sha256(b"a").digest(), "text/plain")
        (sealed,) = service.sealing.seal_digests(seal.id, [order], actor=acting("a"))
    return sealed.use


@pytest.mark.parametrize("word", ["void", "rescinded", "disputed"])
def test_a_use_is_declared(eseal, use, word):
    made = eseal("use", "declare", use.id, f"--{word}", "--reason", "合同已解除", "--json").json
    assert (made["word"], made["use_id"], made["reason"]) == (word, use.id, "合同已解除")
    assert eseal("use", "declarations", use.id, "--json").json == [made]
    again = eseal("use", "declare", use.id, f"--{word}", "--json")
    assert (again.code, again.error["code"]) == (1, "conflict")
    assert "合同已解除" in eseal("use", "declarations", use.id).out


def test_a_seal_is_disputed_for_a_time(eseal, use):
    since = eseal("seal", "list", "--json").json[0]["not_before"]
    made = eseal("seal", "dispute", use.seal_id, "--since", since, "--json").json
    assert (made["word"], made["since"], made["until"]) == ("disputed", since, None)
    assert (made["seal_id"], made["use_id"]) == (use.seal_id, None)
    spoken = eseal("seal", "dispute", use.seal_id, "--since", since, "--until", since)
    assert spoken.code == 0
    assert since in spoken.out


@pytest.mark.parametrize("words", [(), ("--void", "--disputed")])
def test_one_word_is_said_at_a_time(eseal, use, words):
    shown = eseal("use", "declare", use.id, *words)
    assert shown.code == 2
    assert "expected one of --void" in shown.err


def test_what_cannot_be_said(eseal, use):
    for given, code in (
        (("use", "declare", "a" * 26, "--void"), 1),
        (("use", "declare", use.id, "--void", "--reason", "a\u202eb"), 2),
        (("seal", "dispute", "a" * 26, "--since", "2026-01-01"), 1),
        (("seal", "dispute", use.seal_id, "--since", "2099-01-01"), 2),
        (("seal", "dispute", use.seal_id, "--since", "2001-01-01"), 2),
        (("seal", "dispute", use.seal_id, "--since", "yesterday"), 2),
    ):
        assert eseal(*given).code == code, given
    assert eseal("use", "declarations", use.id, "--json").json == []
