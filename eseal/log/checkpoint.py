"""Checkpoints: the log-signed head, as C2SP tlog-checkpoint in a C2SP signed-note.

::

    example.com/log                                  origin
    20852163                                         size, in leaves
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     root

    — example.com/log Az3grlgt…                      key name, base64(key hash ‖ signature)

The log signs with Ed25519 under its origin as key name. Further signatures (witness cosignatures)
may follow; they are kept and left to whoever knows their keys.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.log.c2sp_text import is_key_name, parse_decimal, parse_hash
from eseal.log.note import Signature, key_hash, parse_note, sign_note, verify_note
from eseal.log.rfc9162 import EMPTY_ROOT, HASH_BYTES, MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "MAX_ORIGIN_BYTES",
    "Checkpoint",
    "Signature",
    "SignedCheckpoint",
    "check_origin",
    "key_hash",
    "log_id",
    "parse_checkpoint",
    "sign_checkpoint",
    "verify_checkpoint",
]

MAX_ORIGIN_BYTES = 255
"""tlog-cosignature carries the origin behind one length byte."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEAD_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of a log, and whose.

    Attributes:
        origin: the log's name.
        size: its size in leaves.
        root: its root at that size, 32 bytes.

    Raises:
        InvalidInputError: an origin, size or root no head can have.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidInputError(
                f"checkpoint: expected a size from 0 to 2**63 - 1, got {self.size}", field="size"
            )
        if len(self.root) != HASH_BYTES:
            raise InvalidInputError(
                f"checkpoint: expected a root of {HASH_BYTES} bytes, got {len(self.root)} bytes",
                field="root",
            )
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidInputError(
                f"checkpoint: expected the empty tree's root {EMPTY_ROOT.hex()} at size 0, "
                f"got {self.root.hex()}",
                field="root",
            )

    def body(self) -> bytes:
        """The note text that is signed: three lines, UTF-8 (tlog-checkpoint, "Note text")."""
        root = b2a_base64(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}".encode()


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it was read: nothing in it is true until :func:`verify_checkpoint` says so.

    Attributes:
        checkpoint: the head it states.
        text: the signed text, extension lines included.
        signatures: all signature lines in order.
        note: the whole note, verbatim.
    """

    checkpoint: Checkpoint
    text: bytes
    signatures: tuple[Signature, ...]
    note: bytes


@lru_cache(maxsize=1024)
def check_origin(origin: str) -> str:
    """Return ``origin`` if it can name a log.

    It is the key name too, so signed-note's rule for those holds: neither spaces nor ``+``.

    Raises:
        InvalidFormatError: empty, over 255 bytes of UTF-8, or with spaces, ``+`` or controls.
    """
    named = is_key_name(origin) and not _CONTROL.search(origin)
    if not named or len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise InvalidFormatError(
            f"origin: expected 1 to {MAX_ORIGIN_BYTES} bytes without spaces, '+' or control "
            f"characters, got {excerpt(origin)}",
            field="origin",
        )
    return origin


def log_id(issuer: bytes, origin: str) -> bytes:
    """SHA-256(issuer ‖ origin in UTF-8): the log's name on the ledger, 32 bytes.

    The issuer's id (32 bytes) is in it so that nobody takes the name before its issuer does.

    Raises:
        InvalidFormatError: the origin cannot name a log.
    """
    return sha256(issuer + check_origin(origin).encode()).digest()


def sign_checkpoint(
    checkpoint: Checkpoint, sign: Callable[[bytes], bytes], public_key: bytes
) -> bytes:
    """Sign a checkpoint as its log, giving the note.

    Args:
        checkpoint: the head to sign.
        sign: signs bytes with the log's Ed25519 key, returning 64 bytes.
        public_key: the log's key, 32 bytes.

    Raises:
        InvalidInputError: a key or a signature of another length.
    """
    return sign_note(checkpoint.body(), checkpoint.origin, sign, public_key)


def parse_checkpoint(note: bytes) -> SignedCheckpoint:
    """Read a checkpoint, strictly in its form; its signatures are not checked.

    tlog-checkpoint, "Note text". Signatures of unknown keys and extension lines are accepted, as
    the standard demands; of origins only those that can name a key.

    Raises:
        InvalidFormatError: anything but a well-formed checkpoint.
    """
    parsed = parse_note(note)
    origin, size, root = _split_text(parsed.text.decode())
    leaves = parse_decimal(size, "checkpoint size")
    digest = parse_hash(root, "checkpoint root")
    try:
        head = Checkpoint(origin, leaves, digest)
    except InvalidInputError as error:
        raise InvalidFormatError(str(error), field=error.field) from None
    return SignedCheckpoint(head, parsed.text, parsed.signatures, note)


def verify_checkpoint(signed: SignedCheckpoint, public_key: bytes) -> None:
    """Check that the log a checkpoint names signed it with ``public_key``.

    Every signature that names this key must verify (signed-note, "Signatures"); those of other
    keys are ignored.

    Args:
        signed: the checkpoint as it was read.
        public_key: the log's key from a source one trusts, 32 bytes.

    Raises:
        InvalidCheckpointError: no signature by this key, or one that does not verify.
        InvalidInputError: a key of another length.
    """
    verify_note(signed.text, signed.signatures, signed.checkpoint.origin, public_key)


def signer_of(signed: SignedCheckpoint, keys: Iterable[bytes]) -> bytes | None:
    """The first of a log's keys, 32 bytes each, that signed a checkpoint; ``None`` if none did.

    Raises:
        InvalidInputError: a key of another length.
    """
    for key in keys:
        with suppress(InvalidCheckpointError):
            verify_checkpoint(signed, key)
            return key
    return None


def _split_text(text: str) -> list[str]:
    """The three lines every checkpoint has, after a look at all of them."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _HEAD_LINES or not all(lines):
        raise InvalidFormatError(
            f"checkpoint: expected origin, size and root on lines of their own, got {excerpt(text)}"
        )
    return lines[:_HEAD_LINES]
