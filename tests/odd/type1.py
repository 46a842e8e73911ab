"""Type 1 programs (Adobe Type 1 Font Format) with some of ten digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fontTools.misc.eexec import encrypt

EEXEC, CHARSTRING = 55665, 4330
"""Keys (section 7)."""
WIDTH = 500
LARGE = 1131
"""Numbers above take five bytes."""

HEAD = b"""%%!PS-AdobeFont-1.0: Digits 001.000
11 dict begin
/FontInfo 1 dict dup begin /FullName (Digits) readonly def end readonly def
/FontName /Digits def /PaintType 0 def /FontType 1 def
/FontMatrix [0.001 0 0 0.001 0 0] readonly def
/Encoding 256 array 0 1 255 {1 index exch /.notdef put} for
%b
readonly def
/FontBBox {0 0 500 700} readonly def
currentdict end
currentfile eexec
"""
PRIVATE = b"""dup /Private 8 dict dup begin
/RD {string currentfile exch readstring pop} executeonly def
/ND {noaccess def} executeonly def /NP {noaccess put} executeonly def
/BlueValues [] def /MinFeature {16 16} def /password 5839 def
2 index /CharStrings %d dict dup begin
"""
END = b"""end end readonly put noaccess put dup /FontName get exch definefont pop
mark currentfile closefile
"""


def number(value: int) -> bytes:
    """A number as glyphs have it."""
    if abs(value) > LARGE:
        return b"\xff" + value.to_bytes(4, "big", signed=True)
    if -107 <= value <= 107:
        return bytes([value + 139])
    if value > 0:
        return bytes([247 + (value - 108 >> 8), value - 108 & 0xFF])
    return bytes([251 + (-value - 108 >> 8), -value - 108 & 0xFF])


def encrypted(glyph: bytes) -> bytes:
    """A glyph, or a subroutine, as it stands in a program."""
    data, _ = encrypt(b"\0\0\0\0" + glyph, CHARSTRING)
    return bytes(data)


def box(height: int) -> bytes:
    """A box of some height: hsbw, rmoveto, sides, closepath, endchar."""
    parts = ((0, WIDTH, 13), (80, 0, 21), (340, 6), (height, 7), (-340, 6), (9,), (14,))
    return b"".join(
        b"".join(map(number, operands)) + bytes([operator]) for *operands, operator in parts
    )


def type1(
    names: Iterable[str],
    encoded: Iterable[tuple[int, str]] = (),
    *,
    count: int | None = None,
    private: bytes = b"",
    blank: bool = True,
    step: int = 100,
    drawn: Mapping[str, bytes] | None = None,
) -> bytes:
    """A program with glyphs of these names, each a box higher than the one before.

    Args:
        names: of glyphs; one may come twice.
        encoded: its own encoding.
        count: how many glyphs it says it has, if not so many.
        private: entries of its private dictionary besides.
        blank: whether nothing is drawn where it has no glyph.
        step: how much higher each is, in thousandths of the font's size.
        drawn: glyphs that are drawn otherwise.
    """
    glyphs = [(".notdef", bytes([139, 247, 392 & 0xFF, 13, 14]) if blank else box(50))]
    glyphs += [(name, box(step * place)) for place, name in enumerate(names, 1)]
    told = PRIVATE % (len(glyphs) if count is None else count)
    text = b"\0\0\0\0" + told.replace(b"/MinFeature", private + b" /MinFeature")
    for name, usual in glyphs:
        data = encrypted((drawn or {}).get(name, usual))
        text += b"/%b %d RD %b ND\n" % (name.encode(), len(data), data)
    secret, _ = encrypt(text + END, EEXEC)
    codes = b"\n".join(b"dup %d /%b put" % (code, name.encode()) for code, name in encoded)
    return HEAD % codes + secret + b"\n" + (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"
