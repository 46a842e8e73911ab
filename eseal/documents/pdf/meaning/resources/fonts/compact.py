"""Whether a CFF program can be read in one way only (Adobe technical note 5176).

Two fonts in one, glyphs that take their parts from either of two places, numbers that lead to one
glyph here and to another one there: each reader goes by what it meets first, or last.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import charstrings, sfnt
from eseal.documents.pdf.meaning.resources.fonts.charstrings import Follower

_TABLES: Final = b"OTTO"
_HEAD: Final = b"\1\0\4"
KINDS: Final = (_TABLES, b"\1\0")
"""What such programs begin with."""
_TOKEN: Final = re.compile(
    rb"([\x20-\xf6]|[\xf7-\xfe].|\x1c..|\x1d....)|(\x1e(?:[^\x0f-\xff]|[\x10-\xef](?<![%b])){0,20}+"
    rb"(?:[%b]|[\xf0-\xff]))|(\x0c.|[\x00-\x0b\x0d-\x15])"
    % ((b"".join(b"\\x%xf" % high for high in range(16)),) * 2),
    re.DOTALL,
)
"""A number, one with a point, or what the numbers are of."""
_LONG, _REAL, _TWO_BYTES = 29, 30, 12 << 8
_LETTERS: Final = (*"0123456789", ".", "E", "E-", "?", "-")
"""Of half bytes."""
_CHARSET, _GLYPHS, _PRIVATE, _SUBRS = 15, 17, 18, 19
_MATRIX, _KIND, _ROS, _PARTS, _SELECT = (_TWO_BYTES | each for each in (7, 6, 30, 36, 37))
_KNOWN: Final = frozenset({*range(6), 13, 14, _CHARSET, 16, _GLYPHS, _PRIVATE}) | {
    _TWO_BYTES | each for each in (*range(9), *range(20, 24), *range(30, 39))
}
"""What the dictionary of a font may say (tables 9 and 10)."""
_NECESSARY: Final = frozenset({b"CFF ", b"head", b"hhea", b"hmtx", b"maxp"})
_SIZES: Final = range(1, 4 + 1)
_NUMBERS: Final = ("registry", "ordering", "supplement")
_PREDEFINED: Final = {(0,), (1,), (2,)}
_UNITS: Final = 18
"""Where table head says how many units the font's size has."""
_THOUSAND: Final = (0.001, 0.0, 0.0, 0.001, 0.0, 0.0)
_SMALLEST, _LARGEST = 1 / 16384, 1 / 16
_ONE: Final = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_IN_RANGES: Final = 3
_LONG_AS: Final = 4
"""How many numbers a subroutine takes as long as, before it is called."""
_MOST_PARTS: Final = 256
_NEAR: Final = 1e-4
"""Part by which a matrix may be off: makers round it."""

_Entries = Mapping[int, tuple[float, ...]]


def check(program: bytes, allowance: Allowance) -> None:
    """Whether a CFF program, in tables or bare, and each of its glyphs can be read in one way.

    Raises:
        struct.error, ValueError, IndexError: it cannot; says why.
    """
    data, units, count = _in_tables(program) if program.startswith(_TABLES) else (program, 0, -1)
    top, shared = _top(data)
    glyphs, _ = _listed(data, _place(top, _GLYPHS))
    if count not in {-1, len(glyphs)}:
        raise struct.error("it has not the glyphs that it says")
    parts, chosen = [top], bytes(len(glyphs))
    if _ROS in top:
        ids = _ids(data, _place(top, _CHARSET), len(glyphs))
        if units and ids != [*range(len(glyphs))]:
            raise struct.error("its glyphs have numbers of two kinds")
        parts = [_entries(each) for each in _listed(data, _place(top, _PARTS))[0]]
        chosen = _chosen(data, _place(top, _SELECT), len(glyphs))
    elif top.get(_CHARSET, (0,)) not in _PREDEFINED:
        _ids(data, _place(top, _CHARSET), len(glyphs))
    if len(parts) > _MOST_PARTS or max(chosen) >= len(parts):
        raise struct.error("a glyph is in no part of it")
    _check_sizes(top, parts, units)
    follower, own = Follower(shared, allowance), []
    for part in parts:
        own.append(_subroutines(data, part))
        allowance.take(_LONG_AS * len(own[-1]))
    for glyph, place in zip(glyphs, chosen, strict=True):
        follower.follow(glyph, own[place])


def _in_tables(program: bytes) -> tuple[bytes, int, int]:
    """The program within tables, the units of the font's size, and how many glyphs they say."""
    tables = sfnt.read(program)
    if not tables.keys() >= _NECESSARY or b"glyf" in tables:
        raise struct.error("it has other outlines than it says, or two")
    (units,) = struct.unpack_from(">H", tables[b"head"][1], _UNITS)
    return tables[b"CFF "][1], max(units, 1), sfnt.count(program)


