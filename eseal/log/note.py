"""C2SP signed-note: text, a blank line, and signature lines by any number of keys.

::

    text, which may hold blank lines of its own
                                                     the last blank line ends the text
    — example.com/log Az3grlgt…                      key name, base64(key hash ‖ signature)

Of the signature types of signed-note only Ed25519 is made and checked here; lines of other types
and keys are read and left to whoever knows them (:mod:`eseal.log.cosignature`).
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.errors import InvalidCheckpointError, InvalidInputError, invalid_format
from eseal.excerpts import excerpt
from eseal.log.c2sp_text import is_key_name, parse_base64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_invalid = partial(invalid_format, "note")
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
"""RFC 8032 section 5.1: Ed25519."""
KEY_HASH_BYTES = 4
"""signed-note: tells keys apart, proves nothing."""
ED25519_TYPE = b"\x01"
"""signed-note: the signature type byte of Ed25519."""
MAX_SIGNATURES = 100
"""signed-note asks for at least 16; the Go reference stops here."""
MAX_NOTE_BYTES = 2**17
"""Sixteen post-quantum cosignatures of nearly 5 kB fit in base64; a longer note is an attack."""

_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_TAIL_CHARS = 40
"""Characters of a note's end worth repeating in a message."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line of a note, its value not checked.

    Attributes:
        name: the key's name.
        key_hash: tells keys of one name apart, 4 bytes.
        value: the signature, of a length its algorithm decides, at least 1 byte.
    """

    name: str
    key_hash: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read: its text is not to be trusted before :func:`verify_note`.

    Attributes:
        text: the signed text with its last newline, without the blank line after it.
        signatures: the signature lines in order, at least one.
    """

    text: bytes
    signatures: tuple[Signature, ...]


def key_hash(name: str, public_key: bytes) -> bytes:
    """The key hash (key ID) of an Ed25519 key, 4 bytes (signed-note, "Ed25519 signatures").

    Args:
        name: the key's name.
        public_key: 32 bytes (RFC 8032).

    Raises:
        InvalidInputError: a key of another length, or a name no key can have.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise InvalidInputError(
            f"Ed25519 public key: expected {PUBLIC_KEY_BYTES} bytes, got {len(public_key)} bytes"
        )
    if not is_key_name(name):
        raise InvalidInputError(f"key name: expected no spaces and no '+', got {excerpt(name)}")
    return sha256(name.encode() + b"\n" + ED25519_TYPE + public_key).digest()[:KEY_HASH_BYTES]


def sign_note(text: bytes, name: str, sign: Callable[[bytes], bytes], public_key: bytes) -> bytes:
    """Sign a text with an Ed25519 key, giving the note (signed-note, "Format").

    Args:
        text: UTF-8 without control characters, ending in a newline.
        name: the key's name.
        sign: signs bytes with the key, returning 64 bytes.
        public_key: the key, 32 bytes.

    Raises:
        InvalidInputError: a name, key or signature that cannot stand in a note.
    """
    blob = key_hash(name, public_key) + sign(text)
    if len(blob) != KEY_HASH_BYTES + SIGNATURE_BYTES:
        raise InvalidInputError(
            f"Ed25519 signature: expected {SIGNATURE_BYTES} bytes, "
            f"got {len(blob) - KEY_HASH_BYTES} bytes"
        )
    return text + f"\n{_DASH}{name} ".encode() + b2a_base64(blob)


def parse_note(data: bytes) -> Note:
    """Read a note, strictly in its form (signed-note, "Format"); no signature is checked.

    Raises:
        InvalidFormatError: anything but a well-formed note of at most 131,072 bytes and
            100 signatures.
    """
    content = _decode(data)
    if control := _CONTROL.search(content):
        raise _invalid("no control characters", excerpt(control.group()))
    text, blank, tail = content.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _invalid("text, a blank line and signature lines", excerpt(content[-_TAIL_CHARS:]))
    return Note(f"{text}\n".encode(), _parse_lines(tail))


def parse_signature_lines(data: bytes) -> tuple[Signature, ...]:
    """Read signature lines without a text: what a witness answers (tlog-witness).

    Raises:
        InvalidFormatError: anything but 1 to 100 signature lines, each with its newline.
    """
    content = _decode(data)
    if not content.endswith("\n") or _CONTROL.search(content):
        raise _invalid("signature lines", excerpt(content[-_TAIL_CHARS:]))
    return _parse_lines(content)


def verify_note(text: bytes, signatures: Sequence[Signature], name: str, public_key: bytes) -> None:
    """Check that one Ed25519 key signed a note's text (signed-note, "Signatures").

    Every signature that names this key must verify; those of other keys are ignored.

    Args:
        text: the note's text.
        signatures: the note's signatures.
        name: the name of the key one trusts.
        public_key: the key one trusts, 32 bytes.

    Raises:
        InvalidCheckpointError: no signature by this key, or one that does not verify.
        InvalidInputError: a key of another length, or a name no key can have.
    """
    expected = key_hash(name, public_key)
    mine = [s for s in signatures if s.name == name and s.key_hash == expected]
    if not mine:
        raise InvalidCheckpointError(
            f"note: expected a signature by key {name}+{expected.hex()}, got none"
        )
    key = Ed25519PublicKey.from_public_bytes(public_key)
    for signature in mine:
        try:
            key.verify(signature.value, text)
        except InvalidSignature:
            raise InvalidCheckpointError(
                f"note: expected a valid signature by key {name}+{expected.hex()}, "
                f"got one that does not verify"
            ) from None


def _decode(data: bytes) -> str:
    if len(data) > MAX_NOTE_BYTES:
        raise _invalid(f"at most {MAX_NOTE_BYTES} bytes", f"{len(data)} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _invalid("UTF-8", f"byte {data[error.start]:#04x} at {error.start}") from None


def _parse_lines(text: str) -> tuple[Signature, ...]:
    """Signature lines, the last newline included."""
    lines = text[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _invalid(f"at most {MAX_SIGNATURES} signatures", str(len(lines)))
    return tuple(map(_parse_signature, lines))


def _parse_signature(line: str) -> Signature:
    name, space, value = line.removeprefix(_DASH).partition(" ")
    if not (line.startswith(_DASH) and space and is_key_name(name)):
        raise _invalid(f"a signature line '{_DASH}<key name> <base64>'", excerpt(line))
    blob = parse_base64(value, "note signature")
    if len(blob) <= KEY_HASH_BYTES:
        raise _invalid(f"a signature of more than {KEY_HASH_BYTES} bytes", f"{len(blob)} bytes")
    return Signature(name, blob[:KEY_HASH_BYTES], blob[KEY_HASH_BYTES:])
