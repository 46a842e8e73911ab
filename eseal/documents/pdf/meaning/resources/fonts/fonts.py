"""Fonts (ISO 32000-1 section 9.6) in which every reader finds the same glyphs."""

from __future__ import annotations

import re
import struct
from typing import Any, Final

from pikepdf import Dictionary, Name

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import MAX_REMAPPED, Desk, Others
from eseal.documents.pdf.meaning.desk.values import (
    FILES,
    array,
    dictionary,
    is_stream,
    key_of,
    name,
    numbers,
    whole,
)
from eseal.documents.pdf.meaning.resources.fonts import (
    characters,
    cmaps,
    code_maps,
    compact,
    encodings,
    instructions,
    programs,
    reach,
    sfnt,
    type1,
    widths,
)
from eseal.documents.pdf.meaning.resources.fonts.programs import Program
from eseal.documents.pdf.meaning.resources.fonts.remapping import glyph_names, remap

_TAG: Final = re.compile(r"[A-Z]{6}\+")
_STANDARD: Final = re.compile(
    r"(Courier|Helvetica|Times|Arial|CourierNew|TimesNewRoman|Symbol|ZapfDingbats)", re.IGNORECASE
)
"""The fourteen fonts every reader has (section 9.6.2.2), under the names that are used for them."""
_PICTURES: Final = re.compile(
    r"wing|web|zapf|monotype ?sorts|dingbat|symbol|mt ?extra|math|music|barcode|code ?(39|128)"
    r"|ean|emoji|icon",
    re.IGNORECASE,
)
"""Fonts of signs that no other font shows."""
_SYMBOLIC: Final = 4
_NONSYMBOLIC: Final = 32
_DESCENDANTS: Final = ("CIDFontType0", "CIDFontType2")
_CMAP: Final = re.compile(
    r"Identity-[HV]|GBpc-EUC-[HV]|(GB|GBK|GBKp|CNS|KSC|EUC)-?(EUC)?-[HV]|GBK2K-[HV]|B5pc-[HV]"
    r"|HKscs-B5-[HV]|ETen-B5-[HV]|ETenms-B5-[HV]|83pv-RKSJ-H|90(ms|msp|pv)-RKSJ-[HV]|Add-RKSJ-[HV]"
    r"|Ext-RKSJ-[HV]|[HV]|KSCms-UHC(-HW)?-[HV]|KSCpc-EUC-H|CNS-EUC-[HV]"
    r"|Uni(GB|CNS|JIS|KS|JIS2004)-(UCS2|UTF16|UTF8|UTF32)(-HW)?-[HV]"
)
"""The predefined ones (ISO 32000-1 table 118), and kin that readers know."""
_LENGTHS: Final = ("/Length1", "/Length2", "/Length3")
_LISTED: Final = 8
"""So many codes are named."""
_LAST_GLYPH: Final = 0xFFFF
_MATRIX: Final = 6
_BOX: Final = 4
"""Of /FontBBox."""
_WIDTH: Final = re.compile(rb"\s*((?:[-+.0-9]+\s+){6})d1")
_BASE: Final = "/BaseEncoding"
_BASES: Final = {"WinAnsiEncoding", "MacRomanEncoding"}
_BEYOND: Final = frozenset(range(128, 256)) - {160}
"""Codes for which readers take one encoding or another where a font that is not there has none."""
_OF_SIGNS: Final = {"Symbol", "SymbolMT", "ZapfDingbats"}
_DINGBATS: Final = re.compile(r"zapf ?dingbats", re.IGNORECASE)
_SYMBOL: Final = re.compile(r"symbol", re.IGNORECASE)


def judge(desk: Desk, font: Any, what: str) -> frozenset[int] | Others:
    """Look at a font that is used; what is wrong is put down.

    Returns:
        The codes whose glyph readers may differ on.
    """
    called = _TAG.sub("", name(font.get("/BaseFont"))) or what
    match name(font.get("/Subtype")):
        case "Type3":
            _type3(desk, font, what)
        case "Type0":
            return _composite(desk, font, called) or frozenset()
        case "Type1" | "MMType1" | "TrueType":
            return _simple(desk, font, called) | widths.put_in_order(font)
        case _:
            desk.report(HazardCode.UNCLEAR_FONT, f"font {what} is of no kind of the standard")
    return frozenset()


def _program(desk: Desk, fonts: list[Any], called: str) -> tuple[str, bytes] | None:
    """The program of a font with its key; ``None`` without one that can be read.

    Args:
        desk: where to put down what is found.
        fonts: the font; a composite one behind its descendant, which has the program.
        called: its name.
    """
    descriptor = dictionary(fonts[0].get("/FontDescriptor"))
    files = [key for key in FILES if is_stream(descriptor.get(key))]
    if len(files) > 1:
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has two programs")
    if len(files) != 1:
        return None
    program = descriptor.get(files[0])
    data = desk.decoded(program, f"font {called}")
    if data is None:
        return None
    _measure(program, files[0], data)
    instructions.note(desk, program, data, fonts, called)
    own = name(descriptor.get("/FontName"))
    if _TAG.match(own) and desk.programs.setdefault(own, key_of(program)) != key_of(program):
        # One program to a name: readers that know a font by its name would show another one.
        descriptor.FontName = desk.font_name(own)
        desk.programs[name(descriptor.FontName)] = key_of(program)
        for font in fonts:
            font.BaseFont = descriptor.FontName
    return files[0], data


