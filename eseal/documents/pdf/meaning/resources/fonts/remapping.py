"""A TrueType font in which readers may find different glyphs, made one in which they cannot.

The glyph that PDFium takes for each code (ISO 32000-1 section 9.6.6.4, as it reads it) is written
into the program's character map, by code alone, and the font no longer has an encoding to go by.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from pikepdf import Dictionary, Name

from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import array, dictionary, is_stream, name, whole
from eseal.documents.pdf.meaning.resources.fonts import characters, cmaps, encodings, sfnt
from eseal.documents.pdf.opening.opening import guarded
from eseal.errors import UnsupportedDocumentError

_SYMBOLIC: Final = 4
_NONSYMBOLIC: Final = 32
_PLAIN: Final = frozenset({"WinAnsiEncoding", "MacRomanEncoding"})
_PREFIXES: Final = (0xF000, 0xF100, 0xF200, 0)
_TABLES: Final = {(1, 0), (3, 0), (3, 1)}
"""All that PDFium looks for."""
_CODES: Final = range(256)
_FIRST_GLYPH: Final = 3
"""Of letters, where a program has neither a map nor names: before it are signs for what is none."""


def remap(desk: Desk, font: Any, program: bytes) -> dict[int, int] | None:
    """Make a font one that every reader reads by code.

    Args:
        desk: where the document is.
        font: of subtype ``TrueType``.
        program: its program, which stays as it is for other fonts.

    Returns:
        The glyphs of codes, 0 for none; ``None`` if its program cannot be read.
    """
    try:
        count = cmaps.glyph_count(program)
        found = glyphs_of(font, program)
        glyphs = {code: glyph if glyph < count else 0 for code, glyph in found.items()}
        made = _with_map(program, glyphs)
    except struct.error:
        return None
    descriptor = Dictionary(dictionary(font.get("/FontDescriptor")))
    flags = whole(descriptor.get("/Flags")) or 0
    descriptor.Flags = (flags | _SYMBOLIC) & ~_NONSYMBOLIC
    descriptor.FontFile2 = desk.pdf.make_stream(b"", Length1=len(made))
    desk.streams.pack(descriptor.FontFile2, made)
    font.BaseFont = descriptor.FontName = desk.font_name(name(font.get("/BaseFont")))
    font.FontDescriptor = desk.pdf.make_indirect(descriptor)
    if not is_stream(font.get("/ToUnicode")):
        font.ToUnicode = desk.pdf.make_stream(_told(_characters(font.get("/Encoding"))))
    if "/Encoding" in font:
        del font["/Encoding"]
    return glyphs


def glyphs_of(font: Any, program: bytes) -> dict[int, int]:
    """The glyph of each code, as PDFium finds it."""
    tables = cmaps.character_maps(program, strict=False)
    named = glyph_names(program)
    tables = characters.with_names(tables, lambda: named)
    by_unicode = [table for key, table in tables.items() if key not in {(1, 0), (3, 0)}]
    tables = {key: table for key, table in tables.items() if key in _TABLES}
    encoding = font.get("/Encoding")
    flags = whole(dictionary(font.get("/FontDescriptor")).get("/Flags")) or 0
    base = name(
        encoding if isinstance(encoding, Name) else dictionary(encoding).get("/BaseEncoding")
    )
    differs = bool(array(dictionary(encoding).get("/Differences")))
    if (base in _PLAIN and not differs) or flags & _NONSYMBOLIC:
        return _by_name(font, named, tables)
    symbol, roman = tables.get((3, 0), {}), tables.get((1, 0), {})
    for found in (
        {code: _first(symbol, code) for code in _CODES},
        {code: roman.get(code, 0) for code in _CODES},
    ):
        if any(found.values()):
            return found
    return {code: by_unicode[-1].get(code, 0) if by_unicode else code for code in _CODES}


def _first(symbol: Mapping[int, int], code: int) -> int:
    return next((symbol[each + code] for each in _PREFIXES if symbol.get(each + code)), 0)


def _by_name(font: Any, named: Mapping[str, int], tables: cmaps.Maps) -> dict[int, int]:
    """The glyphs of characters, through the first map there is; else by their names."""
    if not tables and not named:
        first = whole(font.get("/FirstChar")) or 0
        return {code: max(0, code - first + _FIRST_GLYPH) for code in _CODES}
    names = _names(font, tables)
    glyphs = {}
    for code in _CODES:
        glyph = names.get(code, "")
        glyphs[code] = _through(tables, glyph, code) or named.get(glyph, 0)
    return glyphs


def _names(font: Any, tables: cmaps.Maps) -> Mapping[int, str]:
    """The names of glyphs for codes; of a symbolic font by an encoding that its tables can have."""
    encoding = font.get("/Encoding")
    flags = whole(dictionary(font.get("/FontDescriptor")).get("/Flags")) or 0
    if flags & _SYMBOLIC and not array(dictionary(encoding).get("/Differences")):
        other = encodings.base_of(encoding)
        if other == "WinAnsiEncoding" and tables.keys() == {(1, 0)}:
            return encodings.base("MacRomanEncoding")
        if other == "MacRomanEncoding" and (1, 0) not in tables:
            return encodings.base("WinAnsiEncoding")
    return encodings.readings(encoding, ["StandardEncoding"])[0]


def _through(tables: cmaps.Maps, glyph: str, code: int) -> int:
    character = encodings.character_of(glyph)
    if (3, 1) in tables:
        return tables[3, 1].get(ord(character) if character else 0 if glyph else code, 0)
    if (1, 0) in tables:
        return tables[1, 0].get(encodings.mac_code(glyph) or 0 if glyph else code, 0)
    return _first(tables.get((3, 0), {}), code)


def glyph_names(program: bytes) -> dict[str, int]:
    """The names of a program's glyphs (OpenType, table post), if it has any that can be read."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no type hints

    with (
        suppress(UnsupportedDocumentError),
        guarded(UnsupportedDocumentError, "its names are broken"),
    ):
        font = TTFont(BytesIO(program), lazy=True)
        if "post" in font and font["post"].formatType in {1.0, 2.0}:
            return {each: index for index, each in enumerate(font.getGlyphOrder())}
    return {}


def _with_map(program: bytes, glyphs: Mapping[int, int]) -> bytes:
    """The program with one map from codes to glyphs, under the two numbers readers look for."""
    tables = sfnt.read(program)
    made = cmaps.by_code(glyphs)
    tables[b"cmap"] = sfnt.checksum(made), made
    return sfnt.written(program[:4], tables)


def _characters(encoding: Any) -> dict[int, str]:
    names = encodings.readings(encoding, ["StandardEncoding"])[0] if encoding is not None else {}
    return {code: encodings.character_of(each) for code, each in names.items()}


def _told(told: Mapping[int, str]) -> bytes:
    """A map from codes to characters (section 9.10.3), so that text can be copied as before."""
    lines = [
        b"<%02x> <%s>" % (code, character.encode("utf-16-be").hex().encode())
        for code, character in sorted(told.items())
        if character
    ]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    return (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        b"1 begincodespacerange\n<00> <ff>\nendcodespacerange\n"
        + b"".join(
            b"%d beginbfchar\n%s\nendbfchar\n" % (len(block), b"\n".join(block)) for block in blocks
        )
        + b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )
