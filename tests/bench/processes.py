"""Two service processes on one PostgreSQL and one anvil: rates, takeover, anchor lag."""

from __future__ import annotations

import os
import re
import statistics
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx

from eseal.config import Settings
from eseal.errors import ConfigurationError
from eseal.service.setup.bootstrap import initialise
from tests.bench import load, raw
from tests.bench.measure import Effort, Row, millis, per_second
from tests.bench.serving import Serving, serving
from tests.bench.world import add_company, directory
from tests.chain import fund
from tests.integration.conftest import running_anvil
from tests.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.load import Load

CLIENTS = 32
"""Connections to each process."""
BATCH = 4096
BLOCK_SECONDS = 1
INTERVAL = 5.0
"""Seconds between two anchors: the service's default."""
_UNBOUNDED = 1 << 30
_PATIENCE = 60
_LAG_SECONDS = 30
_LOOK_SECONDS = 0.1
_SIZE = re.compile(r"^eseal_log_leaves (\S+)", re.MULTILINE)
_PENDING = re.compile(r"^eseal_anchor_lag_leaves (\S+)", re.MULTILINE)


def run(effort: Effort) -> list[Row]:
    """Single uses and batches at both processes at once; then one is killed."""
    with _world() as path, ExitStack() as stack:
        servers = [stack.enter_context(serving(path)) for _ in range(2)]
        yardstick = [raw.p256_sign(effort.pick(1.0, 0.3))]
        single = _both(servers, batch=0, clients=CLIENTS, seconds=effort.pick(5, 1))
        lag = _lag(servers, effort)
        batch = _both(servers, batch=BATCH, clients=1, seconds=effort.pick(15, 2))
        yardstick.append(raw.p256_sign(effort.pick(1.0, 0.3)))
        takeover = _takeover(servers)
    signatures = statistics.mean(yardstick)
    beside = f"{per_second(signatures)} raw P-256 signatures"
    return [
        Row(
            f"single uses, two processes, {CLIENTS} clients each",
            per_second(single.rate),
            beside,
            f"{single.rate / signatures:.3f}",
            "≥ 500/s",
        ),
        Row("… time to the answer", f"p50 {millis(single.p50)}, p99 {millis(single.p99)}"),
        Row(
            f"uses in batches of {BATCH:,}, two processes",
            per_second(batch.rate),
            beside,
            f"{batch.rate / signatures:.3f}",
            "≥ 5,000/s",
        ),
        Row("… time to the answer", f"p50 {millis(batch.p50)}, p99 {millis(batch.p99)}"),
        Row(
            "oldest leaf without an anchor, under single uses, largest seen",
            f"{lag:.1f} s",
            f"interval {INTERVAL:.0f} s, a block every {BLOCK_SECONDS} s",
            goal="≤ interval + one block",
        ),
        Row(
            "the process that anchors is killed: until the other one seals",
            f"{takeover[0]:.2f} s",
            goal="≤ 5 s",
        ),
        Row(
            "… until the other one has anchored",
            f"{takeover[1]:.2f} s",
            f"interval {INTERVAL:.0f} s, a block every {BLOCK_SECONDS} s",
        ),
    ]


@contextmanager
def _world() -> Iterator[Path]:
    """A data directory whose instance rests on a PostgreSQL and an anvil of the bench's own."""
    postgres = Postgres()
    try:
        with running_anvil("--block-time", str(BLOCK_SECONDS)) as node, directory() as path:
            os.environ |= {
                "ESEAL_DATABASE_URL": postgres.create(),
                "ESEAL_LEDGER_URL": node.url,
                "ESEAL_ANCHOR_INTERVAL": str(INTERVAL),
            }
            settings = Settings.load(data_dir=path)
            try:
                initialise(settings, name="Bench Issuer")
            except ConfigurationError as poor:
                fund(node.url, poor)
                initialise(settings, name="Bench Issuer")
            add_company(settings)
            yield path
    finally:
        postgres.close()


def _both(servers: list[Serving], *, batch: int, clients: int, seconds: float) -> Load:
    """The same load at both at once, as one."""
    jobs = [
        server.job(clients=clients, batch=batch, seconds=seconds, requests=_UNBOUNDED)
        for server in servers
    ]
    with ThreadPoolExecutor(len(jobs)) as threads:
        loads = list(threads.map(load.start, jobs))
    longest = max(found.seconds for found in loads)
    return load.Load(
        sum(found.uses for found in loads),
        longest,
        statistics.mean(found.p50 for found in loads),
        max(found.p99 for found in loads),
    )


def _lag(servers: list[Serving], effort: Effort) -> float:
    """The longest a leaf was seen without an anchor while both are used, to a look or two."""
    seconds = effort.pick(_LAG_SECONDS, 3)
    waiting: deque[tuple[float, int]] = deque()
    longest = 0.0
    with ThreadPoolExecutor(1) as thread:
        busy = thread.submit(_both, servers, batch=0, clients=4, seconds=seconds)
        while not busy.done():
            text = httpx.get(f"http://{load.HOST}:{servers[0].port}/metrics").text
            size, pending = (float(pattern.findall(text)[0]) for pattern in (_SIZE, _PENDING))
            now = time.monotonic()
            while waiting and waiting[0][1] <= size - pending:
                longest = max(longest, now - waiting.popleft()[0])
            waiting.append((now, int(size)))
            time.sleep(_LOOK_SECONDS)
    return longest


def _takeover(servers: list[Serving]) -> tuple[float, float]:
    """Kill the process that anchors; seconds until the other has sealed, and has anchored."""
    first, second = servers
    before = _anchored(second)
    os.kill(first.pid, 9)
    died = time.monotonic()
    load.start(second.job(clients=1, batch=0, seconds=5, requests=1))
    sealed = time.monotonic() - died
    while _anchored(second) == before and time.monotonic() - died < _PATIENCE:
        time.sleep(0.05)
    return sealed, time.monotonic() - died


def _anchored(server: Serving) -> int:
    found = httpx.get(f"http://{load.HOST}:{server.port}/v1/ledger").json()
    size: int = found["head"]["size"]
    return size
