from __future__ import annotations

import logging

import pytest

from eseal.errors import InvalidProofError, LedgerRejectedError, TooLargeError
from eseal.verify import CheckName, CheckStatus, Finding
from eseal.verify.verdict import Examination, FindingError, Passed

REQUIRED = [
    CheckName.SEAL,
    CheckName.SIGNATURE,
    CheckName.STATEMENT,
    CheckName.RECEIPT,
    CheckName.INCLUSION,
    CheckName.REGISTRATION,
    CheckName.LOG,
    CheckName.CHECKPOINT,
    CheckName.ANCHOR,
    CheckName.TIME,
    CheckName.STATUS,
]


def failing(error):
    def step():
        raise error

    return step


def passing(exam, names):
    for name in names:
        assert exam.run(name, lambda: Passed(1, "Fine.")) == 1


def test_all_required_checks_make_it_authentic():
    exam = Examination()
    passing(exam, REQUIRED)
    assert exam.verdict(None).finding is Finding.AUTHENTIC


@pytest.mark.parametrize("missing", REQUIRED)
@pytest.mark.parametrize("skipped", [True, False])
def test_a_flow_that_forgets_a_check_never_passes(missing, skipped):
    exam = Examination()
    passing(exam, [name for name in REQUIRED if name is not missing])
    if skipped:
        exam.skip(missing, "Forgotten.")
    assert exam.verdict(None).finding is Finding.CHECK_FAILED


def test_the_gravest_finding_decides():
    exam = Examination()
    passing(exam, [CheckName.REGISTRATION])
    exam.run(CheckName.TIME, failing(FindingError(Finding.BACKDATED, "Late.")))
    exam.run(CheckName.INCLUSION, failing(InvalidProofError("no")))
    exam.run(CheckName.STATUS, failing(FindingError(Finding.STATUS_UNCERTAIN, "Hm.")))
    assert exam.verdict(None).finding is Finding.TRANSPLANTED


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), TooLargeError("too large")])
def test_what_nobody_foresaw_is_a_failed_check_and_logged(error, caplog):
    exam = Examination()
    with caplog.at_level(logging.ERROR, "eseal.verify.verdict"):
        assert exam.run(CheckName.LOG, failing(error)) is None
    verdict = exam.verdict(None)
    assert verdict.finding is Finding.CHECK_FAILED
    assert verdict.checks[0].status is CheckStatus.ERROR
    assert "Traceback" not in verdict.checks[0].detail
    assert caplog.records[0].exc_info is not None


def test_a_ledger_that_answers_nonsense_is_never_a_forgery():
    exam = Examination()
    exam.run(CheckName.LOG, failing(LedgerRejectedError("execution reverted")))
    assert exam.verdict(None).finding is Finding.LEDGER_UNREACHABLE
