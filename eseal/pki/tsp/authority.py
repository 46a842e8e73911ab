"""A time-stamp authority (RFC 3161): the built-in one, for trying out.

It says what this machine's clock says. A verifier who must not trust the operator takes the time
from the ledger, or from an authority of somebody else's.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import SetOf
from cryptography.x509 import ObjectIdentifier

from eseal.errors import ESealError
from eseal.pki.der import element, load_certificate, raw
from eseal.pki.tsp import structures
from eseal.pki.tsp.structures import (
    Accuracy,
    Attribute,
    ContentInfo,
    EncapsulatedContentInfo,
    EssCertIdV2,
    GeneralNames,
    IssuerAndSerialNumber,
    IssuerSerial,
    SignedData,
    SignerInfo,
    SigningCertificateV2,
    TimeStampReq,
    TSTInfo,
    attribute,
)
from eseal.suites import HASH_NAMES, HASHES, SHA256, SUITES, identifier

POLICY: Final = ObjectIdentifier("2.25.238767520395259532724117411395253829637")
"""What the built-in authority stamps under: a trial, no audited policy. X.667 clause 8."""
MAX_REQUEST_BYTES: Final = 8 * 1024
"""A request with a SHA-512 imprint and a long nonce has about 150 bytes."""
ACCURACY_SECONDS: Final = 1
"""Tokens tell whole seconds."""
MEDIA_TYPE: Final = "application/timestamp-reply"
"""RFC 3161 section 3.4."""

_SERIAL_BITS: Final = 128
"""RFC 3161 section 2.4.2 asks for unique numbers of at most 160 bits, over crashes too."""
_MAX_NONCE_BITS: Final = 512
"""Real ones have 64."""
_GRANTED: Final = b"\x30\x03\x02\x01\x00"
"""PKIStatusInfo of status 0."""
_REJECTED: Final = b"\x02\x01\x02"
_VERSION: Final = 1
_DIGEST: Final = identifier(SHA256.oid)


class Failure(IntEnum):
    """Why no time-stamp is given: PKIFailureInfo bits of RFC 3161 section 2.4.2."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    ADD_INFO_NOT_AVAILABLE = 17
    SYSTEM_FAILURE = 25


@dataclass(frozen=True, slots=True)
class _Refused(Exception):  # noqa: N818  # never leaves this module
    failure: Failure
    text: str


class TimeStampAuthority:
    """Stamps what it is asked to. Safe to call from several threads.

    Args:
        certificate: its certificate, DER, for a P-256 key.
        chain: what stands above it, DER, its issuer first.
        sign: signs with its key (ECDSA, SHA-256), returning DER.
        now: the clock; raises an ``ESealError`` while it cannot be relied upon.
    """

    def __init__(
        self,
        certificate: bytes,
        chain: tuple[bytes, ...],
        sign: Callable[[bytes], bytes],
        now: Callable[[], datetime],
    ) -> None:
        loaded = load_certificate(certificate)
        issuer = raw(loaded.issuer.public_bytes())
        self._sign = sign
        self._now = now
        self._sid = IssuerAndSerialNumber(issuer=issuer, serial_number=loaded.serial_number)
        named = EssCertIdV2(
            certificate_hash=hashlib.sha256(certificate).digest(),
            issuer_serial=IssuerSerial(
                issuer=GeneralNames(directory=issuer), serial_number=loaded.serial_number
            ),
        )
        self._fixed = (
            attribute(structures.CONTENT_TYPE, structures.TST_INFO),
            attribute(
                structures.SIGNING_CERTIFICATE_V2, SigningCertificateV2(certificates=[named])
            ),
        )
        self._certificates = SetOf([raw(der) for der in (certificate, *chain)])

    def answer(self, request: bytes) -> bytes:
        """Answer a TimeStampReq with a TimeStampResp, DER both. Never raises.

        What cannot be stamped is refused with the failInfo of RFC 3161 section 2.4.2.
        """
        try:
            token = self._token(_parse(request))
        except _Refused as refused:
            return refusal(refused.failure, refused.text)
        return element(0x30, _GRANTED, token)

    def _token(self, request: TimeStampReq) -> bytes:
        try:
            moment = self._now()
        except ESealError as error:
            raise _Refused(Failure.TIME_NOT_AVAILABLE, str(error)) from None
        info = asn1.encode_der(
            TSTInfo(
                version=_VERSION,
                policy=POLICY,
                message_imprint=request.message_imprint,
                serial_number=secrets.randbits(_SERIAL_BITS),
                generated=asn1.GeneralizedTime(moment.astimezone(UTC).replace(microsecond=0)),
                accuracy=Accuracy(seconds=ACCURACY_SECONDS),
                nonce=request.nonce,
            )
        )
        attributes = SetOf(
            [
                *self._fixed,
                attribute(structures.MESSAGE_DIGEST, hashlib.sha256(info).digest()),
            ]
        )
        signer = SignerInfo(
            version=1,
            sid=self._sid,
            digest_algorithm=_DIGEST,
            signed_attributes=attributes,
            signature_algorithm=SUITES[0].cms,
            signature=self._sign(_to_be_signed(attributes)),
        )
        return asn1.encode_der(
            ContentInfo(
                content_type=structures.SIGNED_DATA,
                content=SignedData(
                    version=3,  # RFC 5652 section 5.1: the content is not id-data
                    digest_algorithms=SetOf([_DIGEST]),
                    encapsulated=EncapsulatedContentInfo(
                        content_type=structures.TST_INFO, content=info
                    ),
                    certificates=self._certificates if request.certificates_wanted else None,
                    signer_infos=SetOf([signer]),
                ),
            )
        )


