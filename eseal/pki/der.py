"""DER in and out: reading foreign certificates, signing our own through the key store.

``cryptography``'s builders want a private key object and a key store hands none out. So a structure
is built and signed with a key that is thrown away, its to-be-signed part is signed through the key
store, and the outer SEQUENCE (RFC 5280 section 4.1, the same for certificates, CRLs and certificate
requests) is put together here.
"""

from __future__ import annotations

from functools import cache

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.keys.protocol import KeyStore
from eseal.suites import AlgorithmIdentifier, KeyAlgorithm, PublicKey, is_costly, suite_for

MAX_CERTIFICATE_BYTES = 65_536
"""Real certificates have one to three kilobytes; post-quantum ones about twenty."""


@asn1.sequence
class Signed:
    """RFC 5280 section 4.1: what was signed, how, and the signature."""

    to_be_signed: asn1.TLV
    algorithm: AlgorithmIdentifier
    signature: asn1.BitString


def signature_algorithm(algorithm: KeyAlgorithm) -> AlgorithmIdentifier:
    """How the key store's signatures are named in X.509 structures.

    ECDSA has absent parameters (RFC 5758 section 3.2), RSA has NULL (RFC 4055 section 5).

    Raises:
        InvalidInputError: keys of this kind do not sign certificates.
    """
    suite = suite_for(algorithm)
    if suite is not None:
        return suite.x509
    raise InvalidInputError(
        f"expected a p256 or rsa3072 key for X.509, got {algorithm.value}", field="key_id"
    )


def sign_der(keys: KeyStore, key_id: str, to_be_signed: bytes) -> bytes:
    """Sign DER through the key store.

    Args:
        keys: the key store.
        key_id: a P-256 or RSA-3072 key in it.
        to_be_signed: DER of one element.

    Returns:
        DER of the signed structure.

    Raises:
        NotFoundError: there is no such key.
        InvalidInputError: keys of this kind do not sign certificates.
    """
    algorithm = signature_algorithm(keys.algorithm(key_id))
    return asn1.encode_der(
        Signed(
            to_be_signed=raw(to_be_signed),
            algorithm=algorithm,
            signature=asn1.BitString(keys.sign(key_id, to_be_signed), 0),
        )
    )


def sign_certificate(builder: x509.CertificateBuilder, keys: KeyStore, key_id: str) -> bytes:
    """Sign a certificate with a P-256 key of the key store; DER."""
    draft = builder.sign(_throwaway_key(), SHA256())
    return sign_der(keys, key_id, draft.tbs_certificate_bytes)


def sign_crl(builder: x509.CertificateRevocationListBuilder, keys: KeyStore, key_id: str) -> bytes:
    """Sign a revocation list with a P-256 key of the key store; DER."""
    draft = builder.sign(_throwaway_key(), SHA256())
    return sign_der(keys, key_id, draft.tbs_certlist_bytes)


def element(tag: int, *parts: bytes) -> bytes:
    """One DER element of concatenated content: tag and definite length (X.690 section 8.1).

    For the few types ``cryptography.hazmat.asn1`` does not know: ENUMERATED, OCTET STRING around
    DER, implicit tags on raw parts.
    """
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:  # noqa: PLR2004  # X.690 section 8.1.3: the short form
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def raw(der: bytes) -> asn1.TLV:
    """One DER element of ours, to be put into a larger one as it is."""
    return asn1.decode_der(asn1.TLV, der)


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse a certificate whole: names, validity, key and extensions, so that nothing fails later.

    Raises:
        InvalidFormatError: ``der`` is not an X.509 certificate in DER, or holds a key or signature
            algorithm that is not supported.
    """
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise InvalidFormatError(
            f"expected a certificate of 1 to {MAX_CERTIFICATE_BYTES} bytes, got {len(der)} bytes",
            field="certificate",
        )
    try:
        certificate = x509.load_der_x509_certificate(der)
        # The library parses these when they are first asked for.
        _ = (certificate.subject, certificate.issuer, certificate.extensions)
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        _ = (certificate.signature_hash_algorithm, certificate.signature_algorithm_parameters)
        public_key = certificate.public_key()
    except Exception as error:  # noqa: BLE001 - whatever the parser below throws at foreign bytes
        raise InvalidFormatError(
            f"expected an X.509 certificate in DER, got {len(der)} bytes: {error}",
            field="certificate",
        ) from None
    # RFC 5280 section 4.1.1.3: signatures are whole octets. The library would also take one whose
    # last bit is called unused, and so a second encoding of the same certificate.
    if der[-len(certificate.signature) - 1]:
        raise InvalidFormatError(
            "expected a certificate whose signature is whole octets, got one with unused bits",
            field="certificate",
        )
    if not isinstance(public_key, PublicKey):
        raise InvalidFormatError(
            f"expected an EC, RSA or EdDSA key in a certificate, got {type(public_key).__name__}",
            field="certificate",
        )
    if is_costly(public_key):
        raise InvalidFormatError(
            "expected an RSA key of usual size and exponent in a certificate", field="certificate"
        )
    return certificate


def load_public_key(spki: bytes) -> PublicKey:
    """Parse a SubjectPublicKeyInfo.

    Raises:
        InvalidFormatError: ``spki`` is not one in DER, or of an unsupported kind.
    """
    try:
        key = load_der_public_key(spki)
    except Exception as error:  # noqa: BLE001 - whatever the parser below throws at foreign bytes
        raise InvalidFormatError(
            f"expected a SubjectPublicKeyInfo in DER, got {len(spki)} bytes: {error}",
            field="public_key",
        ) from None
    if not isinstance(key, PublicKey):
        raise InvalidFormatError(
            f"expected an EC, RSA or EdDSA public key, got {type(key).__name__}",
            field="public_key",
        )
    return key


@cache
def _throwaway_key() -> ec.EllipticCurvePrivateKey:
    """Signs drafts: of the same kind as the CA's keys, so the draft names the right algorithm."""
    return ec.generate_private_key(ec.SECP256R1())
