"""Which of several processes does what only one should do at a time: anchoring and upkeep.

The database decides: on PostgreSQL by an advisory lock that ends with the leader's session, on
SQLite by a lock on a file beside the database. A session from which the server has heard nothing
for a while it ends itself, whether its process hangs or its machine is gone: a lock with an expiry.
Being leader saves work and fees; it is not what keeps the log whole: every commit and every
transaction holds without it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError

from eseal.errors import DatabaseUnreachableError
from eseal.store.database import ADVISORY_LOCKS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from eseal.store.database import Database

_TAKE = f"SELECT pg_try_advisory_lock({ADVISORY_LOCKS}, 2)"
_GIVE_UP = f"SELECT pg_advisory_unlock({ADVISORY_LOCKS}, 2)"
_EXPIRE = "SET idle_session_timeout = {}"
FILE_MODE = 0o600
EXPIRY_SECONDS = 6
"""A leader of which the server hears nothing is one no more after so long."""
RENEWAL_SECONDS = 1.5
"""The server hears of a leader so often, whatever else it does."""


class Leader(Protocol):
    """One process's stake in being leader. Used by one thread."""

    def holds(self) -> bool:
        """Whether this process is leader now; becomes it if nobody is."""
        ...

    def close(self) -> None:
        """Let another one lead: who asks after this returns gets it."""
        ...


def leader_of(database: Database) -> Leader:
    """This process's stake in leading the processes on ``database``."""
    if database.dialect == "postgresql":
        return _Session(database.engine)
    return _FileLock(Path(f"{database.engine.url.database}.leader"))


class _Session:
    """A session of PostgreSQL that holds an advisory lock, and is kept alive from a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._closed = threading.Event()
        self._renewing: threading.Thread | None = None

    def holds(self) -> bool:
        with self._lock:
            if self._connection is None:
                self._try_to_take()
            else:
                self._renew()
            return self._connection is not None

    def close(self) -> None:
        self._closed.set()
        if self._renewing is not None:
            self._renewing.join()
            self._renewing = None
        with self._lock:
            if self._connection is not None:
                # The server notices that a connection has ended only some time after it did.
                with suppress(DBAPIError):  # a connection that is gone holds no lock
                    self._connection.exec_driver_sql(_GIVE_UP)
            self._drop()

    def _try_to_take(self) -> None:
        with suppress(DBAPIError):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not connection.exec_driver_sql(_TAKE).scalar_one():
                connection.close()
                return
            self._connection = connection
            connection.exec_driver_sql(_EXPIRE.format(EXPIRY_SECONDS * 1000))
            if self._renewing is None:
                self._closed.clear()
                self._renewing = threading.Thread(
                    target=self._renew_on, name="eseal-leader", daemon=True
                )
                self._renewing.start()

    def _renew_on(self) -> None:
        while not self._closed.wait(RENEWAL_SECONDS):
            with self._lock:
                self._renew()

    def _renew(self) -> None:
        """Let the server hear of us; without its session this process leads no more."""
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            # Not back to the pool: the lock would go with it.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def holds(self) -> bool:
        if self._file is None:
            try:
                file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            except OSError as error:
                raise DatabaseUnreachableError(
                    f"cannot lock {self._path.name} beside the database: {error.strerror}"
                ) from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
            else:
                self._file = file
        return self._file is not None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
