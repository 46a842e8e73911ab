"""The way of a verification: one seal, all checks in order, one verdict.

A failed check stops only the checks that would have built on it. So the report of an altered
document still says who sealed the original and where that use is on record.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eseal.documents.pdf import Form
from eseal.errors import InvalidFormatError
from eseal.model.statement import read_statement
from eseal.verify import on_ledger
from eseal.verify.checks import (
    dictionary_checks,
    evidence_checks,
    record_checks,
    seal_checks,
    stamp_checks,
)
from eseal.verify.checks.validation_state import ValidationState, facts_of
from eseal.verify.verdict.conclusion import Examination
from eseal.verify.verdict.vocabulary import CheckName

if TYPE_CHECKING:
    from eseal.documents.evidence import Evidence
    from eseal.model.statement import Statement
    from eseal.verify.inputs.case import Candidate, Sources
    from eseal.verify.verdict.report import SealVerdict


def examine(candidate: Candidate, sources: Sources) -> SealVerdict:
    """Make every check on one seal. Never raises on account of what it is given."""
    exam = Examination(_demanded(candidate, sources))
    signature = exam.run(CheckName.SEAL, lambda: seal_checks.check_seal(candidate))
    if signature is None:
        return exam.verdict(None)
    state = ValidationState(signature)
    _examine_document(exam, state, candidate, sources)
    if exam.run(CheckName.SIGNATURE, lambda: seal_checks.check_signature(signature)):
        _examine_unsigned(exam, state, candidate, sources)
        sources = _examine_claims(exam, state, candidate, sources)
        on_ledger.examine_seal(exam, state, sources)
        on_ledger.examine_record(exam, state, sources)
        _examine_stamps(exam, state, candidate, sources)
        on_ledger.examine_time(exam, state, sources)
        on_ledger.examine_history(exam, state, sources)
    return exam.verdict(facts_of(state, candidate))


def _demanded(candidate: Candidate, sources: Sources) -> frozenset[CheckName]:
    """The checks that must pass here beside those that always must."""
    return frozenset(
        name
        for name, wanted in (
            (CheckName.DOCUMENT, candidate.digest is not None),
            (CheckName.REVISIONS, candidate.form is not None),
            (CheckName.CONTENT, candidate.form is not None),
            (CheckName.FILES, candidate.files is not None),
            (CheckName.NAME, _names_somebody(candidate)),
            (CheckName.WITNESSES, sources.policy.witnesses is not None),
        )
        if wanted
    )


def _names_somebody(candidate: Candidate) -> bool:
    return candidate.dictionary is not None and "Name" in candidate.dictionary


def _examine_document(
    exam: Examination, state: ValidationState, candidate: Candidate, sources: Sources
) -> None:
    signature, digest, files = state.signature, candidate.digest, candidate.files
    if digest is None and candidate.form is Form.NOT_UNDERSTOOD:
        exam.skip(CheckName.DOCUMENT, "What the seal covers cannot be told.")
    elif digest is None:
        exam.skip(CheckName.DOCUMENT, "No document was given to compare with.")
    elif len(digest) != len(signature.message_digest):
        exam.skip(CheckName.DOCUMENT, f"The seal signature is over {signature.hash_name}.")
    else:
        exam.run(
            CheckName.DOCUMENT,
            lambda: seal_checks.check_document(
                signature, digest, elsewhere=candidate.by_evidence or candidate.outside
            ),
        )
    if candidate.form is not None:
        exam.run(CheckName.REVISIONS, lambda: seal_checks.check_revisions(candidate, sources))
        exam.run(CheckName.CONTENT, lambda: seal_checks.check_content(candidate))
    if files is not None:
        exam.run(
            CheckName.FILES, lambda: seal_checks.check_files(files, elsewhere=candidate.outside)
        )


def _examine_unsigned(
    exam: Examination, state: ValidationState, candidate: Candidate, sources: Sources
) -> None:
    signature = state.signature
    exam.run(CheckName.UNSIGNED, lambda: seal_checks.check_unsigned(candidate, signature, sources))


def _examine_claims(
    exam: Examination, state: ValidationState, candidate: Candidate, sources: Sources
) -> Sources:
    """Statement, evidence, chain and receipt: what the seal says, whether it hangs together.

    Returns:
        What the rest is to be checked against: without the evidence if that proves nothing.
    """
    signature, roots = state.signature, sources.trust.roots
    said = candidate.dictionary or {}
    if _names_somebody(candidate):
        exam.run(
            CheckName.NAME, lambda: dictionary_checks.check_name(said["Name"], signature.signer)
        )
    statement = exam.run(
        CheckName.STATEMENT,
        lambda: seal_checks.check_statement(signature, candidate),
    )
    state.statement, state.named = statement, statement or _readable(signature.statement)
    sources = _examine_evidence(exam, state, candidate, sources)
    at = sources.now if state.named is None else state.named.sealed_at
    state.root = exam.run(
        CheckName.CHAIN,
        lambda: seal_checks.check_chain(signature, sources.evidence, roots, at),
    )
    _examine_receipt(exam, state, sources.evidence)
    return sources


def _readable(statement: bytes | None) -> Statement | None:
    """A statement that does not speak of this document still names a seal."""
    if statement is not None:
        with suppress(InvalidFormatError):
            return read_statement(statement)
    return None


def _examine_evidence(
    exam: Examination, state: ValidationState, candidate: Candidate, sources: Sources
) -> Sources:
    evidence = sources.evidence
    if sources.set_aside is not None:
        exam.set_aside(CheckName.EVIDENCE, sources.set_aside)
    if evidence is None:
        return sources
    # A document with a seal of its own can do without evidence; one that has nothing else cannot.
    check = exam.run if candidate.by_evidence else exam.observe
    good = check(
        CheckName.EVIDENCE,
        lambda: evidence_checks.check_evidence(state.signature, evidence, sources),
    )
    return sources if good else sources.without_evidence(None)


def _examine_receipt(exam: Examination, state: ValidationState, evidence: Evidence | None) -> None:
    signature = state.signature
    state.receipt = exam.run(
        CheckName.RECEIPT, lambda: record_checks.check_receipt(signature, evidence)
    )
    receipt = state.receipt
    if receipt is None or signature.statement is None:
        exam.skip(CheckName.INCLUSION, on_ledger.NO_RECEIPT)
    else:
        state.leaf = exam.run(
            CheckName.INCLUSION, lambda: record_checks.check_inclusion(receipt, signature)
        )


def _examine_stamps(
    exam: Examination, state: ValidationState, candidate: Candidate, sources: Sources
) -> None:
    """What time-stamps say, where there are any."""
    signature = state.signature
    if stamp_checks.has_time_stamps(candidate, signature):
        stamped = exam.observe(
            CheckName.TIME_STAMP,
            lambda: stamp_checks.check_time_stamps(candidate, signature, state.root, sources),
        )
        state.stamped = None if stamped is None else stamped.by
