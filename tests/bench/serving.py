"""A real ``eseal serve`` in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.service.people.permissions import Scope
from tests.bench.load import Job
from tests.bench.measure import cpu_seconds, family, memory, peak_memory
from tests.bench.world import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

ESEAL = Path(sys.executable).with_name("eseal")
_START_SECONDS = 60
_STOP_SECONDS = 60
_POLL_SECONDS = 0.05


class ServeError(Exception):
    """The service did not start."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A running service; figures are sums over its process and the helper of that process.

    Attributes:
        pid: its process.
        port: where it listens.
        token: a token of the company whose seal is measured.
        seal: that seal's id.
    """

    pid: int
    port: int
    token: str
    seal: str

    def job(self, *, clients: int, batch: int, seconds: float, requests: int) -> Job:
        """Work for the load generator."""
        return Job(self.port, self.token, self.seal, clients, batch, seconds, requests)

    @property
    def cpu(self) -> float:
        """Processor seconds used so far."""
        return sum(map(cpu_seconds, family(self.pid)))

    @property
    def memory(self) -> int:
        """Bytes resident now."""
        return sum(map(memory, family(self.pid)))

    @property
    def peak(self) -> int:
        """Most bytes ever resident."""
        return sum(map(peak_memory, family(self.pid)))


@contextmanager
def serving(path: Path) -> Iterator[Serving]:
    """Serve the instance in ``path``, with default settings, on a free port.

    Raises:
        ServeError: the service did not start.
    """
    with opened(path) as world:
        token = world.service.access.create(Scope.COMPANY, company_id=world.company.id)
        seal = world.seal.id
    command = [str(ESEAL), "--data-dir", str(path), "serve", "--host", "127.0.0.1", "--port", "0"]
    with tempfile.TemporaryFile("w+") as notices:
        process = subprocess.Popen(command, stderr=notices)
        try:
            yield Serving(process.pid, _port(process, notices.fileno()), token, seal)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _port(process: subprocess.Popen[bytes], notices: int) -> int:
    """The port in the event ``listening``."""
    until = time.monotonic() + _START_SECONDS
    text = ""
    while process.poll() is None and time.monotonic() < until:
        text = os.pread(notices, 1 << 20, 0).decode()
        for line in text.splitlines():
            if '"listening"' in line and line.endswith("}"):
                return int(json.loads(line)["port"])
        time.sleep(_POLL_SECONDS)
    raise ServeError(f"eseal serve did not start: {text.strip()[-2000:]}")
