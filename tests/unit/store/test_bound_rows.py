"""Whoever writes to the database: every way to change what it holds shows."""

from __future__ import annotations

import secrets
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import Integer, Text, event, select, text, true
from sqlalchemy.exc import IntegrityError

from eseal.errors import ConfigurationError, ForeignRowError, RolledBackError
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.vault import Vault
from eseal.store import migrations
from eseal.store.binding.bound_rows import rows_of
from eseal.store.binding.high_water import FILE
from eseal.store.database import Database
from eseal.store.row_check import check_rows, look_back
from eseal.store.schema.bound import (
    MAC,
    VERSION,
    Bound,
    Exempt,
    boxes_of,
    content_names,
    is_bound,
    is_counted,
    standing_of,
    stays,
)
from eseal.store.schema.tables import metadata
from eseal.store.schema.types import UtcTime

KEK = KeyEncryptionKey(bytes(range(32)))
TABLES = [table for table in metadata.sorted_tables if is_bound(table)]
COUNTED = [table for table in TABLES if is_counted(table)]
STAYING = [table for table in TABLES if stays(table)]
OURS = [*TABLES, metadata.tables["row_binding"], metadata.tables["row_sums"]]
NAMES = {"ids": lambda table: table.name}


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.programs)]
)
def filled(request, tmp_path_factory):
    """A database with two rows in every bound table, and all that is in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('rows') / 'x.db'}"
    else:
        url = request.getfixturevalue("postgres").create()
    with closing(unconstrained(Database(url))) as database:
        migrations.upgrade(database)
        database.bind(KEK, create=True)
        with database.write() as connection:
            lift_references(connection)
            for table in TABLES:
                for number in (1, 2):
                    rows_of(connection).insert(table, sample(table, number))
        yield database, {table: keep(database, table) for table in OURS}


@pytest.fixture
def database(filled, tmp_path):
    """That database as it was made, bound anew: nothing is remembered of it."""
    database, content = filled
    with database.engine.connect() as connection:
        connection.execution_options(eseal_write=True)
        with connection.begin():
            lift_references(connection)
            for table, rows in content.items():
                connection.execute(table.delete())
                connection.execute(table.insert(), rows)
    database.bind(KEK, tmp_path)
    return database


def unconstrained(database):
    """The same for SQLite, where it is settled when a connection is made."""
    if database.dialect == "sqlite":
        event.listen(
            database.engine,
            "connect",
            lambda connection, _record: connection.execute("PRAGMA foreign_keys=OFF"),
        )
    return database


def lift_references(connection):
    """Rows of this test's own need not refer to anything."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def sample(table, number):
    """A row: every column different from its neighbours' and from the other rows'."""
    values = {}
    for column in table.c:
        if column.name in {VERSION, MAC} or (column.primary_key and column.autoincrement is True):
            continue
        values[column.name] = value_of(column, number)
    for name, box in boxes_of(table).items():
        values[name] = Vault(KEK, box.label).encrypt(b"secret", box.context_of(values))
    return values


def value_of(column, number):
    word = f"{number}{column.name}"
    if isinstance(column.type, UtcTime):
        return datetime(2026, 1, number, tzinfo=UTC)
    kind = column.type.python_type
    if kind is str:
        return word if isinstance(column.type, Text) else word[: column.type.length]
    return {bytes: word.encode(), bool: number == 1, float: number / 3}.get(kind, number)


def forge(database, statement):
    """As somebody with the database's password, and no key."""
    with database.engine.connect() as connection:
        connection.execution_options(eseal_write=True)
        with connection.begin():
            lift_references(connection)
            return connection.execute(statement).rowcount


def keep(database, table):
    with database.read(checked=False) as connection:
        query = select(table).order_by(*table.primary_key)
        return [dict(row._mapping) for row in connection.execute(query)]


def found(database):
    """What is wrong, by table."""
    return {row.table for row in check_rows(database)}


def read(database, table):
    with database.read() as connection:
        return rows_of(connection).all(select(table), table)


def change(database, table):
    with database.write() as connection:
        lift_references(connection)
        column = changeable(table)[0]
        return rows_of(connection).update(table, true(), {column.name: value_of(column, 7)})


def changeable(table):
    """Columns whose values can be anything of their type."""
    boxes = boxes_of(table)
    return [
        column
        for column in table.c
        if not (column.primary_key or column.unique or column.name in {VERSION, MAC, *boxes})
    ]


def first(table, row):
    """The condition that names one row."""
    condition = true()
    for column in table.primary_key:
        condition &= column == row[column.name]
    return condition


def test_every_table_is_bound_or_says_why_not():
    for table in metadata.sorted_tables:
        standing = standing_of(table)  # a KeyError names no table: the declaration is missing
        if isinstance(standing, Exempt):
            assert len(standing.reason) > 10
            assert MAC not in table.c or table.name in {"row_binding", "row_sums"}
        else:
            assert isinstance(standing, Bound)
            assert {VERSION, MAC} <= set(table.c.keys())
            assert content_names(table)


