"""TrueType programs whose tables lie: readers make up, each in its own way, what is not there."""

from __future__ import annotations

import struct
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.resources.fonts import cmaps, outlines, sfnt
from tests.odd.fonts import ROMAN, STRAIGHT, WIN, composite, plain, simple
from tests.odd.hints import NOTHING, moving
from tests.odd.type1 import type1
from tests.unit.documents.pdf.meaning.made import meaning, refused

TABLES = {tag: data for tag, (_, data) in sfnt.read(plain()).items()}
FOUR = 5
"""The glyph."""


def program(**tables: bytes) -> bytes:
    """The digits with other tables; one that is empty is not there."""
    made = TABLES | {tag.encode(): data for tag, data in tables.items()}
    return sfnt.written(plain()[:4], {tag: (0, data) for tag, data in made.items() if data})


def changed(tag: str, at: int, form: str, *values: int) -> bytes:
    """The digits with other values in a table."""
    table = bytearray(TABLES[tag.encode()])
    struct.pack_into(f">{form}", table, at, *values)
    return program(**{tag: bytes(table)})


def drawn(data: bytes) -> bytes:
    """The digits with another four."""
    places = sfnt.places(sfnt.read(plain()))
    start, end = places[FOUR], places[FOUR + 1]
    data += bytes(-len(data) % 2)
    glyphs = TABLES[b"glyf"][:start] + data + TABLES[b"glyf"][end:]
    moved = [at if at <= start else at + len(data) - (end - start) for at in places]
    listed = struct.pack(f">{len(moved)}H", *(at // 2 for at in moved))
    return program(glyf=glyphs, loca=listed)


def glyph(outlines: int, *values: int) -> bytes:
    return struct.pack(f">hhhhh{len(values)}H", outlines, 80, 0, 420, 700, *values)


LOCA = TABLES[b"loca"]


@pytest.mark.parametrize(
    "lying",
    [
        program(hmtx=b""),
        program(hhea=b""),
        changed("head", 18, "H", 15),
        changed("head", 18, "H", 20000),
        changed("head", 50, "h", 2),
        changed("maxp", 0, "I", 0x5000),
        changed("maxp", 4, "H", 60000),
        changed("hhea", 34, "H", 0),
        changed("hhea", 34, "H", 60000),
        changed("hmtx", 4 + 2 * FOUR - 2, "h", 30000),
        changed("glyf", sfnt.places(sfnt.read(plain()))[FOUR] + 2, "h", -30000),
        program(loca=LOCA[: 2 * FOUR]),
        changed("loca", 2 * FOUR, "H", 0),
        changed("loca", 2 * FOUR, "H", len(TABLES[b"glyf"])),
        changed("loca", len(LOCA) - 2, "H", len(TABLES[b"glyf"])),
        drawn(glyph(-2, 2, FOUR - 1, 0)),
        drawn(glyph(-1, 2, FOUR, 0)),
        drawn(glyph(-1, 2, 60000, 0)),
        drawn(glyph(-1, 0, FOUR - 1, 0)),
        drawn(glyph(-1, 2 + 32, FOUR - 1, 0)),
        drawn(glyph(1, 60000, 0)),
        drawn(glyph(1, 3, 200)),
        drawn(glyph(1, 3, 0, 0x0101, 0x0101)),
        drawn(glyph(2, 3, 1, 0)),
    ],
)
def test_what_is_not_as_tables_say_is_refused(lying):
    with pytest.raises(struct.error):
        outlines.check(lying)
    for document in (composite(lying), simple(lying, flags=ROMAN, encoding=WIN)):
        with pikepdf.open(BytesIO(document)) as pdf:
            assert refused(pdf) == {"unclear_font"}


@pytest.mark.parametrize(
    "fine",
    [
        plain(),
        changed("loca", len(LOCA) - 2, "H", len(TABLES[b"glyf"]) // 2 + 1),  # filled up
        drawn(b""),
        drawn(glyph(0)),
        drawn(glyph(-1, 2 + 8 + 32, 4, 0, 1 << 14, 2 + 64, 3, 0, 1 << 14, 1 << 14)),
        drawn(glyph(1, 3, 0, (0x01 | 8) << 8 | 3, *[0] * 8)),
    ],
)
def test_what_is_as_tables_say_is_not(fine):
    outlines.check(fine)


def test_parts_stand_in_one_another_within_reason():
    outlines._check_depth({each: [each + 1] * 2 for each in range(8)})
    with pytest.raises(struct.error, match="too deep"):
        outlines._check_depth({each: [each + 1] for each in range(10)})
    with pytest.raises(struct.error, match="too deep"):
        outlines._check_depth({0: [1], 1: [0]})
    with pytest.raises(struct.error, match="too many"):
        outlines._check_depth({0: [1] * 20, 1: [2] * 20})


def test_tables_do_not_lie_upon_one_another():
    count = 1500
    head = struct.pack(">4sHHHH", b"\0\1\0\0", count, 0, 0, 0)
    entries = (struct.pack(">HHIII", 0, at, 0, 0, 1 << 20) for at in range(count))
    with pytest.raises(struct.error, match="upon another"):
        sfnt.read(head + b"".join(entries) + bytes(1 << 20))


def test_type_1_has_no_place_in_composite_fonts():
    with pikepdf.open(BytesIO(composite(type1(["one"], STRAIGHT.items())))) as pdf:
        assert refused(pdf) == {"unclear_font"}


def of_maps(*maps: tuple[int, int, bytes], version: int = 0) -> bytes:
    head, body = struct.pack(">HH", version, len(maps)), b""
    for platform, encoding, data in maps:
        head += struct.pack(">HHI", platform, encoding, 4 + 8 * len(maps) + len(body))
        body += data
    return program(cmap=head + body, post=struct.pack(">I28x", 0x30000))


def segments(*parts: tuple[int, int, int, int]) -> bytes:
    """Format 4: first and last code, what is added, where glyphs are listed."""
    first, last, added, offsets = zip(*parts, (0xFFFF, 0xFFFF, 1, 0), strict=True)
    count = len(first)
    body = struct.pack(f">{count}H2x{count}H{count}H{count}H", *last, *first, *added, *offsets)
    return struct.pack(">HHHHHHH", 4, 14 + len(body), 0, 2 * count, 0, 0, 0) + body


DIGITS = (0x30, 0x39, 0x10000 - 0x2F, 0)
SIX = struct.pack(">HHHHH10H", 6, 30, 0, 48, 10, *range(1, 11))


@pytest.mark.parametrize(
    "broken",
    [
        segments(DIGITS, (0x50, 0x4F, 0, 0)),
        segments((0x30, 0x39, 0, 60000)),
        SIX[:2] + b"\0\4" + SIX[4:],
        bytes(6 + 256),
        struct.pack(">HHIII", 12, 0, 16, 0, 1) + struct.pack(">III", 0x30, 0x39, 1),
        struct.pack(">HHIII", 12, 0, 40, 0, 2) + struct.pack(">III", 0x30, 0x39, 1) * 2,
    ],
)
def test_maps_that_freetype_passes_over_do_not_count(broken):
    with pytest.raises(struct.error):
        cmaps.character_maps(of_maps((3, 1, broken)))
    found = cmaps.character_maps(of_maps((3, 1, broken), (1, 0, SIX)), strict=False)
    assert found == {(1, 0): {0x30 + digit: digit + 1 for digit in range(10)}}
    with pikepdf.open(BytesIO(simple(of_maps((3, 1, broken)), flags=ROMAN, encoding=WIN))) as pdf:
        found = meaning(pdf)
        assert {each.code for each in (*found.hazards, *found.settled)} == {"unclear_font"}


def test_maps_of_another_version_out_of_order_or_beyond_the_glyphs():
    fine = segments(DIGITS)
    assert len(cmaps.character_maps(of_maps((3, 1, fine)))[3, 1]) == 11  # with code 0xFFFF
    with pytest.raises(struct.error, match="version"):
        cmaps.character_maps(of_maps((3, 1, fine), version=1))
    assert cmaps.character_maps(of_maps((3, 1, fine), version=1), strict=False) == {}
    turned = segments((0x35, 0x39, 0x10000 - 0x2F, 0), (0x30, 0x36, 0x10000 - 0x2F, 0))
    with pytest.raises(struct.error, match="out of order"):
        cmaps.character_maps(of_maps((3, 1, turned)))
    longer = segments((0x30, 0x3A, 0x10000 - 0x2F, 0))
    assert 0x3A not in cmaps.character_maps(of_maps((3, 1, longer)))[3, 1]


def test_a_program_that_is_a_map_of_glyphs_too_stays_that():
    """Else other glyphs would be shown than were seen."""
    data = moving(lambda _: NOTHING, prep=NOTHING)
    data += bytes(len(data) % 2)
    with pikepdf.open(BytesIO(composite(data, cid_entries=b"/CIDToGIDMap 7 0 R"))) as pdf:
        found = meaning(pdf)
        found.still()
        (below,) = pdf.pages[0].Resources.Font.F1.DescendantFonts
        assert below.CIDToGIDMap.read_bytes() == data
        assert below.FontDescriptor.FontFile2.read_bytes() == sfnt.without_instructions(data)
