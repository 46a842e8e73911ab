"""The values of a canonical PDF (ISO 32000-1 section 7.3) as plain Python values.

A name is a :class:`Name`, a reference a :class:`Ref`, a string ``bytes``, a dictionary a ``dict``
whose keys are ``str`` without slash, null ``None``, a number ``int`` or ``Decimal``: what is read
is written again as the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

MAX_DEPTH: Final = 60
"""Dictionaries and arrays inside one another; real documents stay below 20."""
MAX_INTEGER: Final = 2**31 - 1
"""The largest number that every reader takes for itself (ISO 32000-1 annex C)."""
MAX_NAME_BYTES: Final = 126
"""MuPDF reads longer names otherwise, PDFium those from 254 on."""
_NAMES_KEPT: Final = 1024
"""Names are the same few hundred in every document."""
_DIGITS: Final = 14
"""Behind the point."""

# Long runs are matched at once: a signature has tens of thousands of digits.
NAME: Final = rb"/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]++|#[0-9a-f]{2})++"
NUMBER: Final = rb"(?:-?(?:0|[1-9][0-9]{0,9})\.[0-9]{0,13}[1-9]|-?[1-9][0-9]{0,9}|0)(?![0-9.])"
REFERENCE: Final = rb"[1-9][0-9]{0,7} 0 R"
LITERAL: Final = rb"\((?:[ -'*-\[\]-~]++|\\[()\\])*+\)"
HEXADECIMAL: Final = rb"<(?:[0-9a-f]{64})*+(?:[0-9a-f]{2})*+>"
KEYWORD: Final = rb"(?:true|false|null)(?![a-z])"

_BRACKETED: Final = rb"|(?P<open><<)|(?P<close>>>)|(?P<array>\[)|(?P<end>\]))"
_OPENING: Final = frozenset({"open", "array"})
# Groups hold what makes the value: names without their slash, strings without their brackets.
_TOKEN: Final = re.compile(
    rb" ?(?:/(?P<name>" + NAME[1:] + rb")|(?P<reference>[1-9][0-9]{0,7}) 0 R"
    rb"|(?P<number>" + NUMBER + rb")|\((?P<literal>" + LITERAL[2:-2] + rb")\)"
    rb"|<(?P<hexadecimal>" + HEXADECIMAL[1:-1] + rb")>|(?P<keyword>" + KEYWORD + rb")" + _BRACKETED
)  # fmt: skip
_LOOSE: Final = re.compile(
    rb" ?(?:/(?P<name>[^ ()<>\[\]{}/%]*+)|(?P<reference>[1-9][0-9]{0,7}) 0 R"
    rb"|(?P<number>[+-]*(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++))"
    rb"|\((?P<literal>(?:[^()\\]|\\[\s\S])*+)\)|<(?P<hexadecimal>" + HEXADECIMAL[1:-1]
    + rb")>|(?P<keyword>" + KEYWORD + rb")" + _BRACKETED
)  # fmt: skip
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|[\s\S])")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_IN_NAME: Final = re.compile(rb"#([0-9a-f]{2})")
_TO_ESCAPE: Final = re.compile(rb"[^!\"$&'*-.0-;=?-Z\\^-z|~]")
_PLAIN: Final = re.compile(rb"[ -~]*+")
_BRACKETS: Final = re.compile(rb"[()\\]")
_KEYWORDS: Final = {b"true": True, b"false": False, b"null": None}

TELLTALE: Final = re.compile(
    rb"endobj|xref|trailer|%%EOF|%PDF-|(?<![A-Za-z])obj(?![A-Za-z])|[0-9][\x00\t\n\f\r ]*obj"
)
"""What a reader that repairs a file looks for. Outside the file's own frame it must not stand."""
_OF_FRAME: Final = re.compile(rb"o(?=bj)|x(?=ref)|t(?=railer)")
"""Of such a word in a name, the letter that is escaped."""


class Name(str):
    """A name without its slash, escapes resolved; one character for each byte."""

    __slots__ = ()


class Ref(NamedTuple):
    """A reference to the object of this number; its generation is 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream.

    Attributes:
        entries: its dictionary, without ``Length``.
        data: its bytes as they stand in the file.
    """

    entries: dict[str, Any]
    data: bytes | memoryview


def parse(text: bytes) -> Any:
    """Read the value of one line that :mod:`eseal.documents.pdf.file.grammar` has checked.

    Of other texts it reads more than the one spelling of each value.

    Raises:
        InvalidFormatError: it is none.
    """
    return _parse(text, _TOKEN, _SIMPLE)


def parse_loosely(text: bytes) -> Any:
    """The same as qpdf spells values: other numbers, and strings with other escapes.

    Raises:
        InvalidFormatError: it is no value.
    """
    return _parse(text, _LOOSE, _SIMPLE_LOOSELY)


def _parse(
    text: bytes, tokens: re.Pattern[bytes], simple: Mapping[str, Callable[[bytes], Any]]
) -> Any:
    stack: list[list[Any]] = []
    items: list[Any] = []
    position = 0
    tokens_in: Any = tokens.scanner  # type: ignore[attr-defined]  # as the module re uses it
    for match in iter(tokens_in(text).match, None):
        position, kind = match.end(), match.lastgroup
        make = simple.get(kind)
        if make is not None:
            items.append(make(match[kind]))
        elif kind in _OPENING:
            if len(stack) >= MAX_DEPTH:
                raise InvalidFormatError(f"expected at most {MAX_DEPTH} levels, got more")
            stack.append(items)
            items = [kind]
        else:
            value = _closed(items, kind)
            items = stack.pop()
            items.append(value)
        if not stack:
            break
    if stack or not items:
        raise InvalidFormatError(f"expected a value, got {text[position : position + 40]!r}")
    if position != len(text):
        raise InvalidFormatError(f"expected one value, got more: {excerpt(text[position:], 40)}")
    return items[0]


