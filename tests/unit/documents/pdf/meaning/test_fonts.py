from __future__ import annotations

from io import BytesIO

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from pikepdf import Dictionary, Name

from eseal.documents.pdf.meaning.resources.fonts import fonts
from eseal.documents.pdf.meaning.resources.fonts.cmaps import character_maps
from tests.unit.documents.pdf.meaning.made import (
    FONT,
    codes,
    document,
    drawing,
    form,
    parsed,
    refused,
    stream,
)

ROMAN, SYMBOLIC = 32, 4
WIN = b"/Encoding /WinAnsiEncoding"
STRAIGHT = {49: "one", 50: "two"}
TURNED = {49: "two", 50: "one"}
COMPOSITE = (
    b"/Subtype /Type0 /BaseFont /STSong-Light /Encoding /%b "
    b"/DescendantFonts [<< /Subtype /CIDFontType0 /BaseFont /STSong-Light >>]"
)
RAISED = {0xF000 + code: glyph for code, glyph in STRAIGHT.items()}


def true_type(*tables: tuple[int, int, dict[int, str]]) -> bytes:
    """A font of two digits, with character maps of its own."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", "one", "two"]
    builder.setupGlyphOrder(names)
    pen = TTGlyphPen(None)
    for place in ((0, 0), (500, 0), (500, 700)):
        (pen.lineTo if place != (0, 0) else pen.moveTo)(place)
    pen.closePath()
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupCharacterMap({})
    builder.setupPost()
    made = []
    for platform, encoding, mapped in tables:
        table = CmapSubtable.newSubtable(0 if platform == 1 else 4)
        table.platformID, table.platEncID, table.language = platform, encoding, 0
        table.cmap = mapped
        made.append(table)
    builder.font["cmap"].tables = made
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def shown(program: bytes, flags: int, encoding: bytes, text: bytes = b"12") -> set[str]:
    return codes(made(program, flags, encoding, text)[0])


def made(program: bytes, flags: int, encoding: bytes, text: bytes = b"12"):
    """A document that shows some text in a font, and the font."""
    pdf = document(b"BT /F1 40 Tf 20 60 Td (%b) Tj ET" % text)
    font = parsed(
        b"<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Digits /FirstChar 49 /LastChar 50 "
        b"/Widths [500 500] %b >>" % encoding
    )
    font.FontDescriptor = parsed(
        b"<< /Type /FontDescriptor /FontName /ABCDEF+Digits /Flags %d >>" % flags
    )
    font.FontDescriptor.FontFile2 = stream(pdf, program)
    font = pdf.make_indirect(font)
    pdf.pages[0].obj.Resources.Font = Dictionary(F1=font)
    return pdf, font


@pytest.mark.parametrize(
    ("tables", "flags", "encoding"),
    [
        (((3, 1, STRAIGHT),), ROMAN, WIN),
        (((1, 0, STRAIGHT),), SYMBOLIC, b""),
        (((3, 0, RAISED),), SYMBOLIC, b""),
        (((1, 0, STRAIGHT), (3, 1, STRAIGHT)), ROMAN, WIN),
        (((1, 0, STRAIGHT), (3, 0, RAISED)), SYMBOLIC, b""),
        (((1, 0, {49: "one", 200: "one"}), (3, 1, STRAIGHT | {200: "two"})), ROMAN, WIN),
    ],
)
def test_fonts_in_which_all_find_the_same(tables, flags, encoding):
    assert shown(true_type(*tables), flags, encoding) == set()


@pytest.mark.parametrize(
    ("tables", "flags", "encoding"),
    [
        (((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, WIN),
        (((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, b""),
        (((1, 0, TURNED), (3, 0, RAISED)), SYMBOLIC, b""),
        (((1, 0, TURNED), (3, 0, RAISED)), SYMBOLIC, WIN),
        (((3, 0, RAISED | TURNED),), SYMBOLIC, b""),
        (((3, 1, STRAIGHT),), ROMAN, b"/Encoding << /Differences [49 /g77] >>"),
        ((), SYMBOLIC, b""),
    ],
)
def test_fonts_in_which_readers_find_different_glyphs(tables, flags, encoding):
    assert shown(true_type(*tables), flags, encoding) == {"unclear_font"}


@pytest.mark.parametrize(
    ("tables", "flags", "encoding", "expected"),
    [
        (((1, 0, TURNED), (3, 1, STRAIGHT)), ROMAN, WIN, [1, 2]),
        (((1, 0, STRAIGHT), (3, 1, TURNED)), ROMAN, WIN, [2, 1]),
        (((1, 0, TURNED), (3, 0, RAISED)), SYMBOLIC, b"", [1, 2]),
        (((0, 3, TURNED),), ROMAN, WIN, [1, 2]),
        ((), ROMAN, WIN, [1, 2]),
    ],
)
def test_a_font_is_remapped_to_what_pdfium_shows(tables, flags, encoding, expected):
    """By code alone: through the Windows map if there is one, or by the names of glyphs."""
    pdf, font = made(true_type(*tables), flags, encoding)
    assert refused(pdf) == set()
    assert "/Encoding" not in font
    assert font.FontDescriptor.Flags == SYMBOLIC
    assert font.BaseFont == font.FontDescriptor.FontName == "/AAAAAB+Digits"
    program = font.FontDescriptor.FontFile2.read_bytes()
    assert font.FontDescriptor.FontFile2.Length1 == len(program)
    maps = character_maps(program)
    assert maps.keys() == {(1, 0), (3, 0)}
    assert [maps[1, 0][code] for code in b"12"] == expected
    assert [maps[3, 0][0xF000 + code] for code in b"12"] == expected
    assert TTFont(BytesIO(program))["cmap"].getcmap(3, 0).cmap[0xF031] in {"one", "two"}
    assert b"<31> <0031>" in font.ToUnicode.read_bytes() or not encoding
    assert codes(pdf) == set()


BEYOND = {0x87: "two", 0xE1: "one"}
LETTERS = b"/Encoding << /Differences [225 /aacute] >>"


@pytest.mark.parametrize(
    ("table", "flags", "encoding", "fine"),
    [
        ((3, 1, {0xE1: "one"}), ROMAN, WIN, True),
        ((3, 1, {0xE1: "one"}), ROMAN, LETTERS, True),
        ((3, 1, {0xE1: "one"}), ROMAN, b"", False),
        ((3, 1, {0xE1: "one"}), ROMAN, b"/Encoding /StandardEncoding", False),
        ((3, 1, {0xE1: "one"}), ROMAN, b"/Encoding << /Differences [65 /one] >>", False),
        ((3, 1, {0xE1: "one"}), SYMBOLIC, b"/Encoding /MacRomanEncoding", False),
        ((3, 1, {0xC6: "one"}), ROMAN, WIN, False),
        ((1, 0, BEYOND), ROMAN, WIN, False),
        ((1, 0, BEYOND), SYMBOLIC, b"", False),
        ((3, 0, {0xF0E1: "one"}), SYMBOLIC, b"", True),
        ((3, 0, {0xF0E1: "one"}), ROMAN, WIN, False),
        ((0, 3, {0xE1: "one"}), ROMAN, WIN, False),
    ],
)
def test_one_table_is_not_one_glyph_beyond_ascii(table, flags, encoding, fine):
    """Names of the program's glyphs make a table, too: they are those of digits here."""
    assert shown(true_type(table), flags, encoding, b"\\341") == (
        set() if fine else {"unclear_font"}
    )


