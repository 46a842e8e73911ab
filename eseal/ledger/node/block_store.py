"""Where the embedded chain rests: one SQLite file, one transaction per block.

Three tables: ``item``, the key-value store py-evm works on; ``block`` and ``log``, an index of what
the blocks hold, so that a question about blocks or logs never walks the chain; ``setting``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from eth.db.backends.base import BaseDB

from eseal.errors import CorruptionError

SCHEMA_VERSION = 1
"""Kept in SQLite's ``user_version``; a file of another version is refused."""
TOPICS = 4
"""An EVM log has at most four topics (opcodes LOG0 to LOG4)."""
CACHE_KIB = 8192
"""SQLite's page cache: holds the upper trie nodes every block reads again."""

_SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE item (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE block (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, timestamp INTEGER NOT NULL
);
CREATE TABLE log (
    block INTEGER NOT NULL, position INTEGER NOT NULL,
    transaction_position INTEGER NOT NULL, transaction_hash BLOB NOT NULL,
    address BLOB NOT NULL, topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX log_by_topic ON log (address, topic0, topic1, topic2);
"""


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A log of a mined transaction.

    Attributes:
        block: height of its block.
        block_hash: 32 bytes.
        timestamp: of its block, Unix seconds.
        position: its place among the logs of the block, from 0.
        transaction_position: the place of its transaction in the block, from 0.
        transaction_hash: 32 bytes.
        address: 20 bytes, the contract that wrote it.
        topics: up to four, 32 bytes each.
        data: the unindexed part.
    """

    block: int
    block_hash: bytes
    timestamp: int
    position: int
    transaction_position: int
    transaction_hash: bytes
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which logs to find; an empty choice matches anything.

    Attributes:
        first: lowest block, inclusive.
        last: highest block, inclusive.
        addresses: any of these contracts, 20 bytes each.
        topics: per position, any of these, 32 bytes each.
        limit: at most so many rows.
    """

    first: int
    last: int
    addresses: Sequence[bytes]
    topics: Sequence[Sequence[bytes]]
    limit: int


class BlockStore(BaseDB):
    """py-evm's key-value store and the index, in one SQLite file.

    Not safe for several threads at once: the node serialises its use.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the file.

        Raises:
            CorruptionError: it is not such a file.
        """
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise CorruptionError(f"{path}: expected a ledger database, got: {error}") from error
        except CorruptionError:
            connection.close()
            raise
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become durable together when it ends, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def __getitem__(self, key: bytes) -> bytes:
        """The value of ``key``.

        Raises:
            KeyError: there is none.
        """
        row = self._connection.execute("SELECT value FROM item WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        value: bytes = row[0]
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Write or overwrite ``key``."""
        self._connection.execute("REPLACE INTO item VALUES (?, ?)", (key, value))

    def __delitem__(self, key: bytes) -> None:
        """Delete ``key``.

        Raises:
            KeyError: there is no such key.
        """
        if not self._connection.execute("DELETE FROM item WHERE key = ?", (key,)).rowcount:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        row = self._connection.execute("SELECT 1 FROM item WHERE key = ?", (key,)).fetchone()
        return row is not None

    def setting(self, name: str) -> str | None:
        """A setting made when the chain was, or ``None``."""
        row = self._connection.execute(
            "SELECT value FROM setting WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._connection.execute("REPLACE INTO setting VALUES (?, ?)", (name, value))

    def add_block(
        self, number: int, block_hash: bytes, timestamp: int, logs: Sequence[StoredLog]
    ) -> None:
        """Index a block and its logs."""
        self._connection.execute(
            "INSERT INTO block VALUES (?, ?, ?)", (number, block_hash, timestamp)
        )
        self._connection.executemany(
            "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    log.block,
                    log.position,
                    log.transaction_position,
                    log.transaction_hash,
                    log.address,
                    *log.topics,
                    *([None] * (TOPICS - len(log.topics))),
                    log.data,
                )
                for log in logs
            ],
        )

    def height_of(self, block_hash: bytes) -> int | None:
        """The height of the block with this hash, or ``None``."""
        row = self._connection.execute(
            "SELECT number FROM block WHERE hash = ?", (block_hash,)
        ).fetchone()
        return None if row is None else int(row[0])

    def logs(self, query: LogQuery) -> list[StoredLog]:
        """The logs that match, in the order they were written."""
        clauses, values = ["log.block BETWEEN ? AND ?"], [query.first, query.last]
        choices = [("address", query.addresses)]
        choices += [(f"topic{position}", any_of) for position, any_of in enumerate(query.topics)]
        arguments: list[int | bytes] = list(values)
        for column, any_of in choices:
            if any_of:
                clauses.append(f"{column} IN ({', '.join('?' * len(any_of))})")
                arguments.extend(any_of)
        rows = self._connection.execute(
            "SELECT log.block, block.hash, block.timestamp, position, transaction_position,"  # noqa: S608 - only fixed column names and question marks are put in
            " transaction_hash, address, topic0, topic1, topic2, topic3, data"
            f" FROM log JOIN block ON block.number = log.block WHERE {' AND '.join(clauses)}"
            " ORDER BY log.block, position LIMIT ?",
            (*arguments, query.limit),
        )
        return [_stored_log(row) for row in rows]


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a block is durable when sealed
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    elif version != SCHEMA_VERSION:
        raise CorruptionError(
            f"{path}: expected a ledger of version {SCHEMA_VERSION}, got {version}"
        )


def _stored_log(row: tuple[Any, ...]) -> StoredLog:
    block, block_hash, timestamp, position, index, transaction, address, *topics, data = row
    return StoredLog(
        block=block,
        block_hash=block_hash,
        timestamp=timestamp,
        position=position,
        transaction_position=index,
        transaction_hash=transaction,
        address=address,
        topics=tuple(topic for topic in topics if topic is not None),
        data=data,
    )
