"""What a Type 1 program says of itself (Adobe Type 1 Font Format, chapters 2 and 7)."""

from __future__ import annotations

import re
import struct
from binascii import Error, unhexlify
from collections import Counter
from collections.abc import Mapping
from typing import Final

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import anew, encodings
from eseal.documents.pdf.meaning.resources.fonts.cipher import (
    GLYPH,
    MAX_BYTES,
    PROGRAM,
    RANDOM,
    Cipher,
)
from eseal.documents.pdf.meaning.resources.fonts.outlined import Outline
from eseal.documents.pdf.meaning.resources.fonts.programs import NOTDEF, Program

_ENCRYPTED: Final = re.compile(rb"\beexec(?:\r\n|[ \t\r\n])")
_EEXEC: Final = b"eexec"
_BLANKS: Final = b"\0\t\n\f\r "
_LAST: Final = b"cleartomark"
_RESTORE: Final = b"{restore}if"
"""What printers' programs have behind the last word: nothing, in a file."""
_ZEROS: Final = 512
"""Before the last word (section 7.2)."""
_HEXADECIMAL: Final = re.compile(rb"[0-9A-Fa-f]{4}")
_KEYS: Final = re.compile(rb"\b(Subrs|CharStrings|lenIV|FontMatrix)\b")
"""What stands once, even behind a blank: Firefox takes it then, too."""
_MATRIX: Final = re.compile(
    rb"/FontMatrix\s*[\[{]\s*(0\.0\d*[1-9]0*)((?:\s+-?0?\.?\d+){2})\s+(0\.0\d*[1-9]0*)"
    rb"(?:\s+0(?:\.0*)?){2}\s*[\]}]"
)
_LEADING: Final = re.compile(rb"/lenIV\s+(\d)\s+def\b")
_PARTS: Final = re.compile(rb"/Subrs[\0\s]+(\d{1,5})[\0\s]+array\b")
_PART: Final = re.compile(rb"[\0\s]*dup[\0\s]+(\d{1,5})[\0\s]+(\d{1,5})[\0\s]+(?:RD|-\|)[\0\s]")
_AFTER_PART: Final = re.compile(
    rb"[\0\s]*(?:NP|\||(?:noaccess[\0\s]+)?put)(?=[\0\s]+(?:dup|ND|\|-|noaccess|def)[\0\s])"
)
_BEGIN: Final = re.compile(rb"/CharStrings[\0\s]+(\d{1,5})[\0\s]+dict[\0\s]+dup[\0\s]+begin\b")
_OWN: Final = re.compile(
    rb"/Encoding\s+(?:(StandardEncoding)|256\s+array(?:\s+0\s+1\s+255\s*\{\s*1\s+index\s+exch\s*"
    rb"/\.notdef\s+put\s*\}\s*(?:bind\s+)?for)?((?:\s+dup\s+\d{1,3}\s*/[^\s/%()<>\[\]{}]+\s+put)*)"
    rb"(?:\s+readonly)?)\s+def\b"
)
_CODES: Final = 256
_CODE: Final = re.compile(rb"dup\s+(\d+)\s*/(\S+)")
_GLYPH: Final = re.compile(
    rb"[\0\s]*/([^\0\s/%()<>\[\]{}]+)[\0\s]+(\d{1,5})[\0\s]+(?:RD|-\|)[\0\s]"
)
_AFTER: Final = re.compile(rb"[\0\s]*(?:ND|\|-|(?:noaccess[\0\s]+)?def)(?=[\0\s/])")
_END: Final = re.compile(rb"[\0\s]*end(?=[\0\s])")
_NAME: Final = re.compile(r"[!-~]{1,126}")
"""Of glyphs: as long as a name in PDF may be."""


def read(program: bytes, allowance: Allowance) -> Program | None:
    """A program; ``None`` if it cannot be read for sure.

    Glyphs that readers may draw in two ways are named as unclear.

    What has two lists of glyphs, fewer names in one than glyphs, or one written in another way than
    by every program that makes such fonts, is left to readers, each of which has its own idea of
    PostScript.
    """
    found = _ENCRYPTED.search(program)
    sizes = lengths(program)
    if found is None or sizes is None:
        return None
    cipher = Cipher()
    clear, text = program[: found.start()], _part(program[found.end() :][: sizes[1]], cipher)
    keys = Counter(_KEYS.findall(clear + text))
    begin, leading = _BEGIN.search(text), _LEADING.search(text)
    matrix = _MATRIX.search(clear)
    odd = keys[b"lenIV"] and not leading
    if begin is None or matrix is None or odd or max(keys.values()) > 1 or b"/Encoding" in text:
        return None
    glyphs = _listed(text, begin.end())
    named = dict(glyphs)
    # Twice, and not the same?
    if len(glyphs) > int(begin[1]) or len(named) < len({*glyphs}):
        return None
    random = int(leading[1]) if leading else RANDOM
    drawn = {name: cipher.decrypted(data, GLYPH, random) for name, data in named.items()}
    parts = _parts(text[: begin.start()], random, cipher)
    whole, called = _clear(drawn, parts, allowance)
    if NOTDEF not in whole:
        return None
    codes = _codes(clear)
    made = anew.Known(
        clear,
        text[: begin.start()],
        b" ".join(matrix.groups()),
        {code: name for code, name in (codes or {}).items() if name in whole},
        {name: data for name, data in drawn.items() if name in whole},
        {number: parts[number] for number in called},
    ).written(cipher)
    if len(made) > MAX_BYTES:
        return None
    return Program.of(named, codes, drawn[NOTDEF], named.keys() - whole, made)