def _measure(program: Any, key: str, data: bytes) -> None:
    """Write how long the parts of a program are (table 127)."""
    parts: tuple[int, ...] = (len(data),) if key == "/FontFile2" else ()
    if key == "/FontFile":
        parts = type1.lengths(data) or (len(data), 0, 0)
    for each in _LENGTHS:
        if each in program:
            del program[each]
    for each, length in zip(_LENGTHS, parts, strict=False):
        program[each] = length


def _simple(desk: Desk, font: Any, called: str) -> frozenset[int]:
    descriptor = dictionary(font.get("/FontDescriptor"))
    if not any(is_stream(descriptor.get(key)) for key in FILES):
        if _is_of_signs(called, font, descriptor):
            desk.report(HazardCode.FONT_NOT_EMBEDDED, f"font {called}")
        return _unknown(font, called)
    if numbers(font.get("/Widths")) is None:
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has no widths")
    found = _program(desk, [font], called)
    if found is not None and _is_misplaced(font, *found):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a program of another kind")
        return frozenset()
    match found:
        case None:
            return frozenset()
        case "/FontFile2", program:
            reach.note(desk, descriptor.FontFile2, program, called)
            return _doubtful(font, descriptor, program)
        case key, program:
            named = _named(desk, descriptor.get(key), key, program)
            if named is not None and named.anew:
                instructions.note_type1(desk, font, program, named, called)
            if named is not None:
                reach.note(desk, descriptor.get(key), named.anew or program, called, named)
            return _unnamed(font, descriptor, named)


def _named(desk: Desk, stream: Any, key: str, program: bytes) -> Program | None:
    """What a program says of its glyphs; fonts that share one ask for it again."""
    known = key, key_of(stream)
    if known not in desk.named:
        is_cff = key != "/FontFile"
        read = programs.cff(program) if is_cff else type1.read(program, desk.allowance)
        desk.named[known] = read
    found: Program | None = desk.named[known]
    return found


def _is_misplaced(font: Any, key: str, program: bytes) -> bool:
    """Whether a program is of another kind than its key says: readers then go by either."""
    if program[:4] in sfnt.TRUETYPE:
        return key != "/FontFile2"
    return program[:4] in sfnt.OPENTYPE and (
        key != "/FontFile3" or name(font.get("/Subtype")) == "TrueType"
    )


def _unknown(font: Any, called: str) -> frozenset[int]:
    """Codes of a font that is not there under names that readers do not all know.

    Some compute a character from such a name, some take the code's own, some show nothing.
    """
    encoding = font.get("/Encoding")
    signs, greek = _DINGBATS.match(called), _SYMBOL.match(called)
    base = name(encoding if isinstance(encoding, Name) else dictionary(encoding).get(_BASE))
    told = name(dictionary(font.get("/FontDescriptor")).get("/FontName"))
    if signs or greek:
        if isinstance(encoding, Name) or called not in _OF_SIGNS:
            return frozenset(range(256))
    elif base == "MacExpertEncoding" or _TAG.sub("", told) in _OF_SIGNS:
        return frozenset(range(256))
    known = encodings.is_dingbat if signs else encodings.is_usual
    named = encodings.differences(encoding)
    unsaid = set[int]() if signs or greek or base in _BASES else _BEYOND - named.keys()
    return frozenset(unsaid) | {
        code
        for code, glyph in named.items()
        if not known(glyph)
        and not (greek and len(glyph) > 1)
        and not encodings.is_blank(code, glyph)
    }


def _unnamed(font: Any, descriptor: Any, program: Program | None) -> frozenset[int]:
    """Codes that do not lead to one glyph by name, however a reader takes the encoding.

    Without a base encoding some readers go by the program's own, others by the standard one.
    """
    if program is None:
        return frozenset(range(256))
    encoding = font.get("/Encoding")
    readings = encodings.readings(encoding, ["StandardEncoding"])
    if not encodings.base_of(encoding):
        own = {**(program.codes or {}), **encodings.differences(encoding)}
        alone = _is_symbolic(descriptor) and not encodings.is_standard(encoding)
        readings = (own,) if alone else (own, *readings)
    return frozenset(code for code in range(256) if not program.is_one(code, readings))


def _is_symbolic(descriptor: Any) -> bool:
    return bool(_flags(descriptor) & _SYMBOLIC)


def _is_roman(descriptor: Any) -> bool:
    return bool(_flags(descriptor) & _NONSYMBOLIC)


def _flags(descriptor: Any) -> int:
    return whole(descriptor.get("/Flags")) or 0


