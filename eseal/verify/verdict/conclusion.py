"""Where errors become findings, and findings a verdict. The only place that does either.

The checks return what they proved or raise. An error of ours says what is wrong; which finding that
is depends on the check it stopped, so the table below is keyed by both. An error nobody foresaw is
never a stack trace and never an accusation: what was looked at is ``not_understood``, or whoever
was asked is ``ledger_unreachable``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from eseal.errors import (
    CorruptionError,
    ESealError,
    InvalidCheckpointError,
    InvalidFormatError,
    InvalidInputError,
    InvalidProofError,
    InvalidSignatureError,
    InvalidSubjectProofError,
    LedgerError,
    MissingCertificateError,
    NotFoundError,
    ProofError,
    UnsupportedAlgorithmError,
)
from eseal.verify.verdict.report import NOTHING, Basis, Check, SealFacts, SealVerdict
from eseal.verify.verdict.vocabulary import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    SubIndication,
)

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


class SkippedError(ESealError):
    """A check that cannot be made here, and need not be: says why."""

    code = "skipped"


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
    (
        CheckName.FILE,
        InvalidInputError,
        (Finding.NOT_UNDERSTOOD, SubIndication.SIGNED_DATA_NOT_FOUND),
    ),
    (CheckName.SIGNATURE, InvalidSignatureError, (Finding.SIGNATURE_INVALID, None)),
    (CheckName.CHAIN, ProofError, (Finding.UNTRUSTED_ISSUER, None)),
    (CheckName.CHAIN, InvalidInputError, (Finding.UNTRUSTED_ISSUER, None)),
    (CheckName.SUBJECT, InvalidSubjectProofError, (Finding.NAME_UNPROVEN, None)),
    (CheckName.SUBJECT, InvalidFormatError, (Finding.NAME_UNPROVEN, None)),
    (CheckName.RECEIPT, InvalidFormatError, (Finding.RECORD_MISSING, None)),
    (CheckName.INCLUSION, InvalidProofError, (Finding.RECORD_MISSING, None)),
    (CheckName.INCLUSION, InvalidInputError, (Finding.RECORD_MISSING, None)),
    (CheckName.CHECKPOINT, InvalidCheckpointError, (Finding.RECORD_MISSING, None)),
    # What a log serves is not signed: where it leads nowhere, it is as if it were not there.
    (CheckName.ANCHOR, InvalidProofError, (Finding.ANCHOR_PENDING, None)),
    (CheckName.ANCHOR, NotFoundError, (Finding.ANCHOR_PENDING, None)),
    (CheckName.ANCHOR, CorruptionError, (Finding.ANCHOR_PENDING, None)),
)
"""Which finding an error means in which check; the first row that fits decides."""

_NOT_UNDERSTOOD: tuple[tuple[type[ESealError], SubIndication | None], ...] = (
    (MissingCertificateError, SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
    (UnsupportedAlgorithmError, SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
)
"""The standard's word for why something is not understood, where it has a better one."""

_ASKS = frozenset(
    {
        CheckName.REGISTRATION,
        CheckName.SUBJECT,
        CheckName.BOOK,
        CheckName.LOG,
        CheckName.ANCHOR,
        CheckName.TIME,
        CheckName.ROOT,
        CheckName.STATUS,
        CheckName.UNIQUE,
        CheckName.DECLARATIONS,
    }
)
"""Checks that ask somebody else: what goes wrong there unforeseen is worth another try."""

_STATUS = {
    Finding.ANCHOR_PENDING: CheckStatus.SKIPPED,
    Finding.LEDGER_UNREACHABLE: CheckStatus.ERROR,
    Finding.NOT_UNDERSTOOD: CheckStatus.ERROR,
}
"""How a check stands that ended in this finding, where that is not INVALID."""

_REQUIRED = frozenset(CheckName) - {
    CheckName.FILE,
    CheckName.DOCUMENT,
    CheckName.REVISIONS,
    CheckName.FILES,
    CheckName.CONTENT,
    CheckName.NAME,
    CheckName.EVIDENCE,
    CheckName.WITNESSES,
    CheckName.TIME_STAMP,
    CheckName.UNIQUE,
    CheckName.DECLARATIONS,
}
"""Checks without which nothing is authentic. The others have nothing to look at without a PDF, a
document, an evidence file, a policy, or somebody who holds the log."""


