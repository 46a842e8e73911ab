"""What has been learnt about one seal so far, and what of it stands in the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eseal.verify.inputs.certificates import Signer, signer_of, title_of
from eseal.verify.verdict.report import Authority, Note, SealFacts, Window, moment
from eseal.verify.verdict.vocabulary import NoteCode

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.documents.cms import SealSignature
    from eseal.ledger.facts import Anchor, Block, LogRegistration, SealRegistration
    from eseal.log.receipt import Receipt
    from eseal.model.statement import Statement
    from eseal.verify.checks.subject_checks import Vouched
    from eseal.verify.inputs.case import Candidate
    from eseal.verify.verdict.report import Objection


@dataclass(slots=True)
class ValidationState:
    """What has been learnt about one seal so far.

    Attributes:
        signature: the seal signature, which can be read.
        named: the statement as it can be read, whether it speaks of this document or not.
        statement: the statement that does.
        root: the trusted root the certificate leads to.
        receipt: the proof of record.
        leaf: the hash of the leaf the proof leads from.
        registration: the seal on the ledger.
        vouched: what an authority says of the company.
        log: the issuer's log on the ledger.
        signed_by_log: whether that signed the receipt's head.
        anchor: an anchor above the use.
        stamped: what a trusted time-stamp says.
        start: the block before which the seal cannot have been used.
        objections: what the owner declared.
        notes: what to know beside the verdict.
    """

    signature: SealSignature
    named: Statement | None = None
    statement: Statement | None = None
    root: bytes | None = None
    receipt: Receipt | None = None
    leaf: bytes | None = None
    registration: SealRegistration | None = None
    vouched: Vouched | None = None
    log: LogRegistration | None = None
    signed_by_log: bool = False
    anchor: Anchor | None = None
    stamped: datetime | None = None
    start: Block | None = None
    objections: tuple[Objection, ...] = ()
    notes: list[Note] = field(default_factory=list)

    @property
    def window(self) -> Window | None:
        """The proven time of the use, or ``None``."""
        if self.start is None:
            return None
        start = moment(self.start.timestamp)
        ends = [] if self.anchor is None else [moment(self.anchor.block.timestamp)]
        if self.stamped is not None:
            ends.append(max(start, self.stamped))
        return Window(start, min(ends, default=None))


def facts_of(state: ValidationState, candidate: Candidate) -> SealFacts:
    """What the report says of the seal itself."""
    certificate, receipt = state.signature.certificate, state.receipt
    signer = Signer(None, None) if certificate is None else signer_of(certificate)
    return SealFacts(
        handle=None if state.named is None else state.named.seal,
        subject=None if state.vouched is None else state.vouched.proof.subject,
        name=signer.name,
        registration_id=signer.registration_id,
        seal_type=signer.seal_type,
        issuer=signer.issuer,
        root=None if state.root is None else title_of(state.root),
        vouched_by=signer.vouched_by,
        authority=_authority(state.vouched),
        field=candidate.field,
        party=candidate.party,
        signed_length=candidate.signed_length,
        files=None if candidate.files is None else candidate.files.names,
        statement=state.statement,
        origin=None if receipt is None else receipt.checkpoint.checkpoint.origin,
        log_index=None if receipt is None else receipt.index,
        window=state.window,
        objections=state.objections,
        notes=(*_about_names(state.vouched), *state.notes),
    )


def _authority(vouched: Vouched | None) -> Authority | None:
    if vouched is None:
        return None
    return Authority(vouched.proof.key, vouched.name, built_in=vouched.built_in)


def _about_names(vouched: Vouched | None) -> tuple[Note, ...]:
    """Who vouches for the company beyond what the verdict says: a trial set-up is told as such."""
    notes = []
    if vouched is not None and vouched.built_in:
        notes.append(
            Note(
                NoteCode.BUILT_IN_AUTHORITY,
                "The authority that vouches for the company's name is the seal's issuer itself.",
            )
        )
    if vouched is not None and not vouched.founders:
        notes.append(
            Note(
                NoteCode.FOUNDERS_BY_OPERATOR,
                "Who may act for the company, no authority says: only the sealing service does.",
            )
        )
    return tuple(notes)
