"""One door to the database: transactions that read, and transactions that write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InternalError,
    OperationalError,
)

from eseal.errors import ConfigurationError, CorruptionError, DatabaseUnreachableError
from eseal.store.binding.binding import Binding
from eseal.store.binding.bound_rows import OPTION, BoundRows
from eseal.store.binding.high_water import FILE, Floors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from eseal.keys.ring import KeySource

BUSY_TIMEOUT_MS = 30_000
"""A writer waits this long for another one's commit before it gives up."""
CHECKPOINT_PAGES = 16_384
"""Pages (64 MiB) in the write-ahead log before they move to the database file: a large batch
touches thousands, many again and again; moving them after every commit would double its cost."""
SQLITE_CACHE_KIB = 16 * 1024
"""Page cache per connection: enough for the tree's right edge and the newest uses."""
KEPT_CONNECTIONS = 6
MORE_CONNECTIONS = 10
"""Connections to PostgreSQL: one for each thread a service has, and one for the leader's lock."""
CONNECT_SECONDS = 5
"""PostgreSQL answers a new connection within milliseconds, or is not there."""
DEAD_PEER_MS = 4_000
"""After so long each side gives up the other whose machine or line is gone without a word."""
FROZEN_MS = 4_000
"""A process that stops in the middle of a transaction loses it, and its locks, after so long: then
another one seals. The longest pause of ours between two statements is the signing of one commit's
uses, about a second."""
LOCK_MS = 30_000
"""A writer waits this long for another one's commit before it gives up."""

_ON_THE_SERVER: dict[str, int | str] = {
    "synchronous_commit": "on",  # durable, here and at synchronous standbys, before it is reported
    "idle_in_transaction_session_timeout": FROZEN_MS,
    "lock_timeout": LOCK_MS,
    "client_connection_check_interval": 1000,  # while it waits for a lock for us
    "tcp_keepalives_idle": 1,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": DEAD_PEER_MS,
}
"""What the server is to do for a session of ours; times in milliseconds, of keepalives in seconds.
It takes PostgreSQL 14."""

ADVISORY_LOCKS = 0x65736561
"""First half of the names of our advisory locks (``esea`` in ASCII): 1 lets one writer in at a
time, 2 belongs to the leader."""

_UNSEEN = "INSERT INTO log_cosigned (id, size, root, note, cosigned_at) VALUES (0, 0, '', '', 0)"
_NO_TEXT = "Could not decode to UTF-8"
"""What SQLite's driver says of text that somebody put there as bytes."""
_ADVICE = {
    "postgresql": " (see that PostgreSQL runs there, and check ESEAL_DATABASE_URL)",
    "sqlite": " (see that its file is there, that it and its directory can be written, and that "
    "the disk has room)",
}


