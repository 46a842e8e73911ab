"""Certificates from another CA: the request that goes out, the checks on what comes back."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt
from eseal.keys.protocol import KeyStore
from eseal.model.company import Company, parse_registration_id
from eseal.pki.chain import MAX_PATH_CERTIFICATES, verify_path, verify_signing_usage
from eseal.pki.der import load_certificate, raw, sign_der
from eseal.pki.names import SealSubject, subject_of, to_name

CSR_VERSION = 0
"""PKCS#10 calls its version 1 by the number 0."""


@asn1.sequence
class CertificationRequestInfo:
    """RFC 2986 section 4.1."""

    version: int
    subject: asn1.TLV
    public_key: asn1.TLV
    attributes: Annotated[asn1.SetOf[asn1.TLV], asn1.Implicit(0)]


def export_csr(keys: KeyStore, key_id: str, subject: SealSubject) -> bytes:
    """A PKCS#10 request (RFC 2986) for a seal key, signed by that key; DER.

    It asks for no extensions: the CA that certifies it follows its own profile.

    Args:
        keys: the key store.
        key_id: a P-256 or RSA-3072 key in it.
        subject: the legal person.

    Raises:
        NotFoundError: there is no such key.
        InvalidInputError: a key of another kind, or a name that cannot be used.
    """
    info = CertificationRequestInfo(
        version=CSR_VERSION,
        subject=raw(to_name(subject).public_bytes()),
        public_key=raw(keys.public_key(key_id)),
        attributes=asn1.SetOf([]),
    )
    return sign_der(keys, key_id, asn1.encode_der(info))


def verify_foreign_certificate(
    certificate: bytes,
    chain: Sequence[bytes],
    *,
    public_key: bytes,
    company: Company,
    at: datetime,
) -> None:
    """Check that a certificate another CA issued can become a seal of ``company``.

    It may begin to be valid later, but must not have ended.

    Args:
        certificate: DER.
        chain: its issuers, DER, its own issuer first. Whether the last one is a root to be trusted
            is for whoever imports it, and later for every verifier, to decide.
        public_key: the seal key's SubjectPublicKeyInfo, DER.
        company: whose seal it is to be.
        at: now, aware.

    Raises:
        InvalidFormatError: a certificate does not parse.
        InvalidInputError: it certifies another key or names another company, or its chain is empty
            or too long; ``field`` is ``certificate`` or ``chain``.
        InvalidChainError: it has ended, its key usage does not allow seals, or an issuer is no CA,
            out of its time or, as ``UntrustedChainError``, not its issuer.
        InvalidSignatureError: an issuer did not sign the certificate below it.
    """
    if not 0 < len(chain) < MAX_PATH_CERTIFICATES:
        raise InvalidInputError(
            f"chain: expected 1 to {MAX_PATH_CERTIFICATES - 1} issuing certificates, its own "
            f"issuer first, got {len(chain)}",
            field="chain",
        )
    if at.tzinfo is None:
        raise InvalidInputError("expected a time with a time zone", field="at")
    loaded = load_certificate(certificate)
    certified = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certified != public_key:
        raise InvalidInputError(
            "certificate: expected one for this seal's key, got one for another key (was it made "
            "from the exported request?)",
            field="certificate",
        )
    _check_names(subject_of(certificate), company)
    verify_signing_usage(certificate)
    verify_path((certificate, *chain), max(at.astimezone(UTC), loaded.not_valid_before_utc))


def _check_names(subject: SealSubject, company: Company) -> None:
    if _alike(subject.organization_name) != _alike(company.name):
        raise InvalidInputError(
            f"certificate: expected the organizationName {company.name!r}, got "
            f"{excerpt(subject.organization_name, 200)}",
            field="certificate",
        )
    if _canonical(subject.organization_identifier) != company.identifier:
        raise InvalidInputError(
            f"certificate: expected the organizationIdentifier {company.identifier!r}, got "
            f"{excerpt(subject.organization_identifier, 64)}",
            field="certificate",
        )


def _alike(name: str) -> str:
    """Names that differ only in case, width or blanks are one: CAs write them their own way."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _canonical(identifier: str) -> str:
    """The identifier in our spelling; some CAs keep the register's dots and hyphens."""
    try:
        return parse_registration_id(identifier).identifier
    except InvalidInputError:
        return identifier
