"""Whether the glyphs of a CFF program are drawn alike by all readers (Adobe technical note 5177).

What an operator has too much of or too little, what is computed, and what no operator means each
reader passes over, guesses or takes for the end. So each glyph is followed as it would be drawn.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eseal.documents.pdf.meaning.desk.desk import Allowance

_STEP: Final = re.compile(
    rb"((?:[\x20-\xf6]|[\xf7-\xfe].|\x1c..|\xff....){0,49}+)(\x0c.|[\x00-\x0b\x0d-\x1b\x1d-\x1f])",
    re.DOTALL,
)
"""Numbers, one more than there may be at most, and what is done with them."""
_NUMBER: Final = re.compile(rb"[\x20-\xf6]|[\xf7-\xfe].|\x1c..|\xff....", re.DOTALL)
_STEMS: Final = frozenset(b"\x01\x03\x12\x17")
_MASKS: Final = frozenset(b"\x13\x14")
_CALLS: Final = frozenset(b"\x0a\x1d")
_RETURN, _END, _GLOBAL, _SHORT = 11, 14, 29, 28
_LAST: Final = frozenset({_RETURN, _END})
"""What may stand behind the end."""
_MOVES: Final = {21: 2, 4: 1, 22: 1}
_BESIDES: Final = {0: 0, 34: 7, 35: 13, 36: 9, 37: 11}
"""How many numbers dots and flexes take, by their second byte."""
_DOTS: Final = 0
_DRAWS: Final = {
    5: (2, 2, {0}),
    6: (1, 1, {0}),
    7: (1, 1, {0}),
    8: (6, 6, {0}),
    24: (8, 6, {2}),
    25: (8, 2, {0}),
    26: (4, 4, {0, 1}),
    27: (4, 4, {0, 1}),
    30: (4, 4, {0, 1}),
    31: (4, 4, {0, 1}),
}
"""How many numbers lines and curves take: at least, and what may be left of a division."""
_OPERATOR: Final = 4
"""How many numbers an operator takes as long as."""
_MOST: Final = 48
"""Numbers at a time."""
_DEEP: Final = 10
"""How deep subroutines may call one another."""
_FAR: Final = 1 << 20
_NEGATIVE: Final = 4
"""From which first byte of two on, from the first such."""
_BIASES: Final = ((1240, 107), (33900, 1131))


def _bias(subroutines: Sequence[bytes]) -> int:
    return next((bias for most, bias in _BIASES if len(subroutines) < most), 32768)


@dataclass
class Follower:
    """Who follows the glyphs of a program.

    Attributes:
        shared: its subroutines for all glyphs.
        allowance: how much of them may be read.
    """

    shared: Sequence[bytes]
    allowance: Allowance

    def follow(self, glyph: bytes, own: Sequence[bytes]) -> None:
        """Follow a glyph.

        Args:
            glyph: its charstring.
            own: the subroutines of its part of the font.

        Raises:
            struct.error: readers may draw it in two ways.
        """
        drawing = _Drawing(self, own)
        drawing.run(glyph, 0)
        if not drawing.is_over:
            raise struct.error("a glyph has no end")


@dataclass
class _Drawing:
    """A glyph that is being drawn."""

    follower: Follower
    own: Sequence[bytes]
    held: int = 0
    """Numbers that wait for an operator."""
    stems: int = 0
    is_wide: bool = False
    """Whether its width has been, or can be no more."""
    is_moved: bool = False
    is_drawn: bool = True
    """Whether something was drawn since the last move."""
    is_over: bool = False

    def run(self, part: bytes, depth: int) -> None:
        """Follow a glyph, or a subroutine, to its end."""
        at = 0
        while at < len(part):
            step = _STEP.match(part, at)
            if step is None:
                raise struct.error("a glyph is cut")
            numbers, done = _NUMBER.findall(step[1]), step[2]
            self._count(len(numbers), done[0])
            at = step.end()
            if done[0] in _MASKS:
                self._take(2 * (self.held // 2))
                at += self.stems + 7 >> 3
                if not self.stems or at > len(part):
                    raise struct.error("a glyph has hints without stems")
            elif done[0] in _CALLS:
                self._call(numbers, done[0], depth)
            elif done[0] == _RETURN:
                if depth and at == len(part):
                    return
                raise struct.error("a glyph returns from nowhere")
            else:
                self._do(done)
        if depth and not self.is_over:
            raise struct.error("a subroutine has no end")

    def _count(self, numbers: int, kind: int) -> None:
        """Put down an operator, and so many numbers before it."""
        self.held += numbers
        self.follower.allowance.take(numbers + _OPERATOR)
        if self.is_over and (numbers or kind not in _LAST):
            raise struct.error("a glyph goes on behind its end")
        if self.held > _MOST:
            raise struct.error("a glyph has too many numbers")

    def _call(self, numbers: Sequence[bytes], kind: int, depth: int) -> None:
        listed = self.follower.shared if kind == _GLOBAL else self.own
        which = whole(numbers[-1]) + _bias(listed) if numbers else -1
        if depth >= _DEEP or not 0 <= which < len(listed):
            raise struct.error("a glyph calls what is not there")
        self.held -= 1
        self.run(listed[which], depth + 1)

    def _do(self, done: bytes) -> None:
        kind = done[0]
        if kind in _STEMS:
            if self.is_moved or not self.held // 2:
                raise struct.error("a glyph has stems that are none")
            self._take(2 * (self.held // 2))
        elif kind in _MOVES:
            if not self.is_drawn:
                raise struct.error("a glyph moves, and draws nothing")
            self._take(_MOVES[kind], stems=False)
            self.is_moved, self.is_drawn = True, False
        elif kind == _END:
            self._take(0)
            self.is_over = True
        else:
            self._draw(done)

    def _draw(self, done: bytes) -> None:
        least, every, left = _DRAWS.get(done[0], (0, 1, set()))
        fits = self.held >= least and self.held % every in left
        if len(done) > 1:
            fits = self.held == _BESIDES.get(done[1])
        if not fits or (not self.is_moved and done[1:] != bytes([_DOTS])):
            raise struct.error("a glyph has an operator that is none, or has not its numbers")
        self.held, self.is_drawn = 0, True

    def _take(self, count: int, *, stems: bool = True) -> None:
        """Take so many numbers, and the width if it was not there yet."""
        if self.held - count not in ({0} if self.is_wide else {0, 1}):
            raise struct.error("a glyph has numbers too many, or too few")
        self.stems += count // 2 if stems else 0
        self.held, self.is_wide = 0, True


def whole(number: bytes) -> int:
    """A whole number of one byte, two or three; far away if it is none."""
    first, rest = number[0], number[1:]
    if first == _SHORT:
        return int.from_bytes(rest, "big", signed=True)
    if not rest:
        return first - 139
    if len(rest) > 1:
        return _FAR
    high = first - 247
    return (high << 8) + rest[0] + 108 if high < _NEGATIVE else (4 - high << 8) - rest[0] - 108
