"""TrueType programs whose instructions move digits out of sight in the readers that follow them.

An amount is 1234; where instructions run, the last two digits stand far above the page.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping

from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

from tests.odd.fonts import ROMAN, STRAIGHT, WIN, bare_cff, composite, simple, table_of, unsaved
from tests.odd.fonts import saved as written
from tests.odd.pdf import Odd

FAR = "3000"
"""Of 64ths of a pixel."""
HIDDEN = ("three", "four")
SMALL = b"BT /F1 12 Tf 20 60 Td (1234) Tj ET"
NOTHING = ("PUSHB[ ]", "0", "POP[ ]")
NATIVE = ("PUSHW[ ]", "4", "3", "INSTCTRL[ ]")
"""Also across: FreeType otherwise ignores what moves points to the side."""
CALL = ("PUSHB[ ]", "0", "CALL[ ]")
TWILIGHT = ("SVTCA[0]", "PUSHB[ ]", "0", "SZPS[ ]")
MARK = (*TWILIGHT, "PUSHW[ ]", "0", FAR, "SCFS[ ]")
"""Sets a point that stays as it is until the next glyph."""
IF_MARKED = (*TWILIGHT, "PUSHB[ ]", "0", "GC[0]", "PUSHB[ ]", "9", "GT[ ]", "IF[ ]",
             "PUSHB[ ]", "1", "SZPS[ ]")  # fmt: skip
TRICKY = "MingLiU"
"""Fonts of this name draw nothing that could be read without instructions: all but one reader run
them, whatever the size."""
LARGE = b"BT /F1 70 Tf 20 60 Td (1234) Tj ET"
"""PDFium draws it as paths, which it fits to nothing."""
OPENTYPE = {"key": b"/FontFile3", "file_entries": b"/Subtype /OpenType"}
_POINTS = 12
"""As many as each digit has at least."""


def up(points: int = _POINTS) -> tuple[str, ...]:
    """Sets every point of a glyph far above."""
    return ("SVTCA[0]", *(word for at in range(points) for word in ("PUSHW[ ]", str(at), FAR,
            "SCFS[ ]")))  # fmt: skip


def aside(points: int = _POINTS) -> tuple[str, ...]:
    """Moves every point of a glyph far to the side."""
    return ("SVTCA[1]", *(word for at in range(points) for word in ("PUSHW[ ]", str(at), FAR,
            "SHPIX[ ]")))  # fmt: skip


def if_size(pixels: int) -> tuple[str, ...]:
    """At one size alone."""
    return "MPPEM[ ]", "PUSHB[ ]", str(pixels), "EQ[ ]", "IF[ ]"


def hinted(
    glyphs: Mapping[str, Callable[[int], tuple[str, ...]]],
    *,
    prep: tuple[str, ...] = (),
    fpgm: tuple[str, ...] = (),
    stack: int = 300,
    family: str = "Digits",
) -> TTFont:
    """A font of ten digits with instructions for some, by how many points these have."""
    font = unsaved()
    font["cmap"] = table_of(((3, 1, STRAIGHT), (1, 0, STRAIGHT)))
    font["name"].setName(family, 1, 3, 1, 0x409)
    most = font["maxp"]
    most.maxStackElements, most.maxSizeOfInstructions = stack, 2000
    most.maxZones, most.maxTwilightPoints, most.maxStorage, most.maxFunctionDefs = 2, 9, 9, 9
    for tag, words in (("prep", prep), ("fpgm", fpgm)):
        if words:
            font[tag] = newTable(tag)
            font[tag].program = _program(words)
    for name, words_for in glyphs.items():
        glyph = font["glyf"][name]
        glyph.program = _program(words_for(len(glyph.coordinates)))
    return font


def _program(words: tuple[str, ...]) -> Program:
    made = Program()
    made.fromAssembly(list(words))
    return made


def moving(words_for: Callable[[int], tuple[str, ...]], **tables) -> bytes:
    """A program that does something with the last two digits."""
    return written(hinted(dict.fromkeys(HIDDEN, words_for), **tables))


def guarded(guard: tuple[str, ...]) -> Callable[[int], tuple[str, ...]]:
    return lambda points: (*guard, *up(points), "EIF[ ]")


def marked(by: str) -> bytes:
    """A program that hides digits once another one has been drawn."""
    glyphs = {by: lambda _: MARK, **dict.fromkeys(HIDDEN, guarded(IF_MARKED))}
    return written(hinted(glyphs, prep=NOTHING))


def _calling() -> bytes:
    function = ("PUSHB[ ]", "0", "FDEF[ ]", *up(), "ENDF[ ]")
    return moving(lambda _: CALL, fpgm=function)


def _with_cff() -> bytes:
    """Outlines of two kinds in one program."""
    font = hinted({})
    font["CFF "] = newTable("CFF ")
    font["CFF "].decompile(bare_cff(), font)
    return written(font)


def _listed_otherwise(program: bytes) -> Iterator[tuple[str, bytes]]:
    """Directories that readers take in two ways."""
    at = program.index(b"glyf")
    twice = program[:at] + b"head" + program[at + 4 :]
    yield "table-twice", twice
    size = int.from_bytes(program[at + 12 : at + 16], "big")
    cut = program[: at + 12] + (size + len(program)).to_bytes(4, "big") + program[at + 16 :]
    yield "table-cut", cut


def _collection(program: bytes) -> bytes:
    """A collection of one font (OpenType, "Font Collections")."""
    head = struct.pack(">4sIII", b"ttcf", 1 << 16, 1, 16)
    out = bytearray(head + program)
    (count,) = struct.unpack_from(">H", program, 4)
    for entry in range(len(head) + 12, len(head) + 12 + 16 * count, 16):
        (start,) = struct.unpack_from(">I", out, entry + 8)
        struct.pack_into(">I", out, entry + 8, start + len(head))
    return bytes(out)


def instructions() -> Iterator[Odd]:
    plain, latin = moving(up), {"flags": ROMAN, "encoding": WIN}
    both = {9: b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Digits /Encoding /Identity-H "
               b"/DescendantFonts [8 0 R] >>",
            8: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Digits /DW 500 "
               b"/FontDescriptor 6 0 R /CIDToGIDMap /Identity /CIDSystemInfo << /Registry (Adobe) "
               b"/Ordering (Identity) /Supplement 0 >> >>"}  # fmt: skip
    for name, pdf in (
        ("up", simple(plain, **latin)),
        ("up-small", simple(plain, **latin, show=SMALL)),
        ("up-with-prep", simple(moving(up, prep=NOTHING), **latin)),
        ("up-native", simple(moving(up, prep=NATIVE), **latin)),
        ("aside", simple(moving(aside, prep=NATIVE), **latin)),
        ("aside-not-native", simple(moving(aside), **latin)),
        ("called", simple(_calling(), **latin)),
        *((f"at-{size}", simple(moving(guarded(if_size(size))), **latin, show=SMALL))
          for size in (12, 16, 48, 64, 100)),
        ("nothing-happens", simple(moving(lambda _: NOTHING), **latin)),
        ("no-stack", simple(moving(up, stack=0), **latin)),
        ("after-one", simple(marked("one"), **latin)),
        ("tricky", simple(moving(up, family=TRICKY), **latin)),
        ("tricky-large", simple(moving(up, family=TRICKY), **latin, show=LARGE)),
        *((f"tricky-at-{size}", simple(moving(guarded(if_size(size)), family=TRICKY), **latin,
                                       show=SMALL)) for size in (12, 24, 48)),
        ("composite", composite(plain)),
        ("composite-small", composite(plain, size=12)),
        ("opentype", composite(plain, **OPENTYPE)),
        ("collection", composite(_collection(plain))),
        ("shared", simple(plain, **latin, more=both, fonts=b"/F2 9 0 R", show=b"BT /F1 30 Tf 20 60 "
                          b"Td (1234) Tj /F2 30 Tf 0 40 Td <0002000300040005> Tj ET")),
        ("two-outlines", simple(_with_cff(), **latin)),
        *((each, simple(program, **latin)) for each, program in _listed_otherwise(plain)),
    ):  # fmt: skip
        yield Odd("instructions", name, pdf)
