"""The grammar of canonical values, recognised for a whole file at once.

Values are nested, which no regular expression can follow. So one goes from bracket to bracket, and
what stands between two of them is matched by a regular expression for the place: between lines, in
an array, in a dictionary. Each byte is looked at a few times, however a file is made.
"""

from __future__ import annotations

import re
from typing import Final

from eseal.documents.pdf.file.values import (
    HEXADECIMAL,
    KEYWORD,
    LITERAL,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_NAME_BYTES,
    NAME,
    NUMBER,
    REFERENCE,
    TELLTALE,
    decode_name,
    spell_name,
)
from eseal.errors import InvalidFormatError
from eseal.excerpts import EXCERPT_CHARS, excerpt

_TEXT: Final = bytes(range(0x20, 0x7F)) + b"\n"
_LITERAL: Final = re.compile(LITERAL)
_HEXADECIMAL: Final = re.compile(HEXADECIMAL)
_PLAIN_DIGITS: Final = re.compile(rb"<((?:[2-6][0-9a-f]|7[0-9a-e])*+)>")
"""Text in digits: they are for what is none."""
_SIMPLE: Final = rb"(?:" + NAME + rb"|" + REFERENCE + rb"|" + NUMBER + rb"|" + KEYWORD + rb"|\(\))"
_BRACKET: Final = re.compile(rb"<<|>>|\[|\]")
_LINES: Final = re.compile(rb"(?:" + _SIMPLE + rb"\n)*+")
_MORE_LINES: Final = re.compile(rb"\n" + _LINES.pattern)
_ITEMS: Final = re.compile(rb"(?: " + _SIMPLE + rb")*+ ")
_ENTRIES: Final = re.compile(
    rb"(?: " + NAME + rb" (?!null )" + _SIMPLE + rb")*+ (" + NAME + rb" )?"
)
"""Whole entries, and the key of a value that is opened behind them."""
_KEY: Final = re.compile(rb" (" + NAME + rb")(?: " + _SIMPLE + rb")?")
_REFERENCES: Final = re.compile(rb"(?<![^ \n])([1-9][0-9]{0,7}) 0 R(?![^ \n])")
_LONG_NUMBER: Final = re.compile(rb"(?<![^ \n-])([0-9]{10})(\.[0-9]++)?(?![^ \n])")
_LONG_NAME: Final = re.compile(rb"/[^ \n]{%d}[^ \n]*" % (MAX_NAME_BYTES + 1))
_ESCAPED_NAME: Final = re.compile(rb"/[^ \n/]*#[^ \n/]*")


def check_values(heads: list[bytes]) -> list[bytes]:
    """Check that each of these is one value in canonical form.

    Words of a file's frame in strings and names are for
    :mod:`eseal.documents.pdf.file.scanner` to find.

    Args:
        heads: the text of values, without line ends.

    Returns:
        The same without the contents of strings, so that references can be found in them.

    Raises:
        InvalidFormatError: one is not; says where it differs.
    """
    text = b"\n".join(heads) + b"\n"
    strange = text.translate(None, _TEXT)
    if strange or text.count(b"\n") != len(heads):
        raise InvalidFormatError(
            f"expected printable characters in values, got {excerpt(strange, 8)}"
        )
    text = _LITERAL.sub(b"()", text)
    for digits in _PLAIN_DIGITS.findall(text):
        if not TELLTALE.search(bytes.fromhex(digits.decode("ascii"))):
            raise InvalidFormatError(f"expected text as text, got digits <{excerpt(digits)}>")
    text = _HEXADECIMAL.sub(b"()", text)
    _check_tokens(text)
    _check_nesting(text)
    return text.split(b"\n")[:-1]


def without_strings(heads: list[bytes]) -> list[bytes]:
    """Values, spelt canonically, without the contents of their strings."""
    text = _LITERAL.sub(b"()", b"\n".join(heads))
    return _HEXADECIMAL.sub(b"()", text).split(b"\n")


def references_in(head: bytes) -> list[int]:
    """Numbers of the objects that a value refers to; see :func:`check_values`."""
    return [int(number) for number in _REFERENCES.findall(head)]


def _check_nesting(text: bytes) -> None:
    """Lines of one value each; keys ascend strictly, so none is there twice."""
    outer: list[tuple[re.Pattern[bytes], list[bytes]]] = []
    escaped = b"#" in text
    between, keys, position = _LINES, list[bytes](), 0
    for bracket in _BRACKET.finditer(text):
        start, kind = bracket.start(), bracket[0]
        opens = kind in {b"<<", b"["}
        found = between.fullmatch(text, position, start)
        if found is None or (between is _ENTRIES and opens != bool(found[1])):
            raise _wrong(text, position)
        if between is _ENTRIES:
            keys += _KEY.findall(text, position, start)
        position = bracket.end()
        if opens:
            outer.append((between, keys))
            between, keys = (_ENTRIES if kind == b"<<" else _ITEMS), []
            if len(outer) > MAX_DEPTH:
                raise InvalidFormatError(f"expected at most {MAX_DEPTH} levels, got more")
            continue
        if between is not (_ENTRIES if kind == b">>" else _ITEMS):
            raise _wrong(text, position)
        _check_order([decode_name(key[1:]).encode("latin-1") for key in keys] if escaped else keys)
        between, keys = outer.pop()
        between = between if outer else _MORE_LINES
    if outer or not between.fullmatch(text, position):
        raise _wrong(text, position)


def _check_order(keys: list[bytes]) -> None:
    if any(map(bytes.__ge__, keys, keys[1:])):
        raise InvalidFormatError(f"expected keys in ascending order, got {keys[:8]!r}")


def _check_tokens(text: bytes) -> None:
    """What the regular expressions let pass: long numbers, long names, escapes without need."""
    for whole, fraction in _LONG_NUMBER.findall(text):
        if int(whole) + bool(fraction) > MAX_INTEGER:
            raise InvalidFormatError(f"expected numbers below 2**31, got {whole!r}")
    for name in _LONG_NAME.findall(text):
        if len(decode_name(name[1:])) > MAX_NAME_BYTES:
            raise InvalidFormatError(f"expected names of at most {MAX_NAME_BYTES} bytes")
    if b"#" in text:
        for name in _ESCAPED_NAME.findall(text):
            if spell_name(decode_name(name[1:])) != name[1:]:
                raise InvalidFormatError(
                    f"expected names without needless escapes, got {excerpt(name)}"
                )


def _wrong(text: bytes, position: int) -> InvalidFormatError:
    around = text[max(position - 2, 0) :][:EXCERPT_CHARS]
    return InvalidFormatError(f"expected values in canonical form, got {around!r}")
