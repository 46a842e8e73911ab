"""``eseal`` in processes of their own, forked from one that has the libraries in memory already.

Most of what a command costs is Python's import of other people's libraries, and the stories here
run two hundred commands. So one process imports them once, and a command is a fork of it, which
loads all of eseal anew: with its own pid, files, environment and directory, and killed like any
other. The guide for verifiers, the faked clock and one story start the installed program itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.reduction import DupFd
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.acceptance.libraries"])


class Program:
    """A running ``eseal``: as much of :class:`subprocess.Popen` as the stories use.

    Attributes:
        stdout: what it writes, as text.
        stderr: likewise.
    """

    def __init__(self, args: Sequence[str], directory: Path, environment: Mapping[str, str]):
        (out, out_child), (err, err_child) = os.pipe(), os.pipe()
        given = (list(args), directory, dict(environment), _Handed(out_child), _Handed(err_child))
        self._process = _FORKS.Process(target=_run, args=given, daemon=True)
        self._process.start()
        for number in (out_child, err_child):
            os.close(number)
        self.stdout, self.stderr = os.fdopen(out), os.fdopen(err)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code; ``-N`` for signal N; ``None`` while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """``kill -9``."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit code."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("eseal", timeout)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read what it still writes, and wait until it has ended."""
        read = ["", ""]

        def drain(place: int, stream: TextIO) -> None:
            if not stream.closed:
                read[place] = stream.read()

        threads = [
            threading.Thread(target=drain, args=given, daemon=True)
            for given in enumerate((self.stdout, self.stderr))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout)
        self.wait(timeout)
        self.stdout.close()
        self.stderr.close()
        return read[0], read[1]


class _Handed:
    """A file descriptor that reaches the other process, under another number, with its arguments.

    It may be duplicated only while the process is being started: that is when it is pickled.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[object, ...]:
        return _received, (DupFd(self._number),)


def _received(duplicate) -> int:
    return duplicate.detach()


def _run(args: list[str], directory: Path, environment: dict[str, str], out: int, err: int) -> None:
    """In the new process: become ``eseal``."""
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
    sys.argv = ["eseal", *args]
    from eseal.cli import main

    main()
