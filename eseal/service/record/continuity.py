"""Whether the log may grow: it holds all that was released, and all that is on the ledger.

A database can come back older than it was: restored from a backup, or by a failover to a standby
that had not got everything. A process knows of that what it released itself, and what is on the
ledger; so it compares at every commit and, with or without one, every second. On PostgreSQL other
processes may know less: who finds a contradiction tells them through the database.
"""

from __future__ import annotations

import math
import socket
import time
from typing import TYPE_CHECKING, Final

import structlog

from eseal.errors import CorruptionError, ESealError, HaltedError, UnsafeReplicationError
from eseal.model.statement import format_time
from eseal.service.instance.kept_fresh import KeptFresh
from eseal.service.instance.released_head import check_holds
from eseal.service.record.anchoring import check_extends
from eseal.store.replication import check_replication
from eseal.store.repositories.halts import Halt, HaltRepository
from eseal.store.repositories.log import LogRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.ledger.facts import Head
    from eseal.service.instance.context import Context
    from eseal.store.repositories.log import StoredCheckpoint

HEAD_SECONDS: Final = 2.0
"""How old the ledger's head may be that is compared with."""
REPLICATION_SECONDS: Final = 10.0
"""How old the knowledge may be of how the database is replicated."""
_log = structlog.get_logger(__name__)


class Continuity:
    """Compares what is on record with what this process, its peers and the ledger know."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._shared = context.database.dialect == "postgresql"
        log_id = context.instance.log_id
        self._head = KeptFresh(lambda: context.connection.reader.head(log_id), HEAD_SECONDS)
        self._extended: Head | None = None
        self._unsafe: str | None = None
        self._looked = -math.inf

    def prepare(self) -> None:
        """Before the first commit: see where the ledger stands, and how the database is replicated.

        Raises:
            LedgerError: it cannot be asked.
            DatabaseUnreachableError: neither can the database.
        """
        if self._head.newest is None:
            self._head.ask()
        if math.isinf(self._looked):
            self._look_at_replication()

    def check(
        self, connection: Connection, checkpoint: StoredCheckpoint, released: Head | None
    ) -> None:
        """Check that the log may grow.

        Args:
            connection: a transaction.
            checkpoint: the newest, as it sees it.
            released: the highest released head, as known before the transaction began to see, or
                while it kept others from appending.

        Raises:
            CorruptionError: the log lacks something, or a peer has found that it does.
            UnsafeReplicationError: what is committed now may be lost.
        """
        if self._unsafe is not None:
            raise UnsafeReplicationError(self._unsafe)
        head = self._head.newest
        log = LogRepository(connection)
        check_holds(log, checkpoint, released)
        if head is not None and (head.size > checkpoint.size or head != self._extended):
            check_extends(log, head, checkpoint)
            self._extended = head
        if self._shared and (halt := HaltRepository(connection).get()) is not None:
            raise HaltedError(
                f"the process on {halt.host} stopped sealing at {format_time(halt.halted_at)}: "
                f"{halt.reason}; once that is put right, run: eseal recover --resume"
            )

    def compare(self) -> None:
        """The same between commits.

        Raises:
            CorruptionError: as :meth:`check`.
            UnsafeReplicationError: likewise.
            DatabaseUnreachableError: the database cannot be asked.
        """
        self._head.look()
        if time.monotonic() - self._looked >= REPLICATION_SECONDS:
            self._look_at_replication()
        released = self._context.released.head()
        with self._context.database.read() as connection:
            self.check(connection, LogRepository(connection).checkpoint(), released)

    def _look_at_replication(self) -> None:
        """Remember what is wrong with it: it may be put right while this process runs."""
        if not self._shared:
            self._looked = math.inf
            return
        accepts_loss = self._context.settings.accepted_loss != "none"
        self._unsafe = None
        try:
            with self._context.database.read() as connection:
                check_replication(connection, accepts_loss=accepts_loss)
        except UnsafeReplicationError as error:
            self._unsafe = str(error)
            _log.error("not_replicated_safely", error=self._unsafe)
        self._looked = time.monotonic()

    def tell(self, error: CorruptionError) -> bool:
        """Tell the other processes on this database why this one has stopped; whether they know."""
        if not self._shared or isinstance(error, HaltedError):
            return True
        halt = Halt(str(error), socket.gethostname(), self._context.now())
        try:
            with self._context.database.write() as connection:
                HaltRepository(connection).add(halt)
        except ESealError as failure:
            _log.warning("peers_not_told", error=str(failure))
            return False
        return True
