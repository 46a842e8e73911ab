"""One verdict on one seal, from all the proof there is.

What lies in a document, beside it and on record are several ways to prove the same use, and none of
them is signed as a whole: anybody can spoil one. So one that fails says nothing while another
holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from eseal.errors import InvalidFormatError
from eseal.model.statement import Statement
from eseal.verify.examine import examine
from eseal.verify.seal_checks import is_evidence_for
from eseal.verify.signatures import read_signature
from eseal.verify.vocabulary import Finding

if TYPE_CHECKING:
    from eseal.documents.evidence import Evidence
    from eseal.verify.case import Sources, Subject
    from eseal.verify.report import SealVerdict

_WORTH_ANOTHER_TRY = frozenset(
    {
        Finding.NOT_UNDERSTOOD,
        Finding.RECORD_MISSING,
        Finding.UNTRUSTED_ISSUER,
        Finding.ANCHOR_PENDING,
        Finding.WITNESSES_MISSING,
    }
)
"""What can come from a part that nobody signed and that is there elsewhere. Whatever else is found
rests on something that another proof would not change; and a silent ledger is not asked again."""


def judge(subject: Subject, sources: Sources) -> SealVerdict:
    """The verdict on a seal: that of the first proof that decides, else the least open one.

    Args:
        subject: the seal.
        sources: what there is; its evidence, if any, is for this seal.
    """
    attempts = _attempts(subject, sources)
    best = examine(*next(attempts))
    found = best
    while found.finding in _WORTH_ANOTHER_TRY:
        if found.finding.rank > best.finding.rank:
            best = found
        attempt = next(attempts, None)
        if attempt is None:
            return best
        found = examine(*attempt)
    return found


def _attempts(subject: Subject, sources: Sources) -> Iterator[tuple[Subject, Sources]]:
    yield subject, sources
    if sources.evidence is not None and not subject.by_evidence:
        if sources.evidence.cms != subject.cms:
            yield subject.on_record(sources.evidence.cms), sources
        why = "The evidence beside it is set aside: the proof in the seal itself was tried instead."
        yield subject, sources.without_evidence(why)
    for evidence in _on_record(subject, sources):
        recorded = replace(sources, evidence=evidence, set_aside=None)
        yield subject, recorded
        yield subject.on_record(evidence.cms), recorded


def _on_record(subject: Subject, sources: Sources) -> Iterator[Evidence]:
    if sources.records is None:
        return
    digest, use_id = subject.digest, None
    try:
        signature = read_signature(subject.cms)
        digest = digest or signature.message_digest
        if signature.statement is not None:
            use_id = Statement.parse(signature.statement).id
    except InvalidFormatError:
        pass
    if digest is None:
        return
    for evidence in sources.records.evidence_for(digest, use_id):
        if is_evidence_for(subject, evidence):
            yield evidence
