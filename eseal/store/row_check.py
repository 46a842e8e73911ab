"""Every bound row of a database, checked, and that none is missing or older than it was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eseal.errors import CorruptionError, ForeignRowError
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import is_bound, is_counted
from eseal.store.schema.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from eseal.store.binding.binding import Binding
    from eseal.store.database import Database


FEW: Final = 1 << 12
"""Rows of a table that are looked at without anybody waiting for it: 60 ms."""


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """What was found.

    Attributes:
        table: where.
        key: the primary key; empty if it is about the table as a whole.
        why: what is wrong.
    """

    table: str
    key: str
    why: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.table, self.key) if part) + ": " + self.why


def check_rows(database: Database) -> list[ForeignRow]:
    """Check every bound row, in one transaction; what is wrong, empty if all is well.

    Raises:
        WrongKeyError: the rows are bound with a key this process does not know.
    """
    # What was seen before this transaction began to see: it may be ahead of that, never behind.
    floors = database.binding.floors.seen()
    with database.read(checked=False) as connection:
        return rows_in(connection, floors)


def check_table(
    binding: Binding, connection: Connection, table: Table, floors: dict[str, int]
) -> None:
    """Sound the alarm if a counted table does not hold what this instance wrote.

    Args:
        binding: what binds its rows.
        connection: a transaction.
        table: which.
        floors: the numbers of changes that were seen before the transaction began.

    Raises:
        ForeignRowError: it does not.
    """

    def tell(key: str, why: str) -> None:
        raise binding.foreign(table, key, why)

    rows = rows_of(connection)
    rows.check(table, tell)
    changes = rows.changes(table)
    if changes < floors.get(table.name, 0):
        raise binding.rolled_back(table, changes)


def small_tables(connection: Connection) -> list[Table]:
    """The counted tables of which this instance wrote few rows; an intruder's do not count.

    Raises:
        ForeignRowError: a sum is not ours.
    """
    rows = rows_of(connection)
    return [one for one in metadata.sorted_tables if is_counted(one) and rows.count(one) <= FEW]


def look_back(database: Database) -> None:
    """Sound the alarm if the database is behind what was seen of it. Reads one row a table."""
    floors = database.binding.floors.seen()
    with database.read() as connection, suppress(ForeignRowError):  # it has sounded the alarm
        for table in filter(is_counted, metadata.sorted_tables):
            changes = rows_of(connection).changes(table)
            if changes < floors.get(table.name, 0):
                database.binding.rolled_back(table, changes)


def rows_in(connection: Connection, floors: dict[str, int]) -> list[ForeignRow]:
    """The same in a transaction that is not ``checked``.

    Args:
        connection: the transaction.
        floors: the numbers of changes that were seen before it began.
    """
    found: list[ForeignRow] = []
    rows = rows_of(connection)
    for table in metadata.sorted_tables:
        if not is_bound(table):
            continue
        try:
            rows.check(table, _teller(found, table.name))
            if is_counted(table) and (changes := rows.changes(table)) < floors.get(table.name, 0):
                why = f"it is at change {changes}, but {floors[table.name]} was seen"
                found.append(ForeignRow(table.name, "", why))
        except CorruptionError as error:
            found.append(ForeignRow(table.name, "", str(error)))
    return found


def _teller(found: list[ForeignRow], table: str) -> Callable[[str, str], None]:
    return lambda key, why: found.append(ForeignRow(table, key, why))
