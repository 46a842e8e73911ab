"""Where text goes on (ISO 32000-1 section 9.4.2), for text that is taken up again."""

from __future__ import annotations

from typing import Final

_START: Final[tuple[float, ...]] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_SIZE: Final = 6


class Positions:
    """The matrix of the line of text, as operators move it.

    How far a line has come is not known: fonts would have to be measured.
    """

    def __init__(self) -> None:
        self._line = _START
        self._leading = 0.0
        self._saved: list[tuple[tuple[float, ...], float]] = []

    def begin(self) -> None:
        """Text begins."""
        self._line = _START

    def again(self) -> list[bytes]:
        """What puts text back to where it was; nothing at the start."""
        if self._line == _START:
            return []
        return [" ".join([*(f"{part:.6f}" for part in self._line), "Tm"]).encode()]

    def moved(self, word: bytes, operands: list[bytes]) -> None:
        """Follow an operator."""
        match word:
            case b"q":
                self._saved.append((self._line, self._leading))
            case b"Q" if self._saved:
                self._line, self._leading = self._saved.pop()
            case b"TL":
                self._leading = float(operands[0])
            case b"Tm":
                self._line = tuple(map(float, operands))
            case b"Td" | b"TD":
                across, up = map(float, operands)
                self._leading = -up if word == b"TD" else self._leading
                self._move(across, up)
            case b"T*" | b"'":
                self._move(0.0, -self._leading)

    def _move(self, across: float, up: float) -> None:
        a, b, c, d, e, f = self._line
        self._line = a, b, c, d, e + across * a + up * c, f + across * b + up * d
