"""Contents put in order, operator by operator.

Nothing is decided here: what comes out is judged again (:mod:`.law`), and where more was done than
to spell the same thing otherwise, the pages it draws are compared with what they were.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from eseal.documents.pdf.language import grammar, law
from eseal.documents.pdf.language.inline import SEARCHED, inline_image
from eseal.documents.pdf.language.positions import Positions
from eseal.documents.pdf.language.tokens import Tokens

_PAINTS: Final = frozenset({b"n", b"f", b"F", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*"})
_BEGINS: Final = frozenset({b"m", b"re"})
_PATH: Final = _BEGINS | {b"l", b"c", b"v", b"y", b"h"}
_CLIPS: Final = frozenset({b"W", b"W*"})
_SHOWS: Final = frozenset({b"Td", b"TD", b"Tm", b"T*", b"Tj", b"TJ", b"'"})
"""Operators of text objects only."""
_OUTSIDE: Final = frozenset({b"q", b"Q", b"Do", b"sh", b"BI"})
"""Operators that must not stand in text objects."""
_KEEPS_PATH: Final = _PATH | _CLIPS | _PAINTS | grammar.STATES
_COLOURS: Final = frozenset({b"g", b"G", b"rg", b"RG", b"k", b"K", b"cs", b"CS", b"sc", b"SC",
                             b"scn", b"SCN", b"sh"})  # fmt: skip
_WIDTHS: Final = frozenset({b"d0", b"d1"})

Named = tuple[bytes, bytes]
"""A name with the operator that takes it."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """Contents put in order.

    Attributes:
        data: the contents.
        doubt: the first thing that has not one plain meaning, in words; empty if all has.
    """

    data: bytes
    doubt: str


def repaired(
    data: bytes,
    *,
    glyph: bool = False,
    colours: bool = True,
    without: AbstractSet[Named] = frozenset(),
) -> Repaired:
    """Contents in order.

    Args:
        data: contents, decoded; of a page, all its streams.
        glyph: whether they are those of a Type 3 glyph.
        colours: whether they may set colours; else what does is left out.
        without: operators that are left out.
    """
    repair = _Repair(data, glyph=glyph, colours=colours, without=without)
    return Repaired(repair.run(), repair.tokens.doubt)


class _Repair:
    """One run over contents. Operands that no operator takes at the end count for nothing."""

    def __init__(
        self, data: bytes, *, glyph: bool, colours: bool, without: AbstractSet[Named]
    ) -> None:
        self.tokens = Tokens(data)
        self.out: list[bytes] = []
        self.path: list[bytes] = []
        self.clip: list[bytes] = []
        self.depth = self.marks = self.compatible = 0
        self.in_text = False
        self.positions = Positions()
        self._widths = _WIDTHS if glyph else frozenset[bytes]()
        self._without = without
        self._colours = colours

    def run(self) -> bytes:
        operands: list[bytes] = []
        while (match := self.tokens.next()) is not None:
            if self.tokens.is_operand(match):
                operands.append(self.tokens.operand(match))
            else:
                self._operator(match[0], operands, match.start())
                operands = []
        self._end_path(b"n")
        self._end_text()
        if self.marks:
            self.tokens.doubted("expected EMC", len(self.tokens.data))
        return b"\n".join([*self.out, *[b"EMC"] * self.marks, *[b"Q"] * self.depth])

    def _operator(self, word: bytes, operands: list[bytes], start: int) -> None:
        if word in {b"BX", b"EX"} and not operands:
            self.compatible += 1 if word == b"BX" else -1
        elif word == b"BI" and not operands:
            self._leave_text(word, start)
            self._image(start)
        elif word in self._widths and not self.out:
            self.out.append(b" ".join([*operands, word]))
        elif word == b'"' and grammar.fits(word, operands):
            for one, each in ((b"Tw", operands[:1]), (b"Tc", operands[1:2]), (b"'", operands[2:])):
                self._operator(one, each, start)
        else:
            given = self._given(word, operands, start)
            if given is not None and self._is_wanted(word, given, start):
                self._place(word, given, start)

    def _given(self, word: bytes, operands: list[bytes], start: int) -> list[bytes] | None:
        """The operands an operator takes, the last ones; ``None`` if it is left out."""
        if word not in grammar.OPERANDS:
            if self.compatible <= 0:
                self.tokens.doubted("expected an operator", start)
            return None
        count = grammar.OPERANDS[word][0] or len(operands)
        if not grammar.fits(word, operands[-count:]) or not law.is_known(word, operands):
            self.tokens.doubted(f"expected operands of {word.decode()}", start)
            return None
        if len(operands) > count:
            self.tokens.doubted(f"expected {count} operands", start)
        return operands[-count:]

    def _is_wanted(self, word: bytes, operands: list[bytes], start: int) -> bool:
        named = (operands[0] if word == b"Tf" else operands[-1]) if operands else b""
        if (named, word) in self._without:
            return False
        if word in _COLOURS and not self._colours:
            self.tokens.doubted("expected no colours", start)
            return False
        return True

    def _place(self, word: bytes, operands: list[bytes], start: int) -> None:
        """Put an operator where it may stand."""
        line = b" ".join([*operands, word])
        if self.path and word not in _KEEPS_PATH:
            self.tokens.doubted("a path that is not painted", start)
        if word in _PATH or word in _CLIPS:
            self._draw(word, line, start)
        elif word in _PAINTS:
            if self.path or not self.in_text:
                self._end_path(word)
        elif word in {b"BT", b"ET"}:
            if word == b"BT" and self.in_text:
                self.tokens.doubted("text inside text", start)
            self._end_text()
            if word == b"BT":
                self.in_text = True
                self.out.append(line)
                self.positions.begin()
        elif word == b"Q" and not self.depth:
            self.tokens.doubted("expected as many q as Q", start)
        elif word == b"EMC" and not self.marks:
            self.tokens.doubted("expected as many BMC as EMC", start)
        else:
            self._leave_text(word, start)
            self._count(word)
            self.positions.moved(word, operands)
            self.out.append(line)

    def _leave_text(self, word: bytes, start: int) -> None:
        """End text before what must not stand in it, and go on with it where it is shown."""
        if word in _OUTSIDE and self.in_text:
            self.tokens.doubted("text that is not ended", start)
            self._end_text()
        elif word in _SHOWS and not self.in_text:
            self.tokens.doubted("text outside of text", start)
            self.in_text = True
            self.out += [b"BT", *self.positions.again()]

    def _count(self, word: bytes) -> None:
        self.depth += {b"q": 1, b"Q": -1}.get(word, 0)
        self.marks += {b"BMC": 1, b"BDC": 1, b"EMC": -1}.get(word, 0)

    def _draw(self, word: bytes, line: bytes, start: int) -> None:
        """Keep a path until it is painted: what stands between is drawn before it."""
        if word in _CLIPS and self.path:
            self.clip = [line]
        elif word in _BEGINS or (self.path and word in _PATH):
            self.path.append(line)
        elif word != b"h":
            self.tokens.doubted("a path without start", start)

    def _end_path(self, word: bytes) -> None:
        if self.path or word != b"n":
            self.out += [*self.path, *self.clip, word]
        self.path, self.clip = [], []

    def _end_text(self) -> None:
        if self.in_text:
            self.out.append(b"ET")
        self.in_text = False

    def _image(self, start: int) -> None:
        data = self.tokens.data
        image = inline_image(data, start) or inline_image(data, start, strict=False)
        if image is not None:
            self.out.append(data[start : image.data_end] + b"\nEI")
            self.tokens.position = image.end
            return
        self.tokens.doubted("an inline image whose end is not sure", start)
        found = SEARCHED.search(data, start)
        self.tokens.position = found.end() if found else len(data)
