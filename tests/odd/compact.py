"""CFF programs in which two readers find two glyphs, or draw one glyph in two ways."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from tests.odd.fonts import BARS, DIGITS, ROMAN, SEGMENTS, WIN, composite, open_type, simple
from tests.odd.pdf import Odd, stream
from tests.odd.type1 import number

ONE, EIGHT = 1, 8
ZERO = number(0)
END, MOVE, LINE, CALL, RETURN = b"\x0e", b"\x15", b"\x05", b"\x0a", b"\x0b"
FIRST = number(-107)
"""Subroutine 0, of few."""
OF_CIDS = {"subtype": b"/CIDFontType0", "key": b"/FontFile3", "cid_entries": b""}
BARE, TABLES = b"/Subtype /CIDFontType0C", b"/Subtype /OpenType"
MATRIX, KIND, ROS, PARTS, SELECT = b"\x0c\7", b"\x0c\6", b"\x0c\x1e", b"\x0c\x24", b"\x0c\x25"
STRAIGHT = tuple(range(1, 11))
SHORT, HALF = b"\x1e\xa0\1\xff", b"\x1e\xa0\0\x5f"
"""0.001 and 0.0005."""


def _bars(value: int) -> list[int]:
    return [bar for bar in range(len(BARS)) if SEGMENTS[value] >> bar & 1]


def glyph(value: int, odd: bytes = b"", then: int | None = None) -> bytes:
    """A digit, something odd, and what another digit has more."""
    first, x, y = _bars(value), 0, 0
    more = [bar for bar in _bars(value if then is None else then) if bar not in first]
    parts = []
    for bar in (*first, None, *more):
        if bar is None:
            parts.append(odd)
            continue
        left, low, right, high = BARS[bar]
        parts += [number(left - x), number(low - y), MOVE, ZERO, number(high - low)]
        parts += [number(right - left), ZERO, ZERO, number(low - high), LINE]
        x, y = right, low
    return b"".join(parts) + END


def _index(items: Sequence[bytes]) -> bytes:
    places = [1]
    for item in items:
        places.append(places[-1] + len(item))
    told = b"".join(struct.pack(">I", place) for place in places)
    return struct.pack(">HB", len(items), 4) + told + b"".join(items) if items else b"\0\0"


def _long(value: int) -> bytes:
    return b"\x1d" + struct.pack(">i", value)


def program(
    glyphs: Iterable[bytes],
    *,
    cids: Sequence[int] = (),
    select: bytes | None = None,
    parts: Sequence[Sequence[bytes]] = ((),),
    top: bytes = b"",
    names: int = 1,
    called: Sequence[int] = (),
    texts: Sequence[bytes] = (b"Adobe", b"Identity"),
) -> bytes:
    """A bare CFF program.

    Args:
        glyphs: the digits, behind one of nothing.
        cids: their numbers, if they have any; else they have names.
        select: which part each glyph is in, as a table; else all are in the first.
        parts: the subroutines of each part.
        top: entries of its dictionary besides.
        names: of how many fonts it says it is.
        called: the numbers of their names, if they are not those of digits.
        texts: names of its own, from number 391 on.
    """
    strings = [END, *glyphs]
    ids = cids or called or range(17, 17 + len(DIGITS))
    tables = [b"\0" + struct.pack(f">{len(ids)}H", *ids), _index(strings)]
    tables.append(b"\0" + bytes(len(strings)) if select is None else select)
    privates = [_long(6) + b"\x13" + _index(part) if part else b"" for part in parts]

    def written(places: Sequence[int]) -> bytes:
        charset, listed, chosen, *rest = places
        held = [
            _long(6 if part else 0) + _long(at) + b"\x12"
            for part, at in zip(parts, rest, strict=False)
        ]
        said = top + _long(charset) + b"\x0f" + _long(listed) + b"\x11"
        if cids:
            said = _long(391) + _long(392) + ZERO + ROS + said
            said += _long(rest[-1]) + PARTS + _long(chosen) + SELECT
        else:
            said += held[0]
        head = b"\1\0\4\4" + _index([b"Digits"] * names) + _index([said])
        pieces = [head + _index(texts) + _index([]), *tables, *privates]
        found = [sum(map(len, pieces[:at])) for at in range(1, len(pieces) + 1)]
        if places == found:
            return b"".join(pieces) + _index(held)
        return written(found)

    return written([0] * (len(tables) + len(privates) + 1))


def _digits(one: bytes | None = None) -> list[bytes]:
    return [one if one and value == ONE else glyph(value) for value in range(10)]


def _named(made: bytes) -> bytes:
    entries = {"subtype": b"/Type1", "key": b"/FontFile3", "file_entries": b"/Subtype /Type1C"}
    return simple(made, flags=ROMAN, encoding=WIN, **entries)


def _in_tables(made: bytes) -> bytes:
    """A program in the place of that of an OpenType program."""
    whole = bytearray(open_type())
    (count,) = struct.unpack_from(">H", whole, 4)
    for at in range(12, 12 + 16 * count, 16):
        if whole[at : at + 4] == b"CFF ":
            struct.pack_into(">II", whole, at + 8, len(whole), len(made))
    return bytes(whole) + made


ODD = {
    "unknown": b"\x0f",
    "unknown-of-two": b"\x0c\x13",
    "nothing-drawn": LINE,
    "three-numbers": 3 * ZERO + LINE,
    "sum": 2 * ZERO + b"\x0c\x0a" + ZERO + MOVE,
    "accents": 2 * ZERO + number(49) + number(56) + END,
    "returned": RETURN,
    "many": 50 * ZERO + LINE,
    "no-such-part": number(50) + CALL,
    "masked": b"\x13",
    "moved-twice": 2 * (2 * ZERO + MOVE),
}
CALLED = {
    "no-return": (2 * ZERO + MOVE,),
    "end": (END,),
    "deep": (*(number(at - 106) + CALL + RETURN for at in range(12)), RETURN),
}


def compact() -> Iterator[Odd]:
    for name, odd in ODD.items():
        made = program(_digits(glyph(ONE, odd, EIGHT)))
        yield Odd("compact", name, _named(made))
    for name, part in CALLED.items():
        made = program(_digits(glyph(ONE, FIRST + CALL, EIGHT)), parts=[part])
        yield Odd("compact", name, _named(made))
    made = program([glyph(EIGHT), *_digits()], called=(391, *range(17, 27)), texts=[b"one\0"])
    yield Odd("compact", "name-that-ends", _named(made))
    whole, turned = _digits(), (1, *range(10, 1, -1))
    shuffled = b"".join(struct.pack(">H", each) for each in (0, *reversed(STRAIGHT)))
    by_map = {"subtype": b"/CIDFontType2", "key": b"/FontFile3", "more": {9: stream(shuffled)}}
    lying = b"\3" + struct.pack(">HHBHBHBH", 3, 0, 1, 5, 0, 2, 1, 11)
    half, long = HALF + 2 * ZERO + HALF + 2 * ZERO, SHORT + 2 * ZERO + SHORT + number(1) + ZERO
    for name, made, file in (
        ("turned-in-tables", _in_tables(program(whole, cids=turned)), TABLES),
        ("number-zero", program([*whole, glyph(EIGHT)], cids=(*STRAIGHT, 0)), BARE),
        ("number-twice", program([*whole, glyph(EIGHT)], cids=(*STRAIGHT, 2)), BARE),
        ("ranges", program(whole, cids=STRAIGHT, select=lying, parts=[(RETURN,), (END,)]), BARE),
        ("no-such-font", program(whole, cids=STRAIGHT, select=b"\0" + b"\7" * 11), BARE),
        ("half-in-tables", _in_tables(program(whole, top=half + MATRIX)), TABLES),
        ("aside", program(whole, cids=STRAIGHT, top=long + MATRIX), BARE),
        ("of-another-kind", program(whole, top=number(1) + KIND), BARE),
        ("two-fonts", program(whole, names=2), BARE),
    ):
        yield Odd("compact", name, composite(made, file_entries=file, **OF_CIDS))
    made = composite(program(whole), cid_entries=b"/CIDToGIDMap 9 0 R", file_entries=BARE, **by_map)
    yield Odd("compact", "by-map", made)
