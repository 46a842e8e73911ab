"""Fonts that show the glyphs of a program, whatever a document's own fonts make of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from pikepdf import Array, Name, Object, Pdf

_T = TypeVar("_T")

_COMPOSITE: Final = b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H >>"
_DESCENDANT: Final = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /F /DW 0 "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
)
_SIMPLE: Final = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /F /FirstChar 0 /LastChar 255 /Widths [%b] "
    b"/Encoding << /Type /Encoding /Differences [0 %b] >> >>"
)
_DESCRIPTOR: Final = (
    b"<< /Type /FontDescriptor /FontName /F /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0 "
    b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
)
CODES: Final = 256
"""Of a font of one byte a code."""
_KINDS: Final = {b"OTTO": Name.OpenType, b"\1\0": Name.CIDFontType0C}
"""What composite fonts call programs that begin so (ISO 32000-1 table 126); others are TrueType."""


def by_number(pdf: Pdf, program: bytes) -> Object:
    """A font of no widths that shows glyphs by their numbers in two bytes (section 9.7)."""
    font, descendant, descriptor = (
        pdf.make_indirect(Object.parse(text)) for text in (_COMPOSITE, _DESCENDANT, _DESCRIPTOR)
    )
    font.DescendantFonts = Array([descendant])
    descendant.FontDescriptor = descriptor
    kind = next((kind for start, kind in _KINDS.items() if program.startswith(start)), None)
    if kind is None:
        descendant.Subtype = Name.CIDFontType2
        descendant.CIDToGIDMap = Name.Identity
        descriptor.FontFile2 = pdf.make_stream(program)
    else:
        descriptor.FontFile3 = pdf.make_stream(program, Subtype=kind)
    return font


def by_name(pdf: Pdf, program: bytes, names: Sequence[str]) -> Object:
    """A font of no widths that shows glyphs of a Type 1 program, the first as code 0.

    Args:
        pdf: where it is made.
        program: with its outlines.
        names: of at most 256 glyphs, each of letters of Latin-1.
    """
    written = b" ".join(b"/" + _escaped(name) for name in names)
    font = pdf.make_indirect(Object.parse(_SIMPLE % (b"0 " * CODES, written)))
    font.FontDescriptor = pdf.make_indirect(Object.parse(_DESCRIPTOR))
    font.FontDescriptor.FontFile = pdf.make_stream(program)
    return font


def parts(listed: Sequence[_T]) -> list[Sequence[_T]]:
    """So many at a time as a font of one byte a code shows."""
    return [listed[start : start + CODES] for start in range(0, len(listed), CODES)]


def _escaped(name: str) -> bytes:
    """A name of a glyph in hexadecimal (section 7.3.5)."""
    return b"".join(b"#%02x" % letter for letter in name.encode("latin-1"))
