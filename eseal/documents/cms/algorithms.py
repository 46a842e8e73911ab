"""The signature algorithms: what seals use, and what other producers use and is checked as well.

A seal signs over SHA-256 with a key on P-256 or of RSA; :class:`SignatureAlgorithm` is all that is
written, and all that a signature with a statement may use. Of strangers, the algorithms in common
use in PAdES and CAdES are checked (ETSI TS 119 312 clause 5 and 6); any other is *not supported*,
which is never a reason to call a signature forged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Null
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from eseal.documents import oids
from eseal.documents.cms.structures import AlgorithmIdentifier, PssAlgorithm
from eseal.errors import (
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
)
from eseal.keys.costs import MAX_RSA_BITS, is_costly
from eseal.model.commitment import SignatureAlgorithm

MIN_SEAL_RSA_BITS = 3072
"""128-bit security until beyond 2030 (SOG-IS agreed mechanisms, NIST SP 800-57 table 2)."""
MIN_RSA_BITS = 2048
"""Of other producers: legacy in the SOG-IS agreed mechanisms, and what most certificates have."""
PARSED_KEPT = 1024
"""Parsed certificates kept: a batch comes from few seals, and parsing costs half a verification.

With ``MAX_CERTIFICATE_BYTES`` a hostile sender fills 16 MiB at most.
"""

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class Kind(StrEnum):
    """The families of signature algorithms that are checked."""

    ECDSA = "ECDSA"
    RSA_PKCS1 = "RSA"
    RSA_PSS = "RSA-PSS"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature is said to have been made.

    Said, not signed: the identifiers in a SignerInfo stand outside of what is signed (RFC 6211
    section 1).

    Attributes:
        kind: the family.
        hash_name: over which hash, as ``hashlib`` calls it; also that of the content.
        salt_bytes: RSA-PSS: the salt's length, else 0.
    """

    kind: Kind
    hash_name: str
    salt_bytes: int = 0

    def __str__(self) -> str:
        """In words, e.g. ``ECDSA with SHA-256``."""
        return f"{self.kind} with {hash_title(self.hash_name)}"


def hash_title(hash_name: str) -> str:
    """How people write a hash, e.g. ``SHA-256`` for ``sha256``."""
    return hash_name.upper().replace("SHA", "SHA-")


def _identifier(oid: x509.ObjectIdentifier, *, null: bool) -> bytes:
    return asn1.encode_der(AlgorithmIdentifier(algorithm=oid, parameters=Null() if null else None))


SHA256_IDENTIFIER: Final = _identifier(oids.SHA256, null=False)
"""RFC 5754 section 2: parameters are to be absent."""
_DIGEST_OIDS: Final = {oids.SHA256: "sha256", oids.SHA384: "sha384", oids.SHA512: "sha512"}
_DIGESTS: Final = {
    _identifier(oid, null=null): name
    for oid, name in _DIGEST_OIDS.items()
    for null in (False, True)
}
"""RFC 5754 section 2: NULL parameters must be accepted."""
IDENTIFIERS: Final = {
    SignatureAlgorithm.ECDSA_P256_SHA256: _identifier(oids.ECDSA_WITH_SHA256, null=False),
    SignatureAlgorithm.RSA_PKCS1_SHA256: _identifier(oids.RSA_ENCRYPTION, null=True),
}
"""What is written: the DER of the AlgorithmIdentifier."""
_SEAL_SCHEMES: Final = {
    SignatureAlgorithm.ECDSA_P256_SHA256: Scheme(Kind.ECDSA, "sha256"),
    SignatureAlgorithm.RSA_PKCS1_SHA256: Scheme(Kind.RSA_PKCS1, "sha256"),
}
_ALGORITHMS: Final[dict[bytes, tuple[Kind, str | None]]] = {
    _identifier(oids.ECDSA_WITH_SHA256, null=False): (Kind.ECDSA, "sha256"),
    _identifier(oids.ECDSA_WITH_SHA384, null=False): (Kind.ECDSA, "sha384"),
    _identifier(oids.ECDSA_WITH_SHA512, null=False): (Kind.ECDSA, "sha512"),
    _identifier(oids.RSA_ENCRYPTION, null=True): (Kind.RSA_PKCS1, None),
    _identifier(oids.SHA256_WITH_RSA, null=True): (Kind.RSA_PKCS1, "sha256"),
    _identifier(oids.SHA384_WITH_RSA, null=True): (Kind.RSA_PKCS1, "sha384"),
    _identifier(oids.SHA512_WITH_RSA, null=True): (Kind.RSA_PKCS1, "sha512"),
    # RFC 8419 section 3.1: pure Ed25519, beside a content hashed with SHA-512.
    _identifier(oids.ED25519, null=False): (Kind.ED25519, "sha512"),
}
"""Keyed by the complete DER, so an unexpected parameter is an unknown algorithm. ``None``: over the
hash that the content has (RFC 5754 section 3.2)."""
_KNOWN_NAMES: Final = {
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "1.2.156.10197.1.401": "SM3",
    "1.2.156.10197.1.501": "SM2 with SM3",
    "1.2.840.10040.4.3": "DSA with SHA-1",
    "1.2.840.10045.4.1": "ECDSA with SHA-1",
    "1.2.840.113549.1.1.5": "RSA with SHA-1",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.3.101.113": "Ed448",
}
"""So that a refusal names what other producers are likely to use."""


