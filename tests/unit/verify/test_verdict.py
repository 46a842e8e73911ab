from __future__ import annotations

import logging

import pytest

from eseal.errors import (
    InvalidProofError,
    InvalidSignatureError,
    LedgerRejectedError,
    MissingCertificateError,
    TooLargeError,
    UnsupportedAlgorithmError,
)
from eseal.verify import CheckName, CheckStatus, Finding, Indication, SubIndication
from eseal.verify.verdict.conclusion import Examination, FindingError, Passed

REQUIRED = [
    CheckName.SEAL,
    CheckName.SIGNATURE,
    CheckName.UNSIGNED,
    CheckName.CHAIN,
    CheckName.STATEMENT,
    CheckName.RECEIPT,
    CheckName.INCLUSION,
    CheckName.REGISTRATION,
    CheckName.SUBJECT,
    CheckName.BOOK,
    CheckName.LOG,
    CheckName.CHECKPOINT,
    CheckName.ANCHOR,
    CheckName.TIME,
    CheckName.ROOT,
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
    assert exam.verdict(None).finding is Finding.NOT_UNDERSTOOD


def test_the_gravest_finding_decides():
    exam = Examination()
    passing(exam, [CheckName.SIGNATURE, CheckName.REGISTRATION])
    exam.run(CheckName.TIME, failing(FindingError(Finding.BACKDATED, "Late.")))
    exam.run(CheckName.INCLUSION, failing(InvalidProofError("no")))
    exam.run(CheckName.STATUS, failing(FindingError(Finding.STATUS_UNCERTAIN, "Hm.")))
    assert exam.verdict(None).finding is Finding.BACKDATED


@pytest.mark.parametrize(
    ("error", "sub_indication"),
    [
        (KeyError("x"), SubIndication.SIG_CONSTRAINTS_FAILURE),
        (TooLargeError("too large"), SubIndication.SIG_CONSTRAINTS_FAILURE),
        (MissingCertificateError("gone"), SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
        (UnsupportedAlgorithmError("odd"), SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
    ],
)
def test_without_a_signature_that_verifies_nobody_is_accused(error, sub_indication):
    """What is said to be signed is as good as the signature under it."""
    exam = Examination()
    exam.run(CheckName.DOCUMENT, failing(FindingError(Finding.DOCUMENT_ALTERED, "Changed.")))
    exam.run(CheckName.SIGNATURE, failing(error))
    verdict = exam.verdict(None)
    assert (verdict.finding, verdict.sub_indication) == (Finding.NOT_UNDERSTOOD, sub_indication)
    exam.run(CheckName.SIGNATURE, failing(InvalidSignatureError("no")))
    assert exam.verdict(None).finding is Finding.SIGNATURE_INVALID


def test_every_accusation_needs_a_signature():
    for finding in Finding:
        exam = Examination()
        exam.run(CheckName.TIME, failing(FindingError(finding, "Because.")))
        accused = exam.verdict(None).indication is Indication.TOTAL_FAILED
        assert accused is (finding is Finding.SIGNATURE_INVALID), finding


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError()])
@pytest.mark.parametrize(
    ("check", "finding"),
    [
        (CheckName.CONTENT, Finding.NOT_UNDERSTOOD),
        (CheckName.STATEMENT, Finding.NOT_UNDERSTOOD),
        (CheckName.LOG, Finding.LEDGER_UNREACHABLE),
        (CheckName.STATUS, Finding.LEDGER_UNREACHABLE),
    ],
)
def test_what_nobody_foresaw_is_an_error_and_logged(error, check, finding, caplog):
    exam = Examination()
    with caplog.at_level(logging.ERROR, "eseal.verify.verdict.conclusion"):
        assert exam.run(check, failing(error)) is None
    verdict = exam.verdict(None)
    assert verdict.finding is finding
    assert verdict.checks[0].status is CheckStatus.ERROR
    assert "Traceback" not in verdict.checks[0].detail
    assert caplog.records[0].exc_info is not None


def test_what_only_stands_beside_a_proof_is_observed():
    exam = Examination()
    passing(exam, REQUIRED)
    exam.observe(CheckName.EVIDENCE, failing(FindingError(Finding.RECORD_MISSING, "Wrong.")))
    exam.observe(CheckName.TIME_STAMP, failing(KeyError("x")))
    exam.set_aside(CheckName.EVIDENCE, "Another one.")
    verdict = exam.verdict(None)
    assert verdict.finding is Finding.AUTHENTIC
    assert [check.status for check in verdict.checks[-3:]] == [CheckStatus.INVALID] * 3


def test_a_ledger_that_answers_nonsense_is_never_a_forgery():
    exam = Examination()
    exam.run(CheckName.LOG, failing(LedgerRejectedError("execution reverted")))
    assert exam.verdict(None).finding is Finding.LEDGER_UNREACHABLE
