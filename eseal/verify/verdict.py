"""Where errors become findings, and findings a verdict. The only place that does either.

The checks return what they proved or raise. An error of ours says what is wrong; which finding that
is depends on the check it stopped, so the table below is keyed by both. An error nobody foresaw is
never a stack trace and never an accusation: it is ``check_failed``, INDETERMINATE.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from eseal.errors import (
    ESealError,
    InvalidCheckpointError,
    InvalidFormatError,
    InvalidInputError,
    InvalidProofError,
    InvalidSignatureError,
    LedgerError,
    NotFoundError,
    ProofError,
)
from eseal.verify.report import NOTHING, Basis, Check, SealFacts, SealVerdict
from eseal.verify.vocabulary import CheckName, CheckStatus, Finding, SubIndication

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class FindingError(ProofError):
    """A check that names its finding itself, because no general error would say as much.

    Attributes:
        finding: what was found.
        sub_indication: the standard's word where it differs from the finding's usual one.
        rests_on: what that depends on.
    """

    code = "finding"

    def __init__(
        self,
        finding: Finding,
        message: str,
        *,
        sub_indication: SubIndication | None = None,
        rests_on: Basis = NOTHING,
    ) -> None:
        super().__init__(message)
        self.finding = finding
        self.sub_indication = sub_indication
        self.rests_on = rests_on


@dataclass(frozen=True, slots=True)
class Passed(Generic[T]):
    """What a check that passed has proved.

    Attributes:
        value: what the checks after it go on with.
        detail: one sentence for the report.
        rests_on: what the answer depends on.
    """

    value: T
    detail: str
    rests_on: Basis = NOTHING


_Word = tuple[Finding, SubIndication | None]

_BY_CHECK: tuple[tuple[CheckName, type[ESealError], _Word], ...] = (
    (CheckName.FILE, InvalidFormatError, (Finding.NO_SEAL, None)),
    (
        CheckName.SEAL,
        InvalidFormatError,
        (Finding.SIGNATURE_INVALID, SubIndication.FORMAT_FAILURE),
    ),
    (CheckName.SIGNATURE, InvalidSignatureError, (Finding.SIGNATURE_INVALID, None)),
    (CheckName.CHAIN, ProofError, (Finding.UNTRUSTED_ISSUER, None)),
    (CheckName.CHAIN, InvalidInputError, (Finding.UNTRUSTED_ISSUER, None)),
    (CheckName.STATEMENT, InvalidFormatError, (Finding.UNRECORDED_USE, None)),
    (CheckName.EVIDENCE, InvalidFormatError, (Finding.TRANSPLANTED, None)),
    (CheckName.RECEIPT, InvalidFormatError, (Finding.UNRECORDED_USE, None)),
    (CheckName.INCLUSION, InvalidProofError, (Finding.TRANSPLANTED, None)),
    (CheckName.INCLUSION, InvalidInputError, (Finding.TRANSPLANTED, None)),
    (CheckName.CHECKPOINT, InvalidCheckpointError, (Finding.UNRECORDED_USE, None)),
    (CheckName.ANCHOR, InvalidProofError, (Finding.RECORD_MISMATCH, None)),
    (CheckName.ANCHOR, NotFoundError, (Finding.ANCHOR_PENDING, None)),
)
"""Which finding an error means in which check; the first row that fits decides."""

_STATUS = {
    Finding.ANCHOR_PENDING: CheckStatus.SKIPPED,
    Finding.LEDGER_UNREACHABLE: CheckStatus.ERROR,
    Finding.CHECK_FAILED: CheckStatus.ERROR,
}
"""How a check stands that ended in this finding, where that is not INVALID."""

_REQUIRED = frozenset(CheckName) - {
    CheckName.FILE,
    CheckName.DOCUMENT,
    CheckName.REVISIONS,
    CheckName.FILES,
    CheckName.CONTENT,
    CheckName.CHAIN,
    CheckName.EVIDENCE,
    CheckName.WITNESSES,
    CheckName.TIME_STAMP,
}
"""Checks without which nothing is authentic. The others have nothing to look at without a PDF, a
document, configured roots, an evidence file or a policy."""


class Examination:
    """The checks made on one seal, and what they found.

    Args:
        demanded: checks that must pass beside those that always must.
    """

    def __init__(self, demanded: frozenset[CheckName] = frozenset()) -> None:
        self._required = _REQUIRED | demanded
        self._checks: list[Check] = []
        self._found: list[_Word] = []

    def run(self, name: CheckName, step: Callable[[], Passed[T]]) -> T | None:
        """Make one check and note how it came out.

        Returns:
            What it proved, or ``None`` if it did not.
        """
        try:
            passed = step()
        except Exception as error:  # noqa: BLE001 - the one place where every error ends
            self._note(name, error)
            return None
        self._checks.append(Check(name, CheckStatus.VALID, passed.detail, passed.rests_on))
        return passed.value

    def observe(self, name: CheckName, step: Callable[[], Passed[T]]) -> T | None:
        """Make a check that, failed, only counts for nothing: the verdict goes on without it.

        Returns:
            What it proved, or ``None`` if it did not.
        """
        try:
            passed = step()
        except ESealError as error:
            self._checks.append(Check(name, CheckStatus.INVALID, str(error)))
            return None
        except Exception as error:  # noqa: BLE001 - as in :meth:`run`
            self._note(name, error)
            return None
        self._checks.append(Check(name, CheckStatus.VALID, passed.detail, passed.rests_on))
        return passed.value

    def skip(self, name: CheckName, why: str) -> None:
        """Note that a check was not made. ``why`` is a sentence."""
        self._checks.append(Check(name, CheckStatus.SKIPPED, why))

    def verdict(self, facts: SealFacts | None) -> SealVerdict:
        """The verdict: of all findings the gravest, ``authentic`` if there are none."""
        found = self._credible()
        finding, sub_indication = min(found, key=lambda word: word[0].rank)
        return SealVerdict(
            finding,
            sub_indication or finding.meaning.sub_indication,
            tuple(self._checks),
            facts,
            alarm=any(word[0].meaning.alarm for word in found),
        )

    def _credible(self) -> list[_Word]:
        valid = {check.name for check in self._checks if check.status is CheckStatus.VALID}
        found = self._found
        if CheckName.REGISTRATION not in valid:
            # Only of a seal the ledger knows can one say that its use should have been recorded.
            found = [word for word in found if word[0] is not Finding.UNRECORDED_USE]
        if found:
            return found
        # Fails closed: a flow that forgets a check must never read as a pass.
        closed = Finding.AUTHENTIC if valid >= self._required else Finding.CHECK_FAILED
        return [(closed, None)]

    def _note(self, name: CheckName, error: Exception) -> None:
        finding, sub_indication = _translate(name, error)
        rests_on = error.rests_on if isinstance(error, FindingError) else NOTHING
        detail = str(error) if isinstance(error, ESealError) else _UNFORESEEN
        if finding is Finding.CHECK_FAILED:
            _LOG.error("check %s could not be carried out", name.value, exc_info=error)
        self._found.append((finding, sub_indication))
        status = _STATUS.get(finding, CheckStatus.INVALID)
        self._checks.append(Check(name, status, detail, rests_on))


_UNFORESEEN = "This check could not be carried out; the cause is in the log of this program."


def _translate(name: CheckName, error: Exception) -> _Word:
    if isinstance(error, FindingError):
        return error.finding, error.sub_indication
    for check, kind, word in _BY_CHECK:
        if check is name and isinstance(error, kind):
            return word
    if isinstance(error, LedgerError):
        return Finding.LEDGER_UNREACHABLE, None
    return Finding.CHECK_FAILED, None
