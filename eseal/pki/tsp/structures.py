"""The ASN.1 of RFC 3161, and what of RFC 5652 a time-stamp token takes.

Written and, for requests, read with ``cryptography.hazmat.asn1``, which is strict DER. Answers of
other authorities are read more leniently (:mod:`eseal.pki.tsp.token`).
"""

from __future__ import annotations

from typing import Annotated, Final

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Default, Explicit, Implicit, SetOf
from cryptography.x509 import ObjectIdentifier

from eseal.suites import AlgorithmIdentifier

TST_INFO: Final = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
"""RFC 3161 section 2.4.2: id-ct-TSTInfo."""
SIGNED_DATA: Final = ObjectIdentifier("1.2.840.113549.1.7.2")
CONTENT_TYPE: Final = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")


@asn1.sequence
class MessageImprint:
    """RFC 3161 section 2.4.1."""

    hash_algorithm: AlgorithmIdentifier
    hashed_message: bytes


@asn1.sequence
class TimeStampReq:
    """RFC 3161 section 2.4.1."""

    version: int
    message_imprint: MessageImprint
    policy: ObjectIdentifier | None
    nonce: int | None
    certificates_wanted: Annotated[bool, Default(value=False)]
    extensions: Annotated[list[TLV] | None, Implicit(0)]


@asn1.sequence
class Accuracy:
    """RFC 3161 section 2.4.2."""

    seconds: int | None


@asn1.sequence
class TSTInfo:
    """RFC 3161 section 2.4.2; ``ordering`` is false, ``tsa`` and extensions are left out."""

    version: int
    policy: ObjectIdentifier
    message_imprint: MessageImprint
    serial_number: int
    generated: asn1.GeneralizedTime
    accuracy: Accuracy
    nonce: int | None


@asn1.sequence
class Attribute:
    """RFC 5652 section 5.3."""

    type: ObjectIdentifier
    values: SetOf[TLV]


@asn1.sequence
class IssuerAndSerialNumber:
    """RFC 5652 section 10.2.4."""

    issuer: TLV
    serial_number: int


@asn1.sequence
class GeneralNames:
    """RFC 5280 section 4.2.1.6: one directoryName."""

    directory: Annotated[TLV, Explicit(4)]


@asn1.sequence
class IssuerSerial:
    """RFC 5035 section 5."""

    issuer: GeneralNames
    serial_number: int


@asn1.sequence
class EssCertIdV2:
    """RFC 5035 section 4; an absent hash algorithm means SHA-256."""

    certificate_hash: bytes
    issuer_serial: IssuerSerial | None


@asn1.sequence
class SigningCertificateV2:
    """RFC 5035 section 3."""

    certificates: list[EssCertIdV2]


@asn1.sequence
class SignerInfo:
    """RFC 5652 section 5.3."""

    version: int
    sid: IssuerAndSerialNumber
    digest_algorithm: AlgorithmIdentifier
    signed_attributes: Annotated[SetOf[Attribute], Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes


@asn1.sequence
class EncapsulatedContentInfo:
    """RFC 5652 section 5.2."""

    content_type: ObjectIdentifier
    content: Annotated[bytes, Explicit(0)]


@asn1.sequence
class SignedData:
    """RFC 5652 section 5.1."""

    version: int
    digest_algorithms: SetOf[AlgorithmIdentifier]
    encapsulated: EncapsulatedContentInfo
    certificates: Annotated[SetOf[TLV] | None, Implicit(0)]
    signer_infos: SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """RFC 5652 section 3, holding signed data."""

    content_type: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


def attribute(kind: ObjectIdentifier, value: object) -> Attribute:
    """An attribute with one value."""
    return Attribute(type=kind, values=SetOf([asn1.decode_der(TLV, asn1.encode_der(value))]))