def digest_algorithm(identifier: TLV) -> str:
    """The hash an AlgorithmIdentifier names, as ``hashlib`` calls it.

    Raises:
        UnsupportedAlgorithmError: none of SHA-256, SHA-384 and SHA-512.
    """
    name = _DIGESTS.get(asn1.encode_der(identifier))
    if name is None:
        raise UnsupportedAlgorithmError(
            f"CMS: expected digest algorithm SHA-256, SHA-384 or SHA-512, got {_name(identifier)}"
        )
    return name


def digest_of(algorithm: x509.ObjectIdentifier) -> str | None:
    """The hash with this OID, as ``hashlib`` calls it, or ``None`` if it is not checked here."""
    return _DIGEST_OIDS.get(algorithm)


def scheme_of(identifier: TLV, digest: str) -> Scheme:
    """The scheme an AlgorithmIdentifier names.

    Args:
        identifier: as it stands in the SignerInfo.
        digest: the hash of the content, which the signature must use too (RFC 5754 section 3).

    Raises:
        UnsupportedAlgorithmError: one that is not checked here.
    """
    der = asn1.encode_der(identifier)
    if der in _ALGORITHMS:
        kind, named = _ALGORITHMS[der]
        scheme = Scheme(kind, named or digest)
    else:
        scheme = _pss(der) or _unknown(identifier)
    if scheme.hash_name != digest:
        raise UnsupportedAlgorithmError(
            f"CMS: expected one hash for content and signature, got {hash_title(digest)} for the "
            f"content beside {scheme}"
        )
    return scheme


def is_known(identifier: bytes) -> bool:
    """Whether an AlgorithmIdentifier (DER) names a hash or a scheme that is checked here.

    What it names need not fit what else is said; but it holds nothing besides.
    """
    return identifier in _DIGESTS or identifier in _ALGORITHMS or _pss(identifier) is not None


def algorithm_of(certificate: bytes) -> SignatureAlgorithm:
    """The algorithm with which this certificate's key seals.

    Args:
        certificate: DER.

    Raises:
        InvalidInputError: not a certificate, or a key that is not allowed for a seal.
    """
    try:
        return _seal_algorithm(public_key(certificate))
    except InvalidFormatError as error:
        raise InvalidInputError(f"seal certificate: {error}", field="certificate") from None


def check_seal_scheme(key: PublicKey, scheme: Scheme) -> None:
    """Check that a seal with this key signs in this way.

    Raises:
        UnsupportedAlgorithmError: not a seal's key, or the identifiers name another way.
    """
    expected = seal_scheme(key)
    if scheme != expected:
        raise UnsupportedAlgorithmError(f"expected {expected} as the seal's key says, got {scheme}")


def seal_scheme(key: PublicKey) -> Scheme:
    """How a seal with this key signs.

    Raises:
        UnsupportedAlgorithmError: not a seal's key.
    """
    return _SEAL_SCHEMES[_seal_algorithm(key)]


