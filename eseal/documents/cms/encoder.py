"""Writing a seal signature. **Version 1 is frozen**: see the package's docstring."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import SetOf

from eseal.documents import oids
from eseal.documents.cms import algorithms
from eseal.documents.cms.structures import (
    Certificate,
    ContentInfo,
    EncapsulatedContentInfo,
    EssCertIdV2,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
    SigningCertificateV2,
    attribute,
    encode_set,
    tlv,
)
from eseal.errors import InvalidInputError

_DIGEST_BYTES: Final = 32
"""SHA-256."""
_VERSION: Final = 1
"""RFC 5652 sections 5.1 and 5.3: 1 where the signer is named by issuer and serial number."""
_UTC_TIME_END: Final = 2050
"""RFC 5652 section 11.3: years from 1950 through 2049 are encoded as UTCTime."""
_SET: Final = b"\x31"
_CONTEXT_0: Final = b"\xa0"


class SealCms:
    """Builds the CMS of one seal. Made once per seal; safe to share between threads.

    Args:
        certificate: the seal's certificate, DER.
        chain: the issuing certificates, DER.

    Raises:
        InvalidInputError: a certificate cannot be read, or the seal's key is neither P-256 nor
            RSA of at least 3072 bits.
    """

    def __init__(self, certificate: bytes, chain: Sequence[bytes]) -> None:
        self._algorithm = algorithms.algorithm_of(certificate)
        try:
            tbs = asn1.decode_der(Certificate, certificate).tbs
            # A set: the seal's certificate may also stand in the chain.
            distinct = sorted({certificate, *chain})
            self._certificates = SetOf([tlv(der) for der in distinct])
        except ValueError as error:
            raise InvalidInputError(
                f"certificate: expected DER, got {error}", field="certificate"
            ) from None
        signer = IssuerAndSerialNumber(issuer=tbs.issuer, serial_number=tbs.serial_number)
        self._sid = tlv(asn1.encode_der(signer))
        self._digest_algorithm = tlv(algorithms.SHA256_IDENTIFIER)
        self._signature_algorithm = tlv(algorithms.IDENTIFIERS[self._algorithm])
        self._encapsulated = EncapsulatedContentInfo(content_type=oids.ID_DATA, content=None)
        named = EssCertIdV2(
            hash_algorithm=None,
            certificate_hash=hashlib.sha256(certificate).digest(),
            issuer_serial=None,
        )
        self._fixed = [
            attribute(oids.CONTENT_TYPE, oids.ID_DATA),
            attribute(
                oids.SIGNING_CERTIFICATE_V2,
                SigningCertificateV2(certificates=[named], policies=None),
            ),
        ]

    @property
    def algorithm(self) -> algorithms.SignatureAlgorithm:
        """How the seal's key has to sign."""
        return self._algorithm

    def signed_attributes(
        self, statement: bytes, digest: bytes, *, signing_time: datetime | None = None
    ) -> bytes:
        """What the seal's key signs: DER of the SET OF signed attributes (RFC 5652 section 5.4).

        Args:
            statement: canonical JSON of the statement.
            digest: SHA-256 of the sealed content, 32 bytes.
            signing_time: added as the signing-time attribute. ETSI EN 319 122-1 clause 6.3 asks
                for it in a CAdES-B-B beside a file; EN 319 142-1 clause 6.3 forbids it in a PDF.

        Returns:
            Bytes that start with the tag ``0x31``.

        Raises:
            InvalidInputError: the digest is not 32 bytes, or there is no statement.
        """
        if len(digest) != _DIGEST_BYTES:
            raise InvalidInputError(
                f"digest: expected {_DIGEST_BYTES} bytes, got {len(digest)}", field="digest"
            )
        if not statement:
            raise InvalidInputError("statement: expected JSON, got nothing", field="statement")
        attributes = [
            *self._fixed,
            attribute(oids.MESSAGE_DIGEST, digest),
            attribute(oids.STATEMENT, statement),
        ]
        if signing_time is not None:
            attributes.append(attribute(oids.SIGNING_TIME, _time(signing_time)))
        return encode_set(attributes)

    def encode(
        self, signed_attributes: bytes, signature: bytes, receipt: bytes | None = None
    ) -> bytes:
        """The complete CMS.

        Args:
            signed_attributes: as :meth:`signed_attributes` returned them.
            signature: the signature value over them.
            receipt: the receipt's text, put in as an unsigned attribute.

        Returns:
            DER of the ContentInfo.

        Raises:
            InvalidInputError: the signed attributes are not a DER set, or there is no signature.
        """
        if signed_attributes[:1] != _SET or not signature:
            raise InvalidInputError("CMS: expected a SET of signed attributes and a signature")
        try:
            attributes = tlv(_CONTEXT_0 + signed_attributes[1:])
        except ValueError as error:
            raise InvalidInputError(f"signed attributes: expected DER, got {error}") from None
        signer = SignerInfo(
            version=_VERSION,
            sid=self._sid,
            digest_algorithm=self._digest_algorithm,
            signed_attributes=attributes,
            signature_algorithm=self._signature_algorithm,
            signature=signature,
            unsigned_attributes=SetOf([attribute(oids.RECEIPT, receipt)]) if receipt else None,
        )
        content = SignedData(
            version=_VERSION,
            digest_algorithms=SetOf([self._digest_algorithm]),
            encapsulated=self._encapsulated,
            certificates=self._certificates,
            crls=None,
            signer_infos=SetOf([signer]),
        )
        return asn1.encode_der(ContentInfo(content_type=oids.ID_SIGNED_DATA, content=content))


def _time(moment: datetime) -> asn1.UTCTime | asn1.GeneralizedTime:
    moment = moment.astimezone(UTC).replace(microsecond=0)
    return (asn1.UTCTime if moment.year < _UTC_TIME_END else asn1.GeneralizedTime)(moment)
