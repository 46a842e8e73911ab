"""Whether the glyphs of a Type 1 program are drawn alike by all readers (Type 1 Font Format, 6).

What PostScript would compute for a glyph readers know by heart, or not at all: what stays is what
every program uses, curves that are nearly flat and hints that take the place of others.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts.charstrings import whole

_STEP: Final = re.compile(
    rb"((?:[\x20-\xf6]|[\xf7-\xfe].|\xff....){0,25}+)(\x0c.|[\x00-\x0b\x0d-\x1f])", re.DOTALL
)
_NUMBER: Final = re.compile(rb"[\x20-\xf6]|[\xf7-\xfe].|\xff....", re.DOTALL)
_STEMS: Final = {b"\1": 2, b"\3": 2, b"\x0c\1": 6, b"\x0c\2": 6, b"\x0c\0": 0, b"\x0f": 2}
"""Hints, and an operator of old programs that all readers pass over."""
_WIDTHS: Final = {b"\x0d": 2, b"\x0c\7": 4}
_MOVES: Final = {b"\x04": 1, b"\x15": 2, b"\x16": 1}
_DRAWS: Final = {b"\5": 2, b"\6": 1, b"\7": 1, b"\x08": 6, b"\x1e": 4, b"\x1f": 4}
_CLOSE, _CALL, _RETURN, _END = b"\x09", b"\x0a", b"\x0b", b"\x0e"
_ACCENTED, _OF_ACCENTED = b"\x0c\6", 5
_DIVIDE, _OTHER = b"\x0c\x0c", b"\x0c\x10"
_HINTS: Final = b"\x8c\x8e\x0c\x10\x0c\x11\x0a"
"""1 3 callothersubr pop callsubr: hints are in a subroutine."""
_IN_PLACE, _OF_HINTS = _HINTS[4:], [_HINTS[:1], _HINTS[1:2]]
_BENT: Final = {
    b"\x8e\x8b\x0c\x10\x0c\x11\x0c\x11\x0c\x21\x0b": 0,
    b"\x8b\x8c\x0c\x10\x0b": 1,
    b"\x8b\x8d\x0c\x10\x0b": 2,
}
"""The end of a nearly flat curve, its beginning, and each of its seven points (section 8.3)."""
_POINTS, _OF_END = 7, 3
_MOST: Final = 24
"""Numbers at a time."""
_DEEP: Final = 10
_OPERATOR: Final = 4
"""How many numbers an operator takes as long as."""


@dataclass
class Outline:
    """A glyph that is followed as it would be drawn.

    Attributes:
        subroutines: those of its program.
        allowance: how much may be read.
        held: numbers that wait for an operator.
        bent: points of a nearly flat curve so far; -1 outside of one.
        is_begun: whether its width was there.
        is_moved: whether an outline has been begun.
        is_over: whether it has ended.
        made_of: the codes of two glyphs that it is made of, letter and accent, if it is.
        called: the subroutines that it takes.
    """

    subroutines: Mapping[int, bytes]
    allowance: Allowance
    held: int = 0
    bent: int = -1
    is_begun: bool = False
    is_moved: bool = False
    is_over: bool = False
    made_of: Sequence[int] = ()
    called: set[int] = field(default_factory=set)

    def run(self, part: bytes, depth: int = 0) -> None:
        """Follow a glyph, or a subroutine, to its end.

        Raises:
            struct.error: readers may draw it in two ways.
        """
        at = 0
        while at < len(part):
            step = _STEP.match(part, at)
            if step is None or (self.is_over and step[0] != _RETURN):
                raise struct.error("a glyph is cut, or goes on behind its end")
            numbers, done, at = _NUMBER.findall(step[1]), step[2], step.end()
            self.held += len(numbers)
            self.allowance.take(len(numbers) + _OPERATOR)
            if self.held > _MOST:
                raise struct.error("a glyph has too many numbers")
            if done == _OTHER and numbers[-2:] == _OF_HINTS and part.startswith(_IN_PLACE, at):
                at += len(_IN_PLACE)
                self.held -= 2
                self._call(numbers[:-2], depth)
            elif done == _CALL:
                self._call(numbers, depth)
            elif done == _RETURN and depth and at == len(part):
                return
            else:
                self._do(done, numbers)
        if not self.is_over:
            raise struct.error("a glyph, or a part of one, has no end")

    def _call(self, numbers: Sequence[bytes], depth: int) -> None:
        part = self.subroutines.get(whole(numbers[-1])) if numbers else None
        if part is None or depth >= _DEEP:
            raise struct.error("a glyph calls what is not there")
        self.called.add(whole(numbers[-1]))
        self.held -= 1
        if part == _HINTS + _RETURN:
            self._call(numbers[:-1], depth + 1)
        elif part in _BENT:
            self._bend(_BENT[part])
        else:
            self.run(part, depth + 1)

    def _bend(self, kind: int) -> None:
        """Begin a nearly flat curve, take a point of it, or end it."""
        before = {0: _POINTS, 1: -1}.get(kind, max(self.bent, 0))
        if self.bent != before or self.held != (0 if kind else _OF_END):
            raise struct.error("a glyph has a curve that is none")
        self.bent = {0: -1, 1: 0}.get(kind, self.bent)
        self.held = 0

    def _do(self, done: bytes, numbers: Sequence[bytes]) -> None:
        if done == _DIVIDE and self.held > 1 and numbers[-1:] not in ([], [b"\x8b"]):
            self.held -= 1
            return
        if done == _ACCENTED and self.is_begun and not self.is_moved:
            done, self.made_of = _END, [whole(each) for each in numbers[-2:]]
            self.held -= _OF_ACCENTED
        takes = {_CLOSE: 0, _END: 0, **_STEMS, **_MOVES, **_DRAWS}.get(done)
        if not self.is_begun:
            takes, self.is_begun = _WIDTHS.get(done), True
        if takes != self.held or (self.bent >= 0 and done not in _MOVES):
            raise struct.error("a glyph has an operator that is none, or has not its numbers")
        if done in _DRAWS and not self.is_moved:
            raise struct.error("a glyph draws from nowhere")
        if done in _MOVES:
            self.bent += self.bent >= 0
            self.is_moved = True
        self.held, self.is_over = 0, done == _END