def lengths(program: bytes) -> tuple[int, int, int] | None:
    """How long its three parts are (ISO 32000-1 table 127); ``None`` if it has others."""
    found = _ENCRYPTED.search(program)
    if found is None or program.count(_EEXEC) > 1:
        return None
    rest = program[found.end() :].rstrip(_BLANKS).removesuffix(_RESTORE).rstrip(_BLANKS)
    if not rest.endswith(_LAST):
        return None if _LAST in rest else (found.end(), len(program) - found.end(), 0)
    before = rest[: -len(_LAST)]
    secret = before.rstrip(b"0 \t\r\n")
    if _LAST in secret:
        return None
    zeros = [at for at in range(len(secret), len(before)) if before[at : at + 1] == b"0"]
    end = zeros[-_ZEROS:][0] if zeros else len(secret)
    return found.end(), end, len(program) - found.end() - end


def _listed(text: bytes, position: int) -> list[tuple[str, bytes]]:
    """A list of glyphs, each with its data; none if it is not one."""
    glyphs = []
    while glyph := _GLYPH.match(text, position):
        end = glyph.end() + int(glyph[2])
        glyphs.append((glyph[1].decode("latin-1"), text[glyph.end() : end]))
        after = _AFTER.match(text, end)
        if after is None:
            return []
        position = after.end()
    return glyphs if _END.match(text, position) else []


def _parts(text: bytes, random: int, cipher: Cipher) -> dict[int, bytes]:
    """Its subroutines, as far as all readers find them."""
    begin = _PARTS.search(text)
    found: dict[int, bytes] = {}
    position = begin.end() if begin else len(text)
    while begin and (part := _PART.match(text, position)):
        end = part.end() + int(part[2])
        after, number = _AFTER_PART.match(text, end), int(part[1])
        if after is None or number in found or number >= int(begin[1]):
            return {}
        found[number] = cipher.decrypted(text[part.end() : end], GLYPH, random)
        position = after.end()
    return found


def _clear(
    glyphs: Mapping[str, bytes], parts: Mapping[int, bytes], allowance: Allowance
) -> tuple[set[str], set[int]]:
    """The names of glyphs that are drawn in one way, and the subroutines that these call.

    A letter with an accent is made of such.
    """
    names = encodings.base("StandardEncoding")
    called: dict[str, set[int]] = {}
    made_of: dict[str, set[str]] = {}
    for name, data in glyphs.items():
        outline = Outline(parts, allowance)
        try:
            outline.run(data)
        except struct.error:
            continue
        if _NAME.fullmatch(name):
            called[name] = outline.called
            made_of[name] = {names.get(code, "") for code in outline.made_of}
    whole = {name for name, each in made_of.items() if not each}
    whole |= {name for name, each in made_of.items() if each <= whole}
    return whole, {number for name in whole for number in called[name]}


def _codes(clear: bytes) -> Mapping[int, str] | None:
    """Its own encoding (section 2.3); ``None`` if it is not written as usual."""
    own = _OWN.search(clear)
    if own is None or clear.count(b"/Encoding") > 1:
        return None
    if own[1]:
        return encodings.base(own[1].decode())
    pairs = [(int(code), glyph.decode("latin-1")) for code, glyph in _CODE.findall(own[2])]
    codes = dict(pairs)
    return codes if len(codes) == len(pairs) and max(codes, default=0) < _CODES else None


def _part(data: bytes, cipher: Cipher) -> bytes:
    """The encrypted part, in bytes or digits (section 7.2)."""
    if _HEXADECIMAL.match(data):
        digits = b"".join(data.split())
        try:
            data = unhexlify(digits[: len(digits) // 2 * 2])
        except Error:
            return b""
    return cipher.decrypted(data, PROGRAM)
