"""A column gives what it is declared to hold, or the database is said to be damaged, by name."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from sqlalchemy import select

from eseal.errors import CorruptionError, ForeignRowError, NotFoundError
from eseal.keys.kek import KeyEncryptionKey
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.records import RecordRepository, waiting_since
from eseal.store.repositories.use_keys import UseKeyRepository
from eseal.store.repositories.uses import UseRepository
from eseal.store.schema.bound import is_bound
from eseal.store.schema.tables import metadata
from eseal.store.schema.types import UtcTime, own_type

KEK = KeyEncryptionKey(bytes(range(32)))
EXEMPT = [table for table in metadata.sorted_tables if not is_bound(table)]
COLUMNS = [pytest.param(column, id=str(column)) for table in EXEMPT for column in table.c]
WRONG = {int: (None, "1", b"1", 1.5), str: (None, 1, b"x", 1.5), bytes: (None, 1, "x", 1.5)}
"""What else SQLite holds, by what a column should."""
READERS = (
    lambda connection: LogRepository(connection).checkpoint(),
    lambda connection: LogRepository(connection).cosigned(),
    lambda connection: LogRepository(connection).tile(1, 1, 1),
    lambda connection: LogRepository(connection).leaves(0, 9),
    lambda connection: list(LogRepository(connection).iterate_leaves()),
    lambda connection: list(UseRepository(connection).iterate()),
    lambda connection: UseRepository(connection).get("1"),
    lambda connection: UseRepository(connection).by_tag(bytes(32)),
    lambda connection: UseRepository(connection).first_from(0),
    lambda connection: UseRepository(connection).kept_document("1"),
    lambda connection: list(UseKeyRepository(connection).iterate()),
    lambda connection: UseKeyRepository(connection).settle(),
    lambda connection: list(RecordRepository(connection).iterate()),
    lambda connection: waiting_since(connection, 0),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "x.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        migrations.upgrade(database)
        database.bind(KEK, create=True)
    return path


@pytest.fixture
def database(empty, tmp_path):
    copied = shutil.copy(empty, tmp_path)
    with closing(Database(f"sqlite:///{copied}")) as database:
        database.bind(KEK)
        yield database


def right(column):
    own = own_type(column.type)
    kind = int if isinstance(own, UtcTime) else own.python_type
    return {int: 1, str: "1", bytes: b"1" * 32}[kind]


def wrong(column):
    values = WRONG[type(right(column))]
    return values[1:] if column.nullable else values


def loosened(database, table, values):
    """One row of a table whose columns take anything: who writes to the database may change it."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    marks = ", ".join("?" for _ in values)
    with closing(sqlite3.connect(database.engine.url.database)) as connection, connection:
        connection.execute(f"DROP TABLE {table.name}")
        connection.execute(f"CREATE TABLE {table.name} ({names})")
        connection.execute(f"INSERT INTO {table.name} VALUES ({marks})", tuple(values))  # noqa: S608  # names of ours


@pytest.mark.parametrize("column", COLUMNS)
def test_a_value_of_another_type_is_said_to_be_one(database, column):
    table = column.table
    for value in wrong(column):
        values = [value if each is column else right(each) for each in table.c]
        loosened(database, table, values)
        with database.engine.connect() as connection:
            named = re.escape(str(column))
            with pytest.raises(CorruptionError, match=f"{named}|microseconds since 1970"):
                connection.execute(select(column)).all()
            for reader in READERS:
                with suppress(CorruptionError, NotFoundError):
                    reader(connection)


@pytest.mark.parametrize("table", EXEMPT, ids=lambda table: table.name)
def test_values_of_their_types_are_read(database, table):
    loosened(database, table, [right(column) for column in table.c])
    with database.engine.connect() as connection:
        assert len(connection.execute(select(table)).all()) == 1


@pytest.mark.parametrize("name", ["row_binding", "row_sums"])
def test_what_binds_the_rows_is_foreign_then(database, name):
    table = metadata.tables[name]
    with database.engine.connect() as connection:
        good = tuple(connection.execute(select(table)).all()[0])
    for number, column in enumerate(table.c):
        if column.primary_key:
            continue
        loosened(database, table, [*good[:number], "x" * 32, *good[number + 1 :]])
        with pytest.raises(ForeignRowError, match="not of its type"):
            read_binding(database, good[0])


def read_binding(database, name):
    with database.engine.connect() as connection:
        state = database.binding.read_state(connection)
        database.binding.read_sum(connection, state, metadata.tables[str(name)])


def test_moments_that_no_calendar_has(database):
    table = metadata.tables["log_cosigned"]
    loosened(database, table, [1, 1, bytes(32), b"note", 2**62])
    with database.read() as connection, pytest.raises(CorruptionError, match="microseconds"):
        LogRepository(connection).cosigned()


def test_text_that_is_none_is_damage_not_a_database_that_is_gone(database):
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO log_tiles VALUES (0, 0, CAST(x'ff' AS TEXT))")
    with pytest.raises(CorruptionError, match="text that is none"), database.read() as connection:
        LogRepository(connection).tile(0, 0, 1)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"7", b"\xff"])
def test_a_record_that_says_no_time(database, content):
    with database.write() as connection:
        row = (0, 2, content, b"", None, None, None)
        connection.exec_driver_sql("INSERT INTO log_records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    with database.read() as connection, pytest.raises(CorruptionError, match="says no time"):
        waiting_since(connection, 0)


def test_a_record_of_no_kind(database):
    with database.write() as connection:
        row = (0, 77, b"{}", b"", None, None, None)
        connection.exec_driver_sql("INSERT INTO log_records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    with database.read() as connection, pytest.raises(CorruptionError, match="got 77"):
        RecordRepository(connection).first_from(0)


def test_an_empty_log_is_one(database):
    with database.read() as connection:
        assert LogRepository(connection).checkpoint().root == EMPTY_ROOT
        assert UseKeyRepository(connection)._bounds() == (0, -1)
