"""Digest uses over HTTP: `eseal serve` on SQLite, every use durable before it is answered."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.bench import load, raw
from tests.bench.measure import Effort, Row, mebibytes, micros, millis, per_second
from tests.bench.serving import Serving, serving
from tests.bench.world import directory, make

if TYPE_CHECKING:
    from tests.bench.load import Load

CLIENTS = 64
BATCH = 4096
BATCH_CLIENTS = 2
"""One request is being answered while the next is being read."""
_UNBOUNDED = 1 << 30


def run(effort: Effort) -> list[Row]:
    """Single uses of 64 clients, then batches of 4,096, against one service."""
    yardstick = [raw.p256_sign(effort.pick(1.0, 0.3))]
    with directory() as path:
        make(path)
        with serving(path) as service:
            single = _single(service, effort)
            yardstick.append(raw.p256_sign(effort.pick(1.0, 0.3)))
            batch = _batches(service, effort)
            now, peak = service.memory, service.peak
    yardstick.append(raw.p256_sign(effort.pick(1.0, 0.3)))
    signatures = statistics.mean(yardstick)
    return [
        _row(f"single uses over HTTP, {CLIENTS} clients", single, signatures, "≥ 1,000/s"),
        Row("… time to the answer", _times(single), goal="p99 < 100 ms"),
        _row(f"uses over HTTP in batches of {BATCH:,}", batch, signatures, "≥ 12,000/s"),
        Row(f"… time to the answer, {BATCH_CLIENTS} clients", _times(batch)),
        Row("memory of the service", f"{mebibytes(now)} (peak {mebibytes(peak)})"),
    ]


class _Rounds:
    """Several loads of one kind, and the processor time the service took for them."""

    def __init__(self, loads: list[Load], cpu: float) -> None:
        self.rate = statistics.median(load.rate for load in loads)
        self.p50 = statistics.median(load.p50 for load in loads)
        self.p99 = statistics.median(load.p99 for load in loads)
        self.cpu_per_use = cpu / sum(load.uses for load in loads)


def _single(service: Serving, effort: Effort) -> _Rounds:
    warm = service.job(clients=CLIENTS, batch=0, seconds=effort.pick(2, 0.3), requests=_UNBOUNDED)
    job = service.job(clients=CLIENTS, batch=0, seconds=effort.pick(5, 1.0), requests=_UNBOUNDED)
    return _rounds(service, warm, job, effort)


def _batches(service: Serving, effort: Effort) -> _Rounds:
    warm = service.job(clients=BATCH_CLIENTS, batch=BATCH, seconds=5, requests=effort.pick(2, 1))
    job = service.job(clients=BATCH_CLIENTS, batch=BATCH, seconds=15, requests=effort.pick(12, 2))
    return _rounds(service, warm, job, effort)


def _rounds(service: Serving, warm: load.Job, job: load.Job, effort: Effort) -> _Rounds:
    load.start(warm)
    before = service.cpu
    loads = [load.start(job) for _ in range(effort.pick(3, 1))]
    return _Rounds(loads, service.cpu - before)


def _row(work: str, rounds: _Rounds, signatures: float, goal: str) -> Row:
    return Row(
        work,
        f"{per_second(rounds.rate)} ({micros(rounds.cpu_per_use)} CPU each)",
        f"{per_second(signatures)} raw P-256 signatures",
        f"{rounds.rate / signatures:.3f}",
        goal,
    )


def _times(rounds: _Rounds) -> str:
    return f"p50 {millis(rounds.p50)}, p99 {millis(rounds.p99)}"
