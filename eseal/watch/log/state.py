"""What a watch remembers between rounds: how far it has read, and every leaf it found.

One SQLite file, private: it links the uses of the seals it watches.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import astuple, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eseal.durable import PRIVATE_DIRECTORY_MODE, PRIVATE_MODE, only_process
from eseal.errors import ConfigurationError, CorruptionError, InvalidInputError
from eseal.log.compact_range import RootBuilder
from eseal.log.leaf import Leaf
from eseal.log.rfc9162 import HASH_BYTES
from eseal.watch.log.leaves import Hit
from eseal.watch.log.tickets import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FILE = "watch.db"
_DIGEST_BYTES = 8
_OF_THE_DISK = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)
"""Errors that say nothing of what is in the file."""
_NEWEST = "(SELECT max(epoch) FROM logs WHERE logs.log = found.log)"
"""The epoch whose heads were read last, of the log of a leaf found."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL,
    row_digest BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS logs (
    log BLOB NOT NULL, epoch INTEGER NOT NULL, size INTEGER NOT NULL, peaks BLOB NOT NULL,
    block INTEGER NOT NULL, whole INTEGER NOT NULL, row_digest BLOB NOT NULL,
    PRIMARY KEY (log, epoch)) STRICT;
CREATE TABLE IF NOT EXISTS since (name TEXT PRIMARY KEY, size INTEGER NOT NULL,
    time INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS volumes (log BLOB NOT NULL, handle BLOB NOT NULL,
    number INTEGER NOT NULL, PRIMARY KEY (log, handle, number)) STRICT;
CREATE TABLE IF NOT EXISTS found (
    log BLOB NOT NULL, epoch INTEGER NOT NULL, leaf INTEGER NOT NULL, tag BLOB NOT NULL,
    commitment BLOB NOT NULL, handle BLOB NOT NULL, volume INTEGER NOT NULL,
    position INTEGER NOT NULL, row_digest BLOB NOT NULL, record TEXT, digest BLOB, source BLOB,
    PRIMARY KEY (log, epoch, leaf)) STRICT;
CREATE INDEX IF NOT EXISTS found_by_handle ON found (handle, leaf);
CREATE INDEX IF NOT EXISTS found_by_tag ON found (tag);
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY) STRICT;
"""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """How far a log was read, under the heads of an epoch.

    Attributes:
        epoch: which.
        builder: the tree of the leaves read, at a head.
        block: height of a final block: volumes opened later were not needed.
        whole: whether all leaves that then were under its heads have been read.
    """

    epoch: int
    builder: RootBuilder
    block: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf of a watched book.

    Attributes:
        log_id: 32 bytes.
        epoch: of the heads under which it was found.
        leaf: it.
        place: of its ticket.
        record: what opened it, or ``None``: the id of a use, else the kind of record.
        digest: SHA-256 of what was sealed, 32 bytes, where it is an opened use.
        source: SHA-256 of the file that was handed in, 32 bytes, where that is known.
    """

    log_id: bytes
    epoch: int
    leaf: Leaf
    place: Place
    record: str | None
    digest: bytes | None
    source: bytes | None


