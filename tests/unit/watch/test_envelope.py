import contextlib
import json
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.watch import envelope
from eseal.watch.envelope import (
    decrypt,
    encrypt_for_passphrase,
    encrypt_to,
    read_identity,
    read_recipient,
)

PASSPHRASE = "long enough, 长"
PLAIN = b"what is watched"
KEY = X25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(envelope, "SCRYPT_N", 2)


def test_to_a_passphrase_and_to_a_key():
    assert (
        decrypt(encrypt_for_passphrase(PLAIN, PASSPHRASE), passphrase=PASSPHRASE, identity=None)
        == PLAIN
    )
    assert decrypt(encrypt_to(PLAIN, PUBLIC), passphrase=None, identity=KEY) == PLAIN
    assert encrypt_to(PLAIN, PUBLIC) != encrypt_to(PLAIN, PUBLIC)


def test_what_is_missing_or_not_the_one_is_named():
    to_passphrase, to_key = encrypt_for_passphrase(PLAIN, PASSPHRASE), encrypt_to(PLAIN, PUBLIC)
    with pytest.raises(InvalidInputError, match="--passphrase-file"):
        decrypt(to_passphrase, passphrase=None, identity=KEY)
    with pytest.raises(InvalidInputError, match="does not open"):
        decrypt(to_passphrase, passphrase=PASSPHRASE + "x", identity=None)
    with pytest.raises(InvalidInputError, match="--identity"):
        decrypt(to_key, passphrase=PASSPHRASE, identity=None)
    with pytest.raises(InvalidInputError, match=PUBLIC.hex()):
        decrypt(to_key, passphrase=None, identity=X25519PrivateKey.generate())
    with pytest.raises(InvalidInputError, match="12 characters"):
        encrypt_for_passphrase(PLAIN, "short")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("n", 3),
        ("n", 1),
        ("n", 1 << 40),
        ("n", True),
        ("r", 1 << 20),
        ("p", 2),
        ("salt", "AA=="),
        ("nonce", "AA=="),
        ("nonce", 1),
        ("data", "?"),
        ("eseal_watch", 2),
        ("for", "everybody"),
        ("for", ["key"]),
        ("more", 1),
    ],
)
def test_a_file_that_asks_for_too_much_or_is_none(member, value):
    fields = json.loads(encrypt_for_passphrase(PLAIN, PASSPHRASE)) | {member: value}
    with pytest.raises(InvalidFormatError):
        decrypt(json.dumps(fields).encode(), passphrase=PASSPHRASE, identity=KEY)


@pytest.mark.parametrize("at", [0, 40, -10])
def test_a_changed_file_opens_no_more(at):
    for data, error in (
        (encrypt_for_passphrase(PLAIN, PASSPHRASE), InvalidInputError),
        (encrypt_to(PLAIN, PUBLIC), InvalidFormatError),
    ):
        fields = json.loads(data)
        text = fields["data"]
        fields["data"] = text[:at] + ("A" if text[at] != "A" else "B") + text[len(text[:at]) + 1 :]
        with pytest.raises(error):
            decrypt(json.dumps(fields).encode(), passphrase=PASSPHRASE, identity=KEY)


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(InvalidInputError):
        decrypt(data, passphrase=PASSPHRASE, identity=KEY)


@pytest.mark.programs
def test_keys_as_openssl_makes_them(tmp_path):
    private, public = tmp_path / "watch.key", tmp_path / "watch.pub"
    for args in (
        ("genpkey", "-algorithm", "x25519", "-out", private),
        ("pkey", "-in", private, "-pubout", "-out", public),
    ):
        subprocess.run(["openssl", *args], check=True, capture_output=True)
    identity = read_identity(private.read_bytes())
    recipient = read_recipient(public.read_text())
    assert recipient == identity.public_key().public_bytes_raw()
    assert read_recipient(recipient.hex() + "\n") == recipient
    with pytest.raises(InvalidInputError, match="BEGIN PRIVATE KEY") as refused:
        read_recipient(private.read_text())
    assert private.read_text().splitlines()[1][:8] not in str(refused.value)


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def test_other_keys_are_refused():
    other = Ed25519PrivateKey.generate()
    wrong = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for text in ("", "00" * 31, "zz" * 32, wrong.decode(), "-----BEGIN"):
        with pytest.raises(InvalidInputError, match="X25519"):
            read_recipient(text)
    for data in (b"", pem(other), pem(KEY, BestAvailableEncryption(b"x")), b"-----BEGIN"):
        with pytest.raises(InvalidInputError, match="X25519"):
            read_identity(data)
    with pytest.raises(InvalidInputError, match="recipient"):
        encrypt_to(PLAIN, bytes(32))
