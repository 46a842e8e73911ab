"""Verification: a document, a signature, an evidence file and a ledger go in, a report comes out.

Needs no database, no service and no account. ``entry_points`` is the door; ``examine`` and
``on_ledger`` put the checks in order; ``judge`` takes the proof that holds, where there are
several.
"""

from __future__ import annotations

from eseal.documents.pdf import Form
from eseal.verify.entry_points import verify_digest, verify_document, verify_evidence
from eseal.verify.inputs.case import Declared, HistorySource, LogSource, RecordSource, Torn
from eseal.verify.inputs.policy import Policy, WitnessQuorum
from eseal.verify.inputs.trust import Trust
from eseal.verify.verdict.report import (
    Basis,
    Check,
    Note,
    Objection,
    OtherSignature,
    OtherState,
    Places,
    Report,
    SealFacts,
    SealVerdict,
    Window,
)
from eseal.verify.verdict.vocabulary import (
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
