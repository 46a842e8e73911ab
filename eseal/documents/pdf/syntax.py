"""PDF syntax (ISO 32000-1 section 7.3) as plain Python values.

pyHanko's objects are made for writing; an examination reads thousands of them, each once. Here a
name is a :class:`Name`, a reference a :class:`Ref`, a string ``bytes``, a dictionary a ``dict``
whose keys are ``str``, null ``None``. Values compare by content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from pyhanko.pdf_utils.misc import PdfReadError

SPACE: Final = rb"[\x00\t\n\f\r ]"
REGULAR: Final = rb"[^\x00\t\n\f\r ()<>\[\]{}/%]"
"""A regular character (section 7.2.2): what names and keywords are made of."""
BLANK: Final = rb"(?:" + SPACE + rb"++|%[^\r\n]*+)++"
"""What separates two tokens: white space and comments."""
MAX_DEPTH: Final = 256
"""Dictionaries and arrays inside one another; real documents stay below 20."""

_WHITE: Final = rb"[\t\n\f\r ]"
TOKEN: Final = re.compile(
    rb"(?:" + SPACE + rb"++|%[^\r\n]*+)*+"
    rb"(?:/(?P<name>" + REGULAR + rb"*+)"
    rb"|(?P<number>\d{1,10})" + BLANK + rb"(?P<generation>\d{1,5})" + BLANK + rb"R(?!" + REGULAR
    + rb")|(?P<integer>[+-]?\d{1,20})(?!" + REGULAR + rb")"
    rb"|(?P<real>[+-]?(?:\d{1,40}\.\d{0,40}|\.\d{1,40}))(?!" + REGULAR + rb")"
    # the pages of a document, mostly
    rb"|\[(?P<references>(?:" + _WHITE + rb"*+\d{1,10}" + _WHITE + rb"++\d{1,5}" + _WHITE
    + rb"++R(?!" + REGULAR + rb"))++)" + _WHITE + rb"*+\]"
    rb"|(?P<open><<)|(?P<close>>>)|(?P<array>\[)|(?P<end>\])"
    rb"|\((?P<text>[^()\\\r]*+)\)|(?P<string>\()"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\f\r ]*+)>"
    rb"|(?P<keyword>true|false|null)(?!" + REGULAR + rb")"
    rb"|(?P<other>" + REGULAR + rb"++))"
)  # fmt: skip
_IN_STRING: Final = re.compile(rb"\\(?:[0-7]{1,3}|\r\n|[\s\S])|\r\n?|[()]")
_ESCAPED_NAME: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"",
                   b"\r": b"", b"\r\n": b""}  # fmt: skip
_REFS_KEPT: Final = 4096
_KEYWORDS: Final = {b"true": True, b"false": False, b"null": None}


class Name(str):
    """A name without its slash, escapes resolved; one character for each byte."""

    __slots__ = ()


class Ref(NamedTuple):
    """A reference to an indirect object."""

    number: int
    generation: int

    @classmethod
    def usual(cls, number: int) -> Ref:
        """The reference to an object of generation 0."""
        return cls(number, 0)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: its dictionary, and where its data starts in the file."""

    entries: dict[str, Any]
    start: int


def decode_name(raw: bytes) -> Name:
    """A name from its bytes behind the slash (section 7.3.5)."""
    if b"#" in raw:
        raw = _ESCAPED_NAME.sub(lambda match: bytes([int(match[1], 16)]), raw)
    return Name(raw.decode("latin-1"))


def parse(data: bytes, position: int = 0) -> tuple[Any, int]:
    """Parse the value at ``position``.

    Returns:
        The value, and the offset behind it.

    Raises:
        PdfReadError: there is no value, or it is nested too deeply.
    """
    stack: list[tuple[list[Any], bool]] = []
    items: list[Any] = []
    while True:
        match = TOKEN.match(data, position)
        if match is None:
            raise PdfReadError(f"expected a value at offset {position}")
        position = match.end()
        kind = match.lastgroup
        if kind == "name":
            raw = match["name"]
            items.append(Name(raw.decode("latin-1")) if b"#" not in raw else decode_name(raw))
        elif kind in {"open", "array"}:
            if len(stack) >= MAX_DEPTH:
                raise PdfReadError("it is nested too deeply")
            stack.append((items, kind == "open"))
            items = []
            continue
        elif kind in {"close", "end"}:
            if not stack or stack[-1][1] != (kind == "close"):
                raise PdfReadError(f"unexpected bracket at offset {position}")
            value: Any = _dictionary(items, position) if kind == "close" else items
            items, _ = stack.pop()
            items.append(value)
        elif kind == "string":
            value, position = _string(data, position)
            items.append(value)
        else:
            items.append(_simple(match, position))
        if not stack:
            return items[-1], position


def _simple(match: re.Match[bytes], position: int) -> Any:
    match match.lastgroup:
        case "generation":
            return Ref(int(match["number"]), int(match["generation"]))
        case "references":
            return _references(match["references"])
        case "integer" | "real" as number:
            return int(match[number]) if number == "integer" else float(match[number])
        case "text":
            return match["text"]
        case "hex":
            digits = b"".join(match["hex"].split()).replace(b"\0", b"")
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        case "keyword":
            return _KEYWORDS[match["keyword"]]
        case _:
            raise PdfReadError(f"unexpected {match[0][-20:]!r} before offset {position}")


def _references(text: bytes) -> list[Ref]:
    """References with nothing but white space between them."""
    try:
        # As a rule all generations are 0; what remains are numbers as JSON writes them.
        numbers = orjson.loads(b"[%b]" % text.replace(b" 0 R", b",")[:-1])
        usual = _usual_ref if len(numbers) <= _REFS_KEPT else Ref.usual
        return [*map(usual, numbers)]
    except orjson.JSONDecodeError:
        words = text.split()
        return [*map(Ref, map(int, words[::3]), map(int, words[1::3]))]


_usual_ref: Final = lru_cache(_REFS_KEPT)(Ref.usual)
"""References are made by the hundred, mostly the same in every document."""


def _dictionary(items: list[Any], position: int) -> dict[str, Any]:
    keys, values = items[::2], items[1::2]
    if len(keys) != len(values) or not all(type(key) is Name for key in keys):
        raise PdfReadError(f"expected names and values before offset {position}")
    entries = dict(zip(keys, values, strict=True))
    if len(entries) != len(keys):
        raise PdfReadError(f"a dictionary names a key twice before offset {position}")
    return entries


def _string(data: bytes, position: int) -> tuple[bytes, int]:
    """A literal string (section 7.3.4.2) from behind its first parenthesis."""
    parts, depth = [], 1
    while match := _IN_STRING.search(data, position):
        parts.append(data[position : match.start()])
        token, position = match[0], match.end()
        if token == b"(":
            depth += 1
        elif token == b")":
            depth -= 1
            if depth == 0:
                return b"".join(parts), position
        elif token.startswith(b"\\"):
            token = _escape(token[1:])
        else:
            token = b"\n"
        parts.append(token)
    raise PdfReadError("a string does not end")


def _escape(token: bytes) -> bytes:
    if token[0] in b"01234567":
        return bytes([int(token, 8) & 0xFF])
    return _ESCAPES.get(token, token)
