"""An OCSP responder (RFC 6960) for the certificates of one issuing CA."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from eseal.pki.crl import MAX_SERIAL_BITS, RevokedEntry, reason_flag
from eseal.pki.der import element, load_certificate
from eseal.pki.profile import whole_second
from eseal.suites import HASHES, SUITES

REQUEST_MEDIA_TYPE: Final = "application/ocsp-request"
MEDIA_TYPE: Final = "application/ocsp-response"
"""RFC 6960 appendix A."""
MAX_REQUEST_BYTES: Final = 4 * 1024
"""A request about one certificate, with a nonce, has about 120 bytes."""
NONCE_BYTES: Final = range(1, 129)
"""RFC 9654 section 2.1: requests with other nonces are to be refused."""
VALIDITY: Final = timedelta(hours=1)
"""How long an answer may be kept. A revocation stands on the ledger at once; who asks here learns
of it an hour later at worst."""

_BASIC: Final = asn1.encode_der(x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.1"))
"""RFC 6960 section 4.2.1: id-pkix-ocsp-basic."""
_SUCCESSFUL: Final = b"\x0a\x01\x00"
_NULL: Final = b"\x05\x00"
_NONCE: Final = x509.OCSPNonce.oid
_INDEXES: Final = {
    "sha1": x509.ObjectIdentifier("1.3.14.3.2.26"),
    **{each.name: each.oid for each in HASHES.values()},
}
"""RFC 6960 section 4.1.1: by which hash of its issuer a certificate may be asked for."""
_REASONS: Final = {
    x509.ReasonFlags.key_compromise: 1,
    x509.ReasonFlags.affiliation_changed: 3,
    x509.ReasonFlags.superseded: 4,
    x509.ReasonFlags.cessation_of_operation: 5,
    x509.ReasonFlags.certificate_hold: 6,
    x509.ReasonFlags.privilege_withdrawn: 9,
}
"""RFC 5280 section 5.3.1, as far as :func:`eseal.pki.crl.reason_flag` uses it."""


@asn1.sequence
class _SubjectPublicKeyInfo:
    """RFC 5280 section 4.1.2.7."""

    algorithm: asn1.TLV
    key: asn1.BitString


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What the issuer's records say of one of its certificates.

    Attributes:
        stopped: since when and why it is revoked or suspended; ``None``: it is good.
    """

    stopped: RevokedEntry | None = None


GOOD: Final = CertificateStatus()


