"""Whom a seal's certificate names and who issued it, remembered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from eseal.errors import InvalidFormatError, ProofError
from eseal.model.seal import SealType
from eseal.pki.ca import is_built_in
from eseal.pki.chain import verify_chain, verify_signing_usage
from eseal.pki.der import load_certificate
from eseal.pki.names import called, seal_type_of, subject_of_name
from eseal.pki.revocation_checks import issued_by

NAMES_KEPT = 4096
"""Certificates whose names are remembered: a verifier meets the same few again and again."""
BUILT_IN = "built-in CA, for trying out"
"""What is said of an issuer that calls itself a built-in CA of this program."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Whom a certificate names (ETSI EN 319 412-3 clause 4.2.1), and who says so.

    Attributes:
        name: ``organizationName``, else ``commonName``, or ``None``.
        registration_id: ``organizationIdentifier`` (EN 319 412-1 clause 5.1.4), or ``None``.
        seal_type: what the seal is for, as the common name of its certificate says, or ``None``.
        issuer: the CA that issued the certificate, in words, or ``None``.
        vouched_by: who vouches for all that: the issuer's organisation, or ``BUILT_IN``; ``None``
            if the certificate names none.
        organization: ``organizationName`` and nothing else: what an authority's word is about.
    """

    name: str | None
    registration_id: str | None
    seal_type: SealType | None = None
    issuer: str | None = None
    vouched_by: str | None = None
    organization: str | None = None


@lru_cache(maxsize=NAMES_KEPT)
def signer_of(certificate: bytes) -> Signer:
    """Whom a certificate (DER) names; nobody if that cannot be read without doubt."""
    try:
        loaded = load_certificate(certificate)
        subject = subject_of_name(loaded.subject)
        issuer = subject_of_name(loaded.issuer)
    except InvalidFormatError:
        return Signer(None, None)
    vouching = BUILT_IN if is_built_in(loaded.issuer) else issuer.organization_name
    return Signer(
        subject.organization_name or subject.common_name or None,
        subject.organization_identifier or None,
        seal_type_of(subject.common_name),
        called(issuer) or None,
        vouching or issuer.common_name or None,
        subject.organization_name or None,
    )


@lru_cache(maxsize=NAMES_KEPT)
def title_of(certificate: bytes) -> str | None:
    """How a certificate (DER) calls its own holder, e.g. a root; ``None`` if it cannot be read."""
    try:
        return called(subject_of_name(load_certificate(certificate).subject)) or None
    except InvalidFormatError:
        return None


@lru_cache(maxsize=NAMES_KEPT)
def leads_up(certificate: bytes, chain: tuple[bytes, ...]) -> bool:
    """Whether each certificate has been issued by the next one; one that names itself, by itself.

    It rests on their keys. Whether the last one is to be trusted, another check says.
    """
    try:
        loaded = [load_certificate(der) for der in (certificate, *chain)]
    except InvalidFormatError:
        return False
    if chain and loaded[-1].issuer == loaded[-1].subject:
        loaded.append(loaded[-1])
    return all(issued_by(below, above) for below, above in pairwise(loaded))


def root_of(
    certificate: bytes, others: tuple[bytes, ...], roots: tuple[bytes, ...], at: datetime
) -> bytes:
    """The root that a certificate for signing leads to; as :func:`verify_chain`, remembered.

    Of a path only the certificates' periods depend on the time. So one that is good at one moment
    is good at each at which all of them are in theirs.

    Raises:
        ProofError, InvalidInputError: as :func:`verify_chain` and :func:`verify_signing_usage`.
    """
    start, end = _common_period((certificate, *others))
    if start <= at <= end:
        with suppress(ProofError):  # a root may be younger
            root = _root_since(certificate, others, roots, start)
            first, last = _common_period((root,))
            if first <= at <= last:
                return root
    verify_signing_usage(certificate)
    return verify_chain(certificate, others, roots, at)


@lru_cache(maxsize=NAMES_KEPT)
def _root_since(
    certificate: bytes, others: tuple[bytes, ...], roots: tuple[bytes, ...], start: datetime
) -> bytes:
    verify_signing_usage(certificate)
    return verify_chain(certificate, others, roots, start)


@lru_cache(maxsize=NAMES_KEPT)
def _common_period(certificates: tuple[bytes, ...]) -> tuple[datetime, datetime]:
    """When all of these certificates are valid; empty if that never is.

    Raises:
        InvalidFormatError: one does not parse.
    """
    loaded = [load_certificate(der) for der in certificates]
    return (
        max(each.not_valid_before_utc for each in loaded),
        min(each.not_valid_after_utc for each in loaded),
    )