def test_what_was_written_is_read(database):
    assert check_rows(database) == []
    for table in TABLES:
        assert len(read(database, table)) == 2
        assert change(database, table) == 2
        assert len(read(database, table)) == 2
    assert check_rows(database) == []


@pytest.mark.parametrize("table", TABLES, **NAMES)
def test_an_altered_value_is_refused(database, table):
    """Each column of a row, alone: another value, none, and what stands in the other row."""
    rows = keep(database, table)
    for column in table.c:
        if column.name == MAC:
            forgeries = [b"", secrets.token_bytes(36), rows[1][MAC]]
        elif column.primary_key:
            forgeries = [value_of(column, 9)]
        else:
            forgeries = [rows[1][column.name], value_of(column, 9)]
            forgeries += [None] if column.nullable else []
        for forged in forgeries:
            if forged == rows[0][column.name]:
                continue
            this = first(table, rows[0])
            try:
                assert forge(database, table.update().where(this).values({column.name: forged}))
            except IntegrityError:  # the other row has it
                continue
            with pytest.raises(ForeignRowError, match=f"did not write there: {table.name} "):
                read(database, table)
            with pytest.raises(ForeignRowError):
                change(database, table)
            assert found(database) == {table.name}
            there = first(table, rows[0] | {column.name: forged} if column.primary_key else rows[0])
            forge(database, table.delete().where(there))
            forge(database, table.insert().values(rows[0]))
            assert found(database) == set()


@pytest.mark.parametrize("table", TABLES, **NAMES)
def test_a_made_up_row_is_refused(database, table):
    forged = sample(table, 3) | {VERSION: 1, MAC: secrets.token_bytes(36)}
    forge(database, table.insert().values(forged))
    with pytest.raises(ForeignRowError, match=table.name):
        read(database, table)
    assert found(database) == {table.name}


@pytest.mark.parametrize("table", TABLES, **NAMES)
def test_a_copied_row_is_refused(database, table):
    copy = keep(database, table)[0]
    fresh = sample(table, 5)
    unique = {c.name for key in table.indexes if key.unique for c in key.columns if c.name}
    for column in table.c:
        if column.primary_key or column.unique or column.name in unique:
            copy[column.name] = fresh.get(column.name, 99)
    forge(database, table.insert().values(copy))
    with pytest.raises(ForeignRowError, match=table.name):
        read(database, table)
    assert found(database) == {table.name}


@pytest.mark.parametrize("table", TABLES, **NAMES)
def test_columns_that_were_exchanged_are_refused(database, table):
    row = keep(database, table)[0]
    columns = changeable(table)
    pairs = [
        (one, other)
        for one in columns
        for other in columns
        if one.name < other.name
        and type(one.type) is type(other.type)
        and row[one.name] != row[other.name]
    ]
    for one, other in pairs[:3]:
        exchanged = {one.name: row[other.name], other.name: row[one.name]}
        forge(database, table.update().where(first(table, row)).values(exchanged))
        with pytest.raises(ForeignRowError, match=table.name):
            read(database, table)
        forge(database, table.update().where(first(table, row)).values(row))
    assert found(database) == set()


@pytest.mark.parametrize("table", COUNTED, **NAMES)
def test_a_removed_row_shows(database, table):
    forge(database, table.delete().where(first(table, keep(database, table)[0])))
    (row,) = check_rows(database)
    assert (row.table, row.why) == (table.name, "2 rows were written, 1 of them are there")


@pytest.mark.parametrize("table", COUNTED, **NAMES)
def test_an_older_form_of_a_row_shows(database, table):
    before = keep(database, table)[0]
    change(database, table)
    forge(database, table.update().where(first(table, before)).values(before))
    (row,) = check_rows(database)
    assert (row.table, row.why) == (table.name, "an older form of a row was put back")


@pytest.mark.parametrize("table", STAYING, **NAMES)
def test_an_older_form_of_a_row_is_not_written_upon(database, table):
    before = keep(database, table)[0]
    change(database, table)
    forge(database, table.update().where(first(table, before)).values(before))
    with pytest.raises(ForeignRowError, match="an older form of it was put back"):
        change(database, table)
    with (
        pytest.raises(ForeignRowError, match="an older form of it was put back"),
        database.write() as connection,
    ):
        rows_of(connection).all(select(table), table, lock=True)


@pytest.mark.parametrize("table", COUNTED, **NAMES)
def test_a_table_that_was_put_back_as_a_whole_shows(database, table, tmp_path):
    """Rows and sum together: only what was seen outside the database tells."""
    sums = metadata.tables["row_sums"]
    before, its_sum = keep(database, table), keep(database, sums)
    change(database, table)
    forge(database, table.delete())
    for row in before:
        forge(database, table.insert().values(row))
    for row in its_sum:
        forge(database, sums.update().where(sums.c.name == row["name"]).values(row))
    (told,) = check_rows(database)
    assert told.table == table.name
    assert told.why.endswith("was seen")
    with pytest.raises(ForeignRowError, match="put back"):
        change(database, table)
    database.binding.floors.keep()
    again = Database(database.engine.url.render_as_string(hide_password=False))
    alarms = []
    again.bind(KEK, tmp_path).alarm = alarms.append  # a process that has just started
    look_back(again)
    assert [type(error) for error in alarms] == [RolledBackError]
    (tmp_path / FILE).unlink()  # whoever restored a backup for good says so
    again.bind(KEK, tmp_path).alarm = pytest.fail
    look_back(again)
    assert check_rows(again) == []
    again.close()


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE row_sums SET rows = rows - 1",
        "UPDATE row_sums SET changes = changes + 1",
        "UPDATE row_sums SET masked = nonce",
        "DELETE FROM row_sums",
    ],
)
def test_a_forged_sum_is_refused(database, forgery):
    forge(database, text(forgery))
    assert found(database) == {table.name for table in COUNTED}
    with pytest.raises(ForeignRowError, match="row_sums"):
        change(database, COUNTED[0])