class WatchState:
    """A watch's directory. Not for several threads at once; commits only where it says so.

    Args:
        directory: made if it is not there.
        bound: what the state is of, by name: chain, contracts, company.

    Raises:
        ConfigurationError: it is of something else, or another process has it.
        CorruptionError: it is damaged.
        OSError: it cannot be made.
    """

    def __init__(self, directory: Path, bound: dict[str, str]) -> None:
        directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        self._path = directory / FILE
        self._stack = ExitStack()
        try:
            self._stack.enter_context(only_process(directory / "lock"))
        except BlockingIOError:
            raise ConfigurationError(f"another watch uses {directory}") from None
        try:
            self._open(bound)
        except BaseException:
            self._stack.close()
            raise

    def _open(self, bound: dict[str, str]) -> None:
        new = not self._path.exists()
        self._path.touch(PRIVATE_MODE)
        with self._sound():
            self._db = self._stack.enter_context(closing(sqlite3.connect(self._path)))
            if not new and not self._is_whole():
                raise self._damaged("expected a watch's state, got a damaged or another file")
            self._db.executescript(_SCHEMA)
        self._bind(bound)

    def _is_whole(self) -> bool:
        """SQLite takes what is missing at the end, or all of it, for nothing written there."""
        tables = self._rows("SELECT 1 FROM sqlite_master")
        sound = self._rows("PRAGMA quick_check") == [("ok",)]
        pages, page = (self._one(f"PRAGMA page_{what}")[0] for what in ("count", "size"))
        return bool(tables) and sound and self._path.stat().st_size == pages * page

    def _damaged(self, what: str) -> CorruptionError:
        return CorruptionError(
            f"{self._path}: {what}; keep it, and start anew with another --state"
        )

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What SQLite cannot read, or what cannot be what we wrote, is an error of ours."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
                raise OSError(f"{self._path}: {error}") from None
            raise self._damaged(f"expected a watch's state: {error}") from None
        except (ValueError, InvalidInputError) as error:
            raise self._damaged(f"expected a watch's state: {error}") from None

    def close(self) -> None:
        """Let go; what was not committed is forgotten."""
        self._stack.close()

    def commit(self) -> None:
        """Remember; durable when this returns."""
        with self._sound():
            self._db.commit()

    def roll_back(self) -> None:
        """Forget what was not committed."""
        self._db.rollback()

    def get(self, name: str) -> int | None:
        """A remembered number."""
        text = self._text(name)
        with self._sound():
            return None if text is None else int(text)

    def put(self, name: str, value: int) -> None:
        """Remember a number."""
        self._put_text(name, str(value))

    def log(self, log_id: bytes, epoch: int) -> ReadLog | None:
        """How far a log was read under the heads of an epoch."""
        return next((one for one in self.logs(log_id) if one.epoch == epoch), None)

    def logs(self, log_id: bytes) -> list[ReadLog]:
        """How far a log was read, by epochs."""
        found = []
        for *row, digest in self._rows("SELECT * FROM logs WHERE log = ? ORDER BY epoch", log_id):
            self._check(digest, *row)
            _, epoch, size, peaks, block, whole = row
            split = [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)]
            found.append(ReadLog(epoch, RootBuilder.resume(size, split), block, bool(whole)))
        return found

    def put_log(self, log_id: bytes, read: ReadLog) -> None:
        """Remember how far a log was read."""
        tree = read.builder
        row = log_id, read.epoch, tree.size, b"".join(tree.peaks), read.block, int(read.whole)
        self._do("INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?)", *row, _digest(*row))

    def put_found(self, log_id: bytes, epoch: int, hits: Iterable[Hit]) -> None:
        """Remember what was found under the heads of an epoch."""
        rows = [
            (log_id, epoch, leaf.index, leaf.tag, leaf.commitment, *astuple(place))
            for leaf, place in ((hit.leaf, hit.place) for hit in hits)
        ]
        self._do_all(
            "INSERT OR IGNORE INTO found (log, epoch, leaf, tag, commitment, handle, volume,"
            " position, row_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, _digest(*row)) for row in rows],
        )

    def volumes(self, log_id: bytes) -> set[tuple[bytes, int]]:
        """Volumes whose tickets were looked for in all leaves read: handle and number."""
        return set(self._rows("SELECT handle, number FROM volumes WHERE log = ?", log_id))

    def put_volumes(self, log_id: bytes, volumes: Iterable[tuple[bytes, int]]) -> None:
        """Remember whose tickets were looked for: these, and no others any more."""
        self._do("DELETE FROM volumes WHERE log = ?", log_id)
        self._do_all(
            "INSERT OR IGNORE INTO volumes VALUES (?, ?, ?)",
            [(log_id, *volume) for volume in volumes],
        )

    def newest_volume(self, handle: bytes) -> int:
        """The highest number of a volume of which a leaf was found; -1 if none was."""
        row = self._one("SELECT max(volume) FROM found WHERE handle = ?", handle)
        return -1 if row is None or row[0] is None else int(row[0])

    def waiting(self, name: str, size: int, now: int) -> int:
        """For how many seconds something has waited while ``size`` did not grow."""
        row = self._one("SELECT size, time FROM since WHERE name = ?", name)
        if row is None or row[0] != size:
            self._do("INSERT OR REPLACE INTO since VALUES (?, ?, ?)", name, size, now)
            return 0
        return max(0, now - int(row[1]))

    def not_waiting(self, name: str) -> None:
        """Forget since when it has waited."""
        self._do("DELETE FROM since WHERE name = ?", name)

    def unopened(self, handles: Sequence[bytes]) -> list[Found]:
        """Leaves of these books that nothing opened, by index; of each log's newest epoch."""
        return self._found("record IS NULL", handles)

    def opened(self, found: Found, record: str, digest: bytes | None, source: bytes | None) -> None:
        """Remember what opened a leaf."""
        self._do(
            "UPDATE found SET record = ?, digest = ?, source = ? WHERE log = ? AND epoch = ? "
            "AND leaf = ?",
            *(record, digest, source, found.log_id, found.epoch, found.leaf.index),
        )

    def uses(self, handles: Sequence[bytes]) -> list[Found]:
        """Opened uses of these books, of each log's newest epoch."""
        return self._found("digest IS NOT NULL", handles)

    def torn_twice(self, handles: Sequence[bytes]) -> list[Found]:
        """Leaves whose ticket stands in another leaf with another commitment, too."""
        twice = (
            "EXISTS (SELECT 1 FROM found AS other WHERE other.tag = found.tag"
            " AND other.commitment != found.commitment)"
        )
        return self._found(twice, handles, newest=False)

    def gone(self, handles: Sequence[bytes]) -> list[Found]:
        """Leaves found under disowned heads that the log does not hold under its heads now.

        Those are read by then, all of them: what was not read yet may hold them.
        """
        newest = f"= {_NEWEST}"
        whole = f"(SELECT whole FROM logs WHERE logs.log = found.log AND logs.epoch {newest})"  # noqa: S608
        held = (
            "EXISTS (SELECT 1 FROM found AS other WHERE other.log = found.log AND other.tag ="  # noqa: S608  # of constants
            f" found.tag AND other.commitment = found.commitment AND other.epoch {newest})"
        )
        return self._found(f"NOT epoch {newest} AND {whole} AND NOT {held}", handles, newest=False)

    def counts(self) -> tuple[int, int]:
        """How many leaves were found, and how many of them opened, in each log's newest epoch."""
        row = self._one(
            f"SELECT count(*), count(record) FROM found WHERE epoch = {_NEWEST}",  # noqa: S608  # above
        )
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def told(self) -> set[str]:
        """Names of what was told."""
        return {name for (name,) in self._rows("SELECT name FROM told")}

    def put_told(self, names: Iterable[str], *, forget: bool) -> None:
        """Remember what was told; with ``forget``, nothing else."""
        if forget:
            self._do("DELETE FROM told")
        self._do_all("INSERT OR IGNORE INTO told VALUES (?)", [(name,) for name in names])

    def _found(
        self, condition: str, handles: Sequence[bytes], *, newest: bool = True
    ) -> list[Found]:
        if newest:
            condition += f" AND epoch = {_NEWEST}"
        found: list[Found] = []
        for handle in handles:
            rows = self._rows(
                "SELECT row_digest, record, digest, source, log, epoch, leaf, tag, commitment,"  # noqa: S608  # the conditions above
                " handle, volume, position"
                f" FROM found WHERE handle = ? AND {condition} ORDER BY epoch, leaf",
                handle,
            )
            for row_digest, record, digest, source, *row in rows:
                self._check(row_digest, *row)
                log_id, epoch, index, tag, commitment, _, volume, position = row
                leaf, place = Leaf(index, commitment, tag), Place(handle, volume, position)
                found.append(Found(log_id, epoch, leaf, place, record, digest, source))
        return found

    def _check(self, digest: bytes, *row: bytes | int | str) -> None:
        """What a disk spoils must accuse nobody."""
        if digest != _digest(*row):
            raise self._damaged("expected a watch's state, got a row that was changed")

    def _bind(self, bound: dict[str, str]) -> None:
        for name, value in bound.items():
            known = self._text(name)
            if known is None:
                self._put_text(name, value)
            elif known != value:
                raise ConfigurationError(
                    f"{self._path}: expected the state of {name} {value}, got that of {known}: "
                    "give another --state"
                )
        self.commit()

    def _text(self, name: str) -> str | None:
        row = self._one("SELECT value, row_digest FROM meta WHERE name = ?", name)
        if row is None:
            return None
        self._check(row[1], name, row[0])
        return str(row[0])

    def _put_text(self, name: str, value: str) -> None:
        self._do("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", name, value, _digest(name, value))

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._rows(sql, *values)
        return rows[0] if rows else None

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._sound():
            return self._db.execute(sql, values).fetchall()

    def _do(self, sql: str, *values: object) -> None:
        with self._sound():
            self._db.execute(sql, values)

    def _do_all(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._sound():
            self._db.executemany(sql, rows)


def _digest(*row: bytes | int | str) -> bytes:
    """Of what a row holds; not against who can write it."""
    return sha256(repr(row).encode()).digest()[:_DIGEST_BYTES]
