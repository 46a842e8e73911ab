"""The way of a verification: one seal, all checks in order, one verdict.

A failed check stops only the checks that would have built on it. So the report of an altered
document still says who sealed the original and where that use is on record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.documents.pdf import Form
from eseal.verify import (
    evidence_checks,
    record_checks,
    said_checks,
    seal_checks,
    stamp_checks,
    time_checks,
)
from eseal.verify.certificates import Signer, signer_of, title_of
from eseal.verify.report import SealFacts, SealVerdict, Window, moment
from eseal.verify.verdict import Examination
from eseal.verify.vocabulary import CheckName

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence
    from eseal.ledger.protocol import Anchor, Block, LogRegistration
    from eseal.log.receipt import Receipt
    from eseal.model.statement import Statement
    from eseal.verify.case import Sources, Subject

_NO_RECEIPT = "There is no receipt to check."


@dataclass(slots=True)
class _Seen:
    """What has been learnt about one seal so far."""

    signature: SealSignature
    statement: Statement | None = None
    root: bytes | None = None
    receipt: Receipt | None = None
    leaf: bytes | None = None
    log: LogRegistration | None = None
    signed_by_log: bool = False
    anchor: Anchor | None = None
    stamped: datetime | None = None
    start: Block | None = None


def examine(subject: Subject, sources: Sources) -> SealVerdict:
    """Make every check on one seal. Never raises on account of what it is given."""
    exam = Examination(_demanded(subject, sources))
    signature = exam.run(CheckName.SEAL, lambda: seal_checks.check_seal(subject))
    if signature is None:
        return exam.verdict(None)
    seen = _Seen(signature)
    _examine_document(exam, seen, subject, sources)
    if exam.run(CheckName.SIGNATURE, lambda: seal_checks.check_signature(signature)):
        _examine_unsigned(exam, seen, subject, sources)
        sources = _examine_claims(exam, seen, subject, sources)
        _examine_record(exam, seen, sources)
        _examine_stamps(exam, seen, subject, sources)
        _examine_time(exam, seen, sources)
    return exam.verdict(_facts(seen, subject))


def _demanded(subject: Subject, sources: Sources) -> frozenset[CheckName]:
    """The checks that must pass here beside those that always must."""
    return frozenset(
        name
        for name, wanted in (
            (CheckName.DOCUMENT, subject.digest is not None),
            (CheckName.REVISIONS, subject.form is not None),
            (CheckName.CONTENT, subject.form is not None),
            (CheckName.FILES, subject.files is not None),
            (CheckName.NAME, _names_somebody(subject)),
            (CheckName.CHAIN, bool(sources.trust.roots)),
            (CheckName.WITNESSES, sources.policy.witnesses is not None),
        )
        if wanted
    )


def _names_somebody(subject: Subject) -> bool:
    return subject.said is not None and "Name" in subject.said


def _examine_document(exam: Examination, seen: _Seen, subject: Subject, sources: Sources) -> None:
    signature, digest, files = seen.signature, subject.digest, subject.files
    if digest is None and subject.form is Form.NOT_UNDERSTOOD:
        exam.skip(CheckName.DOCUMENT, "What the seal covers cannot be told.")
    elif digest is None:
        exam.skip(CheckName.DOCUMENT, "No document was given to compare with.")
    elif len(digest) != len(signature.message_digest):
        exam.skip(CheckName.DOCUMENT, f"The seal signature is over {signature.hash_name}.")
    else:
        exam.run(
            CheckName.DOCUMENT,
            lambda: seal_checks.check_document(
                signature, digest, elsewhere=subject.by_evidence or subject.outside
            ),
        )
    if subject.form is not None:
        exam.run(CheckName.REVISIONS, lambda: seal_checks.check_revisions(subject, sources))
        exam.run(CheckName.CONTENT, lambda: seal_checks.check_content(subject))
    if files is not None:
        exam.run(CheckName.FILES, lambda: seal_checks.check_files(files, elsewhere=subject.outside))


def _examine_unsigned(exam: Examination, seen: _Seen, subject: Subject, sources: Sources) -> None:
    signature = seen.signature
    exam.run(CheckName.UNSIGNED, lambda: seal_checks.check_unsigned(subject, signature, sources))


def _examine_claims(exam: Examination, seen: _Seen, subject: Subject, sources: Sources) -> Sources:
    """Statement, evidence, chain and receipt: what the seal says, whether it hangs together.

    Returns:
        What the rest is to be checked against: without the evidence if that proves nothing.
    """
    signature, roots = seen.signature, sources.trust.roots
    said = subject.said or {}
    if _names_somebody(subject):
        exam.run(CheckName.NAME, lambda: said_checks.check_name(said["Name"], signature.signer))
    statement = exam.run(
        CheckName.STATEMENT,
        lambda: seal_checks.check_statement(signature, sources.evidence, subject),
    )
    seen.statement = statement
    sources = _examine_evidence(exam, seen, subject, sources)
    if roots:
        at = sources.now if statement is None else statement.sealed_at
        seen.root = exam.run(
            CheckName.CHAIN,
            lambda: seal_checks.check_chain(signature, sources.evidence, roots, at),
        )
    _examine_receipt(exam, seen, sources.evidence)
    return sources


def _examine_evidence(
    exam: Examination, seen: _Seen, subject: Subject, sources: Sources
) -> Sources:
    evidence = sources.evidence
    if sources.set_aside is not None:
        exam.set_aside(CheckName.EVIDENCE, sources.set_aside)
    if evidence is None:
        return sources
    # A document with a seal of its own can do without evidence; one that has nothing else cannot.
    check = exam.run if subject.by_evidence else exam.observe
    good = check(
        CheckName.EVIDENCE,
        lambda: evidence_checks.check_evidence(seen.signature, evidence, sources),
    )
    return sources if good else sources.without_evidence(None)


def _examine_receipt(exam: Examination, seen: _Seen, evidence: Evidence | None) -> None:
    signature = seen.signature
    seen.receipt = exam.run(
        CheckName.RECEIPT, lambda: record_checks.check_receipt(signature, evidence)
    )
    receipt = seen.receipt
    if receipt is None or signature.statement is None:
        exam.skip(CheckName.INCLUSION, _NO_RECEIPT)
    else:
        seen.leaf = exam.run(
            CheckName.INCLUSION, lambda: record_checks.check_inclusion(receipt, signature)
        )


def _examine_record(exam: Examination, seen: _Seen, sources: Sources) -> None:
    """The seal, the log and the head on the ledger."""
    registration = exam.run(
        CheckName.REGISTRATION,
        lambda: record_checks.check_registration(seen.signature, seen.statement, sources),
    )
    receipt, leaf = seen.receipt, seen.leaf
    if receipt is None:
        for name in (CheckName.LOG, CheckName.CHECKPOINT):
            exam.skip(name, _NO_RECEIPT)
        if sources.policy.witnesses is not None:
            exam.skip(CheckName.WITNESSES, _NO_RECEIPT)
        exam.skip(CheckName.ANCHOR, _NO_RECEIPT)
        return
    if registration is None:
        exam.skip(CheckName.LOG, "Whose log it should be is not known: see registration.")
    else:
        seen.log = exam.run(
            CheckName.LOG, lambda: record_checks.check_log(receipt, registration, sources)
        )
    _examine_checkpoint(exam, seen, receipt, sources.evidence)
    _examine_witnesses(exam, receipt, sources)
    log = seen.log
    if log is None or leaf is None or not seen.signed_by_log:
        exam.skip(CheckName.ANCHOR, "There is no proven head to look for on the ledger.")
    else:
        seen.anchor = exam.run(
            CheckName.ANCHOR, lambda: record_checks.check_anchor(receipt, leaf, log, sources)
        )


def _examine_checkpoint(
    exam: Examination, seen: _Seen, receipt: Receipt, evidence: Evidence | None
) -> None:
    if seen.log is not None:
        key, source = seen.log.public_key, "the ledger"
    elif evidence is not None and evidence.origin == receipt.checkpoint.checkpoint.origin:
        key, source = evidence.public_key, "the evidence, which the ledger has not confirmed"
    else:
        exam.skip(CheckName.CHECKPOINT, "The log's key is not known without the ledger.")
        return
    signed = exam.run(
        CheckName.CHECKPOINT, lambda: record_checks.check_checkpoint(receipt, key, source)
    )
    seen.signed_by_log = signed is not None


def _examine_witnesses(exam: Examination, receipt: Receipt, sources: Sources) -> None:
    quorum = sources.policy.witnesses
    if quorum is not None:
        exam.run(CheckName.WITNESSES, lambda: record_checks.check_witnesses(receipt, quorum))


def _examine_stamps(exam: Examination, seen: _Seen, subject: Subject, sources: Sources) -> None:
    """What time-stamps say, where there are any."""
    signature = seen.signature
    if stamp_checks.has_time_stamps(subject, signature):
        stamped = exam.observe(
            CheckName.TIME_STAMP,
            lambda: stamp_checks.check_time_stamps(
                subject, signature, sources.trust.roots, seen.root, sources.stamps
            ),
        )
        seen.stamped = None if stamped is None else stamped.by


def _examine_time(exam: Examination, seen: _Seen, sources: Sources) -> None:
    """When the seal was used, and whether it was active then."""
    statement, log, anchor = seen.statement, seen.log, seen.anchor
    if statement is None or log is None:
        for name in (CheckName.TIME, CheckName.STATUS):
            exam.skip(name, "There is no confirmed record that says when the seal was used.")
        return
    start = exam.run(
        CheckName.TIME, lambda: time_checks.check_time(statement, anchor, seen.stamped, sources)
    )
    seen.start = start
    log_index = None if seen.receipt is None else seen.receipt.index
    exam.run(
        CheckName.STATUS,
        lambda: time_checks.check_status(
            statement.seal, start, anchor, log_index, seen.stamped, sources
        ),
    )


def _facts(seen: _Seen, subject: Subject) -> SealFacts:
    certificate, receipt = seen.signature.certificate, seen.receipt
    signer = Signer(None, None) if certificate is None else signer_of(certificate)
    return SealFacts(
        handle=None if certificate is None else hashlib.sha256(certificate).digest(),
        name=signer.name,
        registration_id=signer.registration_id,
        seal_type=signer.seal_type,
        issuer=signer.issuer,
        root=None if seen.root is None else title_of(seen.root),
        vouched_by=signer.vouched_by,
        field=subject.field,
        party=subject.party,
        signed_length=subject.signed_length,
        files=None if subject.files is None else subject.files.names,
        statement=seen.statement,
        origin=None if receipt is None else receipt.checkpoint.checkpoint.origin,
        log_index=None if receipt is None else receipt.index,
        window=_window(seen),
    )


def _window(seen: _Seen) -> Window | None:
    if seen.start is None:
        return None
    start = moment(seen.start.timestamp)
    ends = [] if seen.anchor is None else [moment(seen.anchor.block.timestamp)]
    if seen.stamped is not None:
        ends.append(max(start, seen.stamped))
    return Window(start, min(ends, default=None))
