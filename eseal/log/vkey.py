"""Verifier keys: the text by which a log's or a witness's public key is handed on.

::

    witness.example.com/w1+8d66cf3f+BGtY…      name, key hash, base64(type ‖ public key)

C2SP signed-note, "Verifier keys". Only Ed25519 keys are known here: those that sign notes
(type 0x01) and those that cosign checkpoints (type 0x04, tlog-cosignature, "Format").
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from hashlib import sha256

from eseal.errors import InvalidFormatError, InvalidInputError, invalid_format
from eseal.excerpts import excerpt
from eseal.log.c2sp_text import is_key_name, parse_base64
from eseal.log.note import KEY_HASH_BYTES, PUBLIC_KEY_BYTES

_invalid = partial(invalid_format, "verifier key")
MAX_VKEY_CHARS = 1024
"""A name of 255 bytes, the hash and the key take a third of it."""
_HASH = re.compile(r"[0-9a-f]{8}")
_PARTS = 3


class KeyType(IntEnum):
    """What a key signs (signed-note, "Signature types")."""

    NOTE = 0x01
    """Text, as it is: a log's key."""
    COSIGNATURE = 0x04
    """Checkpoints, with the time: a witness's key."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key, its name and what it signs.

    Attributes:
        name: the key's name; a log's is its origin.
        type: what it signs.
        public_key: Ed25519, 32 bytes (RFC 8032).

    Raises:
        InvalidInputError: a key of another length, or a name no key can have.
    """

    name: str
    type: KeyType
    public_key: bytes

    def __post_init__(self) -> None:
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise InvalidInputError(
                f"verifier key: expected a public key of {PUBLIC_KEY_BYTES} bytes, "
                f"got {len(self.public_key)} bytes"
            )
        if not is_key_name(self.name):
            raise InvalidInputError(
                f"verifier key: expected a name without spaces and '+', got {excerpt(self.name)}"
            )

    @property
    def key_hash(self) -> bytes:
        """The key ID, 4 bytes: tells keys of one name apart, proves nothing."""
        body = self.name.encode() + b"\n" + bytes([self.type]) + self.public_key
        return sha256(body).digest()[:KEY_HASH_BYTES]

    def __str__(self) -> str:
        blob = b2a_base64(bytes([self.type]) + self.public_key, newline=False).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{blob}"


def parse_vkey(text: str, type_: KeyType) -> VerifierKey:
    """Read a verifier key of one type, strictly in its form.

    Args:
        text: ``name+hash+base64``.
        type_: what the key must sign.

    Raises:
        InvalidFormatError: another form, another type, or a hash that is not this key's.
    """
    parts = text.split("+", _PARTS - 1)
    if len(text) > MAX_VKEY_CHARS or len(parts) != _PARTS or not _HASH.fullmatch(parts[1]):
        raise _invalid("<name>+<8 hex digits>+<base64>", excerpt(text))
    blob = parse_base64(parts[2], "verifier key")
    if len(blob) != 1 + PUBLIC_KEY_BYTES or blob[0] != type_:
        raise _invalid(
            f"an Ed25519 key of type {int(type_):#04x} ({type_.name.lower()})",
            f"type {blob[0]:#04x} and {len(blob) - 1} bytes" if blob else "nothing",
        )
    try:
        key = VerifierKey(parts[0], type_, blob[1:])
    except InvalidInputError as error:
        raise InvalidFormatError(str(error)) from None
    if key.key_hash.hex() != parts[1]:
        raise _invalid(f"the key hash {key.key_hash.hex()}", parts[1])
    return key
