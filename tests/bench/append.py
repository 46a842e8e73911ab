"""Growth: what an append, a receipt and a start cost as the log grows."""

from __future__ import annotations

import os
import random
import statistics
from typing import TYPE_CHECKING

from eseal.log.leaf import Leaf
from eseal.service.instance.receipts import receipt_at
from eseal.service.service import Service
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.use_keys import UseKeyRepository
from eseal.store.repositories.uses import UseRepository
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
LOOK_UPS = 500
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
        _settle(world)
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
        looked_up = [micros(seconds) for seconds in _look_ups(world)]
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
        Row(
            "… look-up by id · by tag · of a digest not on record",
            " · ".join(looked_up),
            goal="flat" if first else "",
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


def _settle(world: World) -> None:
    """What a running service has done by then, a slice at a time."""
    more = True
    while more:
        with world.service.context.database.write() as connection:
            more = UseKeyRepository(connection).settle()


def _look_ups(world: World) -> list[float]:
    """Median seconds to find a use anywhere in the log by its id and by its tag, and to miss."""
    with world.service.context.database.read() as connection:
        uses, log = UseRepository(connection), LogRepository(connection)
        found = list(uses.at(random.sample(range(log.checkpoint().size), LOOK_UPS)).values())
        tags = [_tag(log, use.log_index) for use in found]
        return [
            statistics.median(times)
            for times in (
                [seconds_of(lambda u=use: uses.get(u.id)) for use in found],  # type: ignore[misc]
                [seconds_of(lambda t=tag: uses.by_tag(t)) for tag in tags],  # type: ignore[misc]
                [
                    seconds_of(lambda: uses.by_digest(os.urandom(32), limit=1))
                    for _ in range(LOOK_UPS)
                ],
            )
        ]


def _tag(log: LogRepository, index: int) -> bytes:
    (leaf,) = log.leaves(index, index + 1)
    return Leaf.decode(leaf).tag


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
