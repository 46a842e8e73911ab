"""Readers run in processes of their own: with little time, little memory, and no way to hang."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 20
"""How long a reader may take for a file before it counts as not opening it."""

MEMORY = 2 << 30
"""Bytes of address space; V8 reserves more than it uses, and has a limit of its own."""


class ReaderError(Exception):
    """The reader gave up on a file, or had to be stopped; the message says which."""


def limited(command: Sequence[str | Path], memory: int | None = MEMORY) -> list[str | Path]:
    """The command with little memory; a program does it, as forking ourselves takes 50 ms."""
    bounds = ["--core=0"] if memory is None else ["--core=0", f"--as={memory}"]
    return ["prlimit", *bounds, "--", *command]


def run(command: Sequence[str | Path]) -> bytes:
    """Standard output of a program that is given one file.

    Raises:
        ReaderError: it failed, or took too long.
    """
    try:
        done = subprocess.run(limited(command), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ReaderError(f"{command[0]} took more than {SECONDS} s") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReaderError(f"{command[0]}: {words[-1] if words else done.returncode}"[:200])
    return done.stdout


class Child:
    """A process that answers one line of JSON with another, started anew when it dies."""

    def __init__(
        self,
        command: Sequence[str | Path],
        memory: int | None = MEMORY,
        seconds: float | None = None,
    ) -> None:
        """Name the program.

        Args:
            command: the program and its arguments.
            memory: bytes of address space, or ``None`` for as much as it takes.
            seconds: for an answer; ``None``: ``SECONDS``.
        """
        self._command = command
        self._memory = memory
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer.

        Raises:
            ReaderError: the process died, took too long, or says that the file cannot be read.
        """
        process = self._started()
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            line = self._line(process, self._seconds or SECONDS)
        except (OSError, ReaderError) as error:
            self.close()
            raise ReaderError(f"{Path(self._command[0]).name}: {error}") from error
        answer = json.loads(line)
        if "error" in answer:
            raise ReaderError(answer["error"][:200])
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                limited(self._command, self._memory),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process

    @staticmethod
    def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
        """One line, however many reads it takes, within the time that there is."""
        line = b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not waiting.select(seconds):
                    raise ReaderError(f"no answer within {seconds} s")
                part = os.read(process.stdout.fileno(), 1 << 20)
                if not part:
                    raise ReaderError("the process ended")
                line += part
        return line

    def close(self) -> None:
        """Stop the process, whatever it does."""
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process.stdout.close()
            # What a dead process was not told any more is lost.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process = None


def folder() -> tempfile.TemporaryDirectory[str]:
    """Where a reader puts its pictures; gone afterwards."""
    return tempfile.TemporaryDirectory(prefix="eseal-reader-")
