"""The signature suites: every algorithm that is named anywhere, and what each format calls it.

A hash is added as a row of :data:`HASHES`, a way to sign as a row of :data:`SUITES`. Keys, X.509,
CMS, time-stamps and commitments read what they need from there. What others sign with and is
checked as well is in ``eseal/documents/cms/algorithms.py``: it is read, never written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ObjectIdentifier

from eseal.model.commitment import SignatureAlgorithm

MIN_SEAL_RSA_BITS: Final = 3072
"""128-bit security until beyond 2030, like P-256 (SOG-IS, NIST SP 800-57 part 1)."""
MIN_RSA_BITS: Final = 2048
"""Of other producers: legacy in the SOG-IS agreed mechanisms, and what most certificates have."""
MIN_CURVE_BITS: Final = 256
"""The same, for curves."""
MAX_RSA_BITS: Final = 8192
"""A larger modulus only slows the verifier down."""
MAX_RSA_EXPONENT_BITS: Final = 64
"""Of 65537 and 3, which all use, 17 at most; OpenSSL has this limit for large moduli alone."""
PublicKey: TypeAlias = (
    ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
)
"""The keys a signature can be checked with."""


@asn1.sequence
class AlgorithmIdentifier:
    """RFC 5280 section 4.1.1.2, parameters absent or NULL."""

    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


def identifier(oid: ObjectIdentifier, *, null: bool = False) -> AlgorithmIdentifier:
    """The AlgorithmIdentifier of an algorithm without parameters, or with NULL."""
    return AlgorithmIdentifier(algorithm=oid, parameters=asn1.Null() if null else None)


class KeyAlgorithm(StrEnum):
    """The kinds of key a store can hold."""

    P256 = "p256"
    """ECDSA on NIST P-256 with SHA-256: seals and the built-in CA."""
    RSA3072 = "rsa3072"
    """RSASSA-PKCS1-v1_5 with SHA-256: seals, where a counterparty's tools demand RSA."""
    ED25519 = "ed25519"
    """Log checkpoints."""
    SECP256K1 = "secp256k1"
    """Ledger transactions."""
    VRF = "vrf"
    """The verifiable random function of RFC 9381 on edwards25519: companies' subjects. It has the
    form of an Ed25519 key and never signs."""


class Family(StrEnum):
    """The families of signature algorithms that are checked."""

    ECDSA = "ECDSA"
    RSA_PKCS1 = "RSA"
    RSA_PSS = "RSA-PSS"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash function.

    Attributes:
        name: as ``hashlib`` calls it.
        title: as people write it.
        size: of a digest, bytes.
        oid: RFC 5754 section 2.
        with_ecdsa: the OID of ECDSA over it (RFC 5758 section 3.2).
        with_rsa: the OID of RSASSA-PKCS1-v1_5 over it (RFC 4055 section 5).
        function: as ``cryptography`` knows it.
    """

    name: str
    title: str
    size: int
    oid: ObjectIdentifier
    with_ecdsa: ObjectIdentifier
    with_rsa: ObjectIdentifier
    function: hashes.HashAlgorithm


def _sha2(bits: int, digest: int, ecdsa: int, pkcs1: int, function: hashes.HashAlgorithm) -> Hash:
    return Hash(
        name=f"sha{bits}",
        title=f"SHA-{bits}",
        size=bits // 8,
        oid=ObjectIdentifier(f"2.16.840.1.101.3.4.2.{digest}"),
        with_ecdsa=ObjectIdentifier(f"1.2.840.10045.4.3.{ecdsa}"),
        with_rsa=ObjectIdentifier(f"1.2.840.113549.1.1.{pkcs1}"),
        function=function,
    )


SHA256: Final = _sha2(256, 1, 2, 11, hashes.SHA256())
SHA384: Final = _sha2(384, 2, 3, 12, hashes.SHA384())
SHA512: Final = _sha2(512, 3, 4, 13, hashes.SHA512())
HASHES: Final = {each.name: each for each in (SHA256, SHA384, SHA512)}
"""All that are accepted, by name; what is written is SHA-256."""
HASH_NAMES: Final = {each.oid: each.name for each in HASHES.values()}
"""Their names by OID."""
RSA_ENCRYPTION: Final = ObjectIdentifier("1.2.840.113549.1.1.1")
"""RFC 5754 section 3.2: what CMS calls RSASSA-PKCS1-v1_5, over whatever hash the content has."""
ED25519_OID: Final = ObjectIdentifier("1.3.101.112")
"""RFC 8410 section 3, RFC 8419 section 2.1."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature is said to have been made.

    Said, not signed: the identifiers in a SignerInfo stand outside of what is signed (RFC 6211
    section 1).

    Attributes:
        family: of the algorithm.
        hash_name: over which hash, as ``hashlib`` calls it; also that of the content.
        salt_bytes: RSA-PSS: the salt's length, else 0.
    """

    family: Family
    hash_name: str
    salt_bytes: int = 0

    def __str__(self) -> str:
        """In words, e.g. ``ECDSA with SHA-256``."""
        return f"{self.family} with {HASHES[self.hash_name].title}"


@dataclass(frozen=True, slots=True)
class Suite:
    """One way in which seals, and what stands above and beside them, sign.

    Attributes:
        algorithm: what statements, evidence and commitments call it.
        key: the kind of key a store makes for it.
        family: of the algorithm.
        hash: over which it signs.
        cms: the AlgorithmIdentifier in a SignerInfo (RFC 5754 section 3).
        x509: the one in certificates, revocation lists and requests (RFC 5758, RFC 4055).
    """

    algorithm: SignatureAlgorithm
    key: KeyAlgorithm
    family: Family
    hash: Hash
    cms: AlgorithmIdentifier
    x509: AlgorithmIdentifier


SUITES: Final = (
    Suite(
        SignatureAlgorithm.ECDSA_P256_SHA256,
        KeyAlgorithm.P256,
        Family.ECDSA,
        SHA256,
        cms=identifier(SHA256.with_ecdsa),
        x509=identifier(SHA256.with_ecdsa),
    ),
    Suite(
        SignatureAlgorithm.RSA_PKCS1_SHA256,
        KeyAlgorithm.RSA3072,
        Family.RSA_PKCS1,
        SHA256,
        cms=identifier(RSA_ENCRYPTION, null=True),
        x509=identifier(SHA256.with_rsa, null=True),
    ),
)
"""The first is the one for CA, responder and time-stamps."""
SEAL_KEYS: Final = f"P-256 or RSA of at least {MIN_SEAL_RSA_BITS} bits"
"""What keys a seal may have, in words."""
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def suite_of(key: object) -> Suite | None:
    """The suite a seal with this public key signs with, ``None`` if it is no key for a seal."""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return SUITES[0]
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_SEAL_RSA_BITS:
        return SUITES[1]
    return None


def suite_for(algorithm: KeyAlgorithm) -> Suite | None:
    """The suite of a store's key, ``None`` if keys of this kind make no seals and certificates."""
    return next((suite for suite in SUITES if suite.key is algorithm), None)


