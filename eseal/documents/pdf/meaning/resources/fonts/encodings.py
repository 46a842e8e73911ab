"""Names of glyphs, and the codes that contents show (ISO 32000-1 section 9.6.6 and annex D)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pikepdf import Name

from eseal.documents.pdf.language import grammar
from eseal.documents.pdf.meaning.desk.values import array, dictionary, name

_STANDARD: Final = "StandardEncoding"
_KNOWN: Final = {"WinAnsiEncoding", "MacRomanEncoding"}
_KNOWN_TO_SOME: Final = {"MacExpertEncoding", "PDFDocEncoding"}
_UNUSED: Final = {127, 129, 141, 143, 144, 157}
"""Of the Windows' encoding: bullets (annex D.2)."""
_CODES: Final = range(32, 256)
_MAC_BLANK: Final = 202
_BLANK: Final = 160
_SOFT: Final = 173
_LATIN: Final = "".join(
    bytes(range(33, 256)).decode(codec, "ignore") for codec in ("cp1252", "mac_roman")
)
_USUAL: Final = frozenset(_LATIN) | {
    *map(chr, (*range(0x100, 0x180), *range(0x218, 0x21C), *range(0x370, 0x500), 0x2126, 0x2206)),
    *"\ufb01\ufb02\u02dd\u2044\u2212",
}
"""Letters and signs of Latin fonts; those of other European languages viewers find or show not."""
_COMPUTED: Final = re.compile(r"uni|u[0-9A-F]{4}|.*[._]")
"""Names from which some readers compute a character, and others do not."""
_BLANK_CODES: Final = {32, 160, 173}
_CONTROLS: Final = _BLANK_CODES | {*range(32), *range(127, 160)}
_BLANKS: Final = {"space", "nbspace", "nonbreakingspace", "uni00A0", "sfthyphen", "softhyphen",
                  "uni00AD"}  # fmt: skip
_OTHERS: Final = {"notequal", "infinity", "lessequal", "greaterequal", "partialdiff", "summation",
                  "product", "integral", "radical", "approxequal", "lozenge", "apple"}  # fmt: skip
"""Names of Macintosh fonts that the standard fonts do not have."""
_OF_SOME: Final = _OTHERS | {"pi", "Omega", "Delta", "currency", "Euro", "DEL", ".notdef"}
"""What some readers have in that encoding, and others not, or something else."""
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
def base(called: str) -> Mapping[int, str]:
    """The names of glyphs in a base encoding (ISO 32000-1 annex D.2), as far as readers agree."""
    from fontTools.encodings import MacRoman, StandardEncoding  # type: ignore[import-untyped]

    match called:
        case _ if called == _STANDARD:
            every = dict(enumerate(StandardEncoding.StandardEncoding))
        case "MacRomanEncoding":
            every = dict(enumerate(MacRoman.MacRoman)) | {_MAC_BLANK: "space"}
        case "WinAnsiEncoding":
            every = {code: _named(bytes([code]).decode("cp1252", "ignore")) for code in range(256)}
            every |= {_BLANK: "space", _SOFT: "hyphen"} | dict.fromkeys(_UNUSED, "bullet")
        case _:
            every = {}
    doubtful = _OF_SOME if called == "MacRomanEncoding" else {"", ".notdef"}
    return {code: each for code, each in every.items() if code in _CODES and each not in doubtful}


def readings(encoding: Any, assumed: Iterable[str]) -> tuple[Mapping[int, str], ...]:
    """The names of glyphs for codes, in each way that readers take an encoding.

    Args:
        encoding: of a font.
        assumed: the base encodings that one reader or another takes where none is named that all
            know.
    """
    own, named = base_of(encoding), differences(encoding)
    return tuple({**base(each), **named} for each in ((own,) if own else assumed))


def base_of(encoding: Any) -> str:
    """The base encoding that a font names; empty without one, or if it is none.

    ``StandardEncoding`` is as none: Poppler and pdf.js do not know it.
    """
    own = _told(encoding)
    return own if own in _KNOWN | _KNOWN_TO_SOME else ""


def is_standard(encoding: Any) -> bool:
    """Whether a font names the encoding that some readers do not know, and others take."""
    return _told(encoding) == _STANDARD


def _told(encoding: Any) -> str:
    own = encoding if isinstance(encoding, Name) else dictionary(encoding).get("/BaseEncoding")
    return name(own)


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
    character = "" if _COMPUTED.match(glyph) else character_of(glyph)
    return glyph in _BLANKS or (character in _USUAL and glyph not in _OTHERS)


def is_blank(code: int, glyph: str) -> bool:
    """Whether a name is one of nothing to be seen."""
    return glyph in _BLANKS or (glyph == ".notdef" and code in _BLANK_CODES)


def is_control(code: int) -> bool:
    """Whether a code is of no letter: PDFium draws others by a font of its own if none has them."""
    return code in _CONTROLS


def is_dingbat(glyph: str) -> bool:
    """The same of ZapfDingbats (table D.6)."""
    return _DINGBAT.fullmatch(glyph) is not None


@cache
def character_of(glyph: str) -> str:
    """The character that a name says; empty if none, or more than one."""
    from fontTools.agl import toUnicode  # type: ignore[import-untyped]  # it has no type hints

    characters = str(toUnicode(glyph))
    return characters if len(characters) == 1 else ""


@cache
def mac_code(glyph: str) -> int | None:
    """The code of a name in the Macintosh's Roman encoding."""
    return next((code for code, each in base("MacRomanEncoding").items() if each == glyph), None)


def _named(character: str) -> str:
    from fontTools.agl import UV2AGL

    own = {"\u00b2": "twosuperior", "\u00b3": "threesuperior", "\u00b9": "onesuperior"}
    return own.get(character) or UV2AGL.get(ord(character or "\0"), "")


def shown(data: bytes, size: int = 1) -> dict[bytes, set[int]]:
    """The codes of so many bytes that plain contents show in fonts, by the name these have."""
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
            text = _string(string)
            high = zip(text[::2], text[1::2], strict=False)
            codes[now].update(text if size == 1 else (one << 8 | two for one, two in high))
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
