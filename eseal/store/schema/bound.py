"""How a table's rows are kept from whoever writes to the database: one declaration per table.

A row is either *bound*: it carries a MAC under a key derived from the key-encryption key, over the
instance, the table, and all that the row says; or its table is exempt, with the reason in code. Of
a *counted* table the database also keeps a keyed sum over all rows, so that a row that is missing,
or an old one put back, shows as well.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, Boolean, Column, Float, LargeBinary, Table
from sqlalchemy.types import Integer, String

from eseal.errors import CorruptionError
from eseal.store.schema.types import UtcTime, microseconds, own_type

VERSION: Final = "version"
"""Column that counts how often a bound row was written."""
MAC: Final = "mac"
"""Column that binds the row: 4 bytes of the key's fingerprint, then 32 of keyed BLAKE2b."""
FORGED: Final = (
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
    struct.error,
    CorruptionError,
)
"""What a value of another type than its column's, as SQLite allows, ends in."""
_LENGTH: Final = struct.Struct(">I")
_DOUBLE: Final = struct.Struct(">d")
_Encoder: TypeAlias = Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Bound:
    """The rows of a table are bound.

    Attributes:
        counted: whether a sum over all rows is kept, too. Not where rows go all the time and their
            lack gives nobody a right.
        stays: whether no row is ever removed. Then each process remembers the newest version of
            what it wrote, and of what it saw when it looked at all rows; an older one is refused.
        with_log: whether its sum says with how long a log it goes, and every append carries it on:
            then rows and sum cannot be put back together and leave the log as it is.
    """

    counted: bool
    stays: bool = False
    with_log: bool = False


@dataclass(frozen=True, slots=True)
class Exempt:
    """The rows of a table are not bound.

    Attributes:
        reason: why a foreign row in it gives nobody a right.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Box:
    """A column holds something encrypted under the key-encryption key (``eseal.keys.vault``).

    Attributes:
        label: the vault's purpose.
        context: what the box is bound to, of the row's columns, as for ``str.format``.
    """

    label: bytes
    context: str

    def context_of(self, row: Mapping[str, object]) -> bytes:
        """The context of one row's box."""
        return self.context.format_map(row).encode()


STAYING: Final = Bound(counted=True, stays=True)
WITH_LOG: Final = Bound(counted=True, stays=True, with_log=True)
COUNTED: Final = Bound(counted=True)
UNCOUNTED: Final = Bound(counted=False)
Standing: TypeAlias = Bound | Exempt


def standing(of: Standing) -> dict[str, Any]:
    """What a table's declaration says of its rows: its ``info``."""
    return {"standing": of}


def boxed(label: bytes, context: str) -> dict[str, Any]:
    """What a column's declaration says of what is encrypted in it: its ``info``."""
    return {"box": Box(label, context)}


def binding_columns() -> tuple[Column[Any], Column[Any]]:
    """The two columns that every bound table has besides its own."""
    return (
        Column(VERSION, BigInteger, nullable=False),
        Column(MAC, LargeBinary, nullable=False),
    )


def standing_of(table: Table) -> Standing:
    """What a table is: bound or exempt.

    Raises:
        KeyError: its declaration does not say.
    """
    found: Standing = table.info["standing"]
    return found


def is_bound(table: Table) -> bool:
    """Whether the rows of the table carry a MAC."""
    return isinstance(standing_of(table), Bound)


def is_counted(table: Table) -> bool:
    """Whether a sum over all rows of the table is kept."""
    found = standing_of(table)
    return isinstance(found, Bound) and found.counted


def stays(table: Table) -> bool:
    """Whether no row of the table is ever removed."""
    found = standing_of(table)
    return isinstance(found, Bound) and found.stays


def goes_with_log(table: Table) -> bool:
    """Whether the sum of the table says with how long a log it goes."""
    found = standing_of(table)
    return isinstance(found, Bound) and found.with_log


def boxes_of(table: Table) -> dict[str, Box]:
    """The columns of a table that hold something encrypted, by name."""
    return {column.name: column.info["box"] for column in table.c if "box" in column.info}


def content_names(table: Table) -> tuple[str, ...]:
    """The columns of a bound table that say something, in their order."""
    return tuple(column.name for column in table.c if column.name not in {VERSION, MAC})


class Canon:
    """The canonical content of a table's rows, as it is bound.

    Each column that is not ``NULL``, in the order of names: name, type and value, each with its
    length. A column that is added later and is ``NULL`` changes no content.
    """

    def __init__(self, table: Table) -> None:
        columns = sorted((c for c in table.c if c.name != MAC), key=lambda c: c.name)
        self.columns = tuple(columns)
        self.names = tuple(column.name for column in columns)
        self._label = _sized(b"eseal row 1") + _sized(table.name.encode())
        self._encoders = [_encoder(column) for column in columns]

    def encode(self, values: tuple[object, ...]) -> bytes:
        """The content of a row whose values are in the order of :attr:`names`.

        Raises:
            TypeError, ValueError, OverflowError, AttributeError, struct.error: a value is not of
                its column's type, as SQLite allows.
        """
        parts = [self._label]
        for value, (name, encoder) in zip(values, self._encoders, strict=True):
            if value is not None:
                content = encoder(value)
                parts += (name, _LENGTH.pack(len(content)), content)
        return b"".join(parts)


def _encoder(column: Column[Any]) -> tuple[bytes, _Encoder]:
    kinds: tuple[tuple[type, bytes, _Encoder], ...] = (
        (UtcTime, b"t", lambda value: b"%d" % microseconds(value)),
        (Float, b"f", _DOUBLE.pack),
        (Boolean, b"b", lambda value: b"%d" % bool(value)),
        (Integer, b"i", _whole),
        (LargeBinary, b"y", _bytes),
        (String, b"s", str.encode),
    )
    for kind, letter, encode in kinds:
        if isinstance(own_type(column.type), kind):
            return _sized(column.name.encode() + b":" + letter), encode
    raise TypeError(f"column {column}: expected a type with a canonical form, got {column.type!r}")


def _whole(value: object) -> bytes:
    """A whole number; ``%d`` takes a fraction, which SQLite stores anywhere, for the one below."""
    if not isinstance(value, int):
        raise TypeError(f"expected a whole number, got {type(value).__name__}")
    return b"%d" % value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"expected bytes, got {type(value).__name__}")
    return value


def _sized(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content
