"""Whether colours have as many numbers as their space has components (ISO 32000-1 section 8.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from eseal.documents.pdf.language import grammar

PATTERN: Final = -1
"""Instead of a count: a space of patterns."""
UNKNOWN: Final = -2
"""A space that is not known: that of who draws a form."""
_DEVICE: Final = {b"g": 1, b"rg": 3, b"k": 4}
_PAINTED: Final = re.compile(rb"[ \t\r\n]sc|[ \t\r\n]SC")
_LOOKED_BACK: Final = 512
"""So far before an operator its operands are looked for."""

Count = tuple[int, int | None]
"""Components, and the last index of a palette if it is one."""
GRAY: Final[Count] = (1, None)


def odd_colour(data: bytes, spaces: Mapping[bytes, Count], inherited: Count) -> bytes | None:
    """The first colour that does not fit its space; ``None`` if all do.

    Args:
        data: plain contents without strings.
        spaces: the spaces they name.
        inherited: the space they begin with.
    """
    if not _PAINTED.search(data):
        return None
    now = {False: inherited, True: inherited}
    saved: list[dict[bool, Count]] = []
    for match in grammar.PAINTING.finditer(data):
        word = match[0]
        if word == b"q":
            saved.append({**now})
        elif word == b"Q":
            now = saved.pop() if saved else now
        elif word.lower() in _DEVICE:
            now[word.isupper()] = (_DEVICE[word.lower()], None)
        else:
            operands = data[max(0, match.start() - _LOOKED_BACK) : match.start()].split()
            stroke = word.isupper()
            if word.lower() == b"cs":
                now[stroke] = spaces.get(operands[-1].rpartition(b"/")[2], (UNKNOWN, None))
            elif not _fits(operands, now[stroke]):
                return data[max(0, match.start() - 24) : match.end()]
    return None


def _fits(operands: list[bytes], space: Count) -> bool:
    count, last = space
    if count == UNKNOWN:
        return True
    if b"/" in operands[-1]:
        return count == PATTERN
    found: list[bytes] = []
    for operand in reversed(operands):
        if not operand[-1:].isdigit() or operand[:1].isalpha():
            break
        found.append(operand)
    if len(found) != count:
        return False
    return last is None or (found[0].isdigit() and int(found[0]) <= last)
