"""Column types shared by all tables, and the law that a column gives what it is declared to."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.types import TypeDecorator, TypeEngine

from eseal.errors import CorruptionError

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """An aware ``datetime`` as it is stored: microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


class UtcTime(TypeDecorator[datetime]):
    """An aware ``datetime`` in UTC, stored as microseconds since the epoch on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds; an unaware ``datetime`` is a programming error (``TypeError``)."""
        del dialect
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds.

        Raises:
            CorruptionError: they are none, or beyond the year 9999.
        """
        del dialect
        if value is None:
            return None
        with suppress(OverflowError):
            if type(value) is int:
                return _EPOCH + value * _MICROSECOND
        raise CorruptionError(
            "the database holds a value of another type than its column's: expected microseconds "
            f"since 1970, got {type(value).__name__}; run: eseal audit"
        )

    @property
    def python_type(self) -> type[datetime]:
        """What a column of this type gives."""
        return datetime


class Stored(TypeDecorator[Any]):
    """A column's own type, held to.

    SQLite stores in any column whatever it is given, and on every database whoever may change
    tables can change what a column is.

    Args:
        of: the column's own type.
        name: the column's name, for messages.
        optional: whether it may hold nothing.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, of: TypeEngine[Any], name: str, *, optional: bool) -> None:
        super().__init__()
        self.impl = self.of = of  # type: ignore[assignment]  # an instance, as its own __init__ makes
        self.name = name
        self.optional = optional
        self._expected = of.python_type

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value, as it is.

        Raises:
            CorruptionError: it is not of the column's type.
        """
        del dialect
        if type(value) is self._expected or (value is None and self.optional):
            return value
        raise CorruptionError(
            f"the database holds a value of another type than its column's: expected "
            f"{self._expected.__name__} in {self.name}, got {type(value).__name__}; "
            "run: eseal audit"
        )


def hold_to_types(table: Table) -> None:
    """Let the columns of a table give values of their types, or a ``CorruptionError``."""
    for column in table.c:
        name = f"{table.name}.{column.name}"
        column.type = Stored(column.type, name, optional=bool(column.nullable))


def own_type(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type with which a column was declared."""
    return of.of if isinstance(of, Stored) else of