def _composite(desk: Desk, font: Any, called: str) -> Others | None:
    """A font of many bytes a code (section 9.7); the codes whose glyph is not doubtful."""
    descendants = array(font.get("/DescendantFonts"))
    below = dictionary(descendants[0]) if len(descendants) == 1 else Dictionary()
    kind = name(below.get("/Subtype"))
    encoding = font.get("/Encoding")
    if kind not in _DESCENDANTS or not (is_stream(encoding) or _CMAP.fullmatch(name(encoding))):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} is not made as it should be")
        return None
    descriptor = dictionary(below.get("/FontDescriptor"))
    if not any(is_stream(descriptor.get(key)) for key in FILES):
        desk.report(HazardCode.FONT_NOT_EMBEDDED, f"font {called}")
        return None
    desk.tell(widths.length(below))
    if not widths.is_plain(below):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has widths that are none, or two")
    found = _program(desk, [below, font], called)
    by_map = kind == _DESCENDANTS[1]
    others = (*sfnt.TYPE_1, *(compact.KINDS if by_map else ()))
    if found is not None and found[1].startswith(others):
        # Poppler shows nothing of it; or some ask the map for glyphs, some the program.
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a program of another kind")
    elif found is not None:
        reach.note(desk, descriptor.get(found[0]), found[1], called)
    there = _LAST_GLYPH + 1
    glyphs = below.get("/CIDToGIDMap")
    if is_stream(glyphs):
        data = desk.decoded(glyphs, f"font {called}")
        if not by_map or (data is not None and len(data) % 2):
            desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a map that does not fit it")
        there = len(data or b"") // 2
    return _coded(desk, encoding, there, called)


def _coded(desk: Desk, encoding: Any, there: int, called: str) -> Others | None:
    """The codes of a composite font that lead to so many glyphs, and not beyond."""
    if is_stream(encoding):
        data = desk.decoded(encoding, f"font {called}")
        read = code_maps.read(encoding, data) if data is not None else None
        if read is None:
            desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a map of odd form")
            return None
        size, codes = read
        desk.tell(len(codes))
        return Others({code for code, glyph in codes.items() if glyph < there}, size)
    if there > _LAST_GLYPH:
        return None
    if not name(encoding).startswith("Identity"):
        desk.report(HazardCode.UNCLEAR_FONT, f"font {called} has a map that is too short")
    return Others(range(there))


def _is_of_signs(called: str, font: Any, descriptor: Any) -> bool:
    """Whether a font that is not there shows signs no other font shows."""
    if _STANDARD.match(called):
        return False
    own = _is_symbolic(descriptor) and "/Encoding" not in font
    return own or bool(_PICTURES.search(called)) or not called.isascii()


def _doubtful(font: Any, descriptor: Any, program: bytes) -> frozenset[int]:
    """Codes whose glyph depends on the table a reader takes: all if tables are broken.

    Section 9.6.6.4 says which to take; readers follow it, their own order, or the flags.
    """
    try:
        tables, blank = cmaps.character_maps(program), cmaps.is_blank(program)
    except struct.error:
        return frozenset(range(256))
    if program[:4] not in sfnt.TRUETYPE or not tables:
        return frozenset(range(256))
    traits = characters.FontTraits(_is_symbolic(descriptor), _is_roman(descriptor), blank)
    return characters.doubtful(font.get("/Encoding"), tables, lambda: glyph_names(program), traits)


def doubt(desk: Desk, font: Any, codes: frozenset[int], what: str) -> None:
    """Put down a font if some of its doubtful codes are used, of TrueType once it is remapped."""
    if not codes:
        return
    listed = ", ".join(map(str, sorted(codes)[:_LISTED]))
    what = f"{what}: {name(font.get('/BaseFont'))} has no one glyph for code {listed}"
    program = dictionary(font.get("/FontDescriptor")).get("/FontFile2")
    made = None
    is_simple = name(font.get("/Subtype")) != "Type0"
    if is_simple and is_stream(program) and desk.remapped < MAX_REMAPPED:
        data = desk.streams.decoded(program)
        made = remap(desk, font, data)
    if made is None:
        desk.report(HazardCode.UNCLEAR_FONT, what)
        return
    made_into = font.FontDescriptor.FontFile2
    instructions.note(desk, made_into, desk.streams.decoded(made_into), [font], what)
    blank = cmaps.is_blank(data)
    nothing = {
        each for each in made if not made[each] and not (blank and encodings.is_control(each))
    }
    nothing |= widths.put_in_order(font)
    desk.doubtful[key_of(font)] = frozenset(nothing)
    (desk.report if nothing & codes else desk.settle)(HazardCode.UNCLEAR_FONT, what)


def _type3(desk: Desk, font: Any, what: str) -> None:
    """A font whose glyphs are contents (section 9.6.5)."""
    matrix = numbers(font.get("/FontMatrix"))
    box = numbers(font.get("/FontBBox"))
    if matrix is None or len(matrix) != _MATRIX or matrix[0] * matrix[3] == matrix[1] * matrix[2]:
        desk.report(HazardCode.UNCLEAR_FONT, f"font {what} has no proper matrix")
        return
    if box is None or len(box) != _BOX:
        desk.report(HazardCode.UNCLEAR_FONT, f"font {what} has no proper box")
