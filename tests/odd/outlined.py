"""Type 1 programs whose glyphs readers draw in two ways, or of which they find others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.odd.fonts import DIGITS, ROMAN, WIN, simple
from tests.odd.pdf import Odd
from tests.odd.type1 import box, encrypted, number, type1

MATRIX = b"/FontMatrix [0.001 0 0 0.001 0 0] readonly def"
CALL, RETURN, DIVIDE, OTHER, POP, ACCENTED = (
    b"\x0a",
    b"\x0b",
    b"\x0c\x0c",
    b"\x0c\x10",
    b"\x0c\x11",
    b"\x0c\6",
)
ZERO, WIDTH = number(0), number(0) + number(500) + b"\x0d"
HIGH = box(400)[len(WIDTH) : -1]
"""A box, without width and end."""


def parts(*glyphs: bytes) -> bytes:
    """Subroutines."""
    listed = [encrypted(glyph) for glyph in glyphs]
    each = (b"dup %d %d RD %b NP\n" % (at, len(data), data) for at, data in enumerate(listed))
    return b"/Subrs %d array\n%bND\n" % (len(listed), b"".join(each))


def accented(*codes: int, across: int = 0) -> bytes:
    """A glyph of two others."""
    return WIDTH + ZERO + number(across) + ZERO + b"".join(map(number, codes)) + ACCENTED


def odd(between: bytes, *subroutines: bytes, **drawn: bytes) -> bytes:
    """A program whose one has something odd between two boxes."""
    one = {"one": WIDTH + HIGH + between + HIGH + b"\x0e"}
    private = parts(*subroutines) if subroutines else b""
    return type1(DIGITS, private=private, drawn=one | drawn)


def _deep(count: int) -> Sequence[bytes]:
    return [*(number(at + 1) + CALL + RETURN for at in range(count)), RETURN]


def outlined() -> Iterator[Odd]:
    usual = type1(DIGITS)
    again = encrypted(box(900))
    hidden = b"{/ CharStrings 1 dict dup begin /one %d RD %b ND end}" % (len(again), again)
    for name, made in (
        ("unknown", odd(b"\x18")),
        ("unknown-of-two", odd(b"\x0c\x0a")),
        ("nothing-drawn", odd(b"\5")),
        ("returned", odd(RETURN)),
        ("set", odd(2 * ZERO + b"\x0c\x21")),
        ("other", odd(2 * ZERO + number(2) + number(12) + OTHER + 2 * POP + b"\x15")),
        ("bent-open", odd(ZERO + number(1) + OTHER)),
        ("computed", odd(ZERO + number(2) + DIVIDE + CALL, RETURN)),
        ("deep", odd(ZERO + CALL, *_deep(11))),
        ("no-such-part", odd(number(9) + CALL, RETURN)),
        ("of-itself", odd(b"", one=accented(49, 56))),
        ("of-accented", odd(b"", one=accented(50, 51), two=accented(51, 52))),
        ("hidden", type1(DIGITS, private=hidden)),
        ("leading", type1(DIGITS, private=b"/lenIV 4.9 def")),
        ("hidden-leading", type1(DIGITS, private=b"/lenIV 4 def / lenIV 0 def")),
        ("turned", usual.replace(MATRIX, b"/FontMatrix [0 0.001 -0.001 0 0 0] readonly def")),
        ("other-base", usual.replace(MATRIX, MATRIX.replace(b"0 0 0.001", b"0 0 10#0.001"))),
        ("no-matrix", usual.replace(MATRIX, b"")),
    ):
        entries = {"subtype": b"/Type1", "key": b"/FontFile"}
        yield Odd("outlined", name, simple(made, flags=ROMAN, encoding=WIN, **entries))
