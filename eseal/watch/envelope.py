"""Watch files on their way: encrypted to a passphrase, or to a key.

A JSON object. To a passphrase (scrypt, RFC 7914; AES-256-GCM)::

    {"eseal_watch": 1, "for": "passphrase", "n": 131072, "r": 8, "p": 1, "salt": "<base64>",
     "nonce": "<base64>", "data": "<base64>"}

To a key (HPKE, RFC 9180, base mode: X25519, HKDF-SHA256, AES-256-GCM; ``data`` is enc ‖ ct)::

    {"eseal_watch": 1, "for": "key", "recipient": "<hex, 32 bytes>", "data": "<base64>"}

``info`` of HPKE and the associated data of AES-GCM are ``eseal watch file 1`` and a zero byte.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import value_excerpt
from eseal.model.json_values import JsonValues
from eseal.watch.file import MAX_FILE_BYTES

VERSION = 1
SCRYPT_N = 1 << 17
"""RFC 7914 section 2: 128 MiB of memory and some 0.4 s for each guess at a passphrase."""
MAX_SCRYPT_N = 1 << 19
"""A file that asks for more than half a gigabyte is not one of ours."""
SCRYPT_R = 8
SCRYPT_P = 1
SALT_BYTES = 16
NONCE_BYTES = 12
MIN_PASSPHRASE_CHARS = 12
"""With scrypt as above a guess costs about 10⁻⁵ cent; twelve characters of any care are enough."""
MAX_ENVELOPE_BYTES = 2 * MAX_FILE_BYTES

_INFO = b"eseal watch file 1\x00"
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_JSON = JsonValues("watch_file")


def encrypt_for_passphrase(plain: bytes, passphrase: str) -> bytes:
    """A watch file that whoever knows the passphrase can open.

    Raises:
        InvalidInputError: a passphrase of fewer than twelve characters.
    """
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise InvalidInputError(
            f"passphrase: expected at least {MIN_PASSPHRASE_CHARS} characters, "
            f"got {len(passphrase)}",
            field="passphrase",
        )
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    key = _stretched(passphrase, salt, SCRYPT_N)
    return _dumped(
        {
            "eseal_watch": VERSION,
            "for": "passphrase",
            "n": SCRYPT_N,
            "r": SCRYPT_R,
            "p": SCRYPT_P,
            "salt": _base64(salt),
            "nonce": _base64(nonce),
            "data": _base64(AESGCM(key).encrypt(nonce, plain, _INFO)),
        }
    )


def encrypt_to(plain: bytes, recipient: bytes) -> bytes:
    """A watch file that whoever holds the private key can open.

    Args:
        plain: the watch file.
        recipient: X25519 public key, 32 bytes.

    Raises:
        InvalidInputError: no key anybody can hold.
    """
    try:
        sealed = _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(recipient), info=_INFO)
    except ValueError:
        raise InvalidInputError(
            f"recipient: expected an X25519 public key of 32 bytes, got {recipient.hex()[:80]}",
            field="recipient",
        ) from None
    fields = {
        "eseal_watch": VERSION,
        "for": "key",
        "recipient": recipient.hex(),
        "data": _base64(sealed),
    }
    return _dumped(fields)


def decrypt(data: bytes, *, passphrase: str | None, identity: X25519PrivateKey | None) -> bytes:
    """What is in an encrypted watch file.

    Args:
        data: the file.
        passphrase: to open it with, where it is encrypted to one.
        identity: likewise the private key.

    Raises:
        InvalidFormatError: not an encrypted watch file, or one that was changed.
        InvalidInputError: the passphrase or key is missing, or not the one.
    """
    fields = _fields(data)
    if fields["for"] == "passphrase":
        if passphrase is None:
            raise InvalidInputError(
                "the watch file is encrypted to a passphrase: give --passphrase-file",
                field="passphrase",
            )
        return _with_passphrase(fields, passphrase)
    if identity is None:
        raise InvalidInputError(
            f"the watch file is encrypted to the key {fields['recipient']}: give --identity",
            field="identity",
        )
    return _with_identity(fields, identity)


def read_recipient(text: str) -> bytes:
    """A public key as PEM (``openssl pkey -pubout``) or 64 hex digits, 32 bytes.

    Raises:
        InvalidInputError: anything else.
    """
    written = text.strip()
    try:
        if written.startswith("-----"):
            key = load_pem_public_key(written.encode())
            if isinstance(key, X25519PublicKey):
                return key.public_bytes_raw()
        else:
            return X25519PublicKey.from_public_bytes(bytes.fromhex(written)).public_bytes_raw()
    except ValueError:
        pass
    shown = written.partition("\n")[0][:80]  # the lines below may be a private key
    raise InvalidInputError(
        f"recipient: expected an X25519 public key, as PEM or 64 hex digits, got {shown!r}",
        field="recipient",
    )


def read_identity(pem: bytes) -> X25519PrivateKey:
    """A private key as PEM (``openssl genpkey -algorithm x25519``).

    Raises:
        InvalidInputError: anything else, or one that is itself encrypted.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise InvalidInputError(
            "identity: expected an X25519 private key as PEM, without a passphrase of its own",
            field="identity",
        )
    return key


