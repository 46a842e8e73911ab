from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from eseal.errors import ConfigurationError, CorruptionError, NotInitialisedError
from eseal.keys.kek import KeyEncryptionKey
from eseal.log import tree
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.store.repositories.seals import _split
from eseal.store.schema.tables import metadata


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.upgrade(database)
    database.bind(KeyEncryptionKey(bytes(32)), create=True)
    yield database
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y"])
def test_other_databases_are_refused(url):
    with pytest.raises(ConfigurationError, match="ESEAL_DATABASE_URL: expected"):
        Database(url)


def test_a_database_that_cannot_be_opened(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'x.db'}")
    with pytest.raises(ConfigurationError, match="unable to open"), database.read():
        pass


def test_an_exception_leaves_no_trace(database):
    def count() -> int:
        with database.read() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM log_leaves").scalar_one()

    def insert(*, fails: bool) -> None:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO log_leaves VALUES (0, x'00')")
            if fails:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        insert(fails=True)
    assert count() == 0
    insert(fails=False)
    assert count() == 1


def test_writers_go_one_at_a_time(database):
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with database.write():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with database.write():
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_migrations_make_exactly_the_tables(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrations.check(database)
    migrations.upgrade(database)


def test_migrations_make_what_the_tables_say_to_the_letter(database, tmp_path):
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    with fresh.write() as connection:
        metadata.create_all(connection)
    made, declared = _schema(database), _schema(fresh)
    del made["alembic_version"]
    assert made == declared
    fresh.close()


def test_a_downgrade_takes_every_table(database):
    with database.write() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(_schema(database)) == {"alembic_version"}


def _schema(database: Database) -> dict[str, list[str]]:
    """The lines of each table's and index's definition; constraints come in any order."""
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")
        return {
            name: sorted(line.strip(", \t") for line in sql.splitlines())
            for name, sql in found
            if sql
        }


def test_a_schema_from_the_future_is_refused(database):
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    for step in (migrations.check, migrations.upgrade):
        with pytest.raises(ConfigurationError, match="written by a newer eseal"):
            step(database)


def test_an_empty_database_is_not_an_instance(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(NotInitialisedError, match="eseal init"):
        migrations.check(database)
    database.close()


def test_an_append_that_does_not_add_up_is_refused(database):
    with database.write() as connection:
        log = LogRepository(connection)
        assert log.checkpoint().root == EMPTY_ROOT
        appended = tree.append(log, 0, [bytes(32)])
        wrong = StoredCheckpoint(2, appended.root, b"note")
        with pytest.raises(CorruptionError, match="1 leaves from 0 do not make a log of 2"):
            log.append(0, [b"leaf"], appended.tiles, wrong, None)


def test_a_chain_that_is_not_der_is_corruption():
    with pytest.raises(CorruptionError, match="not DER"):
        _split(b"\x30\x82\xff\xff")


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "x.db").write_bytes(b"not a database at all" * 500)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(ConfigurationError, match="not a database"):
        migrations.check(database)
    database.close()