@pytest.mark.parametrize(
    ("table", "flags", "fine"),
    [((1, 0, STRAIGHT), SYMBOLIC, True), ((1, 0, TURNED), SYMBOLIC, False)],
)
def test_names_of_glyphs_are_a_table_where_there_is_none_by_unicode(table, flags, fine):
    assert shown(true_type(table), flags, b"") == (set() if fine else {"unclear_font"})


def test_a_code_that_leads_nowhere_is_refused_even_once_it_is_remapped():
    program = true_type((1, 0, TURNED), (3, 1, STRAIGHT))
    assert refused(made(program, ROMAN, WIN, b"12")[0]) == set()
    assert refused(made(program, ROMAN, WIN, b"3")[0]) == {"unclear_font"}


def test_one_name_is_one_program():
    pdf, font = made(true_type((3, 1, STRAIGHT)), ROMAN, WIN)
    _other, twin = made(true_type((3, 1, TURNED)), ROMAN, WIN)
    pdf.pages[0].obj.Resources.Font.F2 = pdf.copy_foreign(twin)
    pdf.pages[0].obj.Contents.write(b"BT /F1 40 Tf (1) Tj /F2 40 Tf (1) Tj ET")
    assert codes(pdf) == set()
    twin = pdf.pages[0].obj.Resources.Font.F2
    assert {str(font.BaseFont), str(twin.BaseFont)} == {"/ABCDEF+Digits", "/AAAAAB+Digits"}
    assert twin.BaseFont == twin.FontDescriptor.FontName


