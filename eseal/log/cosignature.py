"""Cosignatures: a witness's word that a checkpoint extends all it has seen of the log.

C2SP tlog-cosignature, Ed25519 (``cosignature/v1``). In a note it is a signature line like others::

    — witness.example.com/w1 jWbPPwAAAABkGFDL…   name, base64(key ID ‖ time, 8 bytes ‖ signature)

What is signed is two lines and the checkpoint's text::

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""

from __future__ import annotations

import struct
from binascii import b2a_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidInputError
from eseal.log.note import SIGNATURE_BYTES, Signature, parse_note, parse_signature_lines
from eseal.log.rfc9162 import MAX_SIZE
from eseal.log.vkey import KeyType, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_VALUE = struct.Struct(f">Q{SIGNATURE_BYTES}s")
COSIGNATURE_BYTES = _VALUE.size
"""tlog-cosignature, ``timestamped_signature``: time (8 bytes, big-endian) and signature: 72."""
MAX_TIME = MAX_SIZE
"""tlog-cosignature: the timestamp must not exceed 2**63 - 1."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature as it was read: true only once :func:`verify_cosignature` says so.

    Attributes:
        time: when it was made, Unix seconds.
        signature: Ed25519, 64 bytes.
    """

    time: int
    signature: bytes


def cosigned_message(text: bytes, time: int) -> bytes:
    """What a cosignature signs (tlog-cosignature, "Ed25519 signed message").

    Args:
        text: the checkpoint's text with its last newline, extension lines included.
        time: Unix seconds, 0 to 2**63 - 1.

    Raises:
        InvalidInputError: a time out of that range.
    """
    if not 0 <= time <= MAX_TIME:
        raise InvalidInputError(f"cosignature: expected a time from 0 to 2**63 - 1, got {time}")
    return b"cosignature/v1\ntime %d\n%s" % (time, text)


def cosignature_line(
    text: bytes, key: VerifierKey, sign: Callable[[bytes], bytes], time: int
) -> bytes:
    """Cosign a checkpoint, giving the signature line with its newline.

    Args:
        text: the checkpoint's text.
        key: the witness's key, of type 0x04.
        sign: signs bytes with that key, returning 64 bytes.
        time: now, Unix seconds.

    Raises:
        InvalidInputError: a key of another type, a signature of another length, or a time no
            cosignature can have.
    """
    if key.type is not KeyType.COSIGNATURE:
        raise InvalidInputError(f"cosignature: expected a key of type 0x04, got {int(key.type):#x}")
    signature = sign(cosigned_message(text, time))
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidInputError(
            f"cosignature: expected a signature of {SIGNATURE_BYTES} bytes, "
            f"got {len(signature)} bytes"
        )
    blob = key.key_hash + _VALUE.pack(time, signature)
    return f"— {key.name} ".encode() + b2a_base64(blob)


def parse_cosignature(value: bytes) -> Cosignature:
    """Read a signature line's value as a cosignature; it is not verified.

    Raises:
        InvalidFormatError: not 72 bytes, or a time beyond 2**63 - 1.
    """
    if len(value) != COSIGNATURE_BYTES:
        raise InvalidFormatError(
            f"cosignature: expected {COSIGNATURE_BYTES} bytes, got {len(value)} bytes"
        )
    time, signature = _VALUE.unpack(value)
    if time > MAX_TIME:
        raise InvalidFormatError(f"cosignature: expected a time below 2**63, got {time}")
    return Cosignature(time, signature)


def verify_cosignature(
    text: bytes, signatures: Sequence[Signature], key: VerifierKey
) -> Cosignature:
    """Check that one witness cosigned a checkpoint's text.

    Every line that names this key must verify (signed-note, "Signatures"); those of other keys are
    ignored.

    Args:
        text: the checkpoint's text, extension lines included.
        signatures: the note's signature lines.
        key: the witness's key, from a source one trusts.

    Returns:
        Its newest cosignature.

    Raises:
        InvalidCheckpointError: no cosignature by this key, or one that does not verify.
    """
    expected = key.key_hash
    mine = [s for s in signatures if s.name == key.name and s.key_hash == expected]
    if not mine:
        raise InvalidCheckpointError(
            f"checkpoint: expected a cosignature by {key.name}+{expected.hex()}, got none"
        )
    public_key = Ed25519PublicKey.from_public_bytes(key.public_key)
    try:
        found = [parse_cosignature(signature.value) for signature in mine]
        for cosignature in found:
            public_key.verify(cosignature.signature, cosigned_message(text, cosignature.time))
    except (InvalidSignature, InvalidFormatError):
        raise InvalidCheckpointError(
            f"checkpoint: expected a valid cosignature by {key.name}+{expected.hex()}, "
            f"got one that does not verify"
        ) from None
    return max(found, key=lambda cosignature: cosignature.time)


def cosigners(
    text: bytes, signatures: Sequence[Signature], keys: Iterable[VerifierKey]
) -> dict[VerifierKey, Cosignature]:
    """Which of several witnesses cosigned a checkpoint's text.

    Raises:
        InvalidCheckpointError: one of them is named and its cosignature does not verify:
            signed-note, "Signatures", has the whole note rejected then.
    """
    named = {(signature.name, signature.key_hash) for signature in signatures}
    return {
        key: verify_cosignature(text, signatures, key)
        for key in keys
        if (key.name, key.key_hash) in named
    }


def add_cosignatures(note: bytes, lines: bytes, key: VerifierKey) -> bytes:
    """Put what a witness answered under a note: those of its lines that are good, and no others.

    tlog-witness, "add-checkpoint": cosignatures of unknown keys must be ignored.

    Args:
        note: the signed checkpoint.
        lines: the answer: signature lines.
        key: the witness's key.

    Returns:
        The note with the cosignature; the same note if it carries one by this key already.

    Raises:
        InvalidFormatError: the answer is not signature lines, or the note is no note.
        InvalidCheckpointError: none of the lines is by this key, or one that is does not verify.
    """
    signed = parse_note(note)
    answered = parse_signature_lines(lines)
    verify_cosignature(signed.text, answered, key)
    if any((s.name, s.key_hash) == (key.name, key.key_hash) for s in signed.signatures):
        return note
    mine = next(s for s in answered if (s.name, s.key_hash) == (key.name, key.key_hash))
    cosigned = note + f"— {mine.name} ".encode() + b2a_base64(mine.key_hash + mine.value)
    parse_note(cosigned)  # bounds: number of signatures, size
    return cosigned
