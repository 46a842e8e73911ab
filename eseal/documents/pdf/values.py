"""pyHanko's objects read token by token.

pyHanko itself reads byte by byte, and a seal waits for that more than for its signature. Here is
read what pages, catalogs and trailers are made of; whatever is out of the ordinary is left to
pyHanko, and so are its error messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Final

from pyhanko.pdf_utils import generic

from eseal.documents.pdf.syntax import MAX_DEPTH, SPACE, TOKEN

_HEADER: Final = re.compile(rb"(\d{1,10}) (\d{1,5}) obj")
_END: Final = re.compile(SPACE + rb"*endobj")


class _UnusualError(Exception):
    """Something that pyHanko must read."""


def read_object(data: bytes, offset: int, reference: generic.Reference) -> generic.PdfObject | None:
    """Read an object where it stands in the file.

    Args:
        data: the file.
        offset: where the object starts.
        reference: what leads to it.

    Returns:
        The object as pyHanko would read it; ``None`` if pyHanko must: it is a stream or broken, or
        holds anything but plain values.
    """
    read = read_with_place(data, offset, reference)
    return None if read is None else read[0]


def read_with_place(
    data: bytes, offset: int, reference: generic.Reference
) -> tuple[generic.PdfObject, int, int] | None:
    """As :func:`read_object`, with where the value starts and ends, white space before it included.

    Returns:
        ``None`` as for :func:`read_object`.
    """
    header = _HEADER.match(data, offset)
    if header is None or (int(header[1]), int(header[2])) != (
        reference.idnum,
        reference.generation,
    ):
        return None
    read = read_value(data, header.end(), reference)
    if read is None or not _END.match(data, read[1]):
        return None
    return read[0], header.end(), read[1]


def read_value(
    data: bytes, position: int, container: generic.Dereferenceable
) -> tuple[generic.PdfObject, int] | None:
    """Read one value.

    Args:
        data: the file.
        position: where it starts, or white space before it.
        container: the object it is a part of.

    Returns:
        The value and the offset behind it, or ``None`` as for :func:`read_object`.
    """
    stack: list[tuple[list[Any], str]] = []
    items: list[Any] = []
    try:
        while match := TOKEN.match(data, position):
            position = match.end()
            kind = match.lastgroup
            if kind in _OPENING:
                if len(stack) == MAX_DEPTH:
                    return None
                stack.append((items, _OPENING[kind]))
                items = []
                continue
            if kind in _CLOSING:
                if not stack or stack[-1][1] != kind:
                    return None
                value = _CLOSING[kind](items)
                items, _ = stack.pop()
            else:
                value = _simple(match, container)
            value.container_ref = container
            items.append(value)
            if not stack:
                return value, position
    except _UnusualError:
        pass
    return None


def _simple(match: re.Match[bytes], container: Any) -> Any:
    make = _MAKING.get(match.lastgroup or "")
    if make is None:
        raise _UnusualError
    return make(match, container)


def _name(match: re.Match[bytes], _container: Any) -> Any:
    text = match["name"].decode("latin-1")
    if not (text.isascii() and text.isprintable()) or "#" in text:
        raise _UnusualError
    return generic.NameObject("/" + text)


def _references(match: re.Match[bytes], container: Any) -> Any:
    words = match["references"].split()
    numbers, generations = map(int, words[::3]), map(int, words[1::3])
    return generic.ArrayObject(map(_indirect, numbers, generations, repeat(container)))


def _reference(match: re.Match[bytes], container: Any) -> Any:
    return _indirect(int(match["number"]), int(match["generation"]), container)


def _indirect(number: int, generation: int, container: Any) -> Any:
    if number == 0:
        raise _UnusualError
    made = generic.IndirectObject(number, generation, container.get_pdf_handler())  # type: ignore[no-untyped-call]
    made.container_ref = container
    return made


def _number(match: re.Match[bytes], _container: Any) -> Any:
    if match.lastgroup == "integer":
        return generic.NumberObject(match["integer"].decode("ascii"))  # type: ignore[no-untyped-call]
    return generic.FloatObject(match["real"].decode("ascii"))  # type: ignore[no-untyped-call]


def _keyword(match: re.Match[bytes], _container: Any) -> Any:
    word = match["keyword"]
    return generic.NullObject() if word == b"null" else generic.BooleanObject(word == b"true")  # type: ignore[no-untyped-call]


def _hex(match: re.Match[bytes], _container: Any) -> Any:
    digits = match["hex"]
    if len(digits) % 2 or (digits and not digits.isalnum()):
        raise _UnusualError
    return generic.pdf_string(bytes.fromhex(digits.decode("ascii")))


def _dictionary(items: Sequence[Any]) -> Any:
    keys, values = items[::2], items[1::2]
    if not all(type(key) is generic.NameObject for key in keys):
        raise _UnusualError
    entries = dict(zip(keys, values, strict=False))
    if len(items) != 2 * len(entries):
        raise _UnusualError
    return generic.DictionaryObject(entries)  # type: ignore[no-untyped-call]


_OPENING: Final = {"open": "close", "array": "end"}
_CLOSING: Final[dict[str, Callable[[Sequence[Any]], Any]]] = {
    "close": _dictionary,
    "end": generic.ArrayObject,
}
_MAKING: Final[dict[str, Callable[[re.Match[bytes], Any], Any]]] = {
    "name": _name,
    "references": _references,
    "generation": _reference,
    "integer": _number,
    "real": _number,
    "keyword": _keyword,
    "hex": _hex,
}