def test_lengths_that_cannot_be_are_written_anew():
    pdf, font = made(true_type((3, 1, STRAIGHT)), ROMAN, WIN)
    program = font.FontDescriptor.FontFile2
    program.Length1 = 2**40
    assert codes(pdf) == set()
    assert program.Length1 == len(program.read_bytes())


def test_two_maps_for_the_same_are_refused():
    program = bytearray(true_type((1, 0, STRAIGHT), (3, 1, STRAIGHT | {51: "one"})))
    assert shown(bytes(program), ROMAN, WIN) == set()
    entry = program.index(b"cmap", 12)
    first = int.from_bytes(program[entry + 8 : entry + 12], "big") + 4
    program[first : first + 4] = b"\0\x03\0\x01"
    assert shown(bytes(program), ROMAN, WIN) == {"unclear_font"}


def test_only_codes_that_are_shown_count():
    program = true_type((1, 0, STRAIGHT | {51: "one"}), (3, 1, STRAIGHT | {51: "two"}))
    assert shown(program, ROMAN, WIN, b"12") == set()
    assert shown(program, ROMAN, WIN, b"1\\0632") == {"unclear_font"}


def test_only_so_many_fonts_get_another_map(monkeypatch):
    program = true_type((1, 0, STRAIGHT), (3, 1, TURNED))
    pdf, _font = made(program, ROMAN, WIN)
    monkeypatch.setattr(fonts, "MAX_REMAPPED", 0)
    assert refused(pdf) == {"unclear_font"}


def test_a_font_has_the_codes_shown_under_any_of_its_names():
    program = true_type((1, 0, STRAIGHT | {51: "one"}), (3, 1, STRAIGHT | {51: "two"}))
    pdf, font = made(program, ROMAN, WIN, b"12) Tj /F2 9 Tf (3")
    pdf.pages[0].obj.Resources.Font.F2 = font
    assert codes(pdf) == {"unclear_font"}


def test_the_dictionaries_of_marked_contents_show_nothing():
    program = true_type((1, 0, STRAIGHT | {51: "one"}), (3, 1, STRAIGHT | {51: "two"}))
    marked = b"12) Tj /Span << /Lang (3) /ActualText <33> >> BDC (%b) Tj EMC (1"
    assert shown(program, ROMAN, WIN, marked % b"2") == set()
    assert shown(program, ROMAN, WIN, marked % b"3") == {"unclear_font"}


def test_a_broken_program_is_refused():
    assert shown(b"junk", ROMAN, WIN) == {"unclear_font"}
    assert shown(true_type((3, 1, STRAIGHT))[:40], ROMAN, WIN) == {"unclear_font"}


