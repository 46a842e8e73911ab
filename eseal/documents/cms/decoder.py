"""Reading a detached CMS with one signer, ours or another producer's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV

from eseal.documents import oids
from eseal.documents.cms.algorithms import (
    PARSED_KEPT,
    digest_algorithm,
    scheme_of,
)
from eseal.documents.cms.counting import check_count
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
from eseal.errors import InvalidFormatError, MissingCertificateError, UnsupportedAlgorithmError
from eseal.suites import HASH_NAMES, HASHES, SHA256, Scheme

MAX_CMS_BYTES: Final = 1 << 20
"""A seal is about 4 KB; other producers embed revocation lists, which stay below a mebibyte."""
MAX_CERTIFICATES: Final = 32
"""Longer than any chain; bounds the work on a hostile input."""
MAX_CERTIFICATE_BYTES: Final = 16 * 1024
"""An RSA-4096 certificate with many names takes 3 KB."""

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

_SEALING: Final = (oids.STATEMENT, oids.SUBJECT_PROOF, oids.BOOK_PATH)
"""What makes a signature that of a seal: all of them, or it is another producer's."""
_SIGNED: Final = frozenset(
    {oids.CONTENT_TYPE, oids.MESSAGE_DIGEST, oids.SIGNING_CERTIFICATE_V2, *_SEALING}
)
_UNSIGNED: Final = frozenset({oids.RECEIPT})

Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class SealSignature:
    """What a detached CMS with one signer says. Nothing in it is verified yet.

    Attributes:
        certificate: the signer's certificate, DER, or ``None`` if the CMS does not carry the one
            that its signed attributes name: certificates are not signed, and can be cut out.
        chain: the other certificates, DER, in the order of the CMS.
        content_type: dotted OID of the signed content; always id-data.
        hash_name: the hash of the content, as ``hashlib`` calls it.
        message_digest: the hash the signer claims for the content: 32, 48 or 64 bytes.
        certificate_hash: what the signer claims for its certificate (RFC 5035): the hash's name
            and value, or ``None`` if it names none, as other producers may.
        signed_attributes: what was signed: DER of the SET OF, tag ``0x31``.
        signature: the signature value.
        scheme: how it is said to have been made.
        statement: the statement's bytes, or ``None``: then no eseal service made this signature.
        subject_proof: the subject proof's bytes beside a statement, else ``None``.
        book_path: the path of the statement's ticket in its volume beside a statement, else
            ``None``.
        receipt: the receipt's text, or ``None``.
        time_stamps: tokens over the signature value (ETSI EN 319 122-1 clause 5.3), DER.
        archive_time_stamps: tokens over all of it (clause 5.5.3), DER.
    """

    certificate: bytes | None
    chain: tuple[bytes, ...]
    content_type: str
    hash_name: str
    message_digest: bytes
    certificate_hash: tuple[str, bytes] | None
    signed_attributes: bytes
    signature: bytes
    scheme: Scheme
    statement: bytes | None
    receipt: bytes | None
    subject_proof: bytes | None = None
    book_path: bytes | None = None
    time_stamps: tuple[bytes, ...] = ()
    archive_time_stamps: tuple[bytes, ...] = ()

    @property
    def signer(self) -> bytes:
        """The signer's certificate, DER.

        Raises:
            MissingCertificateError: the CMS does not carry it.
        """
        if self.certificate is None:
            raise MissingCertificateError("the signature does not carry its signer's certificate")
        return self.certificate


def decode(der: bytes) -> SealSignature:
    """Read a detached CMS with exactly one signer (RFC 5652).

    Signatures of other producers are read too, with or without statement, receipt and
    signing-certificate-v2, as long as they are DER, detached, and made in a way that is checked
    here. One with a statement is over SHA-256, as the statement is.

    Args:
        der: the ContentInfo and nothing else; at most ``MAX_CMS_BYTES``.

    Raises:
        UnsupportedAlgorithmError: made in a way that is not checked here.
        InvalidFormatError: anything else, named.
    """
    if len(der) > MAX_CMS_BYTES:
        raise InvalidFormatError(f"CMS: expected at most {MAX_CMS_BYTES} bytes, got {len(der)}")
    if der[:1] == _SEQUENCE and der[1:2] == b"\x80":
        raise InvalidFormatError("CMS: expected DER, got BER with indefinite length")
    check_count(der)
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
    hash_name = digest_algorithm(signer.digest_algorithm)
    if signer.signed_attributes.tag_bytes != _CONTEXT_0:
        raise InvalidFormatError("CMS: expected signed attributes, got none")
    attributes = _SET + asn1.encode_der(signer.signed_attributes)[1:]
    known = _known(decode_set(attributes), _SIGNED)
    digest = _message_digest(known, hash_name)
    statement, subject_proof, book_path = _sealing_parts(known, hash_name)
    certificate_hash = _certificate_hash(known)
    certificate, chain = _certificates(data, signer.sid, certificate_hash)
    unsigned = [] if signer.unsigned_attributes is None else signer.unsigned_attributes.as_list()
    return SealSignature(
        certificate=certificate,
        chain=chain,
        content_type=oids.ID_DATA.dotted_string,
        hash_name=hash_name,
        message_digest=digest,
        certificate_hash=certificate_hash,
        signed_attributes=attributes,
        signature=signer.signature,
        scheme=scheme_of(signer.signature_algorithm, hash_name),
        statement=statement,
        receipt=_receipt(unsigned),
        subject_proof=subject_proof,
        book_path=book_path,
        time_stamps=_tokens(unsigned, oids.SIGNATURE_TIME_STAMP),
        archive_time_stamps=_tokens(unsigned, oids.ARCHIVE_TIME_STAMP_V3),
    )


