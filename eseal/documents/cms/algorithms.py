"""The signature algorithms a seal may use: one registry for writing, reading and verifying.

All of them sign over SHA-256. The registry is keyed by the complete DER of the
AlgorithmIdentifier, so an unexpected parameter is an unknown algorithm.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Null
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from eseal.documents import oids
from eseal.documents.cms.structures import AlgorithmIdentifier
from eseal.errors import InvalidFormatError, InvalidInputError, InvalidSignatureError

MIN_RSA_BITS = 3072
"""128-bit security until beyond 2030 (SOG-IS agreed mechanisms, NIST SP 800-57 table 2)."""
MAX_RSA_BITS = 8192
"""A larger modulus only slows the verifier down."""
PARSED_KEPT = 1024
"""Parsed certificates kept: a batch comes from few seals, and parsing costs half a verification.

With ``MAX_CERTIFICATE_BYTES`` a hostile sender fills 16 MiB at most.
"""

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class SignatureAlgorithm(StrEnum):
    """How a seal signature was made."""

    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"
    """ECDSA on NIST P-256 with SHA-256; the value is a DER ``ECDSA-Sig-Value``."""
    RSA_PKCS1_SHA256 = "rsa-pkcs1-sha256"
    """RSASSA-PKCS1-v1_5 with SHA-256; the value is as long as the modulus."""


def _identifier(oid: x509.ObjectIdentifier, *, null: bool) -> bytes:
    return asn1.encode_der(AlgorithmIdentifier(algorithm=oid, parameters=Null() if null else None))


SHA256_IDENTIFIER: Final = _identifier(oids.SHA256, null=False)
"""RFC 5754 section 2: parameters are to be absent."""
_SHA256_IDENTIFIERS: Final = frozenset({SHA256_IDENTIFIER, _identifier(oids.SHA256, null=True)})
"""RFC 5754 section 2: NULL parameters must be accepted."""
IDENTIFIERS: Final = {
    SignatureAlgorithm.ECDSA_P256_SHA256: _identifier(oids.ECDSA_WITH_SHA256, null=False),
    SignatureAlgorithm.RSA_PKCS1_SHA256: _identifier(oids.RSA_ENCRYPTION, null=True),
}
"""What is written: the DER of the AlgorithmIdentifier."""
_ALGORITHMS: Final = {
    **{der: algorithm for algorithm, der in IDENTIFIERS.items()},
    _identifier(oids.SHA256_WITH_RSA, null=True): SignatureAlgorithm.RSA_PKCS1_SHA256,
}
_KNOWN_NAMES: Final = {
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
    "1.2.156.10197.1.401": "SM3",
    "1.2.156.10197.1.501": "SM2 with SM3",
    "1.2.840.10045.4.1": "ECDSA with SHA-1",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
    "1.2.840.113549.1.1.5": "RSA with SHA-1",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.3.101.112": "Ed25519",
}
"""So that a refusal names what other producers are likely to use."""


def check_digest_algorithm(identifier: TLV) -> None:
    """Check that an AlgorithmIdentifier names SHA-256.

    Raises:
        InvalidFormatError: it names another digest.
    """
    if asn1.encode_der(identifier) not in _SHA256_IDENTIFIERS:
        raise InvalidFormatError(
            f"CMS: expected digest algorithm SHA-256 ({oids.SHA256.dotted_string}), "
            f"got {_name(identifier)}"
        )


def signature_algorithm(identifier: TLV) -> SignatureAlgorithm:
    """The algorithm an AlgorithmIdentifier names.

    Raises:
        InvalidFormatError: it is not one of the registry.
    """
    algorithm = _ALGORITHMS.get(asn1.encode_der(identifier))
    if algorithm is None:
        raise InvalidFormatError(
            "CMS: expected signature algorithm ECDSA with SHA-256 or RSA PKCS#1 v1.5, "
            f"got {_name(identifier)}"
        )
    return algorithm


def algorithm_of(certificate: bytes) -> SignatureAlgorithm:
    """The algorithm with which this certificate's key signs.

    Args:
        certificate: DER.

    Raises:
        InvalidInputError: not a certificate, or a key that is not allowed for a seal.
    """
    try:
        return _key_algorithm(public_key(certificate))
    except InvalidSignatureError as error:
        raise InvalidInputError(f"seal certificate: {error}", field="certificate") from None


@lru_cache(maxsize=PARSED_KEPT)
def public_key(certificate: bytes) -> PublicKey:
    """The public key of a certificate that is allowed for a seal.

    Args:
        certificate: DER.

    Raises:
        InvalidSignatureError: not a certificate, or its key is of another kind, curve or size.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise InvalidSignatureError(f"the certificate cannot be read: {error}") from None
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise InvalidSignatureError(f"expected a key on P-256, got one on {key.curve.name}")
        return key
    if isinstance(key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise InvalidSignatureError(
                f"expected an RSA key of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, got {key.key_size}"
            )
        return key
    raise InvalidSignatureError(f"expected a P-256 or RSA key, got {type(key).__name__}")


def verify(key: PublicKey, algorithm: SignatureAlgorithm, signature: bytes, message: bytes) -> None:
    """Verify one signature.

    Raises:
        InvalidSignatureError: the key is not of this algorithm, or the signature does not verify.
    """
    if algorithm is not _key_algorithm(key):
        raise InvalidSignatureError(
            f"expected {_key_algorithm(key)} as the certificate's key says, got {algorithm}"
        )
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise InvalidSignatureError(
            "the seal signature does not verify under its certificate"
        ) from None


def _key_algorithm(key: PublicKey) -> SignatureAlgorithm:
    if isinstance(key, rsa.RSAPublicKey):
        return SignatureAlgorithm.RSA_PKCS1_SHA256
    return SignatureAlgorithm.ECDSA_P256_SHA256


def _name(identifier: TLV) -> str:
    """What an AlgorithmIdentifier names, for a message."""
    data = bytes(identifier.data)
    try:
        oid = asn1.decode_der(x509.ObjectIdentifier, data[: 2 + data[1]]).dotted_string
    except (ValueError, IndexError):
        return "something that is not an AlgorithmIdentifier"
    return f"{_KNOWN_NAMES[oid]} ({oid})" if oid in _KNOWN_NAMES else oid