def refusal(failure: Failure, text: str) -> bytes:
    """A TimeStampResp without a token.

    Args:
        failure: why.
        text: the same for people.
    """
    octets = bytearray(failure // 8 + 1)
    octets[-1] = 0x80 >> failure % 8
    unused = 7 - failure % 8  # X.690 section 11.2.2: no zero bits behind the last one
    info = element(0x03, bytes((unused,)), bytes(octets))
    free_text = element(0x30, element(0x0C, text.encode()))
    return element(0x30, element(0x30, _REJECTED, free_text, info))


def _to_be_signed(attributes: SetOf[Attribute]) -> bytes:
    """RFC 5652 section 5.4: the attributes as a SET OF of their own, sorted as DER sorts."""
    return element(0x31, *sorted(asn1.encode_der(each) for each in attributes.as_list()))


def _parse(der: bytes) -> TimeStampReq:
    if len(der) > MAX_REQUEST_BYTES:
        raise _Refused(
            Failure.BAD_DATA_FORMAT,
            f"expected at most {MAX_REQUEST_BYTES} bytes, got {len(der)}",
        )
    try:
        request = asn1.decode_der(TimeStampReq, der)
    except ValueError as error:
        raise _Refused(
            Failure.BAD_DATA_FORMAT, f"expected a TimeStampReq in DER: {error}"
        ) from None
    if request.version != _VERSION:
        raise _Refused(Failure.BAD_REQUEST, f"expected version 1, got {request.version}")
    imprint = request.message_imprint
    name = HASH_NAMES.get(imprint.hash_algorithm.algorithm)
    if name is None:
        got = imprint.hash_algorithm.algorithm.dotted_string
        raise _Refused(Failure.BAD_ALG, f"expected SHA-256, SHA-384 or SHA-512, got {got}")
    if len(imprint.hashed_message) != HASHES[name].size:
        raise _Refused(
            Failure.BAD_DATA_FORMAT,
            f"expected {HASHES[name].size} bytes of {name}, got {len(imprint.hashed_message)}",
        )
    if request.nonce is not None and request.nonce.bit_length() > _MAX_NONCE_BITS:
        raise _Refused(Failure.BAD_REQUEST, f"expected a nonce of at most {_MAX_NONCE_BITS} bits")
    if request.policy not in (None, POLICY):
        raise _Refused(Failure.UNACCEPTED_POLICY, f"expected {POLICY.dotted_string}")
    if request.extensions is not None:
        raise _Refused(Failure.UNACCEPTED_EXTENSION, "expected no extensions")
    return request