@pytest.mark.parametrize(
    ("font", "code"),
    [
        (b"/Subtype /Type1 /BaseFont /Helvetica", ""),
        (b"/Subtype /Type1 /BaseFont /ZapfDingbats", ""),
        (b"/Subtype /TrueType /BaseFont /Garamond " + WIN, ""),
        (b"/Subtype /TrueType /BaseFont /Wingdings", "font_not_embedded"),
        (b"/Subtype /TrueType /BaseFont /#e5#ae#8b#e4#bd#93", "font_not_embedded"),
        (b"/Subtype /TrueType /BaseFont /Logo /FontDescriptor << /Flags 4 >>", "font_not_embedded"),
        (COMPOSITE % b"UniGB-UCS2-H", "font_not_embedded"),
        (COMPOSITE % b"Odd-H", "unclear_font"),
        (b"/Subtype /Type0 /BaseFont /X /Encoding /Identity-H", "unclear_font"),
        (b"/Subtype /Odd /BaseFont /X", "unclear_font"),
        (b"/BaseFont /X", "unclear_font"),
    ],
)
def test_fonts_that_are_not_embedded(font, code):
    resources = b"<< /Font << /F1 << /Type /Font %b >> >> >>" % font
    found = codes(document(b"BT /F1 9 Tf (a) Tj ET", resources=resources))
    assert found == ({code} if code else set())


def test_a_program_is_of_the_kind_its_key_says():
    for key in (Name.FontFile, Name.FontFile3):
        pdf, font = made(true_type((3, 1, STRAIGHT)), ROMAN, WIN)
        font.FontDescriptor[key] = font.FontDescriptor.FontFile2
        del font.FontDescriptor.FontFile2
        assert refused(pdf) == {"unclear_font"}
    assert refused(made(b"OTTO" + true_type()[4:], ROMAN, WIN)[0]) == {"unclear_font"}


def bare_cff() -> bytes:
    """A font of the digit one alone."""
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "one"])
    builder.setupCharacterMap({})
    glyph = T2CharStringPen(500, None).getCharString()
    builder.setupCFF("Digits", {}, {".notdef": glyph, "one": glyph}, {})
    return bytes(builder.font.getTableData("CFF "))


@pytest.mark.parametrize(
    ("encoding", "text", "fine"),
    [
        (b"", b"1", True),
        (b"", b"12", False),
        (WIN, b"12 ", True),
        (b"/Encoding << /Differences [50 /one] >>", b"2", True),
        (b"/Encoding << /Differences [49 /uni0031] >>", b"1", False),
        (b"/Encoding << /Differences [49 /.notdef] >>", b"1", False),
        (b"/Encoding /MacExpertEncoding", b"1", False),
    ],
)
def test_glyphs_that_a_program_does_not_have(encoding, text, fine):
    pdf, font = made(b"", SYMBOLIC, encoding, text)
    del font.FontDescriptor.FontFile2
    font.Subtype = Name.Type1
    font.FontDescriptor.FontFile3 = stream(pdf, bare_cff(), b"<< /Subtype /Type1C >>")
    assert refused(pdf) == (set() if fine else {"unclear_font"})


@pytest.mark.parametrize(
    ("base", "encoding", "fine"),
    [
        (b"Helvetica", b"<< /Differences [49 /nine /ccaron 32 /.notdef] >>", True),
        (b"Frutiger", b"<< /Differences [49 /afii10066 /minus] >>", True),
        (b"Helvetica", b"<< /Differences [49 /uni0039] >>", False),
        (b"Helvetica", b"<< /Differences [49 /nine.alt] >>", False),
        (b"Helvetica", b"<< /Differences [50 /g57] >>", False),
        (b"Helvetica", b"<< /Differences [49 /.notdef] >>", False),
        (b"ZapfDingbats", b"<< /Differences [49 /a20] >>", True),
        (b"ZapfDingbats", b"<< /Differences [49 /nine] >>", False),
        (b"ZapfDingbats", b"/WinAnsiEncoding", False),
        (b"Symbol", b"<< /Differences [49 /alpha] >>", True),
        (b"Symbol", b"/WinAnsiEncoding", False),
        (b"Symbol,Bold", b"<< /Differences [49 /alpha] >>", False),
        (b"Helvetica", b"/MacExpertEncoding", False),
        (b"Helvetica", b"/Odd", True),
    ],
)
def test_names_that_not_all_readers_know(base, encoding, fine):
    resources = (
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding %b >> >> >>"
    ) % (base, encoding)
    found = refused(document(b"BT /F1 9 Tf (12 ) Tj ET", resources=resources))
    assert found == (set() if fine else {"unclear_font"})