class Examination:
    """The checks made on one seal, and what they found.

    Args:
        demanded: checks that must pass beside those that always must.
    """

    def __init__(self, demanded: frozenset[CheckName] = frozenset()) -> None:
        self._required = _REQUIRED | demanded
        self._checks: list[Check] = []
        self._found: list[tuple[CheckName, _Word]] = []

    def run(self, name: CheckName, step: Callable[[], Passed[T]]) -> T | None:
        """Make one check and note how it came out.

        Returns:
            What it proved, or ``None`` if it did not.
        """
        try:
            passed = step()
        except SkippedError as error:
            self.skip(name, str(error))
            return None
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
        except Exception as error:  # noqa: BLE001 - as in :meth:`run`
            detail = str(error) if isinstance(error, ESealError) else _unforeseen(name, error)
            rests_on = error.rests_on if isinstance(error, FindingError) else NOTHING
            self._checks.append(Check(name, CheckStatus.INVALID, detail, rests_on))
            return None
        self._checks.append(Check(name, CheckStatus.VALID, passed.detail, passed.rests_on))
        return passed.value

    def set_aside(self, name: CheckName, why: str) -> None:
        """Note that something was given that counts for nothing. ``why`` is a sentence."""
        self._checks.append(Check(name, CheckStatus.INVALID, why))

    def skip(self, name: CheckName, why: str) -> None:
        """Note that a check was not made. ``why`` is a sentence."""
        self._checks.append(Check(name, CheckStatus.SKIPPED, why))

    def verdict(self, facts: SealFacts | None) -> SealVerdict:
        """The verdict: of all findings the gravest, ``authentic`` if there are none."""
        found = self._credible()
        finding, sub_indication = min(found, key=_gravity)
        return SealVerdict(
            finding,
            sub_indication or finding.meaning.sub_indication,
            tuple(self._checks),
            facts,
            alarm=any(word[0].meaning.alarm for word in found),
        )

    def _credible(self) -> list[_Word]:
        valid = {check.name for check in self._checks if check.status is CheckStatus.VALID}
        words = {word[0] for _, word in self._found}
        # Only of a seal the ledger knows can one say that its use should be on record; where no
        # statement names one to the ledger, its issuer must be one that is trusted.
        found = [
            word
            for name, word in self._found
            if word[0] is not Finding.RECORD_MISSING
            or CheckName.REGISTRATION in valid
            or (name is CheckName.STATEMENT and CheckName.CHAIN in valid)
        ]
        if CheckName.SIGNATURE not in valid and Finding.SIGNATURE_INVALID not in words:
            # What is said to be signed counts only once somebody's signature is under it.
            found = [word for word in found if _indication(word) is not Indication.TOTAL_FAILED]
        if found:
            return found
        # Fails closed: a flow that forgets a check must never read as a pass.
        closed = Finding.AUTHENTIC if valid >= self._required else Finding.NOT_UNDERSTOOD
        return [(closed, None)]

    def _note(self, name: CheckName, error: Exception) -> None:
        finding, sub_indication = _translate(name, error)
        rests_on = error.rests_on if isinstance(error, FindingError) else NOTHING
        detail = str(error) if isinstance(error, ESealError) else _unforeseen(name, error)
        self._found.append((name, (finding, sub_indication)))
        status = _STATUS.get(finding, CheckStatus.INVALID)
        self._checks.append(Check(name, status, detail, rests_on))


def _indication(word: _Word) -> Indication:
    """Each of the standard's words stands under one main indication."""
    finding, sub_indication = word
    return sub_indication.indication if sub_indication else finding.meaning.indication


def _gravity(word: _Word) -> tuple[bool, int]:
    """An accusation comes before whatever leaves the verdict open."""
    return _indication(word) is not Indication.TOTAL_FAILED, word[0].rank


def _unforeseen(name: CheckName, error: Exception) -> str:
    _LOG.error("check %s could not be carried out", name.value, exc_info=error)
    return "This check could not be carried out; the cause is in the log of this program."


def _translate(name: CheckName, error: Exception) -> _Word:
    if isinstance(error, FindingError):
        return error.finding, error.sub_indication
    for check, kind, word in _BY_CHECK:
        if check is name and isinstance(error, kind):
            return word
    if isinstance(error, LedgerError) or name in _ASKS:
        return Finding.LEDGER_UNREACHABLE, None
    for kind, sub_indication in _NOT_UNDERSTOOD:
        if isinstance(error, kind):
            return Finding.NOT_UNDERSTOOD, sub_indication
    return Finding.NOT_UNDERSTOOD, None
