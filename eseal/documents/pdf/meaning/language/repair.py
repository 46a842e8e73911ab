"""Contents put in order where their meaning is plain, token by token.

Nothing is decided here: what comes out is judged again (:mod:`.law`). Comments go, strings with
inner brackets become hexadecimal, numbers are spelled as the grammar has them, compatibility
brackets go, and what is left open at the end is closed, as all readers do.
"""

from __future__ import annotations

import re
from typing import Final

from eseal.documents.pdf.meaning.language import grammar
from eseal.documents.pdf.meaning.language.inline import inline_image
from eseal.documents.pdf.meaning.language.law import OddContentsError

_MAX_DEPTH: Final = 16
"""Of arrays and dictionaries; of brackets in strings."""
_MAX_NUMBER: Final = 1e9
_DIGITS: Final = 30
_LAST_CODE: Final = 0xFF
_END: Final = rb"(?=[\0\t\n\f\r ()<>\[\]/%]|\Z)"
_TOKEN: Final = re.compile(
    rb"(?P<space>[\0\t\n\f\r ]+|%[^\r\n]*)"
    rb"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)" + _END + rb")"
    rb"|(?P<name>/[^\0\t\n\f\r ()<>\[\]/%{}]+)"
    rb"|(?P<hex><[0-9A-Fa-f\0\t\n\f\r ]*>)"
    rb"|(?P<text>\()"
    rb"|(?P<open><<|\[)"
    rb"|(?P<close>>>|\])"
    rb"|(?P<word>[A-Za-z'\"][A-Za-z0-9*]*" + _END + rb")"
)
_STRING_PART: Final = re.compile(rb"[^()\\\r]+|\\(?:[0-7]{1,3}|\r\n|.)|[()]", re.DOTALL)
_LITERAL: Final = re.compile(grammar.LITERAL.encode("latin-1"))
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_PAINTS: Final = frozenset({b"n", b"f", b"F", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*"})
_BEGINS: Final = frozenset({b"m", b"re"})
_STARTS: Final = {b"BT": True, b"ET": False}
_COMPATIBILITY: Final = frozenset({b"BX", b"EX"})
_REGULAR: Final = frozenset(range(0x21, 0x7F)) - frozenset(b"#%()/<>[]{}")
_CONSTANTS: Final = frozenset({b"true", b"false"})
_TWO: Final = 2


def repaired(data: bytes) -> bytes:
    """Contents in order.

    Args:
        data: contents, decoded; of a page, all its streams.

    Raises:
        OddContentsError: they hold what cannot be put in order.
    """
    return _Repair(data).run()


class _Repair:
    """One run over contents. Operands that no operator takes at the end count for nothing."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.out: list[bytes] = []
        self.operands: list[bytes] = []
        self.depth = 0
        self.in_text = self.in_path = False

    def run(self) -> bytes:
        while self.position < len(self.data):
            match = self._next()
            match match.lastgroup:
                case "word" if match[0] not in _CONSTANTS:
                    self._operator(match[0], match.start())
                case "space":
                    pass
                case _:
                    self.operands.append(self._value(match, 0))
        closing = [b"n"] * self.in_path + [b"ET"] * self.in_text + [b"Q"] * self.depth
        return b"\n".join([*self.out, *closing])

    def _next(self) -> re.Match[bytes]:
        match = _TOKEN.match(self.data, self.position)
        if match is None:
            raise self._odd("expected drawing", self.position)
        self.position = match.end()
        return match

    def _operator(self, word: bytes, start: int) -> None:
        operands, self.operands = self.operands, []
        if word == b"BI" and not operands:
            self._image(start)
            return
        if not operands and self._idle(word):
            return
        if word == b'"' and len(operands) == 3:  # noqa: PLR2004  table 109
            self.out += [operands[0] + b" Tw", operands[1] + b" Tc"]
            operands, word = operands[2:], b"'"
        self.depth += {b"q": 1, b"Q": -1}.get(word, 0)
        self.in_text = _STARTS.get(word, self.in_text)
        self.in_path = word in _BEGINS or (self.in_path and word not in _PAINTS)
        self.out.append(b" ".join([*operands, word]))

    def _idle(self, word: bytes) -> bool:
        """Whether an operator without operands does nothing: readers pass over it."""
        return (
            word in _COMPATIBILITY
            or (word == b"ET" and not self.in_text)
            or (word == b"h" and not self.in_path)
        )

    def _image(self, start: int) -> None:
        image = inline_image(self.data, start) or inline_image(self.data, start, strict=False)
        if image is None:
            raise self._odd("an inline image whose end is not sure", start)
        self.out.append(self.data[start : image.data_end] + b"\nEI")
        self.position = image.end

    def _value(self, match: re.Match[bytes], depth: int) -> bytes:
        """An operand in canonical spelling."""
        token = match[0]
        match match.lastgroup:
            case "number":
                return self._number(token)
            case "name":
                return _name(token)
            case "hex":
                return b"".join(token.translate(None, b"\0").split())
            case "text":
                return self._text(match.start())
            case "word" if token in _CONSTANTS:
                return token
            case "open" if depth < _MAX_DEPTH:
                return self._several(b"]" if token == b"[" else b">>", token, depth)
            case _:
                raise self._odd("expected an operand", match.start())

    def _several(self, closing: bytes, opening: bytes, depth: int) -> bytes:
        items: list[bytes] = []
        while True:
            match = self._next()
            if match[0] == closing:
                break
            if match.lastgroup != "space":
                items.append(self._value(match, depth + 1))
        keys = items[::_TWO]
        if opening == b"<<" and (len({*keys}) != len(keys) or len(items) % _TWO):
            raise self._odd("a dictionary with a key twice, or without its value", self.position)
        return opening + b" ".join(items) + closing

    def _number(self, token: bytes) -> bytes:
        if abs(float(token)) >= _MAX_NUMBER:
            raise self._odd("a number too large for some readers", self.position)
        sign = b"-" if token.startswith(b"-") else b""
        integer, _, fraction = token.lstrip(b"+-").partition(b".")
        fraction = fraction[:_DIGITS].rstrip(b"0")
        whole = integer.lstrip(b"0") or b"0"
        return sign + whole + (b"." + fraction if fraction else b"")

    def _text(self, start: int) -> bytes:
        plain = _LITERAL.match(self.data, start)
        if plain is not None:
            self.position = plain.end()
            return plain[0]
        parts: list[bytes] = []
        depth = 1
        while True:
            match = _STRING_PART.match(self.data, self.position)
            if match is None:
                raise self._odd("a string with a bare line end, or without its end", start)
            self.position = match.end()
            part = match[0]
            depth += {b"(": 1, b")": -1}.get(part, 0)
            if depth == 0 or depth > _MAX_DEPTH:
                break
            parts.append(_unescaped(part) if part.startswith(b"\\") else part)
        if depth:
            raise self._odd("a string with too many brackets", start)
        return b"<" + b"".join(parts).hex().encode() + b">"

    def _odd(self, what: str, position: int) -> OddContentsError:
        found = self.data[position : position + _DIGITS]
        return OddContentsError(f"{what}, got {found!r} at byte {position}")


def _name(token: bytes) -> bytes:
    """A name with what is not regular escaped, and an escape that is none taken as it stands."""
    decoded = re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), token)
    if b"\0" in decoded:
        raise OddContentsError(f"expected a name without zero byte, got {token[:_DIGITS]!r}")
    return b"/" + b"".join(
        bytes([byte]) if byte in _REGULAR else b"#%02x" % byte for byte in decoded[1:]
    )


def _unescaped(part: bytes) -> bytes:
    """An escape sequence (table 3)."""
    rest = part[1:]
    if rest.isdigit() and rest[:1] < b"8":
        if int(rest, 8) > _LAST_CODE:
            raise OddContentsError(f"expected an escape of one byte, got {part!r}")
        return bytes([int(rest, 8)])
    if rest in {b"\n", b"\r", b"\r\n"}:
        return b""
    return _ESCAPES.get(rest, rest)