class Responder:
    """Answers for one issuing CA with a delegated certificate. Safe to call from several threads.

    Args:
        certificate: the responder's certificate, DER, issued by ``issuer`` for a P-256 key.
        issuer: the CA whose certificates it speaks of, DER.
        sign: signs with the responder's key (ECDSA, SHA-256), returning DER.
        lookup: what is known of a serial number; ``None`` if it was never issued.
        now: the clock.
    """

    def __init__(
        self,
        certificate: bytes,
        issuer: bytes,
        sign: Callable[[bytes], bytes],
        lookup: Callable[[int], CertificateStatus | None],
        now: Callable[[], datetime],
    ) -> None:
        self._der = certificate
        key_hash = hashlib.sha1(_key_bits(load_certificate(certificate))).digest()  # noqa: S324
        self._responder_id = element(0xA2, element(0x04, key_hash))  # section 4.2.1: SHA-1
        self._issuer = load_certificate(issuer)
        self._sign = sign
        self._lookup = lookup
        self._now = now
        name = self._issuer.subject.public_bytes()
        key = _key_bits(self._issuer)
        self._names = {
            algorithm: (hashlib.new(algorithm, name).digest(), hashlib.new(algorithm, key).digest())
            for algorithm in _INDEXES
        }

    def answer(self, request: bytes) -> bytes:
        """Answer an OCSPRequest with an OCSPResponse, DER both.

        A request that cannot be read, holds several certificates, a nonce of a forbidden length or
        an unknown critical extension is "malformedRequest"; one about another issuer's certificate
        "unauthorized".
        """
        asked = _parse(request)
        if asked is None:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        ours = self._names.get(asked.hash_algorithm.name)
        if ours != (asked.issuer_name_hash, asked.issuer_key_hash):
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        serial = asked.serial_number
        if not 0 < serial < 1 << MAX_SERIAL_BITS:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        return self._respond(asked.hash_algorithm, serial, _nonce(asked))

    def about(self, serial: int) -> bytes:
        """The answer about one certificate, asked for in-process; no nonce."""
        return self._respond(hashes.SHA1(), serial, None)  # noqa: S303  # RFC 6960: an index only

    def _respond(
        self, algorithm: hashes.HashAlgorithm, serial: int, nonce: x509.OCSPNonce | None
    ) -> bytes:
        status = self._lookup(serial)
        now = whole_second(self._now(), "now")
        stated = _generalized(now)
        certificate_id = element(
            0x30,
            element(0x30, asn1.encode_der(_INDEXES[algorithm.name]), _NULL),
            *(element(0x04, part) for part in self._names[algorithm.name]),
            asn1.encode_der(serial),
        )
        until = element(0xA0, _generalized(now + VALIDITY))
        single = element(0x30, certificate_id, _word(status), stated, until)
        parts = [self._responder_id, stated, element(0x30, single)]
        if nonce is not None:
            value = element(0x04, element(0x04, nonce.nonce))
            extension = element(0x30, asn1.encode_der(_NONCE), value)
            parts.append(element(0xA1, element(0x30, extension)))
        data = element(0x30, *parts)
        return _successful(data, self._sign(data), self._der)


def _word(status: CertificateStatus | None) -> bytes:
    """CertStatus (RFC 6960 section 4.2.1)."""
    if status is None:
        return element(0x82)
    stopped = status.stopped
    if stopped is None:
        return element(0x80)
    flag = reason_flag(stopped)
    reason = b"" if flag is None else element(0xA0, element(0x0A, bytes((_REASONS[flag],))))
    moment = _generalized(whole_second(stopped.revoked_at, "revoked_at"))
    return element(0xA1, moment, reason)


def _generalized(moment: datetime) -> bytes:
    return asn1.encode_der(asn1.GeneralizedTime(moment.astimezone(UTC)))


def _parse(der: bytes) -> ocsp.OCSPRequest | None:
    if not 0 < len(der) <= MAX_REQUEST_BYTES:
        return None
    try:
        asked = ocsp.load_der_ocsp_request(der)
        # Read whole, so that nothing fails later: the parser below is lazy.
        for extension in asked.extensions:
            if extension.critical and extension.oid != _NONCE:
                return None
            if isinstance(extension.value, x509.OCSPNonce) and (
                len(extension.value.nonce) not in NONCE_BYTES
            ):
                return None
        _ = asked.hash_algorithm, asked.serial_number, asked.issuer_key_hash, asked.issuer_name_hash
    except Exception:  # noqa: BLE001  # whatever the parser throws at foreign bytes
        return None
    return asked


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return asked.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _key_bits(certificate: x509.Certificate) -> bytes:
    """RFC 6960 section 4.1.1: the key's bit string without tag, length and unused bits."""
    der = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return asn1.decode_der(_SubjectPublicKeyInfo, der).key.as_bytes()


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return element(0x30, b"\x0a\x01" + bytes((status.value,)))


def _successful(to_be_signed: bytes, signature: bytes, certificate: bytes) -> bytes:
    basic = element(
        0x30,
        to_be_signed,
        asn1.encode_der(SUITES[0].x509),
        element(0x03, b"\x00", signature),
        element(0xA0, element(0x30, certificate)),
    )
    typed = element(0x30, _BASIC, element(0x04, basic))
    return element(0x30, _SUCCESSFUL, element(0xA0, typed))