def _fields(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_ENVELOPE_BYTES:
        raise _JSON.invalid(f"at most {MAX_ENVELOPE_BYTES} bytes", f"{len(data)} bytes")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _JSON.invalid("an encrypted watch file", str(error)[:200]) from None
    kind = fields.get("for") if isinstance(fields, dict) else None
    members = {
        "passphrase": {"eseal_watch", "for", "n", "r", "p", "salt", "nonce", "data"},
        "key": {"eseal_watch", "for", "recipient", "data"},
    }.get(kind if isinstance(kind, str) else "")
    if members is None:
        got = "another file" if kind is None else value_excerpt(kind)
        raise _JSON.invalid("an encrypted watch file, for a passphrase or a key", got)
    found = _JSON.members(fields, "text", members)
    if _JSON.integer(found["eseal_watch"], "eseal_watch") != VERSION:
        raise _JSON.invalid(f"version {VERSION}", str(found["eseal_watch"]))
    return found


def _with_passphrase(fields: dict[str, Any], passphrase: str) -> bytes:
    cost = _JSON.integer(fields["n"], "n")
    if not 1 < cost <= MAX_SCRYPT_N or cost.bit_count() != 1:
        raise _JSON.invalid(f"n to be a power of two up to {MAX_SCRYPT_N}", str(cost))
    if (fields["r"], fields["p"]) != (SCRYPT_R, SCRYPT_P):
        raise _JSON.invalid(
            f"r {SCRYPT_R} and p {SCRYPT_P}", value_excerpt((fields["r"], fields["p"]))
        )
    salt = _bytes(fields["salt"], "salt", SALT_BYTES)
    nonce = _bytes(fields["nonce"], "nonce", NONCE_BYTES)
    sealed = _bytes(fields["data"], "data")
    try:
        return AESGCM(_stretched(passphrase, salt, cost)).decrypt(nonce, sealed, _INFO)
    except InvalidTag:
        raise InvalidInputError(
            "the passphrase does not open the watch file, or the file was changed",
            field="passphrase",
        ) from None


def _with_identity(fields: dict[str, Any], identity: X25519PrivateKey) -> bytes:
    recipient = _JSON.hex_bytes(fields["recipient"], "recipient")
    held = identity.public_key().public_bytes_raw()
    if recipient != held:
        raise InvalidInputError(
            f"the watch file is encrypted to the key {recipient.hex()}, --identity is {held.hex()}",
            field="identity",
        )
    try:
        return _SUITE.decrypt(_bytes(fields["data"], "data"), identity, info=_INFO)
    except (InvalidTag, ValueError):
        raise InvalidFormatError(
            "watch_file: expected what was encrypted to this key, got a file that was changed",
            field="watch_file",
        ) from None


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    stretch = Scrypt(salt=salt, length=32, n=cost, r=SCRYPT_R, p=SCRYPT_P)
    return stretch.derive(passphrase.encode())


def _bytes(value: object, name: str, count: int | None = None) -> bytes:
    try:
        found = base64.b64decode(_JSON.text(value, name), validate=True)
    except (binascii.Error, ValueError):
        raise _JSON.invalid(f"{name} in base64", value_excerpt(value)) from None
    if count is not None and len(found) != count:
        raise _JSON.invalid(f"{name} of {count} bytes", f"{len(found)}")
    return found


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _dumped(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
