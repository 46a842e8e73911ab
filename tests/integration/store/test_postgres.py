"""The same repositories and migrations on PostgreSQL."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from eseal.config import Settings
from eseal.errors import DatabaseUnreachableError
from eseal.keys.kek import KeyEncryptionKey
from eseal.model.seal import SealType
from eseal.model.statement import Statement
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories.leader import leader_of
from eseal.store.schema.rows import COPY_ROWS, insert_rows
from eseal.store.schema.tables import log_leaves, metadata
from tests.actors import acting
from tests.conftest import COMPANY_NAME, REGISTRATION_ID


@pytest.fixture
def url(postgres):
    return postgres.create()


@pytest.fixture
def database(url):
    database = Database(url)
    migrations.upgrade(database)
    database.bind(KeyEncryptionKey(bytes(32)), create=True)
    yield database
    database.close()


def test_migrations_make_exactly_the_tables_and_their_indexes(database, postgres):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        found = set(connection.execute(_INDEXES).scalars())
    fresh = Database(postgres.create())
    with fresh.write() as connection:
        metadata.create_all(connection)
    with fresh.read() as connection:
        assert set(connection.execute(_INDEXES).scalars()) | {_VERSION} == found
    fresh.close()


_INDEXES = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
_VERSION = (
    "CREATE UNIQUE INDEX alembic_version_pkc ON public.alembic_version USING btree (version_num)"
)


def test_uses_of_one_seal_from_two_processes_tear_every_ticket_once(postgres, tmp_path):
    settings = Settings.load(data_dir=tmp_path / "data", database_url=postgres.create())
    initialise(settings, name="Trial Issuer")
    with Service.open(settings) as one, Service.open(settings) as other:
        _, (seal,) = one.onboarding.add_company(
            COMPANY_NAME,
            REGISTRATION_ID,
            seals=[SealOrder(SealType.CONTRACT, depth=5)],
            actor=acting(),
        )
        one.upkeep.round()

        def apply(number):
            orders = [DigestOrder(bytes([number, n]) * 16) for n in range(3)]
            return (one, other)[number % 2].sealing.seal_digests(seal.id, orders, actor=acting("a"))

        with ThreadPoolExecutor(8) as pool:
            sealed = [use for found in pool.map(apply, range(24)) for use in found]
        torn = {Statement.parse(each.use.statement).ticket for each in sealed}
        book = one.context.books.book(seal.id)
        assert torn == {book.ticket(number) for number in range(72)}
        assert {ticket.volume for ticket in torn} == {0, 1, 2}
        assert other.records.evidence_of_digest(bytes([5, 2]) * 16)
        assert one.audit.run().disagreements == ()


def test_writers_go_one_at_a_time_unless_they_lock_what_they_read(database):
    order: list[str] = []
    inside = threading.Event()

    def second(*, alone: bool) -> None:
        inside.wait()
        with database.write(alone=alone):
            order.append("alone" if alone else "beside")

    threads = [threading.Thread(target=second, kwargs={"alone": alone}) for alone in (True, False)]
    for thread in threads:
        thread.start()
    with database.write():
        inside.set()
        threads[1].join(60)
        order.append("first")
    threads[0].join(60)
    assert order == ["beside", "first", "alone"]


def test_readers_see_one_state_and_cannot_write(database):
    with database.read() as connection:
        before = connection.execute(_KEYS).scalar_one()
        with database.write() as other:
            other.exec_driver_sql(r"INSERT INTO log_leaves VALUES (0, '\x00')")
        assert connection.execute(_KEYS).scalar_one() == before
    with (
        pytest.raises(DatabaseUnreachableError, match="read-only"),
        database.read() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM log_leaves")


_KEYS = text("SELECT count(*) FROM log_leaves")


def test_many_rows_are_copied_and_a_clash_is_an_integrity_error(database):
    rows = [(index, bytes([index % 256])) for index in range(3 * COPY_ROWS)]
    with database.write() as connection:
        insert_rows(connection, log_leaves, rows)
    with database.read() as connection:
        count = connection.execute(text("SELECT count(*) FROM log_leaves")).scalar_one()
        last = connection.execute(text("SELECT max(log_index) FROM log_leaves")).scalar_one()
    assert (count, last) == (3 * COPY_ROWS, 3 * COPY_ROWS - 1)
    with pytest.raises(IntegrityError), database.write() as connection:
        insert_rows(connection, log_leaves, rows)


def test_a_server_that_was_killed_is_said_to_be_away_and_found_again(postgres, url):
    database = Database(url)
    with database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    postgres.kill()
    try:
        with (
            pytest.raises(DatabaseUnreachableError, match="the database cannot be used"),
            database.read(),
        ):
            pass
    finally:
        postgres.start()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()


def test_a_wrong_password_is_named_without_the_password(postgres):
    database = Database(f"postgresql://nobody:s3cret@127.0.0.1:{postgres.port}/none")
    with pytest.raises(DatabaseUnreachableError) as refused, database.read():
        pass
    assert "nobody" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_there_is_one_leader_and_another_follows_it_at_once(url):
    first, second = Database(url), Database(url)
    leaders = [leader_of(first), leader_of(second)]
    assert [leader.holds() for leader in leaders] == [True, False]
    followed = []
    for _ in range(100):
        assert [leader.holds() for leader in leaders] == [True, False]
        leaders[0].close()
        followed.append(leaders[1].holds())
        leaders.reverse()
    for part in (*leaders, first, second):
        part.close()
    assert all(followed)


def test_a_leader_whose_connection_is_ended_is_leader_no_more(url):
    first, second = Database(url), Database(url)
    one, other = leader_of(first), leader_of(second)
    assert one.holds()
    end_leaders(url)
    until = time.monotonic() + 10
    while not other.holds():
        assert time.monotonic() < until
    assert not one.holds()
    end_leaders(url)
    for part in (other, one, first, second):
        part.close()


def end_leaders(url):
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_the_server_s_clock_is_asked(url):
    database = Database(url)
    now = datetime.now(UTC)
    assert abs(database.clock_ahead(now)) < 60
    assert database.clock_ahead(now + timedelta(hours=1)) == pytest.approx(3600, abs=60)
    database.close()
