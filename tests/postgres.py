"""A PostgreSQL of the tests' own: made, started, stopped and killed like an operator's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from uuid import uuid4

import psycopg

from tests.ports import free_port

INSTALL = "sudo apt-get install postgresql"
START_SECONDS = 60
_DEBIAN = Path("/usr/lib/postgresql")


class PostgresMissingError(Exception):
    """The server's programs are not installed."""


def program(name: str) -> str:
    """Where a program of the newest installed server is."""
    found = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    place = str(found[-1]) if found else shutil.which(name)
    if place is None:
        raise PostgresMissingError(f"PostgreSQL's {name} is missing; run: {INSTALL}")
    return place


class Postgres:
    """One cluster on a free port of the loopback, reached without a password."""

    def __init__(self) -> None:
        """Make the cluster, and start it."""
        self._prepare()
        self._run("initdb", "--auth=trust", "--username=eseal", "--encoding=UTF8", "--no-sync")
        self.start()

    def _prepare(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="eseal-pg-"))
        self._as_owner: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self._home, "postgres", "postgres")
            self._as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._data = self._home / "data"
        self._older = self._home / "older"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = subprocess.Popen(
            [
                *self._as_owner,
                program("postgres"),
                *("-D", str(self._data), "-p", str(self.port), "-k", str(self._home)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """``kill -9``: the server and all its workers at once."""
        if self._process is not None:
            # Each worker makes itself a group of its own; one that outlives the server would keep
            # the next one from starting, by the memory they share.
            os.kill(self._process.pid, signal.SIGSTOP)  # it starts no more of them
            workers = _children(self._process.pid)
            for pid in (*workers, self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            until = time.monotonic() + START_SECONDS
            while any(map(_lives, workers)) and time.monotonic() < until:
                time.sleep(0.01)
            (self._data / "postmaster.pid").unlink(missing_ok=True)
            self._process = None

    @classmethod
    def following(cls, primary: Postgres) -> Self:
        """A standby of a running server, which follows it asynchronously until told otherwise."""
        made = cls.__new__(cls)
        made._prepare()
        made._check(
            [
                *made._as_owner,
                program("pg_basebackup"),
                *("--pgdata", str(made._data), "--write-recovery-conf", "--no-sync"),
                *("--checkpoint=fast", "--dbname", primary._url("postgres")),
            ]
        )
        made.start()
        return made

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")

    def remember(self) -> None:
        """Keep the state the server has now, as a standby that gets nothing more."""
        self.kill()
        shutil.rmtree(self._older, ignore_errors=True)
        self._copy(self._data, self._older)
        self.start()

    def come_back_older(self) -> None:
        """The server dies, and the standby takes its place under the same address."""
        self.kill()
        shutil.rmtree(self._data)
        self._copy(self._older, self._data)
        self.start()

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        subprocess.run(["cp", "--archive", source, target], check=True)

    def create(self) -> str:
        """A new empty database; its URL as eseal takes it."""
        name = f"eseal_{uuid4().hex[:12]}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def dump(self, url: str, file: Path) -> None:
        """``pg_dump`` a database, as docs/operations.md says."""
        with file.open("wb") as out:
            self._check([program("pg_dump"), "--format=custom", url], stdout=out)

    def restore(self, url: str, file: Path) -> None:
        """``pg_restore`` into an empty database, as docs/operations.md says."""
        with file.open("rb") as dump:
            self._check([program("pg_restore"), "--dbname", url, "--exit-on-error"], stdin=dump)

    def close(self) -> None:
        """End the server and forget the cluster."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://eseal@127.0.0.1:{self.port}/{name}"

    def _run(self, name: str, *arguments: str) -> None:
        self._check([*self._as_owner, program(name), "-D", str(self._data), *arguments])

    @staticmethod
    def _check(command: list[str], **streams: object) -> None:
        streams = {"stdout": subprocess.DEVNULL, **streams}
        done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **streams)
        if done.returncode:
            raise RuntimeError(f"{command[-1]}: {done.stderr.decode().strip()[-2000:]}")


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    """Whether a process still has its memory: one that only waits to be reaped has not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}
