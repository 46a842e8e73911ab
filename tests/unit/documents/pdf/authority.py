"""Certificates, lists and answers that belong together, and a CMS that carries some of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import SetOf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from eseal.documents.cms.structures import (
    ContentInfo,
    EncapsulatedContentInfo,
    SignedData,
    tlv,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=3650)
SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.1")


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """An issuer of certificates, lists and answers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._issue(name, self._key.public_key())
        self.der = self.certificate.public_bytes(Encoding.DER)

    def _issue(self, name: str, key: ec.EllipticCurvePublicKey) -> x509.Certificate:
        builder = x509.CertificateBuilder(named(self._name), named(name), key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(START).not_valid_after(END)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, name: str) -> bytes:
        """A certificate for a key that nobody keeps."""
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        return self._issue(name, key).public_bytes(Encoding.DER)

    def revoked(self, number: int) -> bytes:
        """A list with nothing on it."""
        builder = x509.CertificateRevocationListBuilder(named(self._name))
        builder = builder.last_update(START + timedelta(days=number)).next_update(END)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer(self, number: int) -> bytes:
        """An OCSP response about the authority's own certificate."""
        builder = ocsp.OCSPResponseBuilder().add_response(
            self.certificate,
            self.certificate,
            hashes.SHA256(),
            ocsp.OCSPCertStatus.GOOD,
            START + timedelta(days=number),
            END,
            None,
            None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)


def carrying(*certificates: bytes) -> bytes:
    """A SignedData that signs nothing, with certificates."""
    content = EncapsulatedContentInfo(content_type=DATA, content=None)
    signed = SignedData(
        version=1,
        digest_algorithms=SetOf([]),
        encapsulated=content,
        certificates=SetOf([tlv(each) for each in certificates]),
        crls=None,
        signer_infos=SetOf([]),
    )
    return asn1.encode_der(ContentInfo(content_type=SIGNED_DATA, content=signed))


TRUSTED = Authority("Authority")
SIGNER = TRUSTED.issue("Signer")
