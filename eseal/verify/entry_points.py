"""The front door: a document, a digest or an evidence file goes in, a report comes out.

Nothing a document, signature or evidence file holds makes these functions raise: whatever is wrong
with them is a finding in the report.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from eseal.documents.asic import is_container, may_be_container
from eseal.documents.media import is_pdf
from eseal.documents.pdf import Form
from eseal.errors import InvalidInputError
from eseal.verify.checks.seal_checks import is_evidence_for
from eseal.verify.inputs.case import (
    Candidate,
    Contents,
    HistorySource,
    LogSource,
    RecordSource,
    Sources,
    Stranger,
)
from eseal.verify.inputs.policy import NO_POLICY, Policy
from eseal.verify.inputs.trust import TRUST_GIVEN, Trust
from eseal.verify.judge import evidence_on_record, judge, judge_all
from eseal.verify.locating.containers import find_container_seals
from eseal.verify.locating.pdfs import find_seals
from eseal.verify.locating.signatures import bears_traces, hashes_of, is_stranger, no_seal
from eseal.verify.locating.strangers import describe, is_seal_key
from eseal.verify.verdict.conclusion import Examination
from eseal.verify.verdict.report import Report, SealVerdict
from eseal.verify.verdict.vocabulary import CheckName, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eseal.documents.evidence import Evidence
    from eseal.ledger.protocol import LedgerReader
    from eseal.verify.verdict.conclusion import Passed

DIGEST_BYTES = 32
"""SHA-256."""
_EXTRACTABLE = frozenset({Form.ADDED, Form.ALTERED})
"""Forms of a file that begins with a PDF as it was sealed."""


def verify_document(  # noqa: PLR0913 - what to check against, each by name
    data: bytes,
    *,
    signature: bytes | None = None,
    evidence: Evidence | None = None,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    records: RecordSource | None = None,
    history: HistorySource | None = None,
    trust: Trust | None = None,
    policy: Policy | None = None,
    now: datetime | None = None,
) -> Report:
    """Verify a sealed document.

    With ``signature`` the document is whatever that seals. Without, a PDF or an ASiC-E container is
    searched for the seals in it; any other file, and one without a seal, is compared with the
    evidence, if there is one. Signatures of others are listed; what they say decides nothing.

    A proof that fails accuses nobody where another one holds: of what lies in the document, beside
    it and on record, what proves the seal counts.

    Args:
        data: the document's bytes, whole.
        signature: the ``.p7s`` that lay beside it: a detached CMS, DER.
        evidence: an evidence file, parsed (:meth:`Evidence.parse`).
        ledger: read access to the ledger. Without it nothing passes: at best the report says
            ``ledger_unreachable``, after every check that needs no ledger.
        logs: where the logs' tiles can be read: lets a receipt made between two anchors pass
            without an evidence file.
        records: where evidence is on record, for a seal whose own proof does not suffice.
        history: who holds the log's records, to say whether the ticket was torn once only, and
            what the owner has declared since; without, the report says that nobody was asked.
        trust: the ledger, roots and authorities that count. Without roots and authorities nothing
            passes: a certificate and a name anybody can make.
        policy: which witnesses must have cosigned the record; by default none.
        now: the time of the check, aware; by default the machine's. No verdict rests on it but
            that on the certificate chain of a seal without statement; ages are counted from it.

    Returns:
        The verdict on the worst seal, with the verdict on each.

    Raises:
        InvalidInputError: ``now`` has no time zone.
    """
    sources = _sources(evidence, ledger, logs, records, history, trust, policy, now)
    if signature is not None:
        beside = _beside(signature, hashes_of(data), pdf=is_pdf(data))
        return _report(beside, sources, Examination())
    exam, found = _opened(data)
    report = _report(found, sources, exam, data)
    digest = hashlib.sha256(data).digest()
    if report.seals or (_is_unclear(found) and not _speaks_of(evidence, digest)):
        return report  # what cannot be read is not accused of being another document
    return _by_evidence(digest, sources, pdf=is_pdf(data)) or report


def verify_digest(  # noqa: PLR0913 - the same
    digest: bytes,
    *,
    signature: bytes | None = None,
    evidence: Evidence | None = None,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    records: RecordSource | None = None,
    history: HistorySource | None = None,
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
        records: likewise.
        history: likewise.
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
    sources = _sources(evidence, ledger, logs, records, history, trust, policy, now)
    if signature is not None:
        found = _beside(signature, {hashlib.sha256().name: digest}.get)
        return _report(found, sources, Examination())
    return _by_evidence(digest, sources) or _report(Contents(), sources, Examination())


def verify_evidence(  # noqa: PLR0913 - the same
    evidence: Evidence,
    *,
    ledger: LedgerReader | None = None,
    logs: LogSource | None = None,
    records: RecordSource | None = None,
    history: HistorySource | None = None,
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
        records: likewise.
        history: likewise.
        trust: likewise.
        policy: likewise.
        now: likewise.

    Raises:
        InvalidInputError: ``now`` has no time zone.
    """
    sources = _sources(evidence, ledger, logs, records, history, trust, policy, now)
    return _of_seals([judge(Candidate(evidence.cms, None, by_evidence=True), sources)])


def _finders(data: bytes) -> Iterator[Callable[[bytes], Passed[Contents]]]:
    """What looks for seals in a file of this kind, until some are found.

    A container that something was put before may look like a PDF: there is one in it.
    """
    if is_pdf(data) and not is_container(data):
        yield find_seals
    if may_be_container(data):
        yield find_container_seals


