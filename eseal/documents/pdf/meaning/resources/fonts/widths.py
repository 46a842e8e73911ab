"""Widths of glyphs (ISO 32000-1 sections 9.6.2 and 9.7.4.3) that move text alike in all readers.

What stands behind a glyph moves with its width: one that is read in two ways shows a text in one
reader, and only its beginning in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pikepdf import Array

from eseal.documents.pdf.meaning.desk.values import array, dictionary, number, numbers, whole

_LAST: Final = 255
_CODES: Final = frozenset(range(_LAST + 1))
_LAST_CID: Final = 0xFFFF
_MOST: Final = 32_767
"""Thousandths: PDFium keeps widths in 16 bits, and takes negative ones for another."""
_UPRIGHT: Final = 3
"""Numbers of a glyph in vertical text: its height, and where it begins."""


def put_in_order(font: Any) -> frozenset[int]:
    """Cut the widths of a simple font to its codes.

    Poppler, MuPDF and PDFium read them up to ``/LastChar``, pdf.js reads all.

    Returns:
        The codes whose width is none: some programs have -1 for what they do not use.
    """
    missing = dictionary(font.get("/FontDescriptor")).get("/MissingWidth", 0)
    doubtful = set[int]() if _is_width(missing) else {*_CODES}
    if "/Widths" not in font:
        return frozenset(doubtful)
    widths = numbers(font.get("/Widths"))
    first = whole(font.get("/FirstChar", 0))
    if widths is None or first is None:
        return _CODES
    last = whole(font.get("/LastChar", first + len(widths) - 1))
    if last is None or not 0 <= first <= last <= _LAST:
        return _CODES
    if len(widths) > last - first + 1:
        font.Widths = Array([*font.Widths][: last - first + 1])
    font.FirstChar, font.LastChar = first, last
    for code, width in enumerate(widths[: last - first + 1], first):
        (doubtful.discard if 0 <= width <= _MOST else doubtful.add)(code)
    return frozenset(doubtful)


def is_plain(descendant: Any) -> bool:
    """Whether a composite font tells each width once, and all can be read."""
    usual = numbers(descendant.get("/DW2", Array([880, -1000])))
    return (
        _is_width(descendant.get("/DW", 1000))
        and usual is not None
        and len(usual) == _UPRIGHT - 1
        and all(abs(each) <= _MOST for each in usual)
        and _tells_once(descendant.get("/W"), 1, 0)
        and _tells_once(descendant.get("/W2"), _UPRIGHT, -_MOST)
    )


def length(descendant: Any) -> int:
    """How many items the widths of a composite font have, more or less: what it takes to read."""
    return sum(
        1 + (len(each) if isinstance(each, Array) else 0)
        for key in ("/W", "/W2")
        for each in array(descendant.get(key))
    )


def _is_width(value: Any) -> bool:
    width = number(value)
    return width is not None and 0 <= width <= _MOST


def _tells_once(value: Any, size: int, least: int) -> bool:
    """Whether a list of so many numbers a glyph is plain, and no glyph has two of them."""
    if value is None:
        return True
    if not isinstance(value, Array):
        return False
    told = []
    for first, last, each in _told(array(value), size):
        if not 0 <= first <= last <= _LAST_CID or len(each) != size:
            return False
        if not all(least <= one <= _MOST for one in each):
            return False
        told.append((first, last, each))
    before: tuple[int, tuple[float, ...]] = -1, ()
    for first, last, each in sorted(told):
        if first <= before[0] and each != before[1]:
            return False
        before = max(last, before[0]), each
    return True


def _told(items: list[Any], size: int) -> Iterator[tuple[int, int, tuple[float, ...]]]:
    """First and last glyph, and their numbers; none for what is not as it should be."""
    at = 0
    while at < len(items):
        first = items[at]
        listed = numbers(items[at + 1]) if at + 1 < len(items) else None
        if type(first) is int and listed is not None:
            for place in range(0, len(listed), size):
                cid = first + place // size
                yield cid, cid, tuple(listed[place : place + size])
            at += 2
            continue
        found = numbers(Array(items[at : at + 2 + size]))
        if found is None or len(found) != 2 + size or not all(map(float.is_integer, found[:2])):
            yield 0, 0, ()
            return
        yield int(found[0]), int(found[1]), tuple(found[2:])
        at += 2 + size
