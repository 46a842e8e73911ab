"""Reading a detached CMS with one signer, ours or another producer's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV

from eseal.documents import oids
from eseal.documents.cms.algorithms import (
    PARSED_KEPT,
    SignatureAlgorithm,
    check_digest_algorithm,
    signature_algorithm,
)
from eseal.documents.cms.structures import (
    Attribute,
    Certificate,
    ContentInfo,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
    SigningCertificateV2,
    decode_set,
)
from eseal.errors import InvalidFormatError

MAX_CMS_BYTES: Final = 1 << 20
"""A seal is about 4 KB; other producers embed revocation lists, which stay below a mebibyte."""
MAX_CERTIFICATES: Final = 32
"""Longer than any chain; bounds the work on a hostile input."""
MAX_CERTIFICATE_BYTES: Final = 16 * 1024
"""An RSA-4096 certificate with many names takes 3 KB."""

_HASH_BYTES: Final = 32
"""SHA-256."""
_BY_ISSUER: Final = 1
"""RFC 5652 section 5.3: the version where the signer is named by issuer and serial number."""
_BY_KEY_IDENTIFIER: Final = 3
"""The same, where the signer is named by subject key identifier."""
_WITH_OTHER_REVOCATION: Final = 5
"""RFC 5652 section 5.1: a SignedData that holds OCSP answers."""
MAX_TIME_STAMPS: Final = 64
"""An archive adds one every few years."""

_SEQUENCE: Final = b"\x30"
_SET: Final = b"\x31"
_CONTEXT_0: Final = b"\xa0"
_SUBJECT_KEY_IDENTIFIER: Final = b"\x80"

_SIGNED: Final = frozenset(
    {oids.CONTENT_TYPE, oids.MESSAGE_DIGEST, oids.SIGNING_CERTIFICATE_V2, oids.STATEMENT}
)
_UNSIGNED: Final = frozenset({oids.RECEIPT})

Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class SealSignature:
    """What a detached CMS with one signer says. Nothing in it is verified yet.

    Attributes:
        certificate: the signer's certificate, DER.
        chain: the other certificates, DER, in the order of the CMS.
        content_type: dotted OID of the signed content; always id-data.
        message_digest: SHA-256 the signer claims for the content, 32 bytes.
        certificate_hash: SHA-256 the signer claims for its certificate (RFC 5035), 32 bytes, or
            ``None`` if it names none, as other producers may.
        signed_attributes: what was signed: DER of the SET OF, tag ``0x31``.
        signature: the signature value.
        algorithm: how it was made.
        statement: the statement's bytes, or ``None``: then no eseal service made this signature.
        receipt: the receipt's text, or ``None``.
        time_stamps: tokens over the signature value (ETSI EN 319 122-1 clause 5.3), DER.
        archive_time_stamps: tokens over all of it (clause 5.5.3), DER.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    content_type: str
    message_digest: bytes
    certificate_hash: bytes | None
    signed_attributes: bytes
    signature: bytes
    algorithm: SignatureAlgorithm
    statement: bytes | None
    receipt: bytes | None
    time_stamps: tuple[bytes, ...] = ()
    archive_time_stamps: tuple[bytes, ...] = ()


def decode(der: bytes) -> SealSignature:
    """Read a detached CMS with exactly one signer (RFC 5652).

    Signatures of other producers are read too, with or without statement, receipt and
    signing-certificate-v2, as long as they are DER, detached, over SHA-256 and hold the signer's
    certificate.

    Args:
        der: the ContentInfo and nothing else; at most ``MAX_CMS_BYTES``.

    Raises:
        InvalidFormatError: anything else, named.
    """
    if len(der) > MAX_CMS_BYTES:
        raise InvalidFormatError(f"CMS: expected at most {MAX_CMS_BYTES} bytes, got {len(der)}")
    if der[:1] == _SEQUENCE and der[1:2] == b"\x80":
        raise InvalidFormatError("CMS: expected DER, got BER with indefinite length")
    try:
        return _decode(der)
    except InvalidFormatError:
        raise
    except ValueError as error:
        raise InvalidFormatError(f"CMS: expected DER of a detached SignedData: {error}") from None


