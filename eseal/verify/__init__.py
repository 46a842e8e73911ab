"""Verification: a document, a signature, an evidence file and a ledger go in, a report comes out.

Needs no database, no service and no account. Every word of a report is in
:mod:`eseal.verify.vocabulary`; every check is a function of its own in the modules ``*_checks``;
:mod:`eseal.verify.examine` and :mod:`eseal.verify.on_ledger` put them in order,
:mod:`eseal.verify.verdict` turns what they raise into findings, and :mod:`eseal.verify.judge` takes
the proof that holds, where there are several.
"""

from __future__ import annotations

from eseal.documents.pdf import Form
from eseal.verify.case import Declared, HistorySource, LogSource, Places, RecordSource, Torn
from eseal.verify.front import verify_digest, verify_document, verify_evidence
from eseal.verify.policy import Policy, WitnessQuorum
from eseal.verify.report import (
    Basis,
    Check,
    Note,
    Objection,
    OtherSignature,
    OtherState,
    Report,
    SealFacts,
    SealVerdict,
    Window,
)
from eseal.verify.trust import Trust
from eseal.verify.vocabulary import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    NoteCode,
    SubIndication,
)

__all__ = [
    "Basis",
    "Check",
    "CheckName",
    "CheckStatus",
    "Declared",
    "Finding",
    "Form",
    "HistorySource",
    "Indication",
    "LogSource",
    "Note",
    "NoteCode",
    "Objection",
    "OtherSignature",
    "OtherState",
    "Places",
    "Policy",
    "RecordSource",
    "Report",
    "SealFacts",
    "SealVerdict",
    "SubIndication",
    "Torn",
    "Trust",
    "Window",
    "WitnessQuorum",
    "verify_digest",
    "verify_document",
    "verify_evidence",
]
