"""What the certificates of the built-in CA look like.

Seals follow ETSI EN 319 412-3 (legal persons) on EN 319 412-2 and RFC 5280. Left out on purpose:

- QcCompliance and the other statements of EN 319 412-5: nothing here is qualified. The one QC
  statement there is says only what the organizationIdentifier means (EN 319 412-1 clause 5.1.4).
- the policies of EN 319 411-1 (LCP, NCP): nobody has audited the built-in CA. Its own policy
  (``SEAL_POLICY``) claims what docs/long-term.md says, and no more.
- extendedKeyUsage: a seal with id-kp-documentSigning alone (RFC 9336) is turned down by readers
  that demand id-kp-emailProtection of every CMS signer, ``openssl cms -verify`` among them; without
  the extension all accept it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from eseal.errors import InvalidInputError
from eseal.pki.der import load_public_key
from eseal.pki.public_urls import PublicUrls
from eseal.suites import SEAL_KEYS, PublicKey, key_title, suite_of

SEAL_VALIDITY = timedelta(days=3 * 365 + 1)
"""Three years: the usual life of a legal-person certificate, and short enough that keys and
algorithms get renewed."""
ISSUING_VALIDITY = timedelta(days=10 * 365 + 3)
"""Ten years: seals can be issued under one issuing CA for seven of them."""
ROOT_VALIDITY = timedelta(days=20 * 365 + 5)
"""Twenty years: outlives two issuing CAs."""
TSA_VALIDITY = timedelta(days=6 * 365 + 1)
"""Six years: renewed in its last five (``TSA_RESERVE``), so that a token can be checked against a
certificate in force for five years without an archive time-stamp."""
TSA_RESERVE = timedelta(days=5 * 365)
"""A time-stamp made today must stay checkable for years: the authority changes its key early."""
OCSP_VALIDITY = timedelta(days=90)
"""RFC 6960 section 4.2.2.2.1: a responder nobody can revoke should not live long."""
OCSP_RESERVE = timedelta(days=30)
"""It is replaced before it ends."""
EARLIEST_YEAR = 1950
"""RFC 5280 section 4.1.2.5.1: UTCTime begins here."""
SEAL_POLICY: Final = x509.ObjectIdentifier(
    "1.2.840.113556.1.8000.2554.30792.35760.50750.18728.33272.14233657.2463079"
)
"""The policy under which the built-in CA issues seals; docs/long-term.md says what it is.

Not under 2.25 as our attributes are: readers that keep each arc in a machine word refuse a whole
certificate with a longer one in its policies (zcrypto, and with it zlint; Go up to 1.21). This is
the arc Microsoft gives to everybody for numbers made from a random UUID, here
78488bb0-c63e-4928-81f8-d93039259567.
"""
ANY_POLICY: Final = x509.ObjectIdentifier("2.5.29.32.0")
"""RFC 5280 section 4.2.1.4: the issuing CA may issue under any policy of its own organisation."""
QC_STATEMENTS: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
"""RFC 3739 section 3.2.6."""
LEGAL_SEMANTICS: Final = bytes.fromhex("3017 3015 06082b06010505070b02 3009 060704008bec490102")
"""DER of QCStatements: id-qcs-pkixQCSyntax-v2 (RFC 3739 section 3.2.6.1) with the semantics
id-etsi-qcs-SemanticsId-Legal, 0.4.0.194121.1.2 (ETSI EN 319 412-1 clause 5.1.4).
"""


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is good, both ends included; aware times, whole seconds."""

    not_before: datetime
    not_after: datetime


def whole_second(moment: datetime, field: str) -> datetime:
    """``moment`` in UTC without fractions of a second, which X.509 cannot write.

    Raises:
        InvalidInputError: it has no time zone, or is before 1950.
    """
    if moment.tzinfo is None or moment.year <= EARLIEST_YEAR:
        raise InvalidInputError(
            f"{field}: expected a time with a time zone, after {EARLIEST_YEAR}, got "
            f"{moment.isoformat()}",
            field=field,
        )
    return moment.astimezone(UTC).replace(microsecond=0)


def validity(not_before: datetime, not_after: datetime) -> Validity:
    """A validity in whole seconds.

    Raises:
        InvalidInputError: a time has no time zone or is before 1950, or the end is not after the
            start.
    """
    start = whole_second(not_before, "not_before")
    end = whole_second(not_after, "not_after")
    if end <= start:
        raise InvalidInputError(
            f"expected an end after the start {start.isoformat()}, got {end.isoformat()}",
            field="not_after",
        )
    return Validity(start, end)


