"""Many rows at once, as the driver takes them.

SQLAlchemy's own way prepares every value of every row in Python; for the rows of a large batch that
costs more than writing them. Both databases understand the SQL made here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import Dialect

COPY_ROWS = 64
"""From so many rows on the extra steps of a ``COPY`` pay."""
_TYPES = {int: "int8", str: "varchar", bytes: "bytea"}
"""What our columns of each kind are in PostgreSQL; they hold no small integers where rows are
copied."""
Row = tuple[bytes | int | str, ...]
"""Values of all columns of a table in their order, of the types the driver stores."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write new rows."""
    if len(rows) >= COPY_ROWS and connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        connection.exec_driver_sql(_insert(table, connection.dialect), [*rows])


def replace_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows; those whose primary key exists replace what was there."""
    if rows:
        connection.exec_driver_sql(_replace(table, connection.dialect), [*rows])


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """PostgreSQL's ``COPY`` in its binary form: half the cost of so many ``INSERT``s."""
    from psycopg import Error

    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.format_column(column) for column in table.c)
    statement = f"COPY {quoted.format_table(table)} ({names}) FROM STDIN (FORMAT BINARY)"
    try:
        with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]  # psycopg's own
            copy.set_types([_TYPES[type(value)] for value in rows[0]])
            for row in rows:
                copy.write_row(row)
    except Error as error:  # SQLAlchemy does not see what its driver raises here
        raise DBAPIError.instance(statement, None, error, Error) from error


@lru_cache
def _insert(table: Table, dialect: Dialect) -> str:
    quoted = dialect.identifier_preparer
    names = ", ".join(quoted.format_column(column) for column in table.c)
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(table.c))
    return f"INSERT INTO {quoted.format_table(table)} ({names}) VALUES ({marks})"  # noqa: S608  # names of our own tables


@lru_cache
def _replace(table: Table, dialect: Dialect) -> str:
    quoted = dialect.identifier_preparer
    keys = ", ".join(quoted.format_column(column) for column in table.primary_key)
    others = [quoted.format_column(column) for column in table.c if not column.primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f"{_insert(table, dialect)} ON CONFLICT ({keys}) DO UPDATE SET {changed}"
