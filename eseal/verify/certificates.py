"""Whom a seal's certificate names, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from eseal.errors import InvalidInputError
from eseal.pki.names import subject_of

NAMES_KEPT = 4096
"""Certificates whose names are remembered: a verifier meets the same few again and again."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Whom a certificate names (ETSI EN 319 412-3 clause 4.2.1).

    Attributes:
        name: ``organizationName``, else ``commonName``, or ``None``.
        registration_id: ``organizationIdentifier`` (EN 319 412-1 clause 5.1.4), or ``None``.
    """

    name: str | None
    registration_id: str | None


@lru_cache(maxsize=NAMES_KEPT)
def signer_of(certificate: bytes) -> Signer:
    """Whom a certificate (DER) names; nobody if that cannot be read without doubt."""
    try:
        subject = subject_of(certificate)
    except InvalidInputError:
        return Signer(None, None)
    return Signer(
        subject.organization_name or subject.common_name or None,
        subject.organization_identifier or None,
    )