def _closed(items: list[Any], kind: str) -> Any:
    """A dictionary or an array from what stood in its brackets, the opening one first."""
    if not items or items[0] != ("open" if kind == "close" else "array"):
        raise InvalidFormatError("expected brackets in pairs")
    if kind == "end":
        return items[1:]
    keys = items[1::2]
    if len(items) % 2 == 0 or any(type(key) is not Name for key in keys):
        raise InvalidFormatError("expected a dictionary of names and values")
    return {str(key): value for key, value in zip(keys, items[2::2], strict=True)}


def _number(token: bytes) -> int | Decimal:
    return Decimal(token.decode("ascii")) if b"." in token else int(token)


def _loose_number(token: bytes) -> int | Decimal:
    text = token.decode("ascii")
    sign = "-" if text.startswith("-") else ""
    text = sign + text.lstrip("+-")
    return Decimal(text) if "." in text else int(text)


def _literal(token: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", token) if b"\\" in token else token


def _loose_literal(token: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, token)


def _unescaped(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if escaped[0] in b"01234567":
        return bytes([int(escaped, 8) & 0xFF])
    return _ESCAPES.get(escaped, escaped)


@lru_cache(_NAMES_KEPT)
def decode_name(raw: bytes) -> Name:
    """A name from its bytes behind the slash (ISO 32000-1 section 7.3.5)."""
    if b"#" in raw:
        raw = _IN_NAME.sub(lambda match: bytes([int(match[1], 16)]), raw)
    return Name(raw.decode("latin-1"))


_SIMPLE: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "name": decode_name,
    "reference": lambda token: Ref(int(token)),
    "number": _number,
    "literal": _literal,
    "hexadecimal": lambda token: bytes.fromhex(token.decode("ascii")),
    "keyword": _KEYWORDS.__getitem__,
}
_SIMPLE_LOOSELY: Final = {**_SIMPLE, "number": _loose_number, "literal": _loose_literal}


def spell(value: Any) -> bytes:  # noqa: PLR0911  one for each kind of value
    """The one way in which a value is written.

    Args:
        value: a value as :func:`parse` returns it; ``float`` is taken for a number, too.

    Raises:
        InvalidFormatError: it has no canonical form: a number too large, a name too long.
    """
    match value:
        case Name():
            return b"/" + spell_name(value)
        case Ref(number):
            return b"%d 0 R" % number
        case bytes() | memoryview():
            return spell_string(bytes(value))
        case bool():
            return b"true" if value else b"false"
        case None:
            return b"null"
        case int() | float() | Decimal():
            return spell_number(value)
        case Mapping():
            return spell_dictionary(value)
        case list() | tuple():
            return b"[ %b]" % b"".join(spell(each) + b" " for each in value)
        case _:
            raise InvalidFormatError(f"expected a value of a PDF, got {type(value).__name__}")


def spell_dictionary(entries: Mapping[str, Any]) -> bytes:
    """A dictionary: keys in the order of their bytes; an entry of null is none."""
    parts = [
        b"/%b %b " % (spell_name(key), spell(value))
        for key, value in sorted(entries.items())
        if value is not None
    ]
    return b"<< %b>>" % b"".join(parts)


@lru_cache(_NAMES_KEPT)
def spell_name(name: str) -> bytes:
    """A name without its slash; of a word of the file's frame in it, a letter is escaped.

    Raises:
        InvalidFormatError: it is empty, too long, or holds a NUL.
    """
    raw = name.encode("latin-1")
    if not 0 < len(raw) <= MAX_NAME_BYTES or b"\0" in raw:
        raise InvalidFormatError(
            f"expected a name of 1 to {MAX_NAME_BYTES} bytes without NUL, got {excerpt(name, 40)}"
        )
    spelt = _TO_ESCAPE.sub(lambda match: b"#%02x" % match[0][0], raw)
    if TELLTALE.search(spelt):
        return _OF_FRAME.sub(lambda match: b"#%02x" % match[0][0], spelt)
    return spelt


def spell_string(value: bytes) -> bytes:
    """A string: in plain text where it is plain text, else in hexadecimal digits."""
    if _PLAIN.fullmatch(value) and not TELLTALE.search(value):
        return b"(%b)" % _BRACKETS.sub(rb"\\\g<0>", value)
    return b"<%b>" % value.hex().encode("ascii")


def spell_number(value: float | Decimal) -> bytes:
    """A number: no exponent, no zeros or digits that tell nothing.

    Raises:
        InvalidFormatError: it is larger than every reader can read, or none at all.
    """
    number = (
        value if isinstance(value, int) else Decimal(repr(value) if type(value) is float else value)
    )
    if isinstance(number, Decimal):
        if not number.is_finite() or abs(number) > MAX_INTEGER:
            raise InvalidFormatError(f"expected a number below 2**31, got {value}")
        text = f"{number:.{_DIGITS}f}".rstrip("0").rstrip(".")
        return b"0" if text in {"0", "-0"} else text.encode("ascii")
    if abs(number) > MAX_INTEGER:
        raise InvalidFormatError(f"expected a number below 2**31, got {number}")
    return b"%d" % number