@lru_cache(maxsize=PARSED_KEPT)
def public_key(certificate: bytes) -> PublicKey:
    """The public key of a certificate.

    Args:
        certificate: DER.

    Raises:
        InvalidFormatError: not a certificate.
        UnsupportedAlgorithmError: its key is of another kind, curve or size than is checked here.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except UnsupportedAlgorithm as error:
        raise UnsupportedAlgorithmError(f"the certificate's key cannot be used: {error}") from None
    except (ValueError, x509.InvalidVersion) as error:
        raise InvalidFormatError(f"the certificate cannot be read: {error}") from None
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise UnsupportedAlgorithmError(
                f"expected a key on P-256, P-384 or P-521, got one on {key.curve.name}"
            )
    elif isinstance(key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise UnsupportedAlgorithmError(
                f"expected an RSA key of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, got {key.key_size}"
            )
        if is_costly(key):
            raise UnsupportedAlgorithmError("expected an RSA key with a small public exponent")
    elif not isinstance(key, ed25519.Ed25519PublicKey):
        raise UnsupportedAlgorithmError(
            f"expected an EC, RSA or Ed25519 key, got {type(key).__name__}"
        )
    return key


def key_title(key: PublicKey) -> str:
    """What kind of key it is, e.g. ``RSA 2048``, ``P-384``."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES[key.curve.name]
    return "Ed25519"


def verify(key: PublicKey, scheme: Scheme, signature: bytes, message: bytes) -> None:
    """Verify one signature.

    Raises:
        UnsupportedAlgorithmError: the key is not one of this scheme: which of the two is wrong
            nobody signed.
        InvalidSignatureError: the signature does not verify.
    """
    algorithm = _HASHES[scheme.hash_name]
    try:
        match key, scheme.kind:
            case rsa.RSAPublicKey(), Kind.RSA_PKCS1:
                key.verify(signature, message, padding.PKCS1v15(), algorithm)
            case rsa.RSAPublicKey(), Kind.RSA_PSS:
                pss = padding.PSS(padding.MGF1(algorithm), scheme.salt_bytes)
                key.verify(signature, message, pss, algorithm)
            case ec.EllipticCurvePublicKey(), Kind.ECDSA:
                key.verify(signature, message, ec.ECDSA(algorithm))
            case ed25519.Ed25519PublicKey(), Kind.ED25519:
                key.verify(signature, message)
            case _:
                raise UnsupportedAlgorithmError(
                    f"the certificate holds a key of {key_title(key)}, but the signature is said "
                    f"to be {scheme}"
                )
    except InvalidSignature:
        raise InvalidSignatureError("the signature does not verify under its certificate") from None


def _seal_algorithm(key: PublicKey) -> SignatureAlgorithm:
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return SignatureAlgorithm.ECDSA_P256_SHA256
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_SEAL_RSA_BITS:
        return SignatureAlgorithm.RSA_PKCS1_SHA256
    raise UnsupportedAlgorithmError(
        f"expected a seal's key on P-256 or of RSA with at least {MIN_SEAL_RSA_BITS} bits, "
        f"got {key_title(key)}"
    )


def _pss(der: bytes) -> Scheme | None:
    """RSASSA-PSS (RFC 4055 section 3.1) with one hash for message and mask, or ``None``."""
    try:
        named = asn1.decode_der(PssAlgorithm, der)
    except ValueError:
        return None
    parameters, mask = named.parameters, named.parameters.mask_generation
    if named.algorithm != oids.RSASSA_PSS or parameters.hash_algorithm is None or mask is None:
        return None  # the default is SHA-1
    hash_name = digest_of(parameters.hash_algorithm.algorithm)
    if (
        hash_name is None
        or mask.algorithm != oids.MGF1
        or digest_of(mask.hash_algorithm.algorithm) != hash_name
    ):
        return None
    if parameters.trailer != 1 or not 0 <= parameters.salt_bytes <= _MAX_SALT:
        return None
    return Scheme(Kind.RSA_PSS, hash_name, parameters.salt_bytes)


_MAX_SALT: Final = MAX_RSA_BITS // 8
"""No modulus takes more."""


def _unknown(identifier: TLV) -> Scheme:
    raise UnsupportedAlgorithmError(
        "CMS: expected signature algorithm ECDSA, RSA PKCS#1 v1.5 or PSS with SHA-256, SHA-384 or "
        f"SHA-512, or Ed25519, got {_name(identifier)}"
    )


def _name(identifier: TLV) -> str:
    """What an AlgorithmIdentifier names, for a message."""
    data = bytes(identifier.data)
    try:
        oid = asn1.decode_der(x509.ObjectIdentifier, data[: 2 + data[1]]).dotted_string
    except (ValueError, IndexError):
        return "something that is not an AlgorithmIdentifier"
    return f"{_KNOWN_NAMES[oid]} ({oid})" if oid in _KNOWN_NAMES else oid
