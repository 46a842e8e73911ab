"""Which glyphs a Type 1 program has (Adobe Type 1 Font Format, chapters 2 and 7)."""

from __future__ import annotations

import re
from binascii import Error, unhexlify
from typing import Final

_ENCRYPTED: Final = re.compile(rb"\beexec(?:\r\n|[ \t\r\n])")
_KEY: Final = 55665
"""Section 7.2, as the two constants."""
_TIMES: Final = 52845
_PLUS: Final = 22719
_RANDOM: Final = 4
"""Bytes before the text."""
_HEXADECIMAL: Final = re.compile(rb"[0-9A-Fa-f]{4}")
_BEGIN: Final = re.compile(rb"/CharStrings\b")
_GLYPH: Final = re.compile(
    rb"[\0\s]*/([^\0\s/%()<>\[\]{}]+)[\0\s]+(\d{1,5})[\0\s]+(?:RD|-\|)[\0\s]"
)
_AFTER: Final = re.compile(rb"[\0\s]*(?:ND|\|-|(?:noaccess[\0\s]+)?def)")
_END: Final = re.compile(rb"[\0\s]*end\b")
MAX_BYTES: Final = 1 << 20
"""Of an encrypted part, at some 10 MB a second; a font of all Latin letters has 100 KB."""


def glyphs_of(program: bytes) -> frozenset[str] | None:
    """The names of a program's glyphs, but ``.notdef``; ``None`` if they cannot be read for sure.

    What has two lists of glyphs, or one written in another way than by every program that makes
    such fonts, is left to readers, each of which has its own idea of PostScript.
    """
    found = _ENCRYPTED.search(program)
    if found is None:
        return None
    text = _decrypted(program[found.end() :])
    begins = _BEGIN.findall(program[: found.start()] + text)
    begin = _BEGIN.search(text)
    if len(begins) != 1 or begin is None:
        return None
    names: set[str] = set()
    position = text.find(b"begin", begin.end()) + len(b"begin")
    while glyph := _GLYPH.match(text, position):
        names.add(glyph[1].decode("latin-1"))
        after = _AFTER.match(text, glyph.end() + int(glyph[2]))
        if after is None:
            return None
        position = after.end()
    return frozenset(names - {".notdef"}) if _END.match(text, position) else None


def _decrypted(data: bytes) -> bytes:
    if _HEXADECIMAL.match(data):
        digits = b"".join(data.split())
        try:
            data = unhexlify(digits[: len(digits) // 2 * 2])
        except Error:
            return b""
    key, text = _KEY, bytearray()
    for byte in data[:MAX_BYTES]:
        text.append(byte ^ key >> 8)
        key = ((byte + key) * _TIMES + _PLUS) & 0xFFFF
    return bytes(text[_RANDOM:])
