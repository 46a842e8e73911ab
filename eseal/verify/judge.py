"""One verdict on one seal, from all the proof there is; and the verdicts on several in one file.

What lies in a document, beside it and on record are several ways to prove the same use, and none of
them is signed as a whole: anybody can spoil one. So one that fails says nothing while another
holds. Nor does a forged seal say anything against a genuine one that somebody put it beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eseal.errors import InvalidFormatError
from eseal.model.statement import Statement
from eseal.verify.checks.seal_checks import is_evidence_for
from eseal.verify.examine import examine
from eseal.verify.locating.signatures import read_signature
from eseal.verify.verdict.vocabulary import CheckName, CheckStatus, Finding, Indication

if TYPE_CHECKING:
    from eseal.documents.evidence import Evidence
    from eseal.verify.inputs.case import Candidate, Sources
    from eseal.verify.verdict.report import SealVerdict

_WORTH_ANOTHER_TRY = frozenset(
    {
        Finding.NOT_UNDERSTOOD,
        Finding.HEAD_DISOWNED,
        Finding.RECORD_MISSING,
        Finding.UNTRUSTED_ISSUER,
        Finding.ANCHOR_PENDING,
        Finding.WITNESSES_MISSING,
    }
)
"""What can come from a part that nobody signed and that is there elsewhere. Whatever else is found
rests on something that another proof would not change; and a silent ledger is not asked again."""
_REFUTED_BY_PROOF = frozenset({Finding.RECORD_MISMATCH})
"""An accusation of the log that lies in a part nobody signed: a use that is proven otherwise is on
record, whatever else the log's key has signed. Where it is not, the accusation stands."""
_NOT_BY_STRANGERS = frozenset({CheckName.CHAIN, CheckName.REGISTRATION})
"""Checks that a seal of a stranger's own making does not pass."""


def judge(candidate: Candidate, sources: Sources) -> SealVerdict:
    """The verdict on a seal: that of the first proof that decides, else the least open one.

    Args:
        candidate: the seal.
        sources: what there is; its evidence, if any, is for this seal.
    """
    attempts = _attempts(candidate, sources)
    best = found = examine(*next(attempts))
    accused = None
    while found.finding in _WORTH_ANOTHER_TRY | _REFUTED_BY_PROOF:
        if found.finding in _REFUTED_BY_PROOF:
            accused = accused or found
        if found.finding.rank > best.finding.rank:
            best = found
        attempt = next(attempts, None)
        if attempt is None:
            return accused or best
        found = examine(*attempt)
    if accused is None:
        return found
    # The owner hears of it all the same: a log that signs two heads is not well.
    return replace(found, alarm=found.alarm or accused.alarm) if _holds(found) else accused


def _holds(verdict: SealVerdict) -> bool:
    """Whether a use is on record, whatever is said of it beside that."""
    return any(
        each.name is CheckName.ANCHOR and each.status is CheckStatus.VALID
        for each in verdict.checks
    )


def judge_all(
    candidates: Sequence[Candidate], sources_of: Callable[[Candidate], Sources]
) -> tuple[list[SealVerdict], list[SealVerdict]]:
    """The verdicts on all seals of a file, and those of them that decide about the file.

    Whoever has a container can put a seal of their own into it. Where one that is not genuine, or
    was made for other files, may have come so beside one that may be, it is told and decides
    nothing; but then the container is not as it was sealed. In a PDF a seal has a place, in which
    it shows: one that is not genuine makes the page tell something that is not true, and decides.

    Args:
        candidates: the seals, in their order.
        sources_of: what there is for each.
    """
    seals = [*candidates]
    verdicts = [judge(each, sources_of(each)) for each in seals]
    inside = [index for index, each in enumerate(seals) if not each.outside]
    genuine = [verdicts[index] for index in inside if _may_be_genuine(verdicts[index])]
    if _tells_strangers(verdicts):
        genuine = [each for each in genuine if _passed(each) & _NOT_BY_STRANGERS]
    if not genuine:
        for index, each in enumerate(seals):
            if each.outside and each.files is not None:
                seals[index] = replace(each, outside=False)
                verdicts[index] = judge(seals[index], sources_of(seals[index]))
                inside.append(index)
        return verdicts, [verdicts[index] for index in sorted(inside)] or verdicts
    forged = [
        index
        for index in inside
        if verdicts[index].indication is Indication.TOTAL_FAILED and seals[index].files is not None
    ]
    deciding = [index for index in inside if index not in forged]
    if forged:
        put = [seals[index] for index in forged]
        for index in deciding:
            beside = seals[index].beside(put)
            verdicts[index] = judge(beside, sources_of(beside))
    return verdicts, [verdicts[index] for index in deciding]


def _may_be_genuine(verdict: SealVerdict) -> bool:
    """Whether a seal's key signed, and nothing accuses it."""
    failed = verdict.indication is Indication.TOTAL_FAILED
    return not failed and CheckName.SIGNATURE in _passed(verdict)


def _tells_strangers(verdicts: Sequence[SealVerdict]) -> bool:
    """Whether it can be known here that a seal is not of a stranger's own making.

    Anybody can make a key, a certificate and a statement of another ledger; nobody else a
    certificate under a root that is trusted, or a registration. Who trusts no root of these seals
    and whose ledger is silent cannot tell one from the other, and accuses none.
    """
    return any(
        each.status is CheckStatus.VALID
        or (each.name is CheckName.REGISTRATION and each.status is CheckStatus.INVALID)
        for verdict in verdicts
        for each in verdict.checks
        if each.name in _NOT_BY_STRANGERS
    )


def _passed(verdict: SealVerdict) -> set[CheckName]:
    return {each.name for each in verdict.checks if each.status is CheckStatus.VALID}


def _attempts(candidate: Candidate, sources: Sources) -> Iterator[tuple[Candidate, Sources]]:
    yield candidate, sources
    if sources.evidence is not None and not candidate.by_evidence:
        if sources.evidence.cms != candidate.cms:
            yield candidate.on_record(sources.evidence.cms), sources
        why = "The evidence beside it is set aside: the proof in the seal itself was tried instead."
        yield candidate, sources.without_evidence(why)
    for evidence in evidence_on_record(candidate, sources):
        recorded = replace(sources, evidence=evidence, set_aside=None)
        yield candidate, recorded
        yield candidate.on_record(evidence.cms), recorded


def evidence_on_record(candidate: Candidate, sources: Sources) -> Iterator[Evidence]:
    """The evidence of this very seal where evidence is kept, the likeliest first."""
    if sources.records is None:
        return
    digest, use_id = candidate.digest, None
    try:
        signature = read_signature(candidate.cms)
        digest = digest or signature.message_digest
        if signature.statement is not None:
            use_id = Statement.parse(signature.statement).id
    except InvalidFormatError:
        pass
    if digest is None:
        return
    for evidence in sources.records.evidence_for(digest, use_id):
        if is_evidence_for(candidate, evidence):
            yield evidence