def curve_title(key: ec.EllipticCurvePublicKey) -> str | None:
    """What people call its curve, ``None`` for one that is not checked."""
    return _CURVES.get(key.curve.name)


def key_title(key: object) -> str:
    """What kind of public key it is, e.g. ``RSA 2048``, ``P-384``."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return curve_title(key) or key.curve.name
    return type(key).__name__.removesuffix("PublicKey")


def is_weak(key: object) -> bool:
    """Whether an RSA key or curve is smaller than is accepted of anybody."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size < MIN_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_CURVE_BITS


def is_costly(key: object) -> bool:
    """Whether verifying with a stranger's public key takes far longer than with those in use.

    A verification takes 0.02 to 0.7 ms with any key in use. The exponent of an RSA key may be as
    long as its modulus, and then one takes 5 ms; so may the parameters of DSA, which nobody uses
    any more, and 10 ms.
    """
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        return key.key_size > MAX_RSA_BITS or exponent.bit_length() > MAX_RSA_EXPONENT_BITS
    return isinstance(key, dsa.DSAPublicKey)


def verify(key: object, scheme: Scheme, signature: bytes, message: bytes) -> None:
    """Verify one signature.

    Args:
        key: the public key.
        scheme: how it is said to have been made.
        signature: its value.
        message: what was signed.

    Raises:
        UnsupportedAlgorithm: the key is not one of this family.
        InvalidSignature: it does not verify.
    """
    function = HASHES[scheme.hash_name].function
    match key, scheme.family:
        case rsa.RSAPublicKey(), Family.RSA_PKCS1:
            key.verify(signature, message, padding.PKCS1v15(), function)
        case rsa.RSAPublicKey(), Family.RSA_PSS:
            pss = padding.PSS(padding.MGF1(function), scheme.salt_bytes)
            key.verify(signature, message, pss, function)
        case ec.EllipticCurvePublicKey(), Family.ECDSA:
            key.verify(signature, message, ec.ECDSA(function))
        case ed25519.Ed25519PublicKey(), Family.ED25519:
            key.verify(signature, message)
        case _:
            raise UnsupportedAlgorithm(f"{key_title(key)} does not sign with {scheme.family}")


def has_signed(
    key: object, function: hashes.HashAlgorithm | None, signature: bytes, message: bytes
) -> bool:
    """Whether this key signed a revocation list or an OCSP answer (RSA PKCS#1 v1.5 or ECDSA).

    By a weak key, or over another hash than those of :data:`HASHES`, anybody may have.
    """
    if function is None or function.name not in HASHES or is_weak(key):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), function)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(function))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
