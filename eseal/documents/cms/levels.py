"""Raising a seal signature's level: CAdES B-T, B-LT and B-LTA (ETSI EN 319 122-1).

Everything here adds *unsigned* parts to a CMS that is there already; statement, signed attributes
and signature value stay what they are. The CMS of version 1, as :class:`SealCms` writes it, is the
level B-B.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, SetOf

from eseal.documents import oids
from eseal.documents.cms.decoder import MAX_CERTIFICATES, MAX_CMS_BYTES
from eseal.documents.cms.structures import (
    Attribute,
    ContentInfo,
    OtherRevocationInfo,
    SignedData,
    SignerInfo,
    tlv,
)
from eseal.errors import InvalidFormatError, TooLargeError
from eseal.suites import SHA256, identifier

_WITH_OTHER_REVOCATION: Final = 5
"""RFC 5652 section 5.1: the version of a SignedData that holds OCSP answers."""


@asn1.sequence
class _AtsHashIndexV3:
    """ETSI EN 319 122-1 clause 5.5.2."""

    algorithm: TLV
    certificates: list[bytes]
    crls: list[bytes]
    unsigned_attributes: list[bytes]


@dataclass(frozen=True, slots=True)
class ArchiveImprint:
    """What an archive time-stamp is to be made over.

    Attributes:
        digest: SHA-256, 32 bytes: the message imprint.
        message: the octets it is the hash of.
        index: the ats-hash-index-v3 that belongs into the token, DER.
    """

    digest: bytes
    message: bytes
    index: bytes


def add_signature_time_stamp(cms: bytes, token: bytes) -> bytes:
    """Add a signature-time-stamp (clause 5.3): the signature becomes a B-T.

    Args:
        cms: the ContentInfo, DER.
        token: a time-stamp token over the signature value, DER outside at least.

    Raises:
        InvalidFormatError: not a CMS as seals are, or not a token.
        TooLargeError: the result would be larger than what is read.
    """
    return _with_unsigned(cms, oids.SIGNATURE_TIME_STAMP, token)


def add_validation_data(
    cms: bytes,
    *,
    certificates: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
) -> bytes:
    """Add certificates and revocation data (clause 5.4.1 and 5.4.2): a B-T becomes a B-LT.

    Certificates and lists go into SignedData; OCSP answers beside the lists, as RFC 5940 says.

    Raises:
        InvalidFormatError, TooLargeError: as :func:`add_signature_time_stamp`.
    """
    data = _load(cms).content
    old_certificates = [] if data.certificates is None else data.certificates.as_list()
    old_lists = [] if data.crls is None else data.crls.as_list()
    answers = [_other_revocation(each) for each in ocsps]
    new_certificates = _merged(old_certificates, certificates)
    if len(new_certificates) > MAX_CERTIFICATES:
        raise TooLargeError(
            f"CMS: expected at most {MAX_CERTIFICATES} certificates, got {len(new_certificates)}"
        )
    lists = _merged(old_lists, (*crls, *answers))
    holds_answers = any(each[:1] == b"\xa1" for each in map(asn1.encode_der, lists))
    return _encode(
        SignedData(
            version=_WITH_OTHER_REVOCATION if holds_answers else data.version,
            digest_algorithms=data.digest_algorithms,
            encapsulated=data.encapsulated,
            certificates=SetOf(new_certificates),
            crls=SetOf(lists) if lists else None,
            signer_infos=data.signer_infos,
        )
    )


def archive_imprint(cms: bytes, content_digest: bytes) -> ArchiveImprint:
    """What the next archive-time-stamp-v3 has to cover (clause 5.5.3).

    Args:
        cms: the ContentInfo, DER, with everything that is to be protected.
        content_digest: SHA-256 of the sealed content, 32 bytes: that of message-digest.

    Raises:
        InvalidFormatError: not a CMS as seals are.
    """
    data = _load(cms).content
    signer = _signer(data)
    index = asn1.encode_der(
        _AtsHashIndexV3(
            algorithm=tlv(asn1.encode_der(identifier(SHA256.oid))),
            certificates=_hashes(data.certificates),
            crls=_hashes(data.crls),
            unsigned_attributes=[
                hashlib.sha256(asn1.encode_der(each.type) + asn1.encode_der(value)).digest()
                for each in _unsigned(signer)
                for value in each.values.as_list()
            ],
        )
    )
    message = b"".join(
        (
            asn1.encode_der(data.encapsulated.content_type),
            content_digest,
            asn1.encode_der(signer.version),
            asn1.encode_der(signer.sid),
            asn1.encode_der(signer.digest_algorithm),
            asn1.encode_der(signer.signed_attributes),
            asn1.encode_der(signer.signature_algorithm),
            asn1.encode_der(signer.signature),
            index,
        )
    )
    return ArchiveImprint(hashlib.sha256(message).digest(), message, index)


def add_archive_time_stamp(cms: bytes, token: bytes, index: bytes) -> bytes:
    """Add an archive-time-stamp-v3 (clause 5.5.3): a B-LT becomes a B-LTA.

    Args:
        cms: the very CMS that :func:`archive_imprint` was asked about.
        token: a time-stamp token over its imprint.
        index: the hash index that came with the imprint; goes into the token, unsigned.

    Raises:
        InvalidFormatError, TooLargeError: as :func:`add_signature_time_stamp`.
    """
    return _with_unsigned(cms, oids.ARCHIVE_TIME_STAMP_V3, _with_index(token, index))


def archived_message(cms: bytes, token: bytes, content_digest: bytes) -> bytes:
    """The octets an archive time-stamp in a CMS was made over, after its hash index was checked.

    Raises:
        InvalidFormatError: there is no hash index, or it names something the CMS does not hold.
    """
    held = _held(cms, content_digest)
    index, parsed = _index_of(token)
    named = (parsed.certificates, parsed.crls, parsed.unsigned_attributes)
    if not all(there.issuperset(some) for some, there in zip(named, held.hashes, strict=True)):
        raise InvalidFormatError("archive time-stamp: it covers something that is not there")
    return held.head + index


@dataclass(frozen=True, slots=True)
class _Held:
    """What archive time-stamps in a CMS can cover.

    Attributes:
        head: what all of them cover, before the hash index.
        hashes: of certificates, revocation data and values of unsigned attributes.
    """

    head: bytes
    hashes: tuple[frozenset[bytes], ...]


@lru_cache(maxsize=2)
def _held(cms: bytes, content_digest: bytes) -> _Held:
    """Read once, however many time-stamps there are."""
    newest = archive_imprint(cms, content_digest)
    index = asn1.decode_der(_AtsHashIndexV3, newest.index)
    named = (index.certificates, index.crls, index.unsigned_attributes)
    return _Held(newest.message.removesuffix(newest.index), tuple(map(frozenset, named)))


def _index_of(token: bytes) -> tuple[bytes, _AtsHashIndexV3]:
    try:
        signer = asn1_cms.ContentInfo.load(token)["content"]["signer_infos"][0]
        for each in signer["unsigned_attrs"] or ():
            if each["type"].dotted == oids.ATS_HASH_INDEX_V3.dotted_string:
                der: bytes = each["values"][0].dump()
                return der, asn1.decode_der(_AtsHashIndexV3, der)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise InvalidFormatError(f"archive time-stamp: cannot be read: {error}") from None
    raise InvalidFormatError("archive time-stamp: expected an ats-hash-index-v3, got none")


def _load(cms: bytes) -> ContentInfo:
    try:
        return asn1.decode_der(ContentInfo, cms)
    except ValueError as error:
        raise InvalidFormatError(f"CMS: expected DER of a SignedData: {error}") from None


def _encode(data: SignedData) -> bytes:
    der = asn1.encode_der(ContentInfo(content_type=oids.ID_SIGNED_DATA, content=data))
    if len(der) > MAX_CMS_BYTES:
        raise TooLargeError(f"CMS: expected at most {MAX_CMS_BYTES} bytes, got {len(der)}")
    return der


def _signer(data: SignedData) -> SignerInfo:
    signers = data.signer_infos.as_list()
    if len(signers) != 1:
        raise InvalidFormatError(f"CMS: expected exactly one signer, got {len(signers)}")
    return signers[0]


def _unsigned(signer: SignerInfo) -> list[Attribute]:
    return [] if signer.unsigned_attributes is None else signer.unsigned_attributes.as_list()


def _with_unsigned(cms: bytes, kind: x509.ObjectIdentifier, value: bytes) -> bytes:
    """With an attribute more: one of its own, as clause 5.3 allows for every token."""
    data = _load(cms).content
    signer = _signer(data)
    try:
        added = Attribute(type=kind, values=SetOf([tlv(value)]))
    except ValueError as error:
        raise InvalidFormatError(f"time-stamp: expected DER, got {error}") from None
    changed = SignerInfo(
        version=signer.version,
        sid=signer.sid,
        digest_algorithm=signer.digest_algorithm,
        signed_attributes=signer.signed_attributes,
        signature_algorithm=signer.signature_algorithm,
        signature=signer.signature,
        unsigned_attributes=SetOf([*_unsigned(signer), added]),  # the encoder sorts, as DER asks
    )
    return _encode(
        SignedData(
            version=data.version,
            digest_algorithms=data.digest_algorithms,
            encapsulated=data.encapsulated,
            certificates=data.certificates,
            crls=data.crls,
            signer_infos=SetOf([changed]),
        )
    )


def _merged(old: list[TLV], new: Iterable[bytes]) -> list[TLV]:
    distinct = dict.fromkeys((*map(asn1.encode_der, old), *new))
    return [tlv(der) for der in distinct]


def _hashes(parts: SetOf[TLV] | None) -> list[bytes]:
    found = [] if parts is None else parts.as_list()
    return [hashlib.sha256(asn1.encode_der(each)).digest() for each in found]


def _other_revocation(response: bytes) -> bytes:
    """RFC 5940 section 2.1: an OCSPResponse as RevocationInfoChoice [1]."""
    other = OtherRevocationInfo(format=oids.OCSP_RESPONSE, info=tlv(response))
    return b"\xa1" + asn1.encode_der(other)[1:]


def _with_index(token: bytes, index: bytes) -> bytes:
    """The token with the hash index among its unsigned attributes; all else as it came."""
    info = asn1_cms.ContentInfo.load(token)
    signer = info["content"]["signer_infos"][0]
    attribute = asn1_cms.CMSAttribute(
        {
            "type": oids.ATS_HASH_INDEX_V3.dotted_string,
            "values": [core.Any(core.Sequence.load(index))],
        }
    )
    kept = list(signer["unsigned_attrs"] or ())
    signer["unsigned_attrs"] = asn1_cms.CMSAttributes([*kept, attribute])
    der: bytes = info.dump()
    return der