def _top(data: bytes) -> tuple[_Entries, list[bytes]]:
    """What its one font says, and the subroutines of all glyphs."""
    if not data.startswith(_HEAD) or data[len(_HEAD)] not in _SIZES:
        raise struct.error("it is of an unusual version")
    names, at = _listed(data, len(_HEAD) + 1)
    tops, at = _listed(data, at)
    strings, at = _listed(data, at)
    shared, _ = _listed(data, at)
    if any(b"\0" in each for each in strings):
        # To FreeType a name ends there, and is the one of another glyph.
        raise struct.error("a name of it ends in the middle")
    if len(names) != 1 or len(tops) != 1:
        raise struct.error("it has not one font")
    top = _entries(tops[0])
    if (
        not top.keys() <= _KNOWN
        or top.get(_KIND, (2,)) != (2,)
        or len(top.get(_ROS, _NUMBERS)) != len(_NUMBERS)
    ):
        raise struct.error("it is of an unusual kind")
    return top, shared


def _listed(data: bytes, at: int) -> tuple[list[bytes], int]:
    """A list (section 5), and where it ends."""
    (count,) = struct.unpack_from(">H", data, at)
    if not count:
        return [], at + 2
    size = data[at + 2]
    start = at + 2 + (count + 1) * size
    places = [
        int.from_bytes(data[place : place + size], "big")
        for place in range(at + 3, start + 1, size or 1)
    ]
    end = start + places[-1]
    if len(places) != count + 1 or places[0] != 1 or sorted(places) != places or end > len(data):
        raise struct.error("one of its lists is out of order, or cut")
    return [data[start + one : start + two] for one, two in pairwise(places)], end


def _entries(data: bytes) -> _Entries:
    """A dictionary (section 4)."""
    found: dict[int, tuple[float, ...]] = {}
    numbers: list[float] = []
    at = 0
    while token := _TOKEN.match(data, at):
        at = token.end()
        if token[3] is None:
            numbers.append(_number(token[1] or token[2]))
            continue
        key = int.from_bytes(token[3], "big")
        if key in found:
            raise struct.error("it says something twice")
        found[key], numbers = tuple(numbers), []
    if numbers or at < len(data):
        raise struct.error("a dictionary of it is broken")
    return found


def _number(token: bytes) -> float:
    if token[0] == _LONG:
        return int.from_bytes(token[1:], "big", signed=True)
    if token[0] != _REAL:
        return charstrings.whole(token)
    written, _, _ = token[1:].hex().partition("f")
    return float("".join(_LETTERS[int(each, 16)] for each in written))


def _place(entries: _Entries, key: int) -> int:
    (place,) = entries.get(key, (-1,))
    if type(place) is not int or place <= 0:
        raise struct.error("it does not say where something is")
    return place


def _ids(data: bytes, at: int, count: int) -> list[int]:
    """The numbers that glyphs are asked for by (section 13)."""
    kind, at = data[at], at + 1
    found = [0]
    if kind == 0:
        found += struct.unpack_from(f">{count - 1}H", data, at)
    form = {1: ">HB", 2: ">HH"}.get(kind, "")
    while form and len(found) < count:
        first, more = struct.unpack_from(form, data, at)
        found += range(first, first + more + 1)
        at += struct.calcsize(form)
    if len(found) != count or len({*found}) != count:
        raise struct.error("its glyphs have no numbers of their own")
    return found


def _chosen(data: bytes, at: int, count: int) -> bytes:
    """The part that each glyph is in (section 19)."""
    kind, found = data[at], data[at + 1 : at + 1 + count]
    if kind == _IN_RANGES:
        (ranges,) = struct.unpack_from(">H", data, at + 1)
        told = [*struct.iter_unpack(">HB", data[at + 3 : at + 3 + 3 * ranges])]
        last = struct.unpack_from(">H", data, at + 3 + 3 * ranges)
        spans = [*pairwise([first for first, _ in told] + [*last])]
        if told[0][0] or any(one >= two for one, two in spans):
            raise struct.error("its glyphs are in two parts, or none")
        parts = zip(told, spans, strict=True)
        found = b"".join(bytes([part]) * (two - one) for (_, part), (one, two) in parts)
    if kind not in {0, _IN_RANGES} or len(found) != count:
        raise struct.error("its glyphs are in two parts, or none")
    return found


def _check_sizes(top: _Entries, parts: Sequence[_Entries], units: int) -> None:
    """Whether all glyphs have the font's size, upright and where they are drawn."""
    for part in parts:
        told = {each[_MATRIX] for each in (top, part) if _MATRIX in each}
        (scale,) = {each for each in told if not _is_near(each, _ONE)} or {_THOUSAND}
        one = 1 / units if units else scale[0]
        size = one, 0.0, 0.0, one, 0.0, 0.0
        if not _is_near(scale, size) or not _SMALLEST <= one <= _LARGEST:
            raise struct.error("its glyphs are of another size")


def _is_near(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) <= _NEAR * abs(b) for a, b in zip(one, other, strict=True)
    )


def _subroutines(data: bytes, part: _Entries) -> list[bytes]:
    """The subroutines of a part of a font."""
    if _PRIVATE not in part:
        return []
    size, at = part[_PRIVATE]
    if type(size) is not int or type(at) is not int or not 0 <= at <= at + size <= len(data):
        raise struct.error("a part of it is cut")
    own = _entries(data[at : at + size])
    return _listed(data, at + _place(own, _SUBRS))[0] if _SUBRS in own else []
