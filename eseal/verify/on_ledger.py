"""The second half of the way: what the ledger says of the seal, its record and its time."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eseal.errors import LedgerError
from eseal.model.book import tag
from eseal.model.statement import format_time
from eseal.verify.checks import (
    book_checks,
    history_checks,
    record_checks,
    subject_checks,
    time_checks,
)
from eseal.verify.verdict.conclusion import SkippedError
from eseal.verify.verdict.report import moment
from eseal.verify.verdict.vocabulary import CheckName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.evidence import Evidence
    from eseal.ledger.facts import Anchor
    from eseal.log.receipt import Receipt
    from eseal.model.statement import Statement
    from eseal.verify.checks.validation_state import ValidationState
    from eseal.verify.inputs.case import Declared, HistorySource, Sources, Torn
    from eseal.verify.verdict.conclusion import Examination, Passed

NO_RECEIPT = "There is no receipt to check."
_NOT_REGISTERED = "Which seal it is, the ledger has not said: see registration."
_NO_TIME = "There is no confirmed record that says when the seal was used."


def examine_seal(exam: Examination, state: ValidationState, sources: Sources) -> None:
    """The seal itself: its registration, whose it is, and the ticket torn from its book."""
    signature, named = state.signature, state.named
    if named is None:
        exam.skip(CheckName.REGISTRATION, "There is no statement that names a seal.")
    else:
        state.registration = exam.run(
            CheckName.REGISTRATION,
            lambda: record_checks.check_registration(signature, named, sources),
        )
    registration = state.registration
    if registration is None or named is None:
        for name in (CheckName.SUBJECT, CheckName.BOOK):
            exam.skip(name, _NOT_REGISTERED)
        return
    state.vouched = exam.run(
        CheckName.SUBJECT,
        lambda: subject_checks.check_subject(signature, named, registration, sources),
    )
    exam.run(
        CheckName.BOOK,
        lambda: book_checks.check_book(signature, named, registration, sources),
    )


def examine_record(exam: Examination, state: ValidationState, sources: Sources) -> None:
    """The log and the head on the ledger."""
    receipt, leaf, registration = state.receipt, state.leaf, state.registration
    if receipt is None:
        for name in (CheckName.LOG, CheckName.CHECKPOINT):
            exam.skip(name, NO_RECEIPT)
        if sources.policy.witnesses is not None:
            exam.skip(CheckName.WITNESSES, NO_RECEIPT)
        exam.skip(CheckName.ANCHOR, NO_RECEIPT)
        return
    if registration is None:
        exam.skip(CheckName.LOG, "Whose log it should be is not known: see registration.")
    else:
        state.log = exam.run(
            CheckName.LOG, lambda: record_checks.check_log(receipt, registration, sources)
        )
    _examine_checkpoint(exam, state, receipt, sources.evidence)
    quorum = sources.policy.witnesses
    if quorum is not None:
        exam.run(CheckName.WITNESSES, lambda: record_checks.check_witnesses(receipt, quorum))
    log = state.log
    if log is None or leaf is None or not state.signed_by_log:
        exam.skip(CheckName.ANCHOR, "There is no proven head to look for on the ledger.")
    else:
        state.anchor = exam.run(
            CheckName.ANCHOR, lambda: record_checks.check_anchor(receipt, leaf, log, sources)
        )


def _examine_checkpoint(
    exam: Examination, state: ValidationState, receipt: Receipt, evidence: Evidence | None
) -> None:
    head = receipt.checkpoint.checkpoint
    if state.log is not None:
        keys, source = state.log.signers(head.size), "the ledger"
    elif evidence is not None and evidence.origin == head.origin:
        keys = (evidence.public_key,)
        source = "the evidence, which the ledger has not confirmed,"
    else:
        exam.skip(CheckName.CHECKPOINT, "The log's key is not known without the ledger.")
        return
    signed = exam.run(
        CheckName.CHECKPOINT, lambda: record_checks.check_checkpoint(receipt, keys, source)
    )
    state.signed_by_log = signed is not None


def examine_time(exam: Examination, state: ValidationState, sources: Sources) -> None:
    """When the seal was used, and whether root and seal were in force then."""
    statement, registration, anchor = state.statement, state.registration, state.anchor
    if statement is None or registration is None or state.log is None:
        for name in (CheckName.TIME, CheckName.ROOT, CheckName.STATUS):
            exam.skip(name, _NO_TIME)
        return
    state.start = exam.run(
        CheckName.TIME,
        lambda: time_checks.check_time(statement, anchor, state.stamped, sources),
    )
    _examine_root(exam, state, sources)
    log_index = None if state.receipt is None else state.receipt.index
    active = exam.run(
        CheckName.STATUS,
        lambda: time_checks.check_status(
            statement.seal, state.start, anchor, log_index, state.stamped, sources
        ),
    )
    if active is not None and anchor is not None:
        with suppress(LedgerError):  # a note decides nothing
            note = time_checks.ended_later(statement.seal, anchor, sources)
            state.notes += [] if note is None else [note]


def _examine_root(exam: Examination, state: ValidationState, sources: Sources) -> None:
    root, registration = state.root, state.registration
    if root is None or registration is None:
        exam.skip(CheckName.ROOT, "The certificate leads to no root to ask the ledger about.")
        return

    def step() -> Passed[None]:
        first, last, _ = time_checks.bounds(state.start, state.anchor, state.stamped, sources)
        return subject_checks.check_root(root, registration, first, last, sources)

    exam.run(CheckName.ROOT, step)


def examine_history(exam: Examination, state: ValidationState, sources: Sources) -> None:
    """What happened beside this use, where somebody who holds the log's records can be asked."""
    statement, log, registration = state.statement, state.log, state.registration
    if statement is None or log is None or registration is None:
        for name in (CheckName.UNIQUE, CheckName.DECLARATIONS):
            exam.skip(name, _NO_TIME)
        return
    history, signature, name_of_log = sources.history, state.signature, log.log_id

    def unique() -> Passed[None]:
        torn = _torn(history, name_of_log, statement)
        return history_checks.check_unique(signature, statement, torn)

    def declarations() -> Passed[None]:
        found = _declared(history, name_of_log, statement, state.anchor)
        ledger = sources.trusted_ledger()
        state.objections = history_checks.objections_of(
            signature, registration, statement, state.window, found, ledger
        )
        return history_checks.check_objections(state.objections)

    exam.run(CheckName.UNIQUE, unique)
    exam.run(CheckName.DECLARATIONS, declarations)


def _torn(history: HistorySource | None, log_id: bytes, statement: Statement) -> Sequence[Torn]:
    shown = tag(statement.seal, statement.ticket)
    torn = None if history is None else history.torn(log_id, shown)
    if torn is None:
        raise SkippedError(
            "Nobody who holds the log was asked whether the ticket was torn once only."
        )
    return torn


def _declared(
    history: HistorySource | None, log_id: bytes, statement: Statement, anchor: Anchor | None
) -> Sequence[Declared]:
    found = None
    if history is not None:
        found = history.declared(log_id, statement.seal, statement.id)
    if found is None:
        since = "" if anchor is None else f" since {format_time(moment(anchor.block.timestamp))}"
        raise SkippedError(
            f"Nobody who holds the log's records was asked what the owner has declared{since}."
        )
    return found
