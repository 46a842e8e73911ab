"""The check on time-stamps (RFC 3161): when a seal was there by, as somebody else's clock says.

ETSI EN 319 102-1 clause 5.5.4 sets a time-stamp that does not hold aside and goes on without it: it
proves nothing, and takes nothing away. So this check never decides the verdict. Where an authority
leads to a root the verifier chose, its time narrows the window of the use; one that the seal's own
issuer runs does not, for the ledger is there to do without that issuer's word. Whoever issues seals
can call an authority of his as he likes, so a root that vouches for seals vouches for no time: that
of the seal itself, and any that the ledger names as an issuer's.

But no service has written one that does not hold: that something stands in its place is for the
checks on what was added to say (:func:`check_stamps_inside`, :func:`check_stamped_revisions`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.documents.cms.levels import archived_message
from eseal.errors import (
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    LedgerError,
    ProofError,
)
from eseal.ledger.changes import ChangeKind
from eseal.model.statement import format_time
from eseal.pki.chain import verify_chain
from eseal.pki.der import load_certificate
from eseal.pki.tsp.token import TimeStamp, same_imprint
from eseal.verify.locating.signatures import read_signature
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.vocabulary import Finding

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.verify.inputs.case import Candidate, Sources
    from eseal.verify.inputs.stamps import Stamps


@dataclass(frozen=True, slots=True)
class Stamped:
    """What the time-stamps prove.

    Attributes:
        by: the earliest time a trusted authority states, or ``None`` if none of them is trusted.
    """

    by: datetime | None


@dataclass(frozen=True, slots=True)
class _Token:
    """A token, and what tells whether it stamps this seal."""

    der: bytes
    covers: Callable[[TimeStamp], bool]
    archive: bool = False

    def read(self, stamps: Stamps) -> TimeStamp:
        """What it says.

        Raises:
            InvalidSignatureError, InvalidFormatError: it does not hold, is of something else, or
                carries more than it needs.
        """
        stamp = stamps.read(self.der, archive=self.archive)
        if not self.covers(stamp):
            raise InvalidSignatureError("a time-stamp of something else")
        return stamp


def has_time_stamps(candidate: Candidate, signature: SealSignature) -> bool:
    """Whether there is anything to check."""
    return bool(candidate.stamps or signature.time_stamps or signature.archive_time_stamps)


def check_time_stamps(
    candidate: Candidate,
    signature: SealSignature,
    root: bytes | None,
    sources: Sources,
) -> Passed[Stamped]:
    """Check the time-stamps in a seal signature, and those over its PDF.

    Args:
        candidate: the seal, with the document time-stamps that cover it.
        signature: the seal signature.
        root: the certificate that the verifier trusts and the seal leads to, DER, or ``None``.
        sources: what the verifier trusts, and the ledger: it says which roots are issuers'.

    Raises:
        InvalidSignatureError: none of them holds; says why.
        InvalidFormatError: the same, where the reason is its form.
    """
    good: list[tuple[TimeStamp, str | None]] = []
    problem: ProofError | InvalidFormatError | None = None
    for token in (*_inside(candidate.cms, signature), *_over_revisions(candidate)):
        try:
            stamp = token.read(sources.stamps)
        except (ProofError, InvalidFormatError) as error:
            problem = problem or error
            continue
        good.append((stamp, _distrust(stamp, signature, root, sources)))
    if not good:
        raise problem or InvalidSignatureError("There is no time-stamp.")
    good.sort(key=lambda each: (each[1] is not None, each[0].generated))
    stamp, distrust = good[0]
    why = "" if distrust is None else f"; it narrows nothing, for {distrust}"
    aside = "" if problem is None else f" Another time-stamp was set aside: {problem}"
    detail = f"Time-stamped at {format_time(stamp.generated)} by {stamp.authority}{why}.{aside}"
    return Passed(Stamped(None if distrust else stamp.generated), detail)


def check_stamps_inside(cms: bytes, roots: tuple[bytes, ...], stamps: Stamps) -> None:
    """Check that what stands in a seal signature as time-stamps are such, of trusted authorities.

    What only has their form is something that somebody added. One of an authority that leads to
    none of the verifier's roots may be the service's own doing, or anybody's: whoever likes can
    make an authority, and write into its certificate. It says nothing against the seal.

    Args:
        cms: the seal signature as it stands in the file, DER.
        roots: the certificates the verifier trusts, DER.
        stamps: reads those of this file.

    Raises:
        FindingError: ``time_stamp_untrusted``.
        ProofError, InvalidFormatError: one of them is none.
    """
    _check_all(_inside(cms, read_signature(cms)), roots, stamps)


def check_stamped_revisions(candidate: Candidate, roots: tuple[bytes, ...], stamps: Stamps) -> None:
    """The same of what stands in a PDF as document time-stamps.

    Raises:
        FindingError, ProofError, InvalidFormatError: as :func:`check_stamps_inside`.
    """
    _check_all(_over_revisions(candidate), roots, stamps)


def _check_all(tokens: Iterable[_Token], roots: tuple[bytes, ...], stamps: Stamps) -> None:
    for stamp in [token.read(stamps) for token in tokens]:  # what is none comes first
        if not _is_trusted(stamp, roots):
            raise FindingError(
                Finding.TIME_STAMP_UNTRUSTED,
                "What was sealed is unchanged; the file bears a time-stamp of "
                f"{stamp.authority}, which leads to no root you trust.",
            )


def _inside(cms: bytes, signature: SealSignature) -> Iterator[_Token]:
    """The time-stamps in a seal signature."""
    for token in signature.time_stamps:
        yield _Token(token, lambda stamp: same_imprint(stamp, signature.signature))
    for token in signature.archive_time_stamps:
        yield _Token(token, lambda stamp: _archives(stamp, cms, signature), archive=True)


def _over_revisions(candidate: Candidate) -> Iterator[_Token]:
    """The document time-stamps over a seal, by the SHA-256 of the bytes they cover."""
    for token, digest in candidate.stamps:
        yield _Token(token, _over(digest))


def _over(digest: bytes) -> Callable[[TimeStamp], bool]:
    return lambda stamp: (stamp.hash_name, stamp.imprint) == (hashlib.sha256().name, digest)


def _archives(stamp: TimeStamp, cms: bytes, signature: SealSignature) -> bool:
    if stamp.hash_name != hashlib.sha256().name:
        raise InvalidSignatureError("an archive time-stamp without SHA-256")
    return same_imprint(stamp, archived_message(cms, stamp.token, signature.message_digest))


def _distrust(
    stamp: TimeStamp, signature: SealSignature, root: bytes | None, sources: Sources
) -> str | None:
    """Why an authority's word is not relied upon, or ``None`` if it is."""
    roots = sources.trust.roots
    if not _is_trusted(stamp, roots):
        return "it leads to no root you trust"
    issuer = load_certificate(stamp.certificate).issuer
    if issuer == load_certificate(signature.signer).issuer:
        return "the seal's own issuer runs it"
    if not _is_trusted(stamp, _others(roots, () if root is None else (root,))):
        return "it leads to no other root than the seal's own issuer"
    try:
        issuers = _of_issuers(sources)
    except LedgerError as error:
        return f"whether its root is an issuer's, the ledger does not say: {error}"
    if not _is_trusted(stamp, _others(roots, issuers)):
        return "it leads to the root of an issuer of seals, as the ledger says"
    return None


def _of_issuers(sources: Sources) -> list[bytes]:
    """The verifier's roots that the ledger names, or ever named, as an issuer's.

    Raises:
        LedgerError: it cannot be asked.
    """
    changes = sources.trusted_ledger().changes(0)
    named = {c.get("rootHash") for c in changes if c.kind is ChangeKind.ROOT_ADDED}
    return [root for root in sources.trust.roots if hashlib.sha256(root).digest() in named]


def _others(roots: tuple[bytes, ...], than: Sequence[bytes]) -> tuple[bytes, ...]:
    """Those of other keys."""
    keys = [load_certificate(root).public_key() for root in than]
    return tuple(each for each in roots if load_certificate(each).public_key() not in keys)


def _is_trusted(stamp: TimeStamp, roots: tuple[bytes, ...]) -> bool:
    try:
        verify_chain(stamp.certificate, stamp.certificates, roots, stamp.generated)
    except (ProofError, InvalidInputError):
        return False
    return True
