"""Contents taken apart into operands and operators, each in canonical spelling.

What the standard does not know is read as PDFium reads it, and said to be doubtful: the pages it
draws are compared with what they were (:mod:`eseal.documents.pdf.readying.repairs`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final

from eseal.documents.pdf.language import grammar

_MAX_DEPTH: Final = 16
"""Of arrays and dictionaries; of brackets in strings."""
_MAX_NUMBER: Final = 1e9
MAX_NAME: Final = 126
"""Bytes of a name; MuPDF differs from 127 on."""
_DIGITS: Final = 30
_SHOWN: Final = 30
_TOKEN: Final = re.compile(
    rb"(?P<space>[\0\t\n\f\r ]+|%[^\r\n]*)"
    rb"|(?P<name>/[^\0\t\n\f\r ()<>\[\]/%{}]*)"
    rb"|(?P<open><<|\[)"
    rb"|(?P<close>>>|\])"
    rb"|(?P<hex><[^>]*>?)"
    rb"|(?P<text>\()"
    rb"|(?P<word>[^\0\t\n\f\r ()<>\[\]/%]+|.)",
    re.DOTALL,
)
_NUMBER: Final = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)")
_NUMERIC: Final = re.compile(rb"[-+.0-9]+")
_READ: Final = re.compile(rb"([-+]?)[-+]*(\d*)(?:\.(\d*))?")
_READ_WHOLE: Final = re.compile(rb"([-+]?)(\d*)()")
_STRING_PART: Final = re.compile(rb"[^()\\\r]+|\\(?:[0-7]{1,3}|\r\n|.)|[()]|\r\n?|\\\Z", re.DOTALL)
_LITERAL: Final = re.compile(grammar.LITERAL.encode("latin-1"))
_HEX: Final = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*>")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_REGULAR: Final = frozenset(range(0x21, 0x7F)) - frozenset(b"#%()/<>[]{}")
CONSTANTS: Final = frozenset({b"true", b"false", b"null"})


def short_name(name: bytes) -> bytes:
    """What a name (without its solidus) is called that is too long for some readers."""
    return b"N" + hashlib.sha256(name).hexdigest()[:_DIGITS].encode()


class Tokens:
    """Contents read from front to back.

    Args:
        data: contents, decoded.

    Attributes:
        position: where the next token begins.
        doubt: the first thing that the standard does not know, in words; empty if there is none.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.doubt = ""
        self._readers: dict[str, Callable[[re.Match[bytes]], bytes]] = {
            "name": self._name,
            "hex": self._hexadecimal,
            "text": self._text,
        }

    def next(self) -> re.Match[bytes] | None:
        """The next token but white space; ``None`` at the end."""
        while self.position < len(self.data):
            match = _TOKEN.match(self.data, self.position)
            if match is None:
                break
            self.position = match.end()
            if match.lastgroup != "space":
                return match
        return None

    def is_operand(self, match: re.Match[bytes]) -> bool:
        """Whether a token is an operand, or begins one."""
        is_word = match.lastgroup == "word" and match[0] not in CONSTANTS
        return not is_word or _NUMERIC.fullmatch(match[0]) is not None

    def operand(self, match: re.Match[bytes], depth: int = 0) -> bytes:
        """An operand in canonical spelling; empty for what can be none."""
        read = self._readers.get(match.lastgroup or "")
        if read is not None:
            return read(match)
        if match.lastgroup == "open" and depth < _MAX_DEPTH:
            return self._several(match[0], match.start(), depth)
        if match.lastgroup == "word" and (match[0] in CONSTANTS or _NUMERIC.fullmatch(match[0])):
            return match[0] if match[0] in CONSTANTS else self._number(match)
        self.doubted("expected an operand", match.start())
        return b""

    def doubted(self, what: str, position: int) -> None:
        """Put down the first thing that is not as it should be."""
        if not self.doubt:
            found = self.data[position : position + _SHOWN]
            self.doubt = f"{what}, got {found!r} at byte {position}"

    def _several(self, opening: bytes, start: int, depth: int) -> bytes:
        closing = b"]" if opening == b"[" else b">>"
        items: list[bytes] = []
        while (match := self.next()) is not None and match[0] != closing:
            if self.is_operand(match):
                items.append(self.operand(match, depth + 1))
            else:
                self.doubted("expected operands only", match.start())
        if match is None:
            self.doubted(f"expected {closing.decode()}", start)
        if opening == b"<<":
            pairs = dict(zip(items[::2], items[1::2], strict=False))
            if 2 * len(pairs) != len(items):
                self.doubted("a dictionary with a key twice, or without its value", start)
            items = [part for pair in pairs.items() for part in pair]
        return opening + b" ".join(filter(None, items)) + closing

    def _number(self, match: re.Match[bytes]) -> bytes:
        """A number; where it is none, what PDFium reads."""
        token, start = match[0], match.start()
        read = (_READ if b"." in token else _READ_WHOLE).match(token)
        sign, integer, fraction = read.groups(b"") if read else (b"", b"", b"")
        whole = integer.lstrip(b"0") or b"0"
        if _NUMBER.fullmatch(token) is None:
            self.doubted("expected a number", start)
        if float(whole) >= _MAX_NUMBER:
            self.doubted("a number too large for some readers", start)
            whole = b"0"
        fraction = fraction[:_DIGITS].rstrip(b"0")
        minus = b"-" if sign == b"-" else b""
        return minus + whole + (b"." + fraction if fraction else b"")

    def _name(self, match: re.Match[bytes]) -> bytes:
        """A name with what is not regular escaped, and an escape that is none as it stands."""
        decoded = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), match[0])
        if b"\0" in decoded or len(decoded) == 1:
            self.doubted("expected a name", match.start())
            return b""
        if len(decoded) > MAX_NAME + 1:
            self.doubted("a name too long for some readers", match.start())
            decoded = b"/" + short_name(decoded[1:])
        return b"/" + b"".join(
            bytes([byte]) if byte in _REGULAR else b"#%02x" % byte for byte in decoded[1:]
        )

    def _hexadecimal(self, match: re.Match[bytes]) -> bytes:
        if _HEX.fullmatch(match[0]) is None:
            self.doubted("expected hexadecimal digits", match.start())
        return b"<" + re.sub(rb"[^0-9A-Fa-f]+", b"", match[0]) + b">"

    def _text(self, match: re.Match[bytes]) -> bytes:
        start = match.start()
        plain = _LITERAL.match(self.data, start)
        if plain is not None:
            self.position = plain.end()
            return plain[0]
        parts: list[bytes] = []
        depth = 1
        while True:
            found = _STRING_PART.match(self.data, self.position)
            if found is None:
                self.doubted("a string without its end", start)
                break
            self.position = found.end()
            part = found[0]
            depth += {b"(": 1, b")": -1}.get(part, 0)
            if depth == 0:
                break
            if depth > _MAX_DEPTH:
                self.doubted("a string with too many brackets", start)
            parts.append(self._part(part, start))
        return b"<" + b"".join(parts).hex().encode() + b">"

    def _part(self, part: bytes, start: int) -> bytes:
        if part.startswith(b"\r"):
            self.doubted("a string with a bare line end", start)
            return b"\n"
        if not part.startswith(b"\\"):
            return part
        rest = part[1:]
        if rest.isdigit() and rest[:1] < b"8":
            if int(rest, 8) > 0xFF:  # noqa: PLR2004
                self.doubted("expected an escape of one byte", start)
            return bytes([int(rest, 8) & 0xFF])
        if rest in {b"\n", b"\r", b"\r\n"}:
            return b""
        return _ESCAPES.get(rest, rest)
