"""Programs with codes of their own, and TrueType programs shown by codes beyond ASCII."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from fontTools.cffLib import CFFFontSet

from tests.odd.fonts import (
    DIGITS,
    ROMAN,
    STRAIGHT,
    SYMBOLIC,
    TURNED,
    WIN,
    Tables,
    bare_cff,
    simple,
    true_type,
)
from tests.odd.pdf import Odd
from tests.odd.type1 import type1

ELSEWHERE = b"/Encoding << /Differences [65 /one] >>"
"""An encoding that says nothing of digits."""
STANDARD = b"/Encoding /StandardEncoding"
BOTH, NEITHER = SYMBOLIC + ROMAN, 0
TYPE1 = {"subtype": b"/Type1", "key": b"/FontFile"}
CFF = {"subtype": b"/Type1", "key": b"/FontFile3", "file_entries": b"/Subtype /Type1C"}

BEYOND = b"BT /F1 40 Tf 20 60 Td <e1a8b4> Tj ET"
WIDTHS = b"/FirstChar 128 /LastChar 255 /Widths [%b]" % (b"500 " * 128)
MAC = {0xE1: "one", 0xAE: "nine", 0xA8: "two", 0xDB: "eight", 0xB4: "three", 0x87: "four"}
UNICODE = {0xE1: "one", 0xC6: "nine", 0xA8: "two", 0xA4: "eight", 0xB4: "three", 0xAE: "six"}
LETTERS = b"/Encoding << /Differences [225 /aacute 168 /dieresis 180 /acute] >>"

ENCODINGS = (
    ("none", b""),
    ("elsewhere", ELSEWHERE),
    ("standard", STANDARD),
    ("standard-base", b"/Encoding << /BaseEncoding /StandardEncoding /Differences [65 /one] >>"),
    ("winansi", WIN),
    ("macroman", b"/Encoding /MacRomanEncoding"),
    ("unknown", b"/Encoding /Odd"),
)
FLAGS = (("roman", ROMAN), ("symbolic", SYMBOLIC), ("both", BOTH), ("neither", NEITHER))


def turned_cff() -> bytes:
    """The digits as a bare CFF font, whose own codes turn them around."""
    held = CFFFontSet()
    held.decompile(BytesIO(bare_cff()), None)
    codes = [".notdef"] * 256
    for code, glyph in TURNED.items():
        codes[code] = glyph
    held[0].Encoding = codes
    out = BytesIO()
    held.compile(out, _Compiling())
    return out.getvalue()


class _Compiling:
    """What the library asks of the font a table is in."""

    recalcBBoxes = False  # noqa: N815  as the library has it
    cfg: dict[str, object] = {}  # noqa: RUF012  as the library has it


def programs() -> Iterator[Odd]:
    """Programs of named glyphs, which readers may ask for their own codes."""
    own = type1(DIGITS, TURNED.items())
    for kind, program, entries in (("type1", own, TYPE1), ("cff", turned_cff(), CFF)):
        for called, encoding in ENCODINGS:
            for flag, flags in FLAGS:
                made = simple(program, flags=flags, encoding=encoding, **entries)
                yield Odd("programs", f"{kind}-{called}-{flag}", made)
    for name, pdf in (
        ("codes-straight", _type1(type1(DIGITS, STRAIGHT.items()), b"")),
        ("codes-twice", _type1(_replaced(own, b"dup 49 /eight put", b"dup 49 /one put"), b"",
                               SYMBOLIC)),
        ("encoding-twice", _type1(own.replace(
            b"/FontBBox", b"/Encoding StandardEncoding def /FontBBox"), b"", SYMBOLIC)),
        ("count-low", _type1(type1(DIGITS, count=3))),
        ("count-high", _type1(type1(DIGITS, count=300))),
        ("glyphs-twice", _type1(type1([*DIGITS, *reversed(DIGITS)]))),
        ("random-bytes-twice", _type1(type1(DIGITS, private=b"/lenIV 0 def /lenIV 4 def"))),
        ("two-programs", _two_programs()),
        ("missing", _type1(type1(DIGITS[:3]))),
        ("missing-and-drawn", _type1(type1(DIGITS[:3], blank=False))),
        ("missing-symbolic", _type1(type1(DIGITS[:3]), WIN, SYMBOLIC)),
        ("blank-drawn", simple(type1(DIGITS, blank=False), flags=ROMAN, encoding=WIN,
                               show=b"BT /F1 40 Tf 20 60 Td (1 2) Tj ET", **TYPE1)),
        ("missing-by-other-name", _type1(type1([*DIGITS[:3], "uni0033", "four.alt"]))),
        ("missing-by-its-number", _type1(
            type1(DIGITS), b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [49 /g57 "
            b"/C0056 /uni0037 /u0036] >>")),
        ("not-defined", _type1(
            own, b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [49 /.notdef] >>")),
        ("cff-as-truetype", simple(turned_cff(), flags=ROMAN, encoding=WIN, widths=WIDTHS,
                                   show=BEYOND, **(CFF | {"subtype": b"/TrueType"}))),
        ("type1-as-truetype", simple(own, flags=ROMAN, encoding=WIN, widths=WIDTHS, show=BEYOND,
                                     **(TYPE1 | {"subtype": b"/TrueType"}))),
        ("unnamed", simple(type1(DIGITS), flags=ROMAN, widths=WIDTHS, show=BEYOND, **TYPE1)),
        ("unnamed-symbolic", simple(type1(DIGITS), widths=WIDTHS, show=BEYOND, **TYPE1)),
        ("mac-only", simple(type1(DIGITS), flags=ROMAN, encoding=b"/Encoding /MacRomanEncoding",
                            widths=WIDTHS, show=b"BT /F1 40 Tf 20 60 Td <adb0dbf0> Tj ET",
                            **TYPE1)),
        ("bullets", simple(type1([*DIGITS, "bullet"]), flags=ROMAN, encoding=WIN,
                           widths=b"/FirstChar 127 /LastChar 141 /Widths [%b]" % (b"500 " * 15),
                           show=b"BT /F1 40 Tf 20 60 Td <7f818d> Tj ET", **TYPE1)),
        ("beyond-missing", simple(own, flags=ROMAN, encoding=WIN, widths=WIDTHS, show=BEYOND,
                                  **TYPE1)),
        ("beyond-drawn", simple(type1(DIGITS, blank=False), flags=ROMAN, encoding=WIN,
                                widths=WIDTHS, show=BEYOND, **TYPE1)),
        ("beyond-by-own-code", simple(type1(DIGITS, [(0xE1, "one"), (0xA8, "two")]), flags=ROMAN,
                                      encoding=WIN, widths=WIDTHS, show=BEYOND, **TYPE1)),
        ("unnamed-by-own-code", simple(
            type1(DIGITS, [(0x81, "one"), (0x8D, "two")]), flags=ROMAN, encoding=WIN,
            widths=WIDTHS, show=b"BT /F1 40 Tf 20 60 Td <818d> Tj ET", **TYPE1)),
    ):  # fmt: skip
        yield Odd("programs", name, pdf)


def _type1(program: bytes, encoding: bytes = WIN, flags: int = ROMAN) -> bytes:
    return simple(program, flags=flags, encoding=encoding, **TYPE1)


def _replaced(program: bytes, before: bytes, more: bytes) -> bytes:
    return program.replace(before, before + b"\n" + more)


def _two_programs() -> bytes:
    """Two in a row, of which the second is announced as if it were all."""
    first, second = type1(DIGITS), type1([*reversed(DIGITS)])
    end = len(first) + second.index(b"eexec") + len(b"eexec\n")
    both = first + second
    lengths = b"/Length1 %d /Length2 %d /Length3 532" % (end, len(both) - end - 532)
    return simple(both, flags=ROMAN, encoding=WIN, file_entries=lengths, **TYPE1)


TABLES: tuple[tuple[str, Tables], ...] = (
    ("mac", ((1, 0, MAC),)),
    ("unicode", ((3, 1, UNICODE),)),
    ("symbols", ((3, 0, {0xF000 + code: glyph for code, glyph in UNICODE.items()}),)),
    ("mac-unicode", ((1, 0, MAC), (3, 1, UNICODE))),
    ("mac-and-no-unicode", ((1, 0, MAC), (3, 1, {}))),
    ("platform-zero", ((0, 3, UNICODE), (1, 0, {0x87: "four", 0xAC: "five", 0xAB: "six"}))),
)


def codes_beyond() -> Iterator[Odd]:
    """TrueType programs of one table or two, shown by codes that encodings differ in."""
    for tables, given in TABLES:
        program = true_type(given)
        for called, encoding in (*ENCODINGS, ("letters", LETTERS)):
            for flag, flags in FLAGS[:2]:
                made = simple(program, flags=flags, encoding=encoding, widths=WIDTHS, show=BEYOND)
                yield Odd("codes_beyond", f"{tables}-{called}-{flag}", made)