def _sources(  # noqa: PLR0913, PLR0917 - the same
    evidence: Evidence | None,
    ledger: LedgerReader | None,
    logs: LogSource | None,
    records: RecordSource | None,
    history: HistorySource | None,
    trust: Trust | None,
    policy: Policy | None,
    now: datetime | None,
) -> Sources:
    now = datetime.now(UTC) if now is None else now
    if now.tzinfo is None:
        raise InvalidInputError("now: expected a time with a time zone, got none", field="now")
    return Sources(
        evidence,
        ledger,
        logs,
        records,
        history,
        TRUST_GIVEN if trust is None else trust,
        now,
        NO_POLICY if policy is None else policy,
    )


def _opened(data: bytes) -> tuple[Examination, Contents | None]:
    """The check on a file of a kind that holds seals, and what is in it if it can be read.

    A container that something was put before may look like a PDF: it is looked for in both ways.
    """
    exam = Examination()
    found: Contents | None = Contents()
    first = True
    for find in _finders(data):
        each = Examination()
        contents = each.run(CheckName.FILE, partial(find, data))
        if contents is not None and contents.seals:
            return each, contents
        if first or contents is None:
            exam, found, first = each, contents, False
    return exam, found


def _is_unclear(found: Contents | None) -> bool:
    """Whether a file may hold a seal that cannot be read."""
    return found is None or found.form not in {None, Form.NONE}


def _speaks_of(evidence: Evidence | None, digest: bytes) -> bool:
    return evidence is not None and evidence.statement.digest == digest


def _beside(
    signature: bytes, digest: Callable[[str], bytes | None], *, pdf: bool | None = None
) -> Contents:
    """What a signature file is: a seal, as its name says, unless it is plainly somebody else's."""
    if is_stranger(signature):
        return Contents(strangers=(Stranger(signature, digest),))
    return Contents(seals=(Candidate(signature, digest(hashlib.sha256().name), is_pdf=pdf),))


def _by_evidence(digest: bytes, sources: Sources, *, pdf: bool | None = None) -> Report | None:
    """The report where nothing but evidence ties a seal to a digest; ``None`` if there is none.

    Args:
        digest: of the document.
        sources: what to check against.
        pdf: whether the document looks like a PDF, or ``None`` if it is not at hand.
    """
    given = [] if sources.evidence is None else [sources.evidence]
    # Who names a digest only, and shows evidence of another use, has shown nothing of this one.
    found = () if given and pdf is None else _on_record(digest, sources)
    first: SealVerdict | None = None
    for evidence in (*given, *found):
        candidate = Candidate(evidence.cms, digest, by_evidence=True, is_pdf=pdf)
        verdict = judge(candidate, replace(sources, evidence=evidence))
        if verdict.finding is Finding.AUTHENTIC:
            return _of_seals([verdict])
        first = first or verdict
    return None if first is None else _of_seals([first])


def _on_record(digest: bytes, sources: Sources) -> Sequence[Evidence]:
    return () if sources.records is None else sources.records.evidence_for(digest, None)


def _report(
    found: Contents | None, sources: Sources, exam: Examination, data: bytes = b""
) -> Report:
    """The report on what was found in a file, or beside it.

    Args:
        found: the seals, and the signatures of others; ``None`` if the file cannot be read. One
            made with the key of a registered seal is judged as a seal, but beside others decides
            nothing: where it stands, nobody signs.
        sources: what to check against.
        exam: the check on the file, if one was made.
        data: the file.
    """
    if found is None:
        return _without_seals(exam)
    taken = [each for each in found.strangers if is_seal_key(each, found.seals, sources)]
    seals = (*found.seals, *(_as_seal(each, outside=bool(found.seals)) for each in taken))
    others = tuple(describe(each) for each in found.strangers if each not in taken)
    if seals:
        verdicts, deciding = judge_all(seals, lambda seal: _narrowed(sources, seal, seals))
        report = replace(_of_seals(deciding), seals=tuple(verdicts))
    else:
        exam.run(CheckName.SEAL, lambda: no_seal(found, others, traces=bears_traces(data)))
        report = _without_seals(exam)
    return replace(
        report, others=others, places=found.places, extractable=found.form in _EXTRACTABLE
    )


def _as_seal(stranger: Stranger, *, outside: bool) -> Candidate:
    digest = stranger.digest(hashlib.sha256().name)
    return Candidate(stranger.cms, digest, field=stranger.field, outside=outside)


def _narrowed(sources: Sources, candidate: Candidate, candidates: Sequence[Candidate]) -> Sources:
    """The evidence counts for the seal it was made for; if for none of them, for none.

    Where it is that of another seal of the file, this one has the evidence on record, if any: a
    status that changed since is uncertain without it.
    """
    evidence = sources.evidence
    if evidence is None or is_evidence_for(candidate, evidence):
        return sources
    if any(is_evidence_for(other, evidence) for other in candidates):
        recorded = next(evidence_on_record(candidate, sources), None)
        return replace(sources.without_evidence(None), evidence=recorded)
    why = "The evidence is set aside: it holds the seal signature of another document."
    return sources.without_evidence(why)


def _without_seals(exam: Examination) -> Report:
    verdict = exam.verdict(None)
    return Report(verdict.finding, verdict.sub_indication, verdict.message, (), verdict.checks)


def _of_seals(seals: Sequence[SealVerdict]) -> Report:
    worst = min(seals, key=lambda seal: seal.finding.rank)
    return Report(worst.finding, worst.sub_indication, worst.message, tuple(seals), worst.checks)