def check_seal_key(spki: bytes) -> PublicKey:
    """Parse a seal's public key: of one of the suites.

    Raises:
        InvalidInputError: another kind of key, or (as ``InvalidFormatError``) none at all.
    """
    key = load_public_key(spki)
    if suite_of(key) is None:
        raise InvalidInputError(
            f"public_key: expected {SEAL_KEYS}, got {key_title(key)}", field="public_key"
        )
    return key


def seal_certificate(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Certificate,
    valid: Validity,
    addresses: PublicUrls | None,
) -> x509.CertificateBuilder:
    """A seal's certificate, ready to sign: no CA, contentCommitment and nothing else.

    ``addresses`` are those of the issuing CA; ``None`` if the world cannot reach the service.

    contentCommitment is X.509's newer name for nonRepudiation; EN 319 412-2 clause 4.3.2 type A.
    """
    builder = (
        _certificate(subject, public_key, issuer.subject, valid)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(content_commitment=True), critical=True)
        .add_extension(_authority_key(issuer), critical=False)
        .add_extension(_policy(SEAL_POLICY), critical=False)
        .add_extension(x509.UnrecognizedExtension(QC_STATEMENTS, LEGAL_SEMANTICS), critical=False)
    )
    return _located(builder, addresses)


def tsa_certificate(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Certificate,
    valid: Validity,
    addresses: PublicUrls | None,
) -> x509.CertificateBuilder:
    """A time-stamp authority's certificate, ready to sign.

    RFC 3161 section 2.3: the extended key usage is critical and holds timeStamping only.
    """
    builder = (
        _certificate(subject, public_key, issuer.subject, valid)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]),
            critical=True,
        )
        .add_extension(_authority_key(issuer), critical=False)
    )
    return _located(builder, addresses)


def ocsp_certificate(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Certificate,
    valid: Validity,
) -> x509.CertificateBuilder:
    """A delegated OCSP responder's certificate, ready to sign (RFC 6960 section 4.2.2.2).

    With id-pkix-ocsp-nocheck: nobody is to ask the responder about itself.
    """
    return (
        _certificate(subject, public_key, issuer.subject, valid)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(_authority_key(issuer), critical=False)
    )


def root_certificate(
    subject: x509.Name, public_key: PublicKey, valid: Validity
) -> x509.CertificateBuilder:
    """The root's own certificate, ready to sign; one CA may stand below it."""
    return (
        _certificate(subject, public_key, subject, valid)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_key_usage(issues=True), critical=True)
    )


def issuing_certificate(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Certificate,
    valid: Validity,
    addresses: PublicUrls | None,
) -> x509.CertificateBuilder:
    """The issuing CA's certificate, ready to sign; ``addresses`` are those of the root."""
    builder = (
        _certificate(subject, public_key, issuer.subject, valid)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(issues=True), critical=True)
        .add_extension(_authority_key(issuer), critical=False)
        .add_extension(_policy(ANY_POLICY), critical=False)
    )
    return _located(builder, addresses)


def _certificate(
    subject: x509.Name, public_key: PublicKey, issuer: x509.Name, valid: Validity
) -> x509.CertificateBuilder:
    """What all have in common; the serial is 159 random bits (RFC 5280 section 4.1.2.2)."""
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .not_valid_before(valid.not_before)
        .not_valid_after(valid.not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _located(
    builder: x509.CertificateBuilder, addresses: PublicUrls | None
) -> x509.CertificateBuilder:
    """With the addresses of revocation list, responder and issuer, where there are any."""
    if addresses is None:
        return builder
    return builder.add_extension(_distribution_points(addresses.crl), critical=False).add_extension(
        _information_access(addresses), critical=False
    )


def _information_access(addresses: PublicUrls) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
            for method, url in (
                (AuthorityInformationAccessOID.OCSP, addresses.ocsp),
                (AuthorityInformationAccessOID.CA_ISSUERS, addresses.issuer),
            )
            if url is not None
        ]
    )


def _policy(policy: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(policy, None)])


def _key_usage(
    *, digital_signature: bool = False, content_commitment: bool = False, issues: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)


def _distribution_points(url: str) -> x509.CRLDistributionPoints:
    point = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    return x509.CRLDistributionPoints([point])
