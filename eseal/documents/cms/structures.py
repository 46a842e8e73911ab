"""The ASN.1 of RFC 5652 and RFC 5035 as far as a seal signature uses it.

Declared for ``cryptography.hazmat.asn1``, whose encoder and decoder are written in Rust and speak
DER only. Parts that must keep their very bytes (names, certificates, signed attributes) are
``TLV``.
"""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Default, Explicit, Implicit, SetOf
from cryptography.x509 import ObjectIdentifier

from eseal.suites import AlgorithmIdentifier


@asn1.sequence
class MaskGeneration:
    """RFC 4055 section 2.2: MGF1 and its hash."""

    algorithm: ObjectIdentifier
    hash_algorithm: AlgorithmIdentifier


@asn1.sequence
class PssParameters:
    """RFC 4055 section 3.1, RSASSA-PSS-params; an absent hash is SHA-1."""

    hash_algorithm: Annotated[AlgorithmIdentifier | None, Explicit(0)]
    mask_generation: Annotated[MaskGeneration | None, Explicit(1)]
    salt_bytes: Annotated[int, Explicit(2), Default(value=20)]
    trailer: Annotated[int, Explicit(3), Default(value=1)]


@asn1.sequence
class PssAlgorithm:
    """RFC 4056 section 3: the AlgorithmIdentifier of RSASSA-PSS."""

    algorithm: ObjectIdentifier
    parameters: PssParameters


@asn1.sequence
class Attribute:
    """RFC 5652 section 5.3."""

    type: ObjectIdentifier
    values: SetOf[TLV]


@asn1.sequence
class AttributeSet:
    """A wrapper to encode and decode one ``SET OF Attribute``: DER sorts its elements."""

    attributes: SetOf[Attribute]


@asn1.sequence
class IssuerAndSerialNumber:
    """RFC 5652 section 10.2.4."""

    issuer: TLV
    serial_number: TLV


@asn1.sequence
class SignerInfo:
    """RFC 5652 section 5.3; signed attributes are not optional here."""

    version: int
    sid: TLV
    digest_algorithm: TLV
    signed_attributes: TLV
    signature_algorithm: TLV
    signature: bytes
    unsigned_attributes: Annotated[SetOf[Attribute] | None, Implicit(1)]


@asn1.sequence
class EncapsulatedContentInfo:
    """RFC 5652 section 5.2."""

    content_type: ObjectIdentifier
    content: Annotated[bytes | None, Explicit(0)]


@asn1.sequence
class SignedData:
    """RFC 5652 section 5.1."""

    version: int
    digest_algorithms: SetOf[TLV]
    encapsulated: EncapsulatedContentInfo
    certificates: Annotated[SetOf[TLV] | None, Implicit(0)]
    crls: Annotated[SetOf[TLV] | None, Implicit(1)]
    signer_infos: SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """RFC 5652 section 3, holding signed data."""

    content_type: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


@asn1.sequence
class OtherRevocationInfo:
    """RFC 5652 section 10.2.1, without its implicit tag [1]."""

    format: ObjectIdentifier
    info: TLV


@asn1.sequence
class Extension:
    """RFC 5280 section 4.1.2.9."""

    kind: ObjectIdentifier
    critical: Annotated[bool, Default(value=False)]
    value: bytes


@asn1.sequence
class TbsCertificate:
    """RFC 5280 section 4.1, opened only as far as a signer identifier needs."""

    version: Annotated[int | None, Explicit(0)]
    serial_number: TLV
    signature: TLV
    issuer: TLV
    validity: TLV
    subject: TLV
    public_key: TLV
    issuer_unique_id: Annotated[asn1.BitString | None, Implicit(1)]
    subject_unique_id: Annotated[asn1.BitString | None, Implicit(2)]
    extensions: Annotated[list[Extension] | None, Explicit(3)]


@asn1.sequence
class Certificate:
    """RFC 5280 section 4.1."""

    tbs: TbsCertificate
    signature_algorithm: TLV
    signature: asn1.BitString


@asn1.sequence
class EssCertIdV2:
    """RFC 5035 section 4; an absent hash algorithm means SHA-256."""

    hash_algorithm: AlgorithmIdentifier | None
    certificate_hash: bytes
    issuer_serial: list[TLV] | None


@asn1.sequence
class SigningCertificateV2:
    """RFC 5035 section 3."""

    certificates: list[EssCertIdV2]
    policies: list[TLV] | None


def tlv(der: bytes) -> TLV:
    """``der``, one complete element, as a part that keeps its bytes.

    Raises:
        ValueError: it is not one DER element.
    """
    return asn1.decode_der(TLV, der)


def attribute(kind: ObjectIdentifier, value: object) -> Attribute:
    """An attribute with the one value ``value``, which must be encodable."""
    return Attribute(type=kind, values=SetOf([tlv(asn1.encode_der(value))]))


@asn1.sequence
class _Wrapper:
    """One element of any kind, to get at the bytes of a set inside a sequence and back."""

    element: TLV


def decode_set(der: bytes) -> list[Attribute]:
    """The attributes of a DER SET OF.

    Raises:
        ValueError: it is not a DER SET OF attributes.
    """
    wrapped = asn1.encode_der(_Wrapper(element=tlv(der)))
    return asn1.decode_der(AttributeSet, wrapped).attributes.as_list()
