"""Sealing without HTTP: the library's batch, and the seal signature alone."""

from __future__ import annotations

import os
import statistics
from typing import TYPE_CHECKING

from eseal.errors import ESealError
from eseal.model.statement import Statement
from tests.bench import raw
from tests.bench.measure import Effort, Row, micros, per_second, rate, seconds_of
from tests.bench.world import ACTOR, World, new_world, orders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.service.sealing.applying import DigestOrder, SealedUse

BATCH = 4096


def run(effort: Effort) -> list[Row]:
    """Batches of 4,096 digests; complete CMS with a ready statement and receipt."""
    with new_world() as world:
        first = seal(world, orders(1))[0]
        seal(world, orders(BATCH))
        before = raw.p256_sign(effort.pick(1.0, 0.3))
        batches = [orders(BATCH) for _ in range(effort.pick(7, 2))]
        seconds = [seconds_of(lambda batch=batch: seal(world, batch)) for batch in batches]  # type: ignore[misc]
        complete = _cms_rate(world, first, effort.pick(1.5, 0.3))
        after = raw.p256_sign(effort.pick(1.0, 0.3))
    yardstick = statistics.mean((before, after))
    beside = f"{per_second(yardstick)} raw P-256 signatures"
    sealed = BATCH / statistics.median(seconds)
    return [
        Row(
            f"digest uses, library, batches of {BATCH:,}, durable",
            f"{per_second(sealed)} ({micros(1 / sealed)} each)",
            beside,
            f"{sealed / yardstick:.2f}",
        ),
        Row(
            "complete CMS, signature included",
            per_second(complete),
            beside,
            f"{complete / yardstick:.2f}",
        ),
    ]


def seal(world: World, batch: Sequence[DigestOrder]) -> list[SealedUse]:
    """Seal digests; every one must succeed."""
    outcomes = world.service.sealing.seal_digests(world.seal.id, batch, actor=ACTOR)
    return [_sealed(outcome) for outcome in outcomes]


def _sealed(outcome: SealedUse | ESealError) -> SealedUse:
    if isinstance(outcome, ESealError):
        raise outcome
    return outcome


def _cms_rate(world: World, sample: SealedUse, seconds: float) -> float:
    signer = world.service.context.signer(world.seal.id)
    encoded, digest = sample.use.statement, os.urandom(32)
    statement = Statement.parse(encoded)._replace(digest=digest)

    def act() -> None:
        attributes = signer.attributes(statement, encoded)
        signer.cms.encode(attributes, signer.sign(attributes), sample.receipt)

    return rate(act, seconds=seconds)
