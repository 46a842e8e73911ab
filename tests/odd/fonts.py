"""Fonts: tables that contradict one another, files that are not what is said, none at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from tests.odd.pdf import Odd, deflated, one_page, stream
from tests.odd.type1 import type1

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ORDER = [".notdef", *DIGITS]
SEGMENTS = (0x77, 0x24, 0x5D, 0x6D, 0x2E, 0x6B, 0x7B, 0x25, 0x7F, 0x6F)
"""Which of seven bars make a digit: top, upper left and right, middle, lower ones, bottom."""

BARS = (
    (80, 620, 420, 700),
    (80, 360, 160, 700),
    (340, 360, 420, 700),
    (80, 320, 420, 400),
    (80, 20, 160, 360),
    (340, 20, 420, 360),
    (80, 0, 420, 80),
)
SHOW = b"BT /F1 40 Tf 20 60 Td (1234) Tj ET"

STRAIGHT = {ord("0") + value: name for value, name in enumerate(DIGITS)}
TURNED = {ord("0") + value: DIGITS[9 - value] for value in range(10)}
"""A second table under which the amount 1234 reads 8765."""

FOUR = 4
"""The digit that has a speck beside it, if any has."""

HIGH = 0xF000
"""Symbolic fonts have their codes there, in tables of platform 3, encoding 0."""

Tables = tuple[tuple[int, int, dict[int, str]], ...]


def raised(table: dict[int, str]) -> dict[int, str]:
    """The table of a symbolic font."""
    return {HIGH + code: name for code, name in table.items()}


def _draw(pen, value: int | None, speck: tuple[int, int] | None):
    boxes = [
        bar for number, bar in enumerate(BARS) if value is None or SEGMENTS[value] >> number & 1
    ]
    if speck and value == FOUR:
        x, y = speck
        boxes.append((x, y, x + 30, y + 30))
    for left, low, right, high in boxes:
        pen.moveTo((left, low))
        for corner in ((left, high), (right, high), (right, low)):
            pen.lineTo(corner)
        pen.closePath()


def _left(value: int | None) -> int:
    return 340 if value == 1 else 80


def _builder(*, outlines: bool, speck: tuple[int, int] | None = None) -> FontBuilder:
    made = FontBuilder(1000, isTTF=outlines)
    made.setupGlyphOrder(ORDER)
    made.setupCharacterMap({})
    values = [None, *range(10)]
    if outlines:
        glyphs = {}
        for name, value in zip(ORDER, values, strict=True):
            pen = TTGlyphPen(None)
            _draw(pen, value, speck)
            glyphs[name] = pen.glyph()
        made.setupGlyf(glyphs)
    else:
        strings = {}
        for name, value in zip(ORDER, values, strict=True):
            pen = T2CharStringPen(500, None)
            _draw(pen, value, speck)
            strings[name] = pen.getCharString()
        made.setupCFF("Digits", {"FullName": "Digits"}, strings, {})
    made.setupHorizontalMetrics(
        {name: (500, _left(value)) for name, value in zip(ORDER, values, strict=True)}
    )
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupHead(unitsPerEm=1000, created=0, modified=0)
    made.setupNameTable({"familyName": "Digits", "styleName": "Regular"})
    made.setupOS2()
    made.setupPost(keepGlyphNames=outlines)
    return made


def unsaved(speck: tuple[int, int] | None = None) -> TTFont:
    """A TrueType font of ten digits, without tables of characters yet.

    Args:
        speck: where the four has one, in thousandths of the font's size.
    """
    return _builder(outlines=True, speck=speck).font


def saved(made: TTFont) -> bytes:
    made.recalcTimestamp = False
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def table_of(tables: Tables):
    table = newTable("cmap")
    table.tableVersion, table.tables = 0, []
    for place, (platform, encoding, mapping) in enumerate(tables):
        part = CmapSubtable.newSubtable(0 if platform == 1 else 4)
        # The library refuses twins that do not differ even in their language.
        part.platformID, part.platEncID, part.language = platform, encoding, place
        # A table of format 0 has all of 256 entries.
        full = dict.fromkeys(range(256), ".notdef") if platform == 1 else {}
        part.cmap = full | mapping
        table.tables.append(part)
    return table


def true_type(tables: Tables) -> bytes:
    """A TrueType font of ten digits with exactly these tables of characters."""
    made = _builder(outlines=True)
    made.font["cmap"] = table_of(tables)
    return saved(made.font)


@cache
def open_type(speck: tuple[int, int] | None = None) -> bytes:
    """The same digits with outlines of CFF."""
    made = _builder(outlines=False, speck=speck)
    made.font["cmap"] = table_of(((3, 1, STRAIGHT),))
    return saved(made.font)


@cache
def bare_cff(speck: tuple[int, int] | None = None) -> bytes:
    """The same digits as a bare CFF font."""
    return bytes(TTFont(BytesIO(open_type(speck))).getTableData("CFF "))


@cache
def plain() -> bytes:
    """A font without contradictions."""
    return true_type(((3, 1, STRAIGHT), (1, 0, STRAIGHT)))


WIN = b"/Encoding /WinAnsiEncoding"
SYMBOLIC, ROMAN = 4, 32
WIDTHS = b"/FirstChar 48 /LastChar 57 /Widths [%b]" % (b"500 " * 10)
DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /ABCDEF+Digits /Flags %d /FontBBox [0 -200 500 800] "
    b"/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 %b %d 0 R >>"
)


def embedded(first: int) -> dict[int, bytes]:
    """A font of digits without contradictions, as three objects from a number on."""
    return {
        first: b"<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Digits /FontDescriptor %d 0 R "
        b"%b %b >>" % (first + 1, WIDTHS, WIN),
        first + 1: DESCRIPTOR % (ROMAN, b"/FontFile2", first + 2),
        first + 2: deflated(plain(), b"/Length1 %d" % len(plain())),
    }


def simple(
    file: bytes,
    *,
    flags: int = 4,
    encoding: bytes = b"",
    subtype: bytes = b"/TrueType",
    key: bytes = b"/FontFile2",
    file_entries: bytes = b"",
    widths: bytes = WIDTHS,
    show: bytes = SHOW,
    more: dict[int, bytes] | None = None,
    fonts: bytes = b"",
) -> bytes:
    """A page with an amount in this font, and other fonts beside it."""
    objects = {
        5: b"<< /Type /Font /Subtype %b /BaseFont /ABCDEF+Digits /FontDescriptor 6 0 R %b %b >>"
        % (subtype, widths, encoding),
        6: DESCRIPTOR % (flags, key, 7),
        7: deflated(file, file_entries or b"/Length1 %d" % len(file)),
    }
    resources = b"/Font << /F1 5 0 R %b >>" % fonts
    return one_page(show, resources=resources, objects=objects | (more or {}))


def composite(
    file: bytes,
    *,
    encoding: bytes = b"/Identity-H",
    cid_entries: bytes = b"/CIDToGIDMap /Identity",
    subtype: bytes = b"/CIDFontType2",
    key: bytes = b"/FontFile2",
    file_entries: bytes = b"",
    show: bytes = b"<0002000300040005>",
    size: int = 40,
    more: dict[int, bytes] | None = None,
) -> bytes:
    """The same in a composite font."""
    objects = {
        5: b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Digits /Encoding %b "
        b"/DescendantFonts [8 0 R] >>" % encoding,
        6: DESCRIPTOR % (SYMBOLIC, key, 7),
        7: deflated(file, file_entries or b"/Length1 %d" % len(file)),
        8: b"<< /Type /Font /Subtype %b /BaseFont /ABCDEF+Digits /DW 500 /FontDescriptor 6 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> %b >>"
        % (subtype, cid_entries),
    }
    content = b"BT /F1 %d Tf 20 60 Td %b Tj ET" % (size, show)
    return one_page(content, resources=b"/Font << /F1 5 0 R >>", objects=objects | (more or {}))


TWO_TABLES: tuple[tuple[str, Tables, int, bytes], ...] = (
    ("symbolic-mac-against-high", ((1, 0, STRAIGHT), (3, 0, raised(TURNED))), SYMBOLIC, b""),
    ("symbolic-mac-against-low", ((1, 0, STRAIGHT), (3, 0, TURNED)), SYMBOLIC, b""),
    ("symbolic-high-against-low", ((3, 0, raised(STRAIGHT) | TURNED),), SYMBOLIC, b""),
    ("symbolic-mac-against-unicode", ((1, 0, STRAIGHT), (3, 1, TURNED)), SYMBOLIC, b""),
    ("symbolic-encoded-mac-unicode", ((1, 0, STRAIGHT), (3, 1, TURNED)), SYMBOLIC, WIN),
    ("symbolic-encoded-mac-high", ((1, 0, STRAIGHT), (3, 0, raised(TURNED))), SYMBOLIC, WIN),
    ("symbolic-platform-zero", ((0, 3, STRAIGHT), (1, 0, TURNED)), SYMBOLIC, b""),
    ("roman-unicode-against-mac", ((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, WIN),
    ("roman-high-against-mac", ((1, 0, STRAIGHT), (3, 0, raised(TURNED))), ROMAN, WIN),
    ("roman-high-against-unicode", ((3, 0, raised(TURNED)), (3, 1, STRAIGHT)), ROMAN, WIN),
    ("roman-unencoded", ((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, b""),
    ("roman-platform-zero", ((0, 3, TURNED), (3, 1, STRAIGHT)), ROMAN, WIN),
    ("roman-mac-encoding", ((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN,
     b"/Encoding /MacRomanEncoding"),
    ("both-flags", ((1, 0, STRAIGHT), (3, 1, TURNED)), SYMBOLIC + ROMAN, WIN),
    ("neither-flag", ((1, 0, STRAIGHT), (3, 1, TURNED)), 0, WIN),
    ("twice-unicode", ((3, 1, STRAIGHT), (3, 1, TURNED)), ROMAN, WIN),
    ("ucs4-against-unicode", ((3, 1, STRAIGHT), (3, 10, TURNED)), ROMAN, WIN),
    ("differences-on-symbolic", ((1, 0, STRAIGHT), (3, 0, raised(STRAIGHT))), SYMBOLIC,
     b"/Encoding << /Differences [49 /eight /seven /six /five] >>"),
    ("differences-by-uni-names", ((3, 1, STRAIGHT),), ROMAN,
     b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [49 /uni0038 /u0037 /g9 /cid8] >>"),
    ("names-only-in-post", ((1, 0, STRAIGHT),), ROMAN,
     b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [49 /eight /seven] >>"),
    ("unknown-encoding", ((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, b"/Encoding /SomeEncoding"),
    ("no-table", (), SYMBOLIC, b""),
)  # fmt: skip


def cmaps() -> Iterator[Odd]:
    for name, tables, flags, encoding in TWO_TABLES:
        yield Odd("cmaps", name, simple(true_type(tables), flags=flags, encoding=encoding))
    shuffled = b"".join(value.to_bytes(2, "big") for value in (0, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    turned = {9: stream(shuffled)}
    map_stream = {9: stream(_cmap_program(), b"/Type /CMap /CMapName /Odd")}
    otf = {"subtype": b"/CIDFontType0", "key": b"/FontFile3"}
    for name, pdf in (
        ("cid-map-short", composite(plain(), cid_entries=b"/CIDToGIDMap 9 0 R",
                                    more={9: stream(shuffled[:7])})),
        ("cid-map-on-cff", composite(bare_cff(), cid_entries=b"/CIDToGIDMap 9 0 R", more=turned,
                                     file_entries=b"/Subtype /CIDFontType0C", **otf)),
        ("cid-map-missing", composite(plain(), cid_entries=b"")),
        ("cid-map-unknown", composite(plain(), cid_entries=b"/CIDToGIDMap /Odd")),
        ("cmap-overlapping", composite(plain(), encoding=b"9 0 R", more=map_stream)),
        ("cmap-unknown", composite(plain(), encoding=b"/Odd-H")),
        ("cmap-of-half-a-code", composite(plain(), show=b"<000200030004000>")),
    ):  # fmt: skip
        yield Odd("cmaps", name, pdf)


def _cmap_program() -> bytes:
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Odd def\n"
        b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        b"2 begincidrange <0000> <00ff> 0 <0002> <0005> 6 endcidrange\n"
        b"1 begincidchar <0003> 9 endcidchar\n"
        b"endcmap end end\n"
    )


def _type1(names: list[str], encoding: bytes) -> bytes:
    """An amount in a Type 1 font of some digits, whose own codes turn them around."""
    program = type1(names, TURNED.items())
    return simple(program, encoding=encoding, subtype=b"/Type1", key=b"/FontFile")


def font_files() -> Iterator[Odd]:
    """Files that are not what their dictionaries say."""
    font = plain()
    narrow = b"/FirstChar 48 /LastChar 57 /Widths [%b]" % (b"200 " * 10)
    for name, pdf in (
        ("cff-as-truetype", simple(bare_cff(), flags=ROMAN, encoding=WIN)),
        ("truetype-as-type1", simple(font, flags=ROMAN, encoding=WIN, subtype=b"/Type1",
                                     key=b"/FontFile")),
        ("truetype-as-cff", simple(font, flags=ROMAN, encoding=WIN, subtype=b"/Type1",
                                   key=b"/FontFile3", file_entries=b"/Subtype /Type1C")),
        ("type1-with-fontfile2", simple(font, flags=ROMAN, encoding=WIN, subtype=b"/Type1")),
        ("cff-without-encoding", simple(bare_cff(), flags=SYMBOLIC, subtype=b"/Type1",
                                        key=b"/FontFile3", file_entries=b"/Subtype /Type1C")),
        ("cff-no-subtype", simple(bare_cff(), flags=ROMAN, encoding=WIN, subtype=b"/Type1",
                                  key=b"/FontFile3", file_entries=b"/Length1 0")),
        ("cut", simple(font[: len(font) // 2], flags=ROMAN, encoding=WIN)),
        ("empty", simple(b"", flags=ROMAN, encoding=WIN)),
        ("two-files", simple(font, flags=ROMAN, encoding=WIN, key=b"/FontFile3 8 0 R /FontFile2",
                             more={8: deflated(bare_cff(), b"/Subtype /Type1C")})),
        ("widths-narrow", simple(font, flags=ROMAN, encoding=WIN, widths=narrow)),
        ("widths-missing", simple(font, flags=ROMAN, encoding=WIN, widths=b"")),
        ("widths-short", simple(font, flags=ROMAN, encoding=WIN,
                                widths=b"/FirstChar 48 /LastChar 57 /Widths [500 500]")),
        ("widths-huge", simple(font, flags=ROMAN, encoding=WIN,
                               widths=b"/FirstChar 48 /LastChar 57 /Widths [%b]" % (b"9e9 " * 10))),
        ("type1-glyph-missing", _type1(DIGITS[:3], WIN)),
        ("type1-renamed", _type1(
            [*DIGITS[:3], "g3", "g4"], b"/Encoding << /Differences [51 /three /g4] >>")),
        ("type1-other-codes", _type1([*DIGITS[:3], "Aacute"], WIN)),
        ("no-descriptor", one_page(SHOW, resources=b"/Font << /F1 << /Type /Font /Subtype /TrueType"
                                   b" /BaseFont /ABCDEF+Digits >> >>")),
    ):  # fmt: skip
        yield Odd("font_files", name, pdf)


def _named(base: bytes, entries: bytes = b"", subtype: bytes = b"/Type1", show: bytes = SHOW):
    font = b"<< /Type /Font /Subtype %b /BaseFont /%b %b >>" % (subtype, base, entries)
    return one_page(show, resources=b"/Font << /F1 5 0 R >>", objects={5: font})


def _asian(base: bytes, encoding: bytes, ordering: bytes, show: bytes):
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /%b /Encoding /%b /DescendantFonts [6 0 R] >>"
    descendant = (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /%b /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (%b) /Supplement 2 >> /FontDescriptor 7 0 R >>"
    )
    descriptor = (
        b"<< /Type /FontDescriptor /FontName /%b /Flags 4 /FontBBox [0 -200 1000 800] "
        b"/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
    )
    return one_page(
        b"BT /F1 40 Tf 20 60 Td %b Tj ET" % show,
        resources=b"/Font << /F1 5 0 R >>",
        objects={
            5: font % (base, encoding),
            6: descendant % (base, ordering),
            7: descriptor % base,
        },
    )


def not_embedded() -> Iterator[Odd]:
    for name, pdf in (
        ("helvetica", _named(b"Helvetica")),
        ("times-odd-widths", _named(b"Times-Roman", b"/FirstChar 48 /LastChar 57 /Widths [%b]"
                                    % (b"900 " * 10))),
        ("unknown", _named(b"SomeFont", WIN, b"/TrueType")),
        ("arial", _named(b"Arial,Bold", WIN, b"/TrueType")),
        ("symbol", _named(b"Symbol", show=b"BT /F1 40 Tf 20 60 Td (abg) Tj ET")),
        ("zapf", _named(b"ZapfDingbats", show=b"BT /F1 40 Tf 20 60 Td (345) Tj ET")),
        ("wingdings", _named(b"Wingdings", subtype=b"/TrueType",
                             show=b"BT /F1 40 Tf 20 60 Td (345) Tj ET")),
        ("symbol-winansi", _named(b"Symbol", WIN)),
        ("chinese", _asian(b"STSong-Light", b"UniGB-UCS2-H", b"GB1", b"<54087ea6>")),
        ("chinese-gbk", _asian(b"SimSun", b"GBK-EUC-H", b"GB1", b"<bacfcdac>")),
        ("japanese", _asian(b"HeiseiMin-W3", b"UniJIS-UCS2-H", b"Japan1", b"<59517d04>")),
        ("korean", _asian(b"HYSMyeongJo-Medium", b"UniKS-UCS2-H", b"Korea1", b"<acc4c57d>")),
        ("identity-cid", _asian(b"STSong-Light", b"Identity-H", b"GB1", b"<03e803e9>")),
        ("no-such-resource", one_page(SHOW)),
        ("no-subtype", one_page(SHOW, resources=b"/Font << /F1 << /Type /Font /BaseFont /Courier >>"
                                b" >>")),
    ):  # fmt: skip
        yield Odd("not_embedded", name, pdf)
