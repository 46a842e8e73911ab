"""Growth: what an append, a receipt and a start cost as the log grows."""

from __future__ import annotations

import random
import statistics
from typing import TYPE_CHECKING

from eseal.service.receipts import receipt_at
from eseal.service.service import Service
from eseal.store.log import LogRepository
from tests.bench import load
from tests.bench.library import seal
from tests.bench.measure import (
    Effort,
    Row,
    mebibytes,
    median_seconds,
    micros,
    millis,
    per_second,
    seconds_of,
)
from tests.bench.serving import serving
from tests.bench.world import database_bytes, directory, fill, make, opened, orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.world import World

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 10_000)
RECEIPTS = 200
STARTS = 5
MEMORY_GOAL = "< 300 MiB at 1,000,000"
_CLIENTS = 64


def run(effort: Effort) -> list[Row]:
    """The same log at several sizes; at the last, the memory of a service that works on it."""
    sizes = QUICK_SIZES if effort.quick else SIZES
    rows: list[Row] = []
    with directory() as path:
        make(path)
        for size in sizes:
            rows += _at(path, size, effort, first=not rows)
        rows.append(_memory(path, sizes[-1], effort))
    return rows


def _at(path: Path, size: int, effort: Effort, *, first: bool) -> list[Row]:
    with opened(path) as world:
        fill(world, size, with_uses=True)
    # Opened again, so that nothing is at hand that a service would not have either.
    with opened(path) as world:
        seal(world, orders(1))
        one, many, most = (
            _append(world, count, times)
            for count, times in (
                (1, effort.pick(100, 20)),
                (256, effort.pick(15, 3)),
                (4096, effort.pick(5, 1)),
            )
        )
        receipt, volume = _receipt(world), database_bytes(world)
        settings = world.settings
    start = median_seconds(lambda: Service.open(settings).close(), STARTS)
    return [
        Row(
            f"at {size:,} leaves: append of 1 · of 256 · of 4,096 uses",
            f"{millis(one)} · {millis(many)} · {millis(most)}",
            f"per use {micros(one)} · {micros(many / 256)} · {micros(most / 4096)}",
            goal="flat" if first else "",
        ),
        Row(
            "… receipt of any leaf · opening the service · database",
            f"{micros(receipt)} · {millis(start)} · {mebibytes(volume)}",
            goal="flat · flat · –" if first else "",
        ),
    ]


def _append(world: World, count: int, times: int) -> float:
    """Median seconds to record that many uses: signed, committed, with their receipts."""
    batches = [orders(count) for _ in range(times)]
    return statistics.median([seconds_of(lambda b=batch: seal(world, b)) for batch in batches])  # type: ignore[misc]


def _receipt(world: World) -> float:
    """Median seconds to make the receipt of a leaf anywhere in the log, from the database."""
    with world.service.context.database.read() as connection:
        log = LogRepository(connection)
        head = log.checkpoint()
        indexes = [random.randrange(head.size) for _ in range(RECEIPTS)]
        return statistics.median(
            [seconds_of(lambda n=n: receipt_at(log, head.note, n)) for n in indexes]  # type: ignore[misc]
        )


def _memory(path: Path, size: int, effort: Effort) -> Row:
    with serving(path) as service:
        seconds = effort.pick(5, 1)
        single = load.start(
            service.job(clients=_CLIENTS, batch=0, seconds=seconds, requests=100_000)
        )
        batch = load.start(
            service.job(clients=2, batch=4096, seconds=30, requests=effort.pick(6, 1))
        )
        now, peak = service.memory, service.peak
    return Row(
        f"service on {size:,} leaves: memory after work",
        f"{mebibytes(now)} (peak {mebibytes(peak)})",
        f"{per_second(single.rate)} single, {per_second(batch.rate)} in batches",
        goal=MEMORY_GOAL,
    )
