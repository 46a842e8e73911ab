import contextlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, x25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.pki.ca import CertificateAuthority
from eseal.pki.der import (
    MAX_CERTIFICATE_BYTES,
    load_certificate,
    load_public_key,
    sign_der,
    signature_algorithm,
)
from eseal.pki.names import SealSubject, serial_number, subject_of
from eseal.suites import KeyAlgorithm


@pytest.fixture(scope="module")
def seal_der(tmp_path_factory):
    from datetime import UTC, datetime

    start = datetime(2026, 1, 1, tzinfo=UTC)
    directory: Path = tmp_path_factory.mktemp("keys")
    keys = SoftwareKeyStore(FileKeyRepository(directory), KeyEncryptionKey(bytes(32)))
    ca = CertificateAuthority.create(keys, organization="T", country="CN", now=start)
    subject = SealSubject("Acme", "VATDE-136695976", "DE", "Acme")
    return ca.issue_seal(keys.public_key(keys.generate(KeyAlgorithm.P256)), subject, start)


@given(st.data())
def test_no_damage_to_a_certificate_makes_the_parsers_stumble(seal_der, data):
    damaged = bytearray(seal_der)
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(damaged) - 1))
        damaged[position] = data.draw(st.integers(0, 255))
    damaged = bytes(damaged)[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    for read in (load_certificate, subject_of, serial_number):
        with contextlib.suppress(InvalidFormatError):
            read(damaged)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parsers_stumble(data):
    for read in (load_certificate, subject_of, serial_number, load_public_key):
        with pytest.raises(InvalidFormatError):
            read(data)


@pytest.mark.parametrize("size", [0, MAX_CERTIFICATE_BYTES + 1])
def test_a_certificate_has_a_sensible_size(size):
    with pytest.raises(InvalidFormatError, match=f"1 to 65536 bytes, got {size} bytes"):
        load_certificate(bytes(size))


def test_bytes_after_a_certificate_are_refused(seal_der):
    with pytest.raises(InvalidFormatError, match=r"expected an X\.509 certificate in DER"):
        load_certificate(seal_der + b"\x00")


def test_a_key_that_cannot_sign_is_refused(forger):
    agreement = x25519.X25519PrivateKey.generate()
    ca = forger.make("ca", ca=True)
    certificate = forger.make("x", ca, key=agreement)
    with pytest.raises(InvalidFormatError, match="expected an EC, RSA or EdDSA key"):
        load_certificate(certificate.der)
    spki = agreement.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InvalidFormatError, match="expected an EC, RSA or EdDSA public key"):
        load_public_key(spki)


def test_a_certificate_for_dsa_is_refused(forger):
    key = dsa.generate_private_key(2048)
    certificate = forger.make("x", key=key, hash_algorithm=SHA256())
    with pytest.raises(InvalidFormatError):
        load_certificate(certificate.der)


def test_only_keys_x509_has_names_for_sign(keys):
    key_id = keys.generate(KeyAlgorithm.ED25519)
    with pytest.raises(InvalidInputError, match=r"p256 or rsa3072 key for X\.509, got ed25519"):
        sign_der(keys, key_id, b"\x30\x00")
    oid = signature_algorithm(KeyAlgorithm.P256).algorithm
    assert oid == x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256
