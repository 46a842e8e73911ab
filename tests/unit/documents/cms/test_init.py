"""verify_signature."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from eseal.documents.cms import Scheme, decode, verify_signature
from eseal.errors import (
    InvalidFormatError,
    InvalidSignatureError,
    MissingCertificateError,
    UnsupportedAlgorithmError,
)

DIGEST = hashlib.sha256(b"content").digest()


@pytest.fixture
def seal(identity):
    return decode(identity.seal(DIGEST))


def test_a_genuine_signature_verifies(seal):
    verify_signature(seal)


def test_another_signature_value_does_not(seal):
    flipped = seal.signature[:-1] + bytes([seal.signature[-1] ^ 1])
    with pytest.raises(InvalidSignatureError, match="does not verify"):
        verify_signature(replace(seal, signature=flipped))


def test_other_signed_attributes_do_not(seal):
    changed = seal.signed_attributes.replace(b"application/pdf", b"application/pdg")
    with pytest.raises(InvalidSignatureError, match="does not verify"):
        verify_signature(replace(seal, signed_attributes=changed))


def test_another_certificate_is_not_the_one_that_was_named(seal, identify):
    other = identify(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(MissingCertificateError, match="another certificate"):
        verify_signature(replace(seal, certificate=other.certificate))


def test_nor_is_the_same_key_in_another_certificate(p256, identify):
    seal = decode(p256.seal(DIGEST))
    twin = identify(p256.key)
    with pytest.raises(MissingCertificateError, match="another certificate"):
        verify_signature(replace(seal, certificate=twin.certificate))


def test_a_statement_needs_the_certificate_named(seal):
    with pytest.raises(InvalidFormatError, match="signing-certificate-v2"):
        verify_signature(replace(seal, certificate_hash=None))
    verify_signature(replace(seal, certificate_hash=None, statement=None))


def test_the_algorithm_must_be_the_keys(seal):
    other = Scheme(seal.scheme.family, "sha384")
    with pytest.raises(UnsupportedAlgorithmError, match="as the seal's key says"):
        verify_signature(replace(seal, scheme=other))


@pytest.mark.parametrize(
    "key",
    [
        lambda: ec.generate_private_key(ec.SECP256K1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate,
    ],
)
def test_a_key_no_seal_has_is_refused(p256, identify, key):
    certificate = identify(key()).certificate
    named = "sha256", hashlib.sha256(certificate).digest()
    seal = replace(decode(p256.seal(DIGEST)), certificate=certificate, certificate_hash=named)
    with pytest.raises(UnsupportedAlgorithmError, match="expected"):
        verify_signature(seal)


def test_a_certificate_that_cannot_be_read_is_refused(p256):
    named = "sha256", hashlib.sha256(b"x").digest()
    seal = replace(decode(p256.seal(DIGEST)), certificate=b"x", certificate_hash=named)
    with pytest.raises(InvalidFormatError, match="cannot be read"):
        verify_signature(seal)
