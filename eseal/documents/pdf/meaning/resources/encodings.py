"""Which glyphs readers may take for a code of a TrueType font (ISO 32000-1 section 9.6.6.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pikepdf import Name

from eseal.documents.pdf.meaning.language import grammar
from eseal.documents.pdf.meaning.resources.cmaps import Maps
from eseal.documents.pdf.meaning.values import array, dictionary, name

_CODECS: Final = {"WinAnsiEncoding": "cp1252", "MacRomanEncoding": "mac_roman"}
_PRIVATE: Final = (0xF000, 0xF100, 0xF200)
"""Where symbol fonts keep their codes."""
_NOTHING: Final = {None, 0}
_SHOWING: Final = re.compile(
    rf"({grammar.NAME}){grammar.SPACE}++{grammar.NUMBER}{grammar.SPACE}++Tf"
    rf"|({grammar.STRING})".encode("latin-1"),
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def names_of(encoding: Any) -> dict[int, str]:
    """The characters of an encoding, code by code, as far as their names say; none without one."""
    if encoding is None:
        return {}
    own = isinstance(encoding, Name)
    base = name(encoding if own else dictionary(encoding).get("/BaseEncoding"))
    codec = _CODECS.get(base, "latin-1")
    every = {code: bytes([code]).decode(codec, "ignore") for code in range(32, 256)}
    found = {code: character for code, character in every.items() if character}
    code = 0
    for item in array(dictionary(encoding).get("/Differences")):
        if isinstance(item, Name):
            found[code] = _character(name(item))
            code += 1
        elif type(item) is int:
            code = item
    return found


@cache
def _character(glyph: str) -> str:
    from fontTools.agl import toUnicode  # type: ignore[import-untyped]  # it has no type hints

    return str(toUnicode(glyph))


def called(character: str) -> tuple[str, ...]:
    """The names a glyph of a character may have in a font's program."""
    from fontTools.agl import UV2AGL

    return () if len(character) != 1 else (UV2AGL.get(ord(character), ""), character)


def is_nameless(code: int, names: Mapping[int, str]) -> bool:
    """Whether a code has a name that says no character: readers look for it in different places."""
    return names.get(code) == ""


def glyphs(code: int, tables: Maps, character: str | None, *, symbolic: bool) -> set[int | None]:
    """The glyphs that one reader or another may take for a code."""
    found: set[int | None] = set()
    roman, windows, symbol = tables.get((1, 0), {}), tables.get((3, 1), {}), tables.get((3, 0), {})
    if character and len(character) == 1:
        found.add(windows.get(ord(character)))
        own = character.encode("mac_roman", "ignore")
        found.add(roman.get(own[0]) if own else None)
    if character is None or symbolic:
        found.add(roman.get(code))
        found.update(symbol.get(base + code) for base in (0, *_PRIVATE))
    if character is None:
        found.add(windows.get(code))
    return found - _NOTHING


def shown(data: bytes, names: set[bytes]) -> frozenset[int]:
    """The codes that plain contents show in fonts of some names; one byte each."""
    codes: set[int] = set()
    counts = False
    for font, string in _SHOWING.findall(data):
        if font:
            counts = font in names
        elif counts:
            codes.update(_string(string))
    return frozenset(codes)


def _string(token: bytes) -> bytes:
    if token.startswith(b"<"):
        digits = token[1:-1]
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    part = match[1]
    return bytes([int(part, 8) & 0xFF]) if part.isdigit() else _LETTERS.get(part, part)
