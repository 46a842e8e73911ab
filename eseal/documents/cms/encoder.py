"""Writing a seal signature. **Version 2 is frozen**: see the package's docstring."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.hazmat import asn1

from eseal.documents import oids
from eseal.documents.cms import algorithms
from eseal.documents.cms.structures import (
    Certificate,
    EncapsulatedContentInfo,
    EssCertIdV2,
    IssuerAndSerialNumber,
    SigningCertificateV2,
    attribute,
    tlv,
)
from eseal.errors import InvalidInputError
from eseal.model.commitment import SignatureAlgorithm
from eseal.suites import SHA256, identifier

_DIGEST_BYTES: Final = 32
"""SHA-256."""
_VERSION: Final = 1
"""RFC 5652 sections 5.1 and 5.3: 1 where the signer is named by issuer and serial number."""
_UTC_TIME_END: Final = 2050
"""RFC 5652 section 11.3: years from 1950 through 2049 are encoded as UTCTime."""
_OCTET_STRING: Final = 0x04
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_CONTEXT_0: Final = 0xA0
_CONTEXT_1: Final = 0xA1
_ATTRIBUTES_TAG: Final = bytes((_CONTEXT_0,))
_LONG_FORM: Final = 0x80
"""X.690 section 8.1.3: lengths from here on are told in octets of their own."""
_MESSAGE_DIGEST: Final = asn1.encode_der(oids.MESSAGE_DIGEST)
_STATEMENT: Final = asn1.encode_der(oids.STATEMENT)
_SUBJECT_PROOF: Final = asn1.encode_der(oids.SUBJECT_PROOF)
_BOOK_PATH: Final = asn1.encode_der(oids.BOOK_PATH)
_RECEIPT: Final = asn1.encode_der(oids.RECEIPT)
_FRAMES_KEPT: Final = 64
"""The uses of a batch have statements, signatures and receipts of a few lengths, and are made in
one second or the next."""
_SIGNED_DATA: Final = asn1.encode_der(oids.ID_SIGNED_DATA)


class _Frame(NamedTuple):
    """Signed attributes without digest, statement and path.

    Attributes:
        pieces: the bytes before the first of the three, between them, and behind the last.
        order: which of digest (0), statement (1) and path (2) is the first, second and third.
    """

    pieces: tuple[bytes, bytes, bytes, bytes]
    order: tuple[int, int, int]

    def filled(self, *parts: bytes) -> bytes:
        before, between, further, after = self.pieces
        first, second, third = self.order
        return b"".join(
            (before, parts[first], between, parts[second], further, parts[third], after)
        )


class _Envelope(NamedTuple):
    """Tags and lengths of a CMS whose parts have certain lengths.

    Attributes:
        before_data: what stands before the signed data's head,
        before_signer: between it and the signer's,
        before_signature: between the signed attributes and the signature value,
        before_receipt: between that and the receipt.
    """

    before_data: bytes
    before_signer: bytes
    before_signature: bytes
    before_receipt: bytes


class SealCms:
    """Builds the CMS of one seal. Made once per seal; safe to share between threads.

    Args:
        certificate: the seal's certificate, DER.
        chain: the issuing certificates, DER.
        subject_proof: canonical JSON of the proof with which the seal was registered.

    Raises:
        InvalidInputError: a certificate cannot be read, there is no proof, or the seal's key is
            neither P-256 nor RSA of at least 3072 bits.
    """

    def __init__(self, certificate: bytes, chain: Sequence[bytes], subject_proof: bytes) -> None:
        if not subject_proof:
            raise InvalidInputError(
                "subject proof: expected JSON, got nothing", field="subject_proof"
            )
        suite = algorithms.suite_of_certificate(certificate)
        self._algorithm = suite.algorithm
        try:
            tbs = asn1.decode_der(Certificate, certificate).tbs
            # A set: the seal's certificate may also stand in the chain.
            distinct = sorted({certificate, *chain})
            for der in distinct:
                tlv(der)
        except ValueError as error:
            raise InvalidInputError(
                f"certificate: expected DER, got {error}", field="certificate"
            ) from None
        version = asn1.encode_der(_VERSION)
        digest_algorithm = asn1.encode_der(identifier(SHA256.oid))
        encapsulated = EncapsulatedContentInfo(content_type=oids.ID_DATA, content=None)
        signer = IssuerAndSerialNumber(issuer=tbs.issuer, serial_number=tbs.serial_number)
        self._signed_data_head = b"".join(
            (
                version,
                element(_SET, digest_algorithm),
                asn1.encode_der(encapsulated),
                element(_CONTEXT_0, *distinct),
            )
        )
        self._signer_head = version + asn1.encode_der(signer) + digest_algorithm
        self._signature_algorithm = asn1.encode_der(suite.cms)
        named = EssCertIdV2(
            hash_algorithm=None,
            certificate_hash=hashlib.sha256(certificate).digest(),
            issuer_serial=None,
        )
        identified = SigningCertificateV2(certificates=[named], policies=None)
        self._fixed = [
            asn1.encode_der(attribute(oids.CONTENT_TYPE, oids.ID_DATA)),
            asn1.encode_der(attribute(oids.SIGNING_CERTIFICATE_V2, identified)),
            _octets(_SUBJECT_PROOF, subject_proof),
        ]
        self._frame = lru_cache(maxsize=_FRAMES_KEPT)(self._make_frame)
        self._envelope = lru_cache(maxsize=_FRAMES_KEPT)(self._make_envelope)

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """How the seal's key has to sign."""
        return self._algorithm

    def signed_attributes(
        self,
        statement: bytes,
        digest: bytes,
        book_path: bytes,
        *,
        signing_time: datetime | None = None,
    ) -> bytes:
        """What the seal's key signs: DER of the SET OF signed attributes (RFC 5652 section 5.4).

        Args:
            statement: canonical JSON of the statement.
            digest: SHA-256 of the sealed content, 32 bytes.
            book_path: of the statement's ticket, depth × 32 bytes.
            signing_time: added as the signing-time attribute. ETSI EN 319 122-1 clause 6.3 asks
                for it in a CAdES-B-B beside a file; EN 319 142-1 clause 6.3 forbids it in a PDF.

        Returns:
            Bytes that start with the tag ``0x31``.

        Raises:
            InvalidInputError: the digest is not 32 bytes, or there is no statement or path.
        """
        if len(digest) != _DIGEST_BYTES:
            raise InvalidInputError(
                f"digest: expected {_DIGEST_BYTES} bytes, got {len(digest)}", field="digest"
            )
        if not statement or not book_path:
            raise InvalidInputError(
                "seal signature: expected a statement and a book path, got nothing",
                field="book_path" if statement else "statement",
            )
        frame = self._frame(len(statement), len(book_path), signing_time)
        return frame.filled(digest, statement, book_path)

    def _make_frame(
        self, statement_bytes: int, path_bytes: int, signing_time: datetime | None
    ) -> _Frame:
        sizes = (_DIGEST_BYTES, statement_bytes, path_bytes)
        kinds = (_MESSAGE_DIGEST, _STATEMENT, _BOOK_PATH)
        open_ones = [_octets(kind, bytes(size)) for kind, size in zip(kinds, sizes, strict=True)]
        attributes = [*self._fixed, *open_ones]
        if signing_time is not None:
            signed_at = attribute(oids.SIGNING_TIME, _time(signing_time))
            attributes.append(asn1.encode_der(signed_at))
        # X.690 section 11.6. Types differ, so what is filled in later has no say in the order.
        whole = element(_SET, *sorted(attributes))
        ends = [whole.index(each) + len(each) for each in open_ones]
        first, second, third = sorted(range(3), key=ends.__getitem__)
        return _Frame(
            (
                whole[: ends[first] - sizes[first]],
                whole[ends[first] : ends[second] - sizes[second]],
                whole[ends[second] : ends[third] - sizes[third]],
                whole[ends[third] :],
            ),
            (first, second, third),
        )

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
        if signed_attributes[:1] != bytes((_SET,)) or not signature:
            raise InvalidInputError("CMS: expected a SET of signed attributes and a signature")
        if not _is_whole(signed_attributes):
            raise InvalidInputError(
                "signed attributes: expected one DER element, got another length"
            )
        receipt = receipt or b""
        frame = self._envelope(len(signed_attributes), len(signature), len(receipt))
        return b"".join(
            (
                frame.before_data,
                self._signed_data_head,
                frame.before_signer,
                self._signer_head,
                _ATTRIBUTES_TAG,
                signed_attributes[1:],
                frame.before_signature,
                signature,
                frame.before_receipt,
                receipt,
            )
        )

    def _make_envelope(
        self, attributes_bytes: int, signature_bytes: int, receipt_bytes: int
    ) -> _Envelope:
        before_signature = self._signature_algorithm + _head(_OCTET_STRING, signature_bytes)
        unsigned = (
            element(_CONTEXT_1, _octets(_RECEIPT, bytes(receipt_bytes))) if receipt_bytes else b""
        )
        signed = bytes(attributes_bytes + len(before_signature) + signature_bytes)
        signer = element(_SEQUENCE, self._signer_head, signed, unsigned)
        data = element(_SEQUENCE, self._signed_data_head, element(_SET, signer))
        whole = element(_SEQUENCE, _SIGNED_DATA, element(_CONTEXT_0, data))
        before_data, _, rest = whole.partition(self._signed_data_head)
        before_signer = rest.partition(self._signer_head)[0]
        before_receipt = unsigned[: len(unsigned) - receipt_bytes]
        return _Envelope(before_data, before_signer, before_signature, before_receipt)


def element(tag: int, *parts: bytes) -> bytes:
    """One DER element of concatenated content: tag and definite length (X.690 section 8.1)."""
    return b"".join((_head(tag, sum(map(len, parts))), *parts))


def _head(tag: int, length: int) -> bytes:
    if length < _LONG_FORM:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(octets))) + octets


def _is_whole(der: bytes) -> bool:
    """Whether the length an element declares is the length it has."""
    first, content = der[1] if len(der) > 1 else 0, 2
    if first >= _LONG_FORM:
        content += first - _LONG_FORM
        first = int.from_bytes(der[2:content], "big")
    return content + first == len(der)


def _octets(kind: bytes, value: bytes) -> bytes:
    """An attribute of one OCTET STRING (RFC 5652 section 5.3); ``kind`` is an encoded OID."""
    return element(_SEQUENCE, kind, element(_SET, element(_OCTET_STRING, value)))


def _time(moment: datetime) -> asn1.UTCTime | asn1.GeneralizedTime:
    moment = moment.astimezone(UTC).replace(microsecond=0)
    return (asn1.UTCTime if moment.year < _UTC_TIME_END else asn1.GeneralizedTime)(moment)
