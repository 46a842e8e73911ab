"""The authority's own log: who asked for which company when, and what came of it.

A file of JSON lines to which is only ever added, each with the hash of the one before: a line that
was changed, taken out or put in shows. That the end was cut off shows to whoever holds a later
line's number and hash: each answer carries its own (``Attested.record``).

Every line is on disk before the answer leaves. A line without an end is one whose writer died, so
that nobody has its answer: the next writer takes it away. Several processes may write.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from eseal.authority.word.messages import Ask
from eseal.errors import CorruptionError, InvalidFormatError
from eseal.model.json_values import JsonValues
from eseal.model.statement import format_time, parse_time

FIRST = "0" * 64
"""``prev`` of the first line."""
MAX_LINE_BYTES = 4096
"""A request of 2 KiB and who asked when."""
_JSON = JsonValues("request_log")
_MEMBERS = {"n", "prev", "at", "by", "word", "id", "name"}
Founders = tuple[bytes | None, str | None]
"""Hash of a company's founders' document, and the address of their account."""
_OPTIONAL = frozenset({"since", "country", "founders", "founders_account", "why"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        number: from 1.
        hash: SHA-256 of the line, 64 hex digits.
        at: when it was asked, UTC.
        by: who asked: a token's id, or who ran the command.
        word: ``proven``; ``renamed``: proven under another name than before; ``refused``.
        id: the company's registration id.
        name: the name asked for.
        since: from when the authority vouches for this name; ``None`` if it refused.
        founders: hash of the founders' document and their account, as asked.
    """

    number: int
    hash: str
    at: datetime
    by: str
    word: str
    id: str
    name: str
    since: datetime | None
    founders: Founders = (None, None)

    @property
    def record(self) -> str:
        """Number and hash, as an answer carries them."""
        return f"{self.number}:{self.hash}"


class RequestLog:
    """The log in a file. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open a log (an empty file at first); reads it whole and checks the chain.

        Raises:
            CorruptionError: there is none, or a line was changed, taken out or put in.
        """
        self._path = path
        self._guard = Lock()
        self._size = 0
        self._last = (0, FIRST)
        self._names: dict[str, tuple[str, datetime]] = {}
        self._founders: dict[str, Founders] = {}
        with self._alone():
            pass

    @property
    def entries(self) -> int:
        """How many lines there are, as far as they were read."""
        return self._last[0]

    def known(self, company: str) -> tuple[str | None, Founders]:
        """Under which name an id was proven last, and with which founders; errors as below."""
        with self._alone():
            name, _ = self._names.get(company, (None, None))
            return name, self._founders.get(company, (None, None))

    def proven(self, by: str, ask: Ask, now: datetime) -> Entry:
        """Record that this is proven; durable when it returns.

        Raises:
            CorruptionError: somebody else changed the file.
            OSError: it cannot be written; nothing is on record then.
        """
        now = now.replace(microsecond=0)
        with self._alone() as file:
            name, since = self._names.get(ask.id, (ask.name, now))
            word = "proven"
            if name != ask.name:
                word, since = "renamed", now
            more = ask.members() | {"word": word, "since": format_time(since)}
            return self._write(file, by, now, more)

    def refused(self, by: str, ask: Ask, why: str, now: datetime) -> Entry:
        """Record that this was refused, and why; errors as :meth:`proven`."""
        with self._alone() as file:
            more = ask.members() | {"word": "refused", "why": why[: MAX_LINE_BYTES // 8]}
            return self._write(file, by, now.replace(microsecond=0), more)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The file, to be written by nobody else, after what others wrote was read."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            raise CorruptionError(f"{self._path}: the authority's log is gone") from None
        with self._guard:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                self._catch_up(descriptor)
                yield descriptor
            finally:
                os.close(descriptor)

    def _catch_up(self, descriptor: int) -> None:
        """Read what other processes added; take away a line whose writer died."""
        with self._path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            if end < self._size:
                raise CorruptionError(f"{self._path}: was {self._size} bytes long, is {end}")
            file.seek(self._size)
            for line in file:
                if not line.endswith(b"\n"):
                    os.ftruncate(descriptor, self._size)
                    break
                self._take(_parse(line, *self._last, self._path), len(line))

    def _take(self, entry: Entry, length: int) -> None:
        self._size += length
        self._last = entry.number, entry.hash
        if entry.since is not None:
            self._names[entry.id] = entry.name, entry.since
            if entry.founders != (None, None):
                self._founders[entry.id] = entry.founders

    def _write(self, file: int, by: str, now: datetime, more: dict[str, Any]) -> Entry:
        number, prev = self._last
        fields = more | {"n": number + 1, "prev": prev, "at": format_time(now), "by": by}
        given = {name: value for name, value in fields.items() if value is not None}
        line = orjson.dumps(given, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        entry = _parse(line, number, prev, self._path)
        self._append(file, line)
        self._take(entry, len(line))
        return entry

    def _append(self, file: int, line: bytes) -> None:
        try:
            written = os.pwrite(file, line, self._size)
            os.fsync(file)
        except OSError:
            os.ftruncate(file, self._size)
            raise
        if written != len(line):
            os.ftruncate(file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))


def read_log(path: Path) -> Iterator[Entry]:
    """The entries of a log, oldest first, each checked against the one before.

    Raises:
        CorruptionError: a line was changed, taken out or put in.
        OSError: it cannot be read.
    """
    last = (0, FIRST)
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            entry = _parse(line, *last, path)
            last = entry.number, entry.hash
            yield entry


def _parse(line: bytes, number: int, prev: str, path: Path) -> Entry:
    try:
        if len(line) > MAX_LINE_BYTES:
            raise _JSON.invalid(f"at most {MAX_LINE_BYTES} bytes", str(len(line)))
        top = _JSON.members(orjson.loads(line), "line", _MEMBERS, _OPTIONAL)
        entry = Entry(
            number=_JSON.integer(top["n"], "n"),
            hash=sha256(line).hexdigest(),
            at=parse_time(_JSON.text(top["at"], "at")),
            by=_JSON.text(top["by"], "by"),
            word=_JSON.text(top["word"], "word"),
            id=_JSON.text(top["id"], "id"),
            name=_JSON.text(top["name"], "name"),
            since=parse_time(_JSON.text(top["since"], "since")) if "since" in top else None,
            founders=(
                _JSON.hex_bytes(top["founders"], "founders") if "founders" in top else None,
                top.get("founders_account"),
            ),
        )
    except (InvalidFormatError, orjson.JSONDecodeError) as error:
        raise CorruptionError(f"{path}: line {number + 1}: {error}") from None
    if (entry.number, top["prev"]) != (number + 1, prev):
        raise CorruptionError(
            f"{path}: expected line {number + 1} after the hash {prev}, got line {entry.number}: "
            "a line was changed, taken out or put in"
        )
    return entry