def _decode(der: bytes) -> SealSignature:
    signed = asn1.decode_der(ContentInfo, der)
    _expect(signed.content_type, oids.ID_SIGNED_DATA, "content")
    data = signed.content
    _expect(data.encapsulated.content_type, oids.ID_DATA, "encapsulated content")
    if data.encapsulated.content is not None:
        raise InvalidFormatError("CMS: expected a detached signature, got one with its content")
    signers = data.signer_infos.as_list()
    if len(signers) != 1:
        raise InvalidFormatError(f"CMS: expected exactly one signer, got {len(signers)}")
    signer = signers[0]
    _check_versions(data, signer)
    for identifier in (*data.digest_algorithms.as_list(), signer.digest_algorithm):
        check_digest_algorithm(identifier)
    certificate, chain = _certificates(data, signer.sid)
    if signer.signed_attributes.tag_bytes != _CONTEXT_0:
        raise InvalidFormatError("CMS: expected signed attributes, got none")
    attributes = _SET + asn1.encode_der(signer.signed_attributes)[1:]
    known = _known(decode_set(attributes), _SIGNED)
    _expect(_value(known, oids.CONTENT_TYPE, x509.ObjectIdentifier), oids.ID_DATA, "content-type")
    digest = _value(known, oids.MESSAGE_DIGEST, bytes)
    if digest is None or len(digest) != _HASH_BYTES:
        raise InvalidFormatError(f"CMS: expected a message-digest of {_HASH_BYTES} bytes")
    unsigned = [] if signer.unsigned_attributes is None else signer.unsigned_attributes.as_list()
    return SealSignature(
        certificate=certificate,
        chain=chain,
        content_type=oids.ID_DATA.dotted_string,
        message_digest=digest,
        certificate_hash=_certificate_hash(known),
        signed_attributes=attributes,
        signature=signer.signature,
        algorithm=signature_algorithm(signer.signature_algorithm),
        statement=_value(known, oids.STATEMENT, bytes),
        receipt=_value(_known(unsigned, _UNSIGNED), oids.RECEIPT, bytes),
        time_stamps=_tokens(unsigned, oids.SIGNATURE_TIME_STAMP),
        archive_time_stamps=_tokens(unsigned, oids.ARCHIVE_TIME_STAMP_V3),
    )


def _expect(got: x509.ObjectIdentifier | None, expected: x509.ObjectIdentifier, name: str) -> None:
    if got != expected:
        raise InvalidFormatError(
            f"CMS: expected {name} type {expected.dotted_string}, "
            f"got {got.dotted_string if got else 'none'}"
        )


def _check_versions(data: SignedData, signer: SignerInfo) -> None:
    """RFC 5652 section 5.3; SignedData's own version is written loosely by some producers."""
    by_key_identifier = signer.sid.tag_bytes == _SUBJECT_KEY_IDENTIFIER
    expected = _BY_KEY_IDENTIFIER if by_key_identifier else _BY_ISSUER
    if signer.version != expected or data.version not in (
        _BY_ISSUER,
        _BY_KEY_IDENTIFIER,
        _WITH_OTHER_REVOCATION,
    ):
        raise InvalidFormatError(
            f"CMS: expected signer version {expected} in SignedData version 1, 3 or 5, "
            f"got {signer.version} in {data.version}"
        )