class Database:
    """An engine with two kinds of transaction. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        """Prepare to connect.

        Raises:
            ConfigurationError: ``url`` is not a SQLite or PostgreSQL URL.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):  # the latter for a port that is no number
            raise ConfigurationError(
                "ESEAL_DATABASE_URL: expected sqlite:///PATH or postgresql://…, got something else"
            ) from None
        self.dialect = parsed.get_backend_name()
        if self.dialect == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        elif self.dialect != "sqlite":
            raise ConfigurationError(
                f"ESEAL_DATABASE_URL: expected sqlite or postgresql, got {self.dialect}"
            )
        self.engine = _engine(parsed.render_as_string(hide_password=False), self.dialect)
        self._binding: Binding | None = None

    def bind(
        self, keys: KeySource, data_dir: Path | None = None, *, create: bool = False
    ) -> Binding:
        """Give the key-encryption key: from now on bound rows can be read and written.

        Args:
            keys: the key, or both of them while it is being changed.
            data_dir: where it is remembered how far the tables have come; in memory if ``None``.
            create: whether an empty database is to be bound; one that is bound stays so.

        Raises:
            WrongKeyError: the rows are bound with another key.
            ForeignRowError: what binds the rows was not written by this instance.
        """
        binding = Binding(keys, Floors(None if data_dir is None else data_dir / FILE))
        if create:
            with self.write() as connection:
                binding.create(connection)
        with self.read() as connection:
            keys.use(binding.read_state(connection).fingerprint)
        self._binding = binding
        return binding

    @property
    def binding(self) -> Binding:
        """What binds the rows.

        Raises:
            ConfigurationError: the key-encryption key was not given.
        """
        if self._binding is None:
            raise ConfigurationError("this database was opened without the key-encryption key")
        return self._binding

    @contextmanager
    def read(self, *, checked: bool = True) -> Iterator[Connection]:
        """A transaction that sees one state of the database and writes nothing.

        Args:
            checked: ``False`` gives foreign rows, too: for the audit, which names them itself.
        """
        with self._clear_errors(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if self._binding is not None:
                    rows = BoundRows(self._binding, connection, checked=checked)
                    connection.execution_options(**{OPTION: rows})
                yield connection

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Connection]:
        """A transaction that commits at the end, or leaves no trace if an exception passes.

        Writers go one at a time from the first statement on, so nothing read inside can be changed
        by another process before the commit: on SQLite by ``BEGIN IMMEDIATE``, on PostgreSQL by an
        advisory lock.

        Args:
            alone: ``False`` lets others write at the same time on PostgreSQL; what is read must
                then be locked row by row.
        """
        with self._clear_errors(), self.engine.connect() as connection:
            connection.execution_options(eseal_write=True)
            with connection.begin():
                if alone and self.dialect == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCKS}, 1)")
                if self._binding is None:
                    yield connection
                    return
                rows = BoundRows(self._binding, connection, writes=True)
                connection.execution_options(**{OPTION: rows})
                yield connection
                rows.settle()
        rows.committed()

    def clock_ahead(self, now: datetime) -> float:
        """By how many seconds ``now`` is ahead of the server's clock; 0 of SQLite, which has none.

        Raises:
            DatabaseUnreachableError: it cannot be asked.
        """
        if self.dialect == "sqlite":
            return 0.0
        with self.read(checked=False) as connection:
            there = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        ahead: timedelta = now - there
        return ahead.total_seconds()

    def try_to_write(self) -> None:
        """Write a row and take it away again, unseen: a full disk shows only then.

        Raises:
            DatabaseUnreachableError: it cannot be written.
        """
        with self.write(alone=False) as connection:
            connection.exec_driver_sql(_UNSEEN)
            connection.exec_driver_sql("DELETE FROM log_cosigned WHERE id = 0")

    def close(self) -> None:
        """Give all connections back."""
        if self._binding is not None:
            self._binding.floors.keep()
        self.engine.dispose()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            if type(error) not in (DatabaseError, OperationalError, InternalError):
                raise  # a constraint, not the database itself
            if _reason(error).startswith(_NO_TEXT):
                raise CorruptionError(
                    f"the database holds text that is none: {_reason(error)}; run: eseal audit"
                ) from error
            advice = _ADVICE.get(self.dialect, "")
            raise DatabaseUnreachableError(
                f"the database cannot be used: {_reason(error)}{advice}"
            ) from error


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _engine(url: str, dialect: str) -> Engine:
    if dialect != "sqlite":
        return create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_size=KEPT_CONNECTIONS,
            max_overflow=MORE_CONNECTIONS,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "keepalives_idle": 2,
                "keepalives_interval": 1,
                "keepalives_count": 3,
                "tcp_user_timeout": DEAD_PEER_MS,
                "options": " ".join(f"-c {name}={value}" for name, value in _ON_THE_SERVER.items()),
            },
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _configure(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None  # we begin transactions ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit is on the disk before it is reported
            "foreign_keys=ON",
            f"cache_size=-{SQLITE_CACHE_KIB}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("eseal_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
