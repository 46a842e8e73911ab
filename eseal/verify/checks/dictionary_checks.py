"""Whether a PDF tells of a seal what its certificate and its statement say.

Viewers show the texts of a signature dictionary (ISO 32000-1 table 252). They are signed, but by
the seal's own key: whoever holds one can write there what they like.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from eseal.model.statement import Statement, format_time
from eseal.verify.inputs.certificates import signer_of
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.vocabulary import Finding, SubIndication

MOST_APART: Final = timedelta(minutes=15)
"""Between the time that viewers show and the statement's: a document is prepared first, waits for
its turn, and may take minutes to be written anew; the statement is made at the commit."""
_TIME: Final = "D:%Y%m%d%H%M%SZ"
"""As we write it (ISO 32000-1 section 7.9.4)."""


def check_name(said: str, certificate: bytes) -> Passed[None]:
    """Compare what a signature dictionary names with the certificate.

    With a seal of their own, anybody could call themselves by the name of another company. Issuers
    vouch for the name in the certificate alone.

    Args:
        said: the name in the dictionary.
        certificate: the seal's, DER.

    Raises:
        FindingError: ``name_unproven``; they differ.
    """
    name = signer_of(certificate).name
    if said != name:
        raise FindingError(
            Finding.NAME_UNPROVEN,
            f"The document names {said!r} for this seal, its certificate "
            f"{'nobody' if name is None else repr(name)}.",
        )
    return Passed(None, f"The document and the certificate name the same company: {said!r}.")


def check_dictionary(said: Mapping[str, str], statement: Statement) -> None:
    """Compare the time and the reason that viewers show with the statement.

    Raises:
        FindingError: ``status_uncertain``, another time; ``not_understood``, another reason.
    """
    shown = said.get("M", "")
    moment = _moment(shown)
    apart = timedelta.max if moment is None else abs(moment - statement.sealed_at)
    if apart > MOST_APART:
        raise FindingError(
            Finding.STATUS_UNCERTAIN,
            f"Viewers show another time of sealing than was signed: expected "
            f"{format_time(statement.sealed_at)}, got {shown!r}.",
            sub_indication=SubIndication.SIG_CONSTRAINTS_FAILURE,
        )
    reason = said.get("Reason")
    if reason != statement.purpose:
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            f"Viewers show another purpose of the seal than was signed: expected "
            f"{statement.purpose!r}, got {reason!r}.",
        )


def _moment(shown: str) -> datetime | None:
    """A time as we write it; ``None`` of any other spelling, which viewers read in other ways."""
    try:
        moment = datetime.strptime(shown, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.strftime(_TIME) == shown else None
