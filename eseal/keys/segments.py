"""Authenticated encryption of large files, a segment at a time.

A file is ``version (1)`` and then segments of 1 MiB, each AES-256-GCM under the file's own random
key. The nonce of a segment is its number and whether it is the last, so none can be moved, dropped
or cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015). A key
is used for one file only, so the nonces never repeat.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eseal.errors import CorruptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEY_BYTES: Final = 32
SEGMENT_BYTES: Final = 1 << 20
"""Plain bytes in a segment: what is held in memory, whatever the file's size."""
_TAG_BYTES: Final = 16
_VERSION: Final = b"\x01"


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def new_key() -> bytes:
    """The key of one file, 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def encrypt(pieces: Iterable[bytes | memoryview], key: bytes, context: bytes) -> Iterator[bytes]:
    """The encrypted file, in pieces.

    Args:
        pieces: the plain file, in pieces of any size.
        key: used for this file and no other.
        context: what the file is; must be the same when it is read.
    """
    cipher = AESGCM(key)
    yield _VERSION
    number = 0
    waiting: bytes | None = None
    for segment in _segments(pieces):
        if waiting is not None:
            yield cipher.encrypt(_nonce(number, last=False), waiting, context)
            number += 1
        waiting = segment
    yield cipher.encrypt(_nonce(number, last=True), waiting or b"", context)


def decrypt(source: _Source, key: bytes, context: bytes) -> Iterator[bytes]:
    """The plain file, in pieces. What was given out before an error is as it was written.

    Raises:
        CorruptionError: the file was changed or cut since it was written, or is another one's.
    """
    if source.read(1) != _VERSION:
        raise CorruptionError("expected an encrypted file of version 1")
    cipher = AESGCM(key)
    number = 0
    segment = source.read(SEGMENT_BYTES + _TAG_BYTES)
    while True:
        following = source.read(SEGMENT_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), segment, context)
        except (InvalidTag, ValueError):
            raise CorruptionError(
                f"an encrypted file was changed since it was written, or belongs elsewhere: "
                f"segment {number} does not open"
            ) from None
        if not following:
            return
        segment = following
        number += 1


def _segments(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The same bytes, in pieces of a segment's size."""
    open_segment = bytearray()
    for piece in pieces:
        view = memoryview(piece)
        while view:
            taken = view[: SEGMENT_BYTES - len(open_segment)]
            open_segment += taken
            view = view[len(taken) :]
            if len(open_segment) == SEGMENT_BYTES:
                yield bytes(open_segment)
                open_segment.clear()
    if open_segment:
        yield bytes(open_segment)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
