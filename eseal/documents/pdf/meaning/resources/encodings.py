"""Which glyphs readers may take for a code of a TrueType font (ISO 32000-1 section 9.6.6.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import Any, Final

from pikepdf import Name

from eseal.documents.pdf.meaning.language import grammar
from eseal.documents.pdf.meaning.resources.cmaps import Maps
from eseal.documents.pdf.meaning.values import array, dictionary, name
from eseal.documents.pdf.opening import guarded
from eseal.errors import UnsupportedDocumentError

_CODECS: Final = {"WinAnsiEncoding": "cp1252", "MacRomanEncoding": "mac_roman"}
_PRIVATE: Final = (0xF000, 0xF100, 0xF200)
"""Where symbol fonts keep their codes."""
_NOTHING: Final = {None, 0}
_LATIN: Final = "".join(bytes(range(33, 256)).decode(codec, "ignore") for codec in _CODECS.values())
_USUAL: Final = frozenset(_LATIN) | {
    *map(chr, (*range(0x100, 0x180), *range(0x218, 0x21C), *range(0x370, 0x500), 0x2126, 0x2206)),
    *"\ufb01\ufb02\u02dd\u2044\u2212",
}
"""Letters and signs of Latin fonts; those of other European languages viewers find or show not."""
_COMPUTED: Final = re.compile(r"uni|u[0-9A-F]{4}|.*[._]")
"""Names from which some readers compute a character, and others do not."""
_NOTDEF: Final = {".notdef"}
_BLANK_CODES: Final = {32, 160, 173}
_BLANKS: Final = {"space", "nbspace", "nonbreakingspace", "uni00A0", "sfthyphen", "softhyphen",
                  "uni00AD"}  # fmt: skip
_OTHERS: Final = {"notequal", "infinity", "lessequal", "greaterequal", "partialdiff", "summation",
                  "product", "integral", "radical", "approxequal", "lozenge", "apple"}  # fmt: skip
"""Names of Macintosh fonts that the standard fonts do not have."""
_DINGBAT: Final = re.compile(r"a[0-9]{1,3}|space")
_SAVES: Final = r"(?<![^ \t\r\n\])>])([qQ])(?![^ \t\r\n/\[(<])"
_SHOWING: Final = re.compile(
    rf"({grammar.NAME}){grammar.SPACE}++{grammar.NUMBER}{grammar.SPACE}++Tf"
    rf"|<<(?:[^()<>]|{grammar.STRING})*+>>|({grammar.STRING})|{_SAVES}".encode("latin-1"),
    re.DOTALL,
)
"""Fonts that are set, and strings; those in the dictionaries of marked contents are not shown."""
_SETTING: Final = re.compile(
    rf"{_SAVES}|(?<=[ \t\r\n])Tf|(?<![/\w])(T[jJ]|')(?![\w.#])".encode("latin-1")
)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@cache
def ascii_names() -> dict[int, str]:
    """The names of glyphs for the codes of ASCII, blanks apart."""
    from fontTools.agl import UV2AGL  # type: ignore[import-untyped]  # it has no type hints

    return {code: UV2AGL[code] for code in range(33, 127)}


def names_of(encoding: Any) -> dict[int, str]:
    """The characters of an encoding, code by code, as far as their names say; none without one."""
    if encoding is None:
        return {}
    own = isinstance(encoding, Name)
    base = name(encoding if own else dictionary(encoding).get("/BaseEncoding"))
    codec = _CODECS.get(base, "latin-1")
    every = {code: bytes([code]).decode(codec, "ignore") for code in range(32, 256)}
    found = {code: character for code, character in every.items() if character}
    return found | {code: _character(glyph) for code, glyph in differences(encoding).items()}


def differences(encoding: Any) -> dict[int, str]:
    """The names of glyphs that an encoding gives to codes by itself."""
    found = {}
    code = 0
    for item in array(dictionary(encoding).get("/Differences")):
        if isinstance(item, Name):
            found[code] = name(item)
            code += 1
        elif type(item) is int:
            code = item
    return found


def is_usual(glyph: str) -> bool:
    """Whether a name is one that all readers find in the Latin fonts they put in place of others.

    Those are the names of letters and signs (table D.2), and such for nothing to be seen.
    """
    character = "" if _COMPUTED.match(glyph) else _character(glyph)
    return glyph in _BLANKS or (character in _USUAL and glyph not in _OTHERS)


def is_blank(code: int, glyph: str) -> bool:
    """Whether a name is one of nothing to be seen."""
    return glyph in _BLANKS or (glyph == ".notdef" and code in _BLANK_CODES)


def glyphs_of(program: bytes) -> frozenset[str] | None:
    """The names of the glyphs of a CFF program, in tables or bare; ``None`` if it has none."""
    from fontTools.cffLib import CFFFontSet, cffISOAdobeStrings  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with (
        suppress(UnsupportedDocumentError),
        guarded(UnsupportedDocumentError, "its names are broken"),
    ):
        if program.startswith(b"OTTO"):
            program = TTFont(BytesIO(program), lazy=True).getTableData("CFF ")
        held = CFFFontSet()
        held.decompile(BytesIO(program), None)
        top = held[0]
        usual = cffISOAdobeStrings[: top.numGlyphs]  # which need not be written
        return None if hasattr(top, "ROS") else frozenset(getattr(top, "charset", usual)) - _NOTDEF
    return None


def is_dingbat(glyph: str) -> bool:
    """The same of ZapfDingbats (table D.6)."""
    return _DINGBAT.fullmatch(glyph) is not None


@cache
def _character(glyph: str) -> str:
    from fontTools.agl import toUnicode

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


def shown(data: bytes) -> dict[bytes, set[int]]:
    """The codes that plain contents show in fonts, by the name these have; one byte each."""
    codes: dict[bytes, set[int]] = {b"": set()}
    now, saved = b"", list[bytes]()
    for font, string, state in _SHOWING.findall(data):
        if font:
            now = font
            codes.setdefault(now, set())
        elif state == b"q":
            saved.append(now)
        elif state:
            now = saved.pop() if saved else now
        else:
            codes[now].update(_string(string))
    del codes[b""]
    return codes


def borrows_font(bare: bytes) -> bool:
    """Whether plain contents, without their strings, show text in a font they did not set."""
    is_set, saved = False, list[bool]()
    for match in _SETTING.finditer(bare):
        if match[1] == b"q":
            saved.append(is_set)
        elif match[1]:
            is_set = saved.pop() if saved else is_set
        elif not match[2]:
            is_set = True
        elif not is_set:
            return True
    return False


def _string(token: bytes) -> bytes:
    if token.startswith(b"<"):
        digits = token[1:-1]
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    part = match[1]
    return bytes([int(part, 8) & 0xFF]) if part.isdigit() else _LETTERS.get(part, part)