@pytest.mark.parametrize(
    ("entries", "fine"),
    [
        (WIN, True),
        (b"/Encoding << /BaseEncoding /MacRomanEncoding >>", True),
        (b"/Encoding << /Differences [225 /aacute] >>", True),
        (b"/Encoding /PDFDocEncoding", False),
        (b"", False),
        (WIN + b" /FontDescriptor << /FontName /Symbol /Flags 32 >>", False),
    ],
)
def test_letters_beyond_ascii_need_an_encoding(entries, fine):
    resources = b"<< /Font << /F1 << /Subtype /Type1 /BaseFont /Helvetica %b >> >> >>" % entries
    found = refused(document(b"BT /F1 9 Tf (\341) Tj ET", resources=resources))
    assert found == (set() if fine else {"unclear_font"})


@pytest.mark.parametrize(
    ("content", "fine"),
    [
        (b"q BT /F1 9 Tf (2) Tj ET Q BT /F2 9 Tf (1) Tj ET", True),
        (b"BT /F1 9 Tf ET q BT /F2 9 Tf (x) Tj ET Q BT (1) Tj ET", False),
        (b"/F1 9 Tf q /F2 9 Tf q Q BT (q Q) Tj ET Q BT (1) Tj ET", False),
    ],
)
def test_a_font_holds_behind_what_was_saved(content, fine):
    program = true_type((1, 0, TURNED), (3, 1, STRAIGHT | {50: "one"}))
    pdf, font = made(program, ROMAN, WIN)
    pdf.pages[0].obj.Contents = pdf.make_stream(content)
    pdf.pages[0].obj.Resources.Font = Dictionary(F1=font, F2=parsed(FONT))
    assert codes(pdf) == (set() if fine else {"unclear_font"})


def test_drawing_sets_its_own_font():
    for content, fine in (
        (b"BT /F1 9 Tf (a) Tj ET", True),
        (b"BT ET q 1 0 0 1 0 0 cm Q", True),
        (b"BT (a) Tj ET", False),
        (b"q /F1 9 Tf Q BT [(a)] TJ ET", False),
    ):
        pdf = document(b"BT /F1 9 Tf ET")
        inner = form(pdf, content)
        pdf = drawing(pdf, inner)
        pdf.pages[0].obj.Resources.Font = Dictionary(F1=parsed(FONT))
        assert refused(pdf) == (set() if fine else {"unclear_font"})


def test_a_font_that_is_not_used_does_not_count():
    resources = b"<< /Font << /F1 << /Type /Font /Subtype /TrueType /BaseFont /Webdings >> >> >>"
    assert codes(document(resources=resources)) == set()


def test_two_programs_for_one_font():
    pdf = document(b"BT /F1 9 Tf (a) Tj ET")
    font = parsed(b"<< /Type /Font /Subtype /TrueType /BaseFont /X /Widths [500] >>")
    font.FontDescriptor = Dictionary(
        FontFile2=stream(pdf, true_type((3, 1, STRAIGHT))), FontFile=stream(pdf, b"%!")
    )
    pdf.pages[0].obj.Resources.Font = Dictionary(F1=font)
    assert codes(pdf) == {"unclear_font"}
    del font["/FontDescriptor"]["/FontFile"]
    assert font.Subtype == Name.TrueType
