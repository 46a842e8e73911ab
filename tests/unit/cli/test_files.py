import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from eseal.cli.frame.files import certificates, check_free, read_limited, write_whole
from eseal.errors import ConflictError, InvalidFormatError, TooLargeError


def test_reads_up_to_the_limit_and_no_further(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_limited(path, 5) == b"12345"
    with pytest.raises(TooLargeError, match="at most 4 bytes"):
        read_limited(path, 4)


def test_writes_whole_with_the_usual_mode_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "new" / "a.pdf"
    write_whole(path, b"sealed", force=False)
    assert path.read_bytes() == b"sealed"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.pdf"]
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_another_file_is_not_overwritten_unless_forced(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"mine")
    with pytest.raises(ConflictError, match="--force"):
        write_whole(path, b"yours", force=False)
    assert path.read_bytes() == b"mine"
    write_whole(path, b"mine", force=False)
    write_whole(path, b"yours", force=True)
    assert path.read_bytes() == b"yours"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_works_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refuse(*_args):
        raise PermissionError("no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "a"
    write_whole(path, b"1", force=False)
    assert path.read_bytes() == b"1"
    with pytest.raises(ConflictError):
        write_whole(path, b"2", force=False)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(tmp_path / "a", b"1", force=False)
    assert list(tmp_path.iterdir()) == []


def test_check_free(tmp_path):
    check_free(tmp_path / "a", force=False)
    check_free(tmp_path, force=True)
    with pytest.raises(ConflictError, match="exists already"):
        check_free(tmp_path, force=False)


def self_signed() -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trial")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def test_certificates_in_pem_and_der(tmp_path):
    pem, der = tmp_path / "c.pem", tmp_path / "c.der"
    first, second = self_signed(), self_signed()
    as_der = [made.public_bytes(Encoding.DER) for made in (first, second)]
    pem.write_bytes(b"".join(made.public_bytes(Encoding.PEM) for made in (first, second)))
    der.write_bytes(as_der[0])
    assert certificates(der) == as_der[:1]
    assert certificates(pem) == as_der


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_named(tmp_path, content):
    path = tmp_path / "c.pem"
    path.write_bytes(content)
    with pytest.raises(InvalidFormatError, match=r"c\.pem: expected certificates"):
        certificates(path)