def _certificates(data: SignedData, sid: TLV) -> tuple[bytes, tuple[bytes, ...]]:
    """The signer's certificate and the others."""
    found = data.certificates.as_list() if data.certificates is not None else []
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise InvalidFormatError(
            f"CMS: expected 1 to {MAX_CERTIFICATES} certificates, got {len(found)}"
        )
    ders = [asn1.encode_der(certificate) for certificate in found]
    if max(map(len, ders)) > MAX_CERTIFICATE_BYTES:
        raise InvalidFormatError(
            f"CMS: expected certificates of at most {MAX_CERTIFICATE_BYTES} bytes"
        )
    if sid.tag_bytes == _SUBJECT_KEY_IDENTIFIER:
        matches = [der for der in ders if _key_identifier(der) == bytes(sid.data)]
    else:
        matches = [der for der in ders if _issuer_and_serial(der) == asn1.encode_der(sid)]
    if len(matches) != 1:
        raise InvalidFormatError(f"CMS: expected one certificate of the signer, got {len(matches)}")
    return matches[0], tuple(der for der in ders if der is not matches[0])


@lru_cache(maxsize=PARSED_KEPT)
def _issuer_and_serial(certificate: bytes) -> bytes:
    tbs = asn1.decode_der(Certificate, certificate).tbs
    return asn1.encode_der(
        IssuerAndSerialNumber(issuer=tbs.issuer, serial_number=tbs.serial_number)
    )


@lru_cache(maxsize=PARSED_KEPT)
def _key_identifier(certificate: bytes) -> bytes | None:
    """RFC 5280 section 4.2.1.2."""
    for extension in asn1.decode_der(Certificate, certificate).tbs.extensions or ():
        if extension.kind == oids.SUBJECT_KEY_IDENTIFIER:
            return asn1.decode_der(bytes, extension.value)
    return None


def _known(
    attributes: list[Attribute], kinds: frozenset[x509.ObjectIdentifier]
) -> dict[x509.ObjectIdentifier, TLV]:
    """The single values of the attributes of these kinds; others are left alone."""
    found: dict[x509.ObjectIdentifier, TLV] = {}
    for each in attributes:
        if each.type in kinds:
            values = each.values.as_list()
            if each.type in found or len(values) != 1:
                raise InvalidFormatError(
                    f"CMS: expected attribute {each.type.dotted_string} once with one value"
                )
            found[each.type] = values[0]
    return found


def _value(
    known: dict[x509.ObjectIdentifier, TLV], kind: x509.ObjectIdentifier, form: type[Form]
) -> Form | None:
    value = known.get(kind)
    parsed: Form | None = value.parse(form) if value is not None else None
    return parsed


def _tokens(attributes: list[Attribute], kind: x509.ObjectIdentifier) -> tuple[bytes, ...]:
    """Time-stamp tokens, however they are spread over attributes and values."""
    found = tuple(
        asn1.encode_der(value)
        for each in attributes
        if each.type == kind
        for value in each.values.as_list()
    )
    if len(found) > MAX_TIME_STAMPS:
        raise InvalidFormatError(
            f"CMS: expected at most {MAX_TIME_STAMPS} time-stamps, got {len(found)}"
        )
    return found


def _certificate_hash(known: dict[x509.ObjectIdentifier, TLV]) -> bytes | None:
    """RFC 5035 section 3: the first certificate named is the signer's."""
    named = _value(known, oids.SIGNING_CERTIFICATE_V2, SigningCertificateV2)
    if named is None:
        return None
    if not named.certificates:
        raise InvalidFormatError("CMS: expected signing-certificate-v2 to name a certificate")
    first = named.certificates[0]
    if first.hash_algorithm is not None and first.hash_algorithm.algorithm != oids.SHA256:
        raise InvalidFormatError(
            "CMS: expected SHA-256 in signing-certificate-v2, "
            f"got {first.hash_algorithm.algorithm.dotted_string}"
        )
    if len(first.certificate_hash) != _HASH_BYTES:
        raise InvalidFormatError(
            f"CMS: expected a certificate hash of {_HASH_BYTES} bytes, "
            f"got {len(first.certificate_hash)}"
        )
    return first.certificate_hash