def _message_digest(known: dict[x509.ObjectIdentifier, TLV], hash_name: str) -> bytes:
    _expect(_value(known, oids.CONTENT_TYPE, x509.ObjectIdentifier), oids.ID_DATA, "content-type")
    digest = _value(known, oids.MESSAGE_DIGEST, bytes)
    if digest is None or len(digest) != HASHES[hash_name].size:
        raise InvalidFormatError(
            f"CMS: expected a message-digest of {HASHES[hash_name].size} bytes, as "
            f"{HASHES[hash_name].title} makes"
        )
    return digest


def _sealing_parts(
    known: dict[x509.ObjectIdentifier, TLV], hash_name: str
) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Statement, subject proof and book path: all three, or none of them."""
    there = [kind for kind in _SEALING if kind in known]
    if there and len(there) != len(_SEALING):
        raise InvalidFormatError(
            "CMS: expected statement, subject proof and book path together, "
            f"got {len(there)} of the three"
        )
    if there and hash_name != SHA256.name:
        raise InvalidFormatError(
            f"CMS: expected SHA-256 beside a statement, got {HASHES[hash_name].title}"
        )
    statement, proof, path = (_value(known, kind, bytes) for kind in _SEALING)
    return statement, proof, path


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


def _certificates(
    data: SignedData, sid: TLV, named: tuple[str, bytes] | None
) -> tuple[bytes | None, tuple[bytes, ...]]:
    """The signer's certificate, if it is there, and the others.

    Where the signed attributes name it, they decide: neither the set of certificates nor the
    signer's identifier is signed. What is signed and what only stands beside it must agree.
    """
    found = data.certificates.as_list() if data.certificates is not None else []
    if len(found) > MAX_CERTIFICATES:
        raise InvalidFormatError(
            f"CMS: expected at most {MAX_CERTIFICATES} certificates, got {len(found)}"
        )
    ders = list(dict.fromkeys(asn1.encode_der(certificate) for certificate in found))
    if max(map(len, ders), default=0) > MAX_CERTIFICATE_BYTES:
        raise InvalidFormatError(
            f"CMS: expected certificates of at most {MAX_CERTIFICATE_BYTES} bytes"
        )
    there = ders
    if named is not None:
        there = [der for der in ders if hashlib.new(named[0], der).digest() == named[1]]
    matches = [der for der in there if _is_named_by(sid, der)]
    if len(matches) > 1:
        raise InvalidFormatError(f"CMS: expected one certificate of the signer, got {len(matches)}")
    if named is not None and there and not matches:
        raise InvalidFormatError(
            "CMS: the signer's identifier and its signed attributes name different certificates"
        )
    own = matches[0] if matches else None
    return own, tuple(der for der in ders if der != own)


def _is_named_by(sid: TLV, certificate: bytes) -> bool:
    if sid.tag_bytes == _SUBJECT_KEY_IDENTIFIER:
        return key_identifier(certificate) == bytes(sid.data)
    return issuer_and_serial(certificate) == asn1.encode_der(sid)


@lru_cache(maxsize=PARSED_KEPT)
def issuer_and_serial(certificate: bytes) -> bytes:
    """How a signer is named by its certificate (RFC 5652 section 10.2.4), DER; else empty."""
    try:
        tbs = asn1.decode_der(Certificate, certificate).tbs
    except ValueError:
        return b""  # a set may hold other kinds of certificates (RFC 5652 section 10.2.2)
    return asn1.encode_der(
        IssuerAndSerialNumber(issuer=tbs.issuer, serial_number=tbs.serial_number)
    )


@lru_cache(maxsize=PARSED_KEPT)
def key_identifier(certificate: bytes) -> bytes | None:
    """How a certificate names its key (RFC 5280 section 4.2.1.2), or ``None``."""
    try:
        for extension in asn1.decode_der(Certificate, certificate).tbs.extensions or ():
            if extension.kind == oids.SUBJECT_KEY_IDENTIFIER:
                return asn1.decode_der(bytes, extension.value)
    except ValueError:
        return None
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


def _receipt(unsigned: list[Attribute]) -> bytes | None:
    """The receipt; one that is there twice, or is no text, is as good as none: nobody signed it."""
    try:
        return _value(_known(unsigned, _UNSIGNED), oids.RECEIPT, bytes)
    except ValueError:
        return None


def _certificate_hash(known: dict[x509.ObjectIdentifier, TLV]) -> tuple[str, bytes] | None:
    """RFC 5035 section 3: the first certificate named is the signer's."""
    value = known.get(oids.SIGNING_CERTIFICATE_V2)
    if value is not None and len(value.data) > MAX_CERTIFICATE_BYTES:
        raise InvalidFormatError("CMS: expected a shorter signing-certificate-v2")
    named = _value(known, oids.SIGNING_CERTIFICATE_V2, SigningCertificateV2)
    if named is None:
        return None
    if not named.certificates:
        raise InvalidFormatError("CMS: expected signing-certificate-v2 to name a certificate")
    first = named.certificates[0]
    algorithm = SHA256.oid if first.hash_algorithm is None else first.hash_algorithm.algorithm
    hash_name = HASH_NAMES.get(algorithm)
    if hash_name is None:
        raise UnsupportedAlgorithmError(
            "CMS: expected SHA-256, SHA-384 or SHA-512 in signing-certificate-v2, "
            f"got {algorithm.dotted_string}"
        )
    if len(first.certificate_hash) != HASHES[hash_name].size:
        raise InvalidFormatError(
            f"CMS: expected a certificate hash of {HASHES[hash_name].size} bytes, "
            f"got {len(first.certificate_hash)}"
        )
    return hash_name, first.certificate_hash