def test_sums_are_not_exchanged(database):
    sums = metadata.tables["row_sums"]
    one, other = keep(database, sums)[:2]
    forge(
        database,
        sums.update().where(sums.c.name == one["name"]).values(other | {"name": one["name"]}),
    )
    assert found(database) == {one["name"]}


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE row_binding SET changes = changes + 1",
        "UPDATE row_binding SET previous = fingerprint",
        "UPDATE row_binding SET instance = fingerprint",
        "DELETE FROM row_binding",
    ],
)
def test_a_forged_binding_is_refused(database, forgery):
    forge(database, text(forgery))
    with pytest.raises(ForeignRowError, match="row_binding"):
        change(database, TABLES[0])
    with (
        closing(Database(database.engine.url.render_as_string(hide_password=False))) as again,
        pytest.raises(ForeignRowError, match="row_binding"),
    ):
        again.bind(KEK)


def test_rows_of_another_instance_with_the_same_key_are_refused(database, tmp_path):
    with closing(unconstrained(Database(f"sqlite:///{tmp_path / 'other.db'}"))) as other:
        migrations.upgrade(other)
        other.bind(KEK, create=True)
        table = metadata.tables["tokens"]
        with other.write() as connection:
            lift_references(connection)
            rows_of(connection).insert(table, sample(table, 3))
        (row,) = keep(other, table)
    forge(database, table.insert().values(row))
    with pytest.raises(ForeignRowError, match="tokens 3id"):
        read(database, table)


def test_text_where_bytes_belong_is_foreign_and_no_crash(database):
    if database.dialect != "sqlite":
        return  # PostgreSQL holds columns to their types
    for table in TABLES:
        column = changeable(table)[-1]
        forge(database, text(f"UPDATE {table.name} SET \"{column.name}\" = 'x'"))  # noqa: S608  # names of ours
        with pytest.raises(ForeignRowError, match=table.name):
            read(database, table)
    assert found(database) == {table.name for table in TABLES}


def test_a_fraction_where_a_whole_number_belongs_is_foreign(database):
    """SQLite stores it anywhere; rounded down, it is the number that was written."""
    if database.dialect != "sqlite":
        return  # PostgreSQL holds columns to their types
    numbers = [
        (table, column.name)
        for table in OURS
        for column in table.c
        if isinstance(column.type, Integer) and not column.primary_key
    ]
    for table, name in numbers:
        rows = keep(database, table)
        query = f'UPDATE {table.name} SET "{name}" = "{name}" + 0.5'  # noqa: S608  # names of ours
        forge(database, text(query))
        if any(row[name] is not None for row in rows):
            with pytest.raises(ForeignRowError, match=table.name):
                change(database, table if table in TABLES else COUNTED[0])
        forge(database, table.delete())
        forge(database, table.insert().values(rows))
    assert found(database) == set()


def test_the_alarm_hears_of_every_foreign_row_and_the_log_once(database):
    heard = []
    database.binding.alarm = heard.append
    table = metadata.tables["tokens"]
    forge(database, table.update().values(scope="operator"))
    for _ in range(3):
        with pytest.raises(ForeignRowError):
            read(database, table)
    assert [error.code for error in heard] == ["foreign_row"] * 3
    assert database.binding.foreign_rows == 1


def test_without_the_key_nothing_bound_is_read_or_written(database):
    plain = Database(database.engine.url.render_as_string(hide_password=False))
    with (
        pytest.raises(ConfigurationError, match="without the key-encryption key"),
        plain.read() as connection,
    ):
        rows_of(connection)
    with pytest.raises(ConfigurationError, match="without the key-encryption key"):
        _ = plain.binding
    plain.close()


def test_a_write_that_fails_leaves_rows_and_sums_as_they_were(database):
    table = metadata.tables["tokens"]

    def insert(number, *, fails=False):
        with database.write() as connection:
            lift_references(connection)
            rows_of(connection).insert(table, sample(table, number))
            if fails:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        insert(4, fails=True)
    with pytest.raises(IntegrityError):
        insert(1)
    assert check_rows(database) == []
    assert change(database, table) == 2


def test_rows_that_stay_are_not_removed(database):
    table = metadata.tables["tokens"]
    with pytest.raises(TypeError, match="declared to stay"), database.write() as connection:
        rows_of(connection).delete(table, true())
