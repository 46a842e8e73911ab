"""Nodes of the ledger that lie, lag or are silent: nobody is accused, nothing forged passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.ledger.reading import quorum
from eseal.model.seal import Reason
from eseal.verify import Finding, Indication
from eseal.verify.checks import record_checks
from eseal.verify.verdict import conclusion as verdict
from tests.integration.promise.switches import defended, gone, nothing


class Liar:
    """A node that answers one question as it likes, and all others truly."""

    def __init__(self, reader, question, answer):
        self._reader, self._question, self._answer = reader, question, answer

    def at(self, number):
        return Liar(self._reader.at(number), self._question, self._answer)

    def __getattr__(self, name):
        return self._answer if name == self._question else getattr(self._reader, name)


def among(stage, question, answer):
    """Three nodes, of which one lies."""
    reader = stage.ledger
    nodes = {"one": reader, "two": reader, "liar": Liar(reader, question, answer)}
    return quorum.QuorumReader(nodes)


ALONE = gone("the quorum", (quorum, "QuorumReader", lambda nodes: nodes["liar"]))


@defended(ALONE)
@pytest.mark.parametrize("question", ["seal", "volume", "company"])
def test_a_node_that_denies(stage, question):
    """It never accuses what is genuine."""
    use = stage.operator.use(stage.own)
    stage.stands(use, ledger=among(stage, question, nothing))


@defended(ALONE)
def test_a_node_that_invents(stage):
    """It makes nothing forged green: here a stop that it does not tell of."""
    before = stage.ledger.status_at(stage.seal.handle, stage.ledger.final_block().timestamp)
    stage.operator.ledger.suspend(stage.seal.handle, Reason.LOSS)
    use = stage.operator.use(stage.own)
    ledger = among(stage, "status_at", lambda *_: before)
    stage.finds(Finding.SEAL_NOT_ACTIVE, use, ledger=ledger)


THIS_LEDGER = gone("the look which ledger it is", (record_checks, "_check_same_ledger", nothing))


@defended(THIS_LEDGER)
def test_a_node_that_is_behind(stage):
    """It does not know the seal yet: that is no word against it."""
    use = stage.operator.use(stage.own)
    first = stage.ledger.block(1)

    class Behind(Liar):
        def final_block(self):
            return first

        def block(self, number):
            return first if number == first.number else None

    report = stage.verdict(use, ledger=Behind(stage.ledger, "seal", nothing))
    stage.holds(report.indication is not Indication.TOTAL_FAILED, why="genuine, and accused")
    assert report.finding is Finding.LEDGER_UNREACHABLE


@defended(THIS_LEDGER)
def test_a_ledger_that_was_set_up_anew(stage):
    """Chain id and contracts are those of the one before, whose seals it does not know."""
    use = stage.operator.use(stage.own)

    class Anew(Liar):
        def block(self, number):
            return replace(self._reader.block(number), hash=bytes(32))

    report = stage.verdict(use, ledger=Anew(stage.ledger, "seal", nothing))
    stage.holds(report.indication is not Indication.TOTAL_FAILED, why="genuine, and accused")
    assert report.finding is Finding.LEDGER_UNREACHABLE


def silent(*_):
    raise LedgerUnreachableError("the node does not answer")


@defended(
    gone(
        "the word for silence",
        (verdict, "LedgerError", ZeroDivisionError),
        (verdict, "_ASKS", frozenset()),
    )
)
def test_a_node_that_is_silent(stage):
    """Never forged: try later."""
    use = stage.operator.use(stage.own)
    report = stage.verdict(use, ledger=Liar(stage.ledger, "seal", silent))
    stage.holds(report.finding is Finding.LEDGER_UNREACHABLE, why=report.finding.value)
    assert report.indication is Indication.INDETERMINATE
