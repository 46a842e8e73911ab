"""Reading the values of a JSON document strictly: each of one type, and no other taken for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from eseal.errors import InvalidFormatError, invalid_format
from eseal.excerpts import excerpt, value_excerpt

MAX_INTEGER = 2**53 - 1
"""RFC 8785 section 3.2.2.3, RFC 8259 section 6: integers that every JSON reader agrees on."""
MAX_UNSIGNED_32 = 2**32 - 1
MAX_VALUES = 1 << 21
"""In one document of others: 64 mebibytes of a node's events hold fewer."""
_HEX = re.compile(r"[0-9a-f]*")


def loads(data: bytes) -> Any:
    """Parse a large document of others: as :func:`orjson.loads`, at a cost that is bounded.

    Sixteen mebibytes of empty lists take half a gigabyte and, for seconds, every thread of the
    process. So values are counted first.

    Raises:
        orjson.JSONDecodeError: not JSON, or with more than ``MAX_VALUES`` values.
    """
    if count_values(data, MAX_VALUES) > MAX_VALUES:
        raise orjson.JSONDecodeError(f"more than {MAX_VALUES} values", "", 0)
    return orjson.loads(data)


def count_values(data: bytes, most: int) -> int:
    """How many values a JSON text holds at least, where it is more than ``most``; else some number.

    What begins a value is counted: wherever it stands, which is quick, and outside of texts alone
    if that is too many. Where the bytes are no JSON, all before the first fault is counted.

    Args:
        data: the text.
        most: how many there may be.
    """
    if (found := _beginnings(data)) <= most:
        return found
    bare = data.replace(rb"\\", b"").replace(rb"\"", b"")
    if (found := bare.count(b'"') // 4) > most:  # two texts are one value, or two
        return found
    return _beginnings(b"".join(bare.split(b'"')[::2]))


def _beginnings(data: bytes) -> int:
    return sum(map(data.count, (b"[", b"{", b",")))


@dataclass(frozen=True, slots=True)
class JsonValues:
    """Reads the values of one kind of document; what is wrong is said under its name.

    Attributes:
        kind: what the document is called in errors, and their field.
    """

    kind: str

    def invalid(self, expected: str, got: str) -> InvalidFormatError:
        """The error to raise."""
        return invalid_format(self.kind, expected, got, field=self.kind)

    def parse(self, data: bytes) -> Any:
        """The value of a JSON text (RFC 8259).

        Raises:
            InvalidFormatError: the bytes are none.
        """
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise self.invalid("JSON", str(error)) from None

    def members(
        self,
        value: object,
        name: str,
        required: set[str],
        optional: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """The members of an object.

        Args:
            value: as it was read.
            name: what to call it.
            required: members it must have.
            optional: members it may have; others are refused.

        Raises:
            InvalidFormatError: not an object, or other members.
        """
        if not isinstance(value, dict):
            raise self.invalid(f"{name} to be a JSON object", type(value).__name__)
        if not required <= value.keys() <= required | optional:
            members = ", ".join(sorted(required))
            raise self.invalid(f"{name} with the members {members}", _listed(value))
        return value

    def text(self, value: object, name: str) -> str:
        """A string.

        Raises:
            InvalidFormatError: anything else.
        """
        if not isinstance(value, str):
            raise self.invalid(f"{name} to be a string", type(value).__name__)
        return value

    def integer(self, value: object, name: str) -> int:
        """An integer from 0 to :data:`MAX_INTEGER`.

        Raises:
            InvalidFormatError: anything else; ``true`` and ``1.0`` are no integers.
        """
        if type(value) is not int or not 0 <= value <= MAX_INTEGER:
            raise self.invalid(f"{name} to be an integer from 0 to 2**53 - 1", value_excerpt(value))
        return value

    def unsigned_32(self, value: object, name: str) -> int:
        """An integer from 0 to 2**32 - 1.

        Raises:
            InvalidFormatError: anything else.
        """
        if (found := self.integer(value, name)) > MAX_UNSIGNED_32:
            raise self.invalid(f"{name} to be an integer from 0 to 2**32 - 1", str(found))
        return found

    def hex_bytes(self, value: object, name: str, count: int = 32) -> bytes:
        """Bytes written as lower-case hex digits.

        Args:
            value: as it was read.
            name: what to call it.
            count: how many bytes there must be.

        Raises:
            InvalidFormatError: anything else.
        """
        text = self.text(value, name)
        if len(text) != 2 * count or not _HEX.fullmatch(text):
            raise self.invalid(f"{name} to be {2 * count} lower-case hex digits", excerpt(text))
        return bytes.fromhex(text)


def _listed(value: dict[str, Any]) -> str:
    return ", ".join(map(repr, sorted(value)))[:256] or "none"
