"""A CA of ours, and certificates of every wrong kind made with a library's builder."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.pki.ca import CertificateAuthority
from tests.companies import company as made

NOW = datetime(2026, 11, 22, 16, 45, 30, 250_000, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def keys(tmp_path):
    return SoftwareKeyStore(FileKeyRepository(tmp_path / "keys"), KeyEncryptionKey(bytes(32)))


@pytest.fixture
def company():
    return made("uscc:91330100799655058B", "杭州测试科技有限公司", NOW)


@pytest.fixture
def ca(keys):
    return CertificateAuthority.create(
        keys,
        organization="Test Seals",
        country="CN",
        now=NOW - timedelta(days=1),
        public_url="https://seals.example",
    )


@dataclass(frozen=True)
class Forged:
    """A certificate of somebody else's making, with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


class Forger:
    """Makes certificates as it is told, right or wrong."""

    def make(
        self,
        name,
        issuer=None,
        *,
        ca=None,
        path_length=None,
        usage=None,
        start=NOW - timedelta(days=10),
        end=NOW + timedelta(days=10),
        extra=(),
        key=None,
        hash_algorithm=None,
        critical=True,
        signer=None,
    ) -> Forged:
        subject = (
            name
            if isinstance(name, x509.Name)
            else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        )
        key = key or ec.generate_private_key(ec.SECP256R1())
        public_key = key.public_key() if hasattr(key, "public_key") else key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .serial_number(x509.random_serial_number())
            .public_key(public_key)
            .not_valid_before(start)
            .not_valid_after(end)
        )
        if ca is not None:
            constraints = x509.BasicConstraints(ca=ca, path_length=path_length)
            builder = builder.add_extension(constraints, critical=critical)
        if usage is not None:
            builder = builder.add_extension(usage_of(**usage), critical=True)
        for extension, is_critical in extra:
            builder = builder.add_extension(extension, critical=is_critical)
        signing_key = signer or (issuer.key if issuer else key)
        return Forged(builder.sign(signing_key, hash_algorithm or SHA256()), key)


def usage_of(**allowed) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


@pytest.fixture
def forger():
    return Forger()
