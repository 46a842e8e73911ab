"""The signature algorithms: what seals use, and what other producers use and is checked as well.

Seals sign with one of ``eseal.suites.SUITES``; that is all that is written, and all that a
signature with a statement may use. Of strangers, the algorithms in common use in PAdES and CAdES
are checked (ETSI TS 119 312 clause 5 and 6); any other is *not supported*, which is never a reason
to call a signature forged.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from eseal import suites
from eseal.documents import oids
from eseal.documents.cms.structures import PssAlgorithm
from eseal.errors import (
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
)
from eseal.model.commitment import SignatureAlgorithm
from eseal.suites import (
    ED25519_OID,
    HASH_NAMES,
    HASHES,
    MAX_RSA_BITS,
    MIN_RSA_BITS,
    RSA_ENCRYPTION,
    SEAL_KEYS,
    SHA512,
    Family,
    PublicKey,
    Scheme,
    Suite,
    curve_title,
    identifier,
    is_costly,
    key_title,
    suite_of,
)

PARSED_KEPT = 1024
"""Parsed certificates kept: a batch comes from few seals, and parsing costs half a verification.

With ``MAX_CERTIFICATE_BYTES`` a hostile sender fills 16 MiB at most.
"""


_DIGESTS: Final = {
    asn1.encode_der(identifier(each.oid, null=null)): each.name
    for each in HASHES.values()
    for null in (False, True)
}
"""RFC 5754 section 2: parameters are to be absent, and NULL must be accepted."""
_ALGORITHMS: Final[dict[bytes, tuple[Family, str | None]]] = {
    asn1.encode_der(identifier(RSA_ENCRYPTION, null=True)): (Family.RSA_PKCS1, None),
    **{
        asn1.encode_der(identifier(each.with_ecdsa)): (Family.ECDSA, each.name)
        for each in HASHES.values()
    },
    **{
        asn1.encode_der(identifier(each.with_rsa, null=True)): (Family.RSA_PKCS1, each.name)
        for each in HASHES.values()
    },
    # RFC 8419 section 3.1: pure Ed25519, beside a content hashed with SHA-512.
    asn1.encode_der(identifier(ED25519_OID)): (Family.ED25519, SHA512.name),
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
        family, named = _ALGORITHMS[der]
        scheme = Scheme(family, named or digest)
    else:
        scheme = _pss(der) or _unknown(identifier)
    if scheme.hash_name != digest:
        raise UnsupportedAlgorithmError(
            f"CMS: expected one hash for content and signature, got {HASHES[digest].title} for the "
            f"content beside {scheme}"
        )
    return scheme


def is_known(identifier: bytes) -> bool:
    """Whether an AlgorithmIdentifier (DER) names a hash or a scheme that is checked here.

    What it names need not fit what else is said; but it holds nothing besides.
    """
    return identifier in _DIGESTS or identifier in _ALGORITHMS or _pss(identifier) is not None


def suite_of_certificate(certificate: bytes) -> Suite:
    """The suite with which this certificate's key seals.

    Args:
        certificate: DER.

    Raises:
        InvalidInputError: not a certificate, or a key that is not allowed for a seal.
    """
    try:
        return _seal_suite(public_key(certificate))
    except InvalidFormatError as error:
        raise InvalidInputError(f"seal certificate: {error}", field="certificate") from None


def algorithm_of(certificate: bytes) -> SignatureAlgorithm:
    """The algorithm with which this certificate's key seals.

    Raises:
        InvalidInputError: not a certificate, or a key that is not allowed for a seal.
    """
    return suite_of_certificate(certificate).algorithm


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
    suite = _seal_suite(key)
    return Scheme(suite.family, suite.hash.name)


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
        if curve_title(key) is None:
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


def verify(key: PublicKey, scheme: Scheme, signature: bytes, message: bytes) -> None:
    """Verify one signature.

    Raises:
        UnsupportedAlgorithmError: the key is not one of this scheme: which of the two is wrong
            nobody signed.
        InvalidSignatureError: the signature does not verify.
    """
    try:
        suites.verify(key, scheme, signature, message)
    except UnsupportedAlgorithm:
        raise UnsupportedAlgorithmError(
            f"the certificate holds a key of {key_title(key)}, but the signature is said to be "
            f"{scheme}"
        ) from None
    except InvalidSignature:
        raise InvalidSignatureError("the signature does not verify under its certificate") from None


def _seal_suite(key: PublicKey) -> Suite:
    suite = suite_of(key)
    if suite is None:
        raise UnsupportedAlgorithmError(f"expected a seal's key, {SEAL_KEYS}, got {key_title(key)}")
    return suite


def _pss(der: bytes) -> Scheme | None:
    """RSASSA-PSS (RFC 4055 section 3.1) with one hash for message and mask, or ``None``."""
    try:
        named = asn1.decode_der(PssAlgorithm, der)
    except ValueError:
        return None
    parameters, mask = named.parameters, named.parameters.mask_generation
    if named.algorithm != oids.RSASSA_PSS or parameters.hash_algorithm is None or mask is None:
        return None  # the default is SHA-1
    hash_name = HASH_NAMES.get(parameters.hash_algorithm.algorithm)
    if (
        hash_name is None
        or mask.algorithm != oids.MGF1
        or HASH_NAMES.get(mask.hash_algorithm.algorithm) != hash_name
    ):
        return None
    if parameters.trailer != 1 or not 0 <= parameters.salt_bytes <= _MAX_SALT:
        return None
    return Scheme(Family.RSA_PSS, hash_name, parameters.salt_bytes)


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
