"""A Type 1 program written anew, in one form (Adobe Type 1 Font Format, chapter 2).

Readers have each their own idea of PostScript: a lone bracket, or a word in a comment, and they
find other glyphs. So nothing of it is left but what is known: glyphs, and numbers about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from eseal.documents.pdf.meaning.resources.fonts.cipher import GLYPH, PROGRAM, Cipher

_NUMBER: Final = rb"-?(?:\d{1,5}(?:\.\d{0,9})?|\.\d{1,9})(?=[\s\]}])"
_NAME: Final = re.compile(rb"/FontName\s*/([-+.\w]{1,63})\s", re.ASCII)
_UNNAMED: Final = b"Font"
_BOX: Final = re.compile(rb"/FontBBox\s*[\[{]((?:\s*%b){4})\s*[\]}]" % _NUMBER)
_HINT: Final = re.compile(rb"/(\w+)(?:\s*\[((?:\s*%b)*)\s*\]|\s+(%b))" % (_NUMBER, _NUMBER))
_BLUES: Final = {b"BlueValues": 14, b"OtherBlues": 10, b"FamilyBlues": 14, b"FamilyOtherBlues": 10}
_STEMS: Final = {b"StdHW": 1, b"StdVW": 1, b"StemSnapH": 12, b"StemSnapV": 12}
"""Hints of a font (chapter 5): so many numbers at most, of the first an even one."""
_NECESSARY: Final = b"BlueValues"
_NUMBERS: Final = (b"BlueScale", b"BlueShift", b"BlueFuzz", b"LanguageGroup")
_CLEAR: Final = b"""%%!PS-AdobeFont-1.0
8 dict begin
/FontName /%b def
/FontType 1 def
/PaintType 0 def
/FontMatrix [%b 0 0] readonly def
/FontBBox {%b} readonly def
/Encoding 256 array
0 1 255 {1 index exch /.notdef put} for
%breadonly def
currentdict end
currentfile eexec
"""
_PRIVATE: Final = b"""dup /Private 18 dict dup begin
/RD {string currentfile exch readstring pop} executeonly def
/ND {noaccess def} executeonly def
/NP {noaccess put} executeonly def
/MinFeature {16 16} def
/password 5839 def
"""
_END: Final = b"""end
end
readonly put
noaccess put
dup /FontName get exch definefont pop
mark currentfile closefile
"""
_RETURN: Final = b"\x0b"
"""A subroutine that is not called: Firefox needs all up to the last one."""
_TAIL: Final = (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"


@dataclass(frozen=True)
class Known:
    """What is known of a program.

    Attributes:
        clear: what stands before its encrypted part: its name and box.
        text: the encrypted part up to the glyphs: its hints.
        matrix: six numbers, the last two left out, which are zero.
        codes: its own encoding, of glyphs that it has.
        glyphs: by name.
        parts: the subroutines that they call.
    """

    clear: bytes
    text: bytes
    matrix: bytes
    codes: Mapping[int, str]
    glyphs: Mapping[str, bytes]
    parts: Mapping[int, bytes]

    def written(self, cipher: Cipher) -> bytes:
        """The program, with nothing else in it."""
        named, box = _NAME.search(self.clear), _BOX.search(self.clear)
        name = named[1] if named else _UNNAMED
        codes = (
            b"dup %d /%b put\n" % (code, glyph.encode())
            for code, glyph in sorted(self.codes.items())
        )
        bounds = _numbers(box[1] if box else b"0 0 0 0")
        before = _CLEAR % (name, _numbers(self.matrix), bounds, b"".join(codes))
        secret = b"".join((_PRIVATE, *_hints(self.text), *self._drawn(cipher), _END))
        return before + cipher.encrypted(secret, PROGRAM) + _TAIL

    def _drawn(self, cipher: Cipher) -> Iterator[bytes]:
        """Subroutines and glyphs, as they stand in a program."""
        if self.parts:
            yield b"/Subrs %d array\n" % (max(self.parts) + 1)
            for number in range(max(self.parts) + 1):
                data = cipher.encrypted(self.parts.get(number, _RETURN), GLYPH)
                yield b"dup %d %d RD %b NP\n" % (number, len(data), data)
            yield b"ND\n"
        yield b"2 index /CharStrings %d dict dup begin\n" % len(self.glyphs)
        for name, glyph in self.glyphs.items():
            data = cipher.encrypted(glyph, GLYPH)
            yield b"/%b %d RD %b ND\n" % (name.encode(), len(data), data)


def _hints(text: bytes) -> Iterator[bytes]:
    """Hints that are plain numbers, and as many as they should be."""
    told = {key: (listed, one) for key, listed, one in reversed(_HINT.findall(text))}
    for key, most in (_BLUES | _STEMS).items():
        listed, _ = told.get(key, (b"", b""))
        count = len(listed.split())
        if 0 < count <= most and not (key in _BLUES and count % 2):
            yield b"/%b [%b] def\n" % (key, _numbers(listed))
        elif key == _NECESSARY:
            yield b"/%b [] def\n" % key
    for key in _NUMBERS:
        _, one = told.get(key, (b"", b""))
        if one:
            yield b"/%b %b def\n" % (key, _numbers(one))


def _numbers(written: bytes) -> bytes:
    """Numbers as short as they can be."""
    return b" ".join(_shortest(each.decode()) for each in written.split())


def _shortest(number: str) -> bytes:
    value = Decimal(number)
    return format(value.normalize(), "f").encode() if value else b"0"
