"""The check on time-stamps (RFC 3161): when a seal was there by, as somebody else's clock says.

ETSI EN 319 102-1 clause 5.5.4 sets a time-stamp that does not hold aside and goes on without it: it
proves nothing, and takes nothing away. So this check never decides the verdict. Where an authority
leads to a root the verifier chose, its time narrows the window of the use; one that the seal's own
issuer runs does not, for the ledger is there to do without that issuer's word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.documents.cms.levels import archived_message
from eseal.errors import InvalidFormatError, InvalidInputError, InvalidSignatureError, ProofError
from eseal.model.statement import format_time
from eseal.pki.chain import verify_chain
from eseal.pki.der import load_certificate
from eseal.pki.tsp.token import TimeStamp, same_imprint
from eseal.verify.verdict import Passed

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.verify.case import Subject

_Stamps = Callable[[TimeStamp], bool]


@dataclass(frozen=True, slots=True)
class Stamped:
    """What the time-stamps prove.

    Attributes:
        by: the earliest time a trusted authority states, or ``None`` if none of them is trusted.
    """

    by: datetime | None


def has_time_stamps(subject: Subject, signature: SealSignature) -> bool:
    """Whether there is anything to check."""
    return bool(subject.stamps or signature.time_stamps or signature.archive_time_stamps)


def check_time_stamps(
    subject: Subject, signature: SealSignature, roots: tuple[bytes, ...]
) -> Passed[Stamped]:
    """Check the time-stamps in a seal signature, and those over its PDF.

    Args:
        subject: the seal, with the document time-stamps that cover it.
        signature: the seal signature.
        roots: the certificates the verifier trusts, DER.

    Raises:
        InvalidSignatureError: none of them holds; says why.
        InvalidFormatError: the same, where the reason is its form.
    """
    good: list[tuple[TimeStamp, str | None]] = []
    problem: ProofError | InvalidFormatError | None = None
    for token, covers in _all(subject, signature):
        try:
            stamp = TimeStamp.parse(token)
            if not covers(stamp):
                raise InvalidSignatureError("The time-stamp is of something else.")
            stamp.verify()
        except (ProofError, InvalidFormatError) as error:
            problem = problem or error
            continue
        good.append((stamp, _distrust(stamp, signature, roots)))
    if not good:
        raise problem or InvalidSignatureError("There is no time-stamp.")
    good.sort(key=lambda each: (each[1] is not None, each[0].generated))
    stamp, distrust = good[0]
    why = "" if distrust is None else f"; it narrows nothing, for {distrust}"
    aside = "" if problem is None else f" Another time-stamp was set aside: {problem}"
    detail = f"Time-stamped at {format_time(stamp.generated)} by {stamp.authority}{why}.{aside}"
    return Passed(Stamped(None if distrust else stamp.generated), detail)


def check_stamped_revisions(subject: Subject) -> None:
    """Check that what stands in a PDF as document time-stamps are such.

    They need not be trusted, and prove nothing then. But what only has their form is something that
    somebody added.

    Raises:
        InvalidSignatureError, InvalidFormatError: one of them is none, or is of something else.
    """
    for token, digest in subject.stamps:
        stamp = TimeStamp.parse(token)
        if not _over_revision(digest)(stamp):
            raise InvalidSignatureError("it is of something else")
        stamp.verify()


def _all(subject: Subject, signature: SealSignature) -> Iterator[tuple[bytes, _Stamps]]:
    """Every token, with what tells whether it stamps this seal."""
    for token in signature.time_stamps:
        yield token, lambda stamp: same_imprint(stamp, signature.signature)
    for token in signature.archive_time_stamps:
        yield token, lambda stamp: same_imprint(stamp, _archived(subject, signature, stamp))
    for token, digest in subject.stamps:
        yield token, _over_revision(digest)


def _over_revision(digest: bytes) -> _Stamps:
    """Whether a document time-stamp is of the bytes it covers, by their SHA-256."""
    return lambda stamp: (stamp.hash_name, stamp.imprint) == (hashlib.sha256().name, digest)


def _archived(subject: Subject, signature: SealSignature, stamp: TimeStamp) -> bytes:
    if stamp.hash_name != hashlib.sha256().name:
        raise InvalidSignatureError("Expected an archive time-stamp with SHA-256.")
    return archived_message(subject.cms, stamp.token, signature.message_digest)


def _distrust(stamp: TimeStamp, signature: SealSignature, roots: tuple[bytes, ...]) -> str | None:
    """Why an authority's word is not relied upon, or ``None`` if it is."""
    if not roots:
        return "no root was given that it must lead to"
    try:
        verify_chain(stamp.certificate, stamp.certificates, roots, stamp.generated)
    except (ProofError, InvalidInputError):
        return "it leads to no root you trust"
    issuer = load_certificate(stamp.certificate).issuer
    if issuer == load_certificate(signature.signer).issuer:
        return "the seal's own issuer runs it"
    return None
