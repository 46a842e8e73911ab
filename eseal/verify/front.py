"""The front door: a document, a digest or an evidence file goes in, a report comes out.

Nothing a document, signature or evidence file holds makes these functions raise: whatever is wrong
with them is a finding in the report.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eseal.documents.asic import is_container
from eseal.documents.media import is_pdf
from eseal.errors import InvalidInputError
from eseal.verify.case import LogSource, Sources, Subject
from eseal.verify.examine import examine
from eseal.verify.files import find_container_seals, find_seals, no_seal
from eseal.verify.policy import NO_POLICY, Policy
from eseal.verify.report import Report, SealVerdict
from eseal.verify.seal_checks import is_evidence_for
from eseal.verify.trust import TRUST_GIVEN, Trust
from eseal.verify.verdict import Examination
from eseal.verify.vocabulary import CheckName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.evidence import Evidence
    from eseal.ledger.protocol import LedgerReader

DIGEST_BYTES = 32
"""SHA-256."""


def verify_document(  # noqa: PLR0913 - what to check against, each by name
    data: bytes,
    *,
    signature: bytes | None = None,
    evidence: Evidence | None = None,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    trust: Trust | None = None,
    policy: Policy | None = None,
    now: datetime | None = None,
) -> Report:
    """Verify a sealed document.

    With ``signature`` the document is whatever that seals. Without, a PDF or an ASiC-E container is
    searched for the seals in it; any other file, and one without a seal, is compared with the
    evidence, if there is one.

    Args:
        data: the document's bytes, whole.
        signature: the ``.p7s`` that lay beside it: a detached CMS, DER.
        evidence: an evidence file, parsed (:meth:`Evidence.parse`).
        ledger: read access to the ledger. Without it nothing passes: at best the report says
            ``ledger_unreachable``, after every check that needs no ledger.
        logs: where the logs' tiles can be read: lets a receipt made between two anchors pass
            without an evidence file.
        trust: the ledger and roots that count; by default the ledger given, and no roots.
        policy: which witnesses must have cosigned the record; by default none.
        now: the time of the check, aware; by default the machine's. No verdict rests on it but
            that on the certificate chain of a seal without statement; ages are counted from it.

    Returns:
        The verdict on the worst seal, with the verdict on each.

    Raises:
        InvalidInputError: ``now`` has no time zone.
    """
    sources = _sources(evidence, ledger, logs, trust, policy, now)
    digest = hashlib.sha256(data).digest()
    if signature is not None:
        return _report([examine(Subject(signature, digest), sources)])
    if is_container(data) or is_pdf(data):
        exam = Examination()
        find = find_container_seals if is_container(data) else find_seals
        subjects = exam.run(CheckName.FILE, lambda: find(data))
        if subjects is None and evidence is None:
            return _without_seals(exam)
        if subjects:
            return _report([examine(s, _narrowed(sources, s, subjects)) for s in subjects])
    return _by_evidence(digest, sources)


def verify_digest(  # noqa: PLR0913 - the same
    digest: bytes,
    *,
    signature: bytes | None = None,
    evidence: Evidence | None = None,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    trust: Trust | None = None,
    policy: Policy | None = None,
    now: datetime | None = None,
) -> Report:
    """Verify a sealed document that stays where it is: only its digest is needed.

    Args:
        digest: SHA-256 of the document, 32 bytes; for a seal inside a PDF, of the bytes under it.
        signature: the ``.p7s``: a detached CMS, DER.
        evidence: an evidence file; its CMS serves if there is no ``signature``.
        ledger: as in :func:`verify_document`.
        logs: likewise.
        trust: likewise.
        policy: likewise.
        now: likewise.

    Returns:
        The report; ``no_seal`` if neither signature nor evidence was given.

    Raises:
        InvalidInputError: the digest is not 32 bytes, or ``now`` has no time zone.
    """
    if len(digest) != DIGEST_BYTES:
        raise InvalidInputError(
            f"digest: expected {DIGEST_BYTES} bytes (SHA-256), got {len(digest)}", field="digest"
        )
    sources = _sources(evidence, ledger, logs, trust, policy, now)
    if signature is not None:
        return _report([examine(Subject(signature, digest), sources)])
    return _by_evidence(digest, sources)


def verify_evidence(  # noqa: PLR0913 - the same
    evidence: Evidence,
    *,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    trust: Trust | None = None,
    policy: Policy | None = None,
    now: datetime | None = None,
) -> Report:
    """Verify an evidence file with no document at hand.

    The report then says that the seal was used as the evidence states, and the check ``document``
    is SKIPPED: which document it was, only a comparison of digests can tell.

    Args:
        evidence: the evidence file, parsed.
        ledger: as in :func:`verify_document`.
        logs: likewise.
        trust: likewise.
        policy: likewise.
        now: likewise.

    Raises:
        InvalidInputError: ``now`` has no time zone.
    """
    sources = _sources(evidence, ledger, logs, trust, policy, now)
    return _report([examine(Subject(evidence.cms, None), sources)])


def _sources(  # noqa: PLR0913, PLR0917 - the same
    evidence: Evidence | None,
    ledger: LedgerReader | None,
    logs: LogSource | None,
    trust: Trust | None,
    policy: Policy | None,
    now: datetime | None,
) -> Sources:
    now = datetime.now(UTC) if now is None else now
    if now.tzinfo is None:
        raise InvalidInputError("now: expected a time with a time zone, got none", field="now")
    trust = TRUST_GIVEN if trust is None else trust
    return Sources(evidence, ledger, logs, trust, now, NO_POLICY if policy is None else policy)


def _by_evidence(digest: bytes, sources: Sources) -> Report:
    """Nothing but the evidence ties a seal to this digest, so the evidence has to."""
    if sources.evidence is None:
        exam = Examination()
        exam.run(CheckName.SEAL, no_seal)
        return _without_seals(exam)
    subject = Subject(sources.evidence.cms, digest, by_evidence=True)
    return _report([examine(subject, sources)])


def _narrowed(sources: Sources, subject: Subject, subjects: Sequence[Subject]) -> Sources:
    """The evidence counts for the seal it was made for; if for none of them, for all."""
    evidence = sources.evidence
    if evidence is None or is_evidence_for(subject, evidence):
        return sources
    if any(is_evidence_for(other, evidence) for other in subjects):
        return replace(sources, evidence=None)
    return sources


def _without_seals(exam: Examination) -> Report:
    verdict = exam.verdict(None)
    return Report(verdict.finding, verdict.sub_indication, verdict.message, (), verdict.checks)


def _report(seals: Sequence[SealVerdict]) -> Report:
    worst = min(seals, key=lambda seal: seal.finding.rank)
    return Report(worst.finding, worst.sub_indication, worst.message, tuple(seals), worst.checks)
