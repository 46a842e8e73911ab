"""eseal: company seals whose every use is on the record.

The front door for programs that verify. Everything else lives in the packages below::

    from eseal import Evidence, verify_document

    report = verify_document(data, signature=p7s, ledger=reader)
    if report.indication is Indication.TOTAL_PASSED: ...

A signature or evidence file, a ledger reader and a trust file are all it may need: no database, no
service, no account.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eseal.documents.evidence import Evidence
    from eseal.verify import (
        CheckStatus,
        Finding,
        Indication,
        Policy,
        Report,
        SubIndication,
        Trust,
        verify_digest,
        verify_document,
        verify_evidence,
    )

__version__ = "0.1.0"

__all__ = [
    "CheckStatus",
    "Evidence",
    "Finding",
    "Indication",
    "Policy",
    "Report",
    "SubIndication",
    "Trust",
    "verify_digest",
    "verify_document",
    "verify_evidence",
]

_HOMES = dict.fromkeys(__all__, "eseal.verify") | {"Evidence": "eseal.documents.evidence"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: programs that do not verify do not pay for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
