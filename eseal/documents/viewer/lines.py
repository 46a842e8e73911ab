"""Letters of a page, read line by line, and digits as far apart as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from eseal.documents.viewer.opened import Box

_HALF: Final = 0.5
_MARKS: Final = frozenset("-+(),.\u2212")
"""What makes a number another one."""
EVEN: Final = "\t"
"""Between digits that are all as far apart, in the boxes of a form for instance."""
_BLANK: Final = 0.12
"""Of the height of a letter: digits that are so much farther apart than others are two numbers."""
_BEARING: Final = 0.35
"""The same of what may be between the ink of digits in one number."""


class Run(NamedTuple):
    """What letters share that are drawn in one go.

    Attributes:
        across, up: the direction in which its line runs; both 0 if it is seen in a mirror.
        base: how high that line is, for one who reads it.
        size: the height of a letter, points.
    """

    across: float
    up: float
    base: float
    size: float


class Letter(NamedTuple):
    """A letter, digit or sign.

    Attributes:
        text: what it is.
        box: around its ink.
        room: what its font gives it; other letters may lean into that, but do not stand there.
        run: what it is drawn in.
    """

    text: str
    box: Box
    room: Box
    run: Run

    @property
    def counts(self) -> bool:
        """Whether without it a word or a number is another one."""
        return self.text in _MARKS or self.text.isalnum()


def read(letters: Sequence[Letter]) -> str:
    """Letters line by line, each from its start, whatever came first in the file."""
    lines = list[list[Letter]]()
    base = size = 0.0
    for letter in sorted(letters, key=lambda each: -each.run.base):
        here, height = letter.run.base, letter.run.size
        if not lines or base - here > _HALF * min(size, height):
            lines.append([])
            base, size = here, height
        lines[-1].append(letter)
    return "\n".join(
        _line(sorted(line, key=lambda each: sum(_along(each.room, each.run)))) for line in lines
    )


def _line(letters: Sequence[Letter]) -> str:
    gaps = {
        index: max(
            _gap(one.room, other.room, one.run), _gap(one.box, other.box, one.run) - _BEARING
        )
        for index, (one, other) in enumerate(pairwise(letters))
        if one.text.isdigit() and other.text.isdigit()
    }
    least = min(gaps.values(), default=0.0)
    found = ""
    for index, letter in enumerate(letters):
        gap = gaps.get(index, 0.0)
        found += letter.text
        if gap > _BLANK:
            found += " " if gap - least > _BLANK else EVEN
    return found


def _gap(one: Box, other: Box, run: Run) -> float:
    """How far a letter is from the one before it, of the height of that."""
    return (_along(other, run)[0] - _along(one, run)[1]) / run.size


def _along(box: Box, run: Run) -> tuple[float, float]:
    """Where in its line a letter starts and ends."""
    left, bottom, right, top = box
    across, up = (
        sorted((left * run.across, right * run.across)),
        sorted((bottom * run.up, top * run.up)),
    )
    return across[0] + up[0], across[1] + up[1]
