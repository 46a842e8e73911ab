"""Detached seals against OpenSSL."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from eseal.documents.cms import decode, verify_signature
from eseal.errors import InvalidFormatError, MissingCertificateError

CONTENT = b"The parties agree.\r\nOn everything.\n" * 100


@pytest.fixture
def content_file(tmp_path):
    path = tmp_path / "contract.txt"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def verify(run, root_file, tmp_path):
    def start(signature: bytes, content):
        path = tmp_path / "contract.txt.p7s"
        path.write_bytes(signature)
        return run(
            "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path,
            "-content", content, "-CAfile", root_file, "-purpose", "any",
            "-attime", "1795365900", "-out", tmp_path / "out",
        )  # fmt: skip

    return start


@pytest.mark.parametrize("signing_time", [False, True])
def test_openssl_accepts_a_seal(identity, content_file, verify, sealed_at, signing_time):
    options = {"signing_time": sealed_at} if signing_time else {}
    result = verify(identity.seal(hashlib.sha256(CONTENT).digest(), **options), content_file)
    assert result.returncode == 0, result.stderr
    assert "CAdES Verification successful" in result.stderr


def test_openssl_refuses_an_altered_file(identity, content_file, verify):
    seal = identity.seal(hashlib.sha256(CONTENT).digest())
    content_file.write_bytes(CONTENT.replace(b"agree", b"argue", 1))
    assert verify(seal, content_file).returncode != 0


def test_openssl_refuses_an_altered_statement(identity, content_file, verify):
    seal = identity.seal(hashlib.sha256(CONTENT).digest())
    altered = seal.replace(b"application/pdf", b"application/pdg")
    assert altered != seal
    assert verify(altered, content_file).returncode != 0


@pytest.fixture
def openssl_sign(run, identity, content_file, tmp_path):
    """Signs the content with the identity's key as another producer would."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_bytes(
        identity.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate.write_bytes(
        x509.load_der_x509_certificate(identity.certificate).public_bytes(
            serialization.Encoding.PEM
        )
    )

    def sign(*arguments) -> bytes:
        out = tmp_path / "foreign.p7s"
        result = run(
            "openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", content_file,
            "-signer", certificate, "-inkey", key, "-out", out, *arguments,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return out.read_bytes()

    return sign


@pytest.mark.parametrize("arguments", [(), ("-cades",), ("-keyid",), ("-nosmimecap",)])
def test_a_signature_openssl_made_is_read(identity, openssl_sign, arguments):
    seal = decode(openssl_sign(*arguments))

    verify_signature(seal)
    assert seal.message_digest == hashlib.sha256(CONTENT).digest()
    assert seal.certificate == identity.certificate
    assert seal.statement is None
    assert (seal.certificate_hash is not None) == ("-cades" in arguments)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("-nodetach",), "detached|indefinite"),
        (("-stream", "-nodetach"), "indefinite"),
        (("-md", "sha1"), "SHA-1"),
        (("-noattr",), "signed attributes|DER"),
    ],
)
def test_what_openssl_can_make_but_no_seal_is_refused(openssl_sign, arguments, named):
    with pytest.raises(InvalidFormatError, match=named):
        decode(openssl_sign(*arguments))


def test_a_signature_openssl_made_without_its_certificate_is_read(openssl_sign):
    seal = decode(openssl_sign("-nocerts"))
    assert seal.certificate is None
    with pytest.raises(MissingCertificateError):
        verify_signature(seal)
