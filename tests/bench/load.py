"""A load generator of its own process: many keep-alive connections, one request each at a time.

Lean on purpose: it must not take the processor from the service it shares two cores with.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

from tests.bench.measure import percentile
from tests.bench.world import MEDIA_TYPE, PURPOSE

HOST = "127.0.0.1"
READY = (b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")
LAST_CHUNK = b"\r\n0\r\n\r\n"
"""RFC 9112 section 7.1; base64 in JSON never looks like it."""
_BODIES = 8
"""Different batch bodies to send in turn: making one takes the client longer than sending it."""
_GRACE_SECONDS = 60
"""The last answers may be so late; then something is broken."""


class LoadError(Exception):
    """The service refused, or broke off."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to send.

    Attributes:
        port: where the service listens on the loopback.
        token: whom to ask as.
        seal: which seal to use.
        clients: connections at once.
        batch: uses per request; 0 asks for single uses.
        seconds: stop asking after so long,
        requests: or after so many requests, whichever comes first.
    """

    port: int
    token: str
    seal: str
    clients: int
    batch: int
    seconds: float
    requests: int


@dataclass(frozen=True, slots=True)
class Load:
    """What came back; every use was recorded.

    Attributes:
        uses: how many.
        seconds: from the first request to the last answer.
        p50: seconds from a request to its answer, median.
        p99: the same, 99th percentile.
    """

    uses: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Uses a second."""
        return self.uses / self.seconds


def start(job: Job) -> Load:
    """Run a job in a process of its own.

    Raises:
        LoadError: an answer was not the expected one.
    """
    command = [sys.executable, "-m", "tests.bench.load", json.dumps(asdict(job))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LoadError(done.stderr.strip()[-2000:])
    return Load(**json.loads(done.stdout))


@dataclass(slots=True)
class _Run:
    """What all clients of a job share."""

    job: Job
    bodies: list[bytes]
    until: float
    left: int
    done: asyncio.Future[None]
    latencies: list[float] = field(default_factory=list)
    open: int = 0

    def next_request(self) -> bytes | None:
        """The next request to send, or ``None`` when it is enough."""
        if self.left <= 0 or time.perf_counter() >= self.until:
            return None
        self.left -= 1
        job = self.job
        body = self.bodies[self.left % len(self.bodies)] if job.batch else _use()
        path = f"/v1/seals/{job.seal}/uses" + (":batch" if job.batch else "")
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {job.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def fail(self, message: str) -> None:
        """End the job: what is measured must be work that was done."""
        if not self.done.done():
            self.done.set_exception(LoadError(message))

    def closed(self) -> None:
        """One client has finished."""
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


class _Client(asyncio.Protocol):
    """One connection: HTTP/1.1 as far as this service's answers need it."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._missing = 0
        self._chunked = False
        self._tail = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect an answer; when it is whole, count it and go on."""
        if not self._parts:
            head, blank, body = data.partition(b"\r\n\r\n")
            length = head.lower().partition(b"\r\ncontent-length: ")[2].split(b"\r\n")[0]
            self._chunked = b"\r\ntransfer-encoding: chunked" in head.lower()
            known = self._chunked or length.isdigit()
            if not blank or not known or not head.startswith(READY):
                self._run.fail(data[:1000].decode(errors="replace"))
                return
            self._missing = 0 if self._chunked else int(length)
            self._tail = b""
            data = body
        self._parts.append(data)
        self._missing -= len(data)
        self._tail = (self._tail + data)[-len(LAST_CHUNK) :]
        if self._tail == LAST_CHUNK if self._chunked else self._missing == 0:
            self._answered(b"".join(self._parts))

    def connection_lost(self, exc: Exception | None) -> None:
        """The end: ours, or too early."""
        if self._sent:
            self._run.fail(f"the connection was closed during a request: {exc}")
        self._run.closed()

    def _send(self) -> None:
        assert self._transport is not None
        request = self._run.next_request()
        self._parts = []
        if request is None:
            self._sent = 0.0
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _answered(self, body: bytes) -> None:
        self._run.latencies.append(time.perf_counter() - self._sent)
        wanted = self._run.job.batch
        if wanted and body.count(b'{"use":{') != wanted:
            self._run.fail(f"expected {wanted} uses, got {body[:1000].decode(errors='replace')}")
            return
        self._send()


async def _run(job: Job) -> Load:
    loop = asyncio.get_running_loop()
    bodies = [_batch(job.batch) for _ in range(min(_BODIES, job.requests))] if job.batch else []
    started = time.perf_counter()
    run = _Run(job, bodies, started + job.seconds, job.requests, loop.create_future())
    for _ in range(job.clients):
        run.open += 1
        await loop.create_connection(lambda: _Client(run), HOST, job.port)
    async with asyncio.timeout(job.seconds + _GRACE_SECONDS):
        await run.done
    seconds = time.perf_counter() - started
    found = run.latencies
    uses = len(found) * (job.batch or 1)
    return Load(uses, seconds, percentile(found, 50), percentile(found, 99))


def _use() -> bytes:
    digest = os.urandom(32).hex()
    return (
        f'{{"digest":{{"alg":"sha-256","value":"{digest}"}},'
        f'"media_type":"{MEDIA_TYPE}","purpose":"{PURPOSE}"}}'
    ).encode()


def _batch(count: int) -> bytes:
    return b'{"uses":[' + b",".join(_use() for _ in range(count)) + b"]}"


def main() -> None:
    """Run the job of the command line and print what came of it, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=json.loads)
    load = uvloop.run(_run(Job(**parser.parse_args().job)))
    sys.stdout.write(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
