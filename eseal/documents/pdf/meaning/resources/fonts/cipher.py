"""How Type 1 programs are encrypted (Adobe Type 1 Font Format, chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

PROGRAM: Final = 55665
GLYPH: Final = 4330
"""The constants of the part, and of each glyph (sections 7.1 and 7.3)."""
_TIMES: Final = 52845
_PLUS: Final = 22719
RANDOM: Final = 4
"""Bytes before the text."""
MAX_BYTES: Final = 1 << 20
"""Of an encrypted part, at some 10 MB a second; a font of all Latin letters has 100 KB."""


@dataclass(frozen=True)
class Cipher:
    """Who decrypts and encrypts one program.

    Attributes:
        known: what was encrypted as what; the same need not be done again.
    """

    known: dict[tuple[int, bytes], bytes] = field(default_factory=dict)

    def decrypted(self, data: bytes, key: int, random: int = RANDOM) -> bytes:
        """The text behind so many bytes of an encrypted part, or of the first 1 MiB of it."""
        data, state, text = data[:MAX_BYTES], key, bytearray()
        for byte in data:
            text.append(byte ^ state >> 8)
            state = ((byte + state) * _TIMES + _PLUS) & 0xFFFF
        self.known[key, bytes(text)] = data
        return bytes(text[random:])

    def encrypted(self, text: bytes, key: int) -> bytes:
        """A text behind zeros, encrypted."""
        text, state, data = bytes(RANDOM) + text, key, bytearray()
        if (key, text) in self.known:
            return self.known[key, text]
        for byte in text:
            data.append(byte ^ state >> 8)
            state = ((data[-1] + state) * _TIMES + _PLUS) & 0xFFFF
        return bytes(data)
