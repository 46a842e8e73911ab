"""Verification of evidence files and of signatures beside files, every ledger answer warm."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from eseal.documents.evidence import Evidence
from eseal.ledger.reading.caching import CachingReader
from eseal.verify import Report, Trust, verify_document, verify_evidence
from eseal.verify.checks import record_checks
from eseal.verify.verdict.vocabulary import Indication
from tests.actors import acting
from tests.bench import raw
from tests.bench.library import seal
from tests.bench.measure import Effort, Row, micros, per_second, rate
from tests.bench.world import World, new_world, orders

if TYPE_CHECKING:
    from collections.abc import Callable

USES = 256
"""Different files, so that nothing is remembered of the one before."""
TTL_SECONDS = 3600.0
"""The ledger is not asked again while we measure."""


@dataclass(frozen=True, slots=True)
class Offline:
    """What a verifier without a network has at hand."""

    ledger: CachingReader
    trust: Trust


def offline(world: World) -> Offline:
    """The instance's ledger behind answers that stay."""
    ledger = CachingReader(world.service.context.ledger, TTL_SECONDS)
    return Offline(ledger, world.service.verification.trust)


def passed(report: Report) -> None:
    """Raise unless the report says that all is well: only a whole verification is measured."""
    if report.indication is not Indication.TOTAL_PASSED:
        raise AssertionError(report)


def run(effort: Effort) -> list[Row]:
    """Evidence files, and ``.p7s`` with evidence beside a small file, each from its bytes."""
    seconds = effort.pick(2.0, 0.3)
    with new_world() as world:
        sources = offline(world)
        evidence, documents = _evidence(world), _documents(world)
        before = _signatures(seconds / 4)
        first = rate(_verify_evidence(evidence, sources, new_heads=True), seconds=seconds)
        again = rate(_verify_evidence(evidence, sources), seconds=seconds)
        by_signature = rate(_verify_documents(documents, sources), seconds=seconds)
        yardstick = (before + _signatures(seconds / 4)) / 2
    beside = f"{per_second(yardstick)} (one P-256 and one Ed25519 verification each)"
    return [
        Row(
            work,
            f"{per_second(found)} ({micros(1 / found)} each)",
            beside,
            f"{found / yardstick:.2f}",
            goal,
        )
        for work, found, goal in (
            ("evidence file, under a head not seen before", first, "≥ 0.70"),
            ("evidence file, under a head seen before", again, ""),
            ("file, .p7s and evidence, under a head seen before", by_signature, ""),
        )
    ]


def _signatures(seconds: float) -> float:
    """How many evidence files a second their signatures alone would allow."""
    return 1 / (1 / raw.p256_verify(seconds) + 1 / raw.ed25519_verify(seconds))


def _evidence(world: World) -> list[bytes]:
    sealed = seal(world, orders(USES))
    world.service.anchoring.anchor()
    return [world.service.records.evidence(one.use.id).encode() for one in sealed]


def _documents(world: World) -> list[tuple[bytes, bytes, bytes]]:
    made = []
    for number in range(USES):
        data = hashlib.sha256(b"%d" % number).digest() * 32
        sealed = world.service.sealing.seal_document(
            world.seal.id, data, filename="note.txt", actor=acting("bench")
        )
        made.append((data, sealed.data, sealed.use.id))
    world.service.anchoring.anchor()
    records = world.service.records
    return [(data, p7s, records.evidence(use).encode()) for data, p7s, use in made]


def _verify_evidence(
    files: list[bytes], sources: Offline, *, new_heads: bool = False
) -> Callable[[], None]:
    following = cycle(files)

    def act() -> None:
        if new_heads:  # all files lie under one head, whose signature is checked only once
            record_checks._verify_checkpoint_once.cache_clear()
        evidence = Evidence.parse(next(following))
        passed(verify_evidence(evidence, ledger=sources.ledger, trust=sources.trust))

    for _ in files:  # the answers of the ledger come from memory from here on
        act()
    return act


def _verify_documents(
    files: list[tuple[bytes, bytes, bytes]], sources: Offline
) -> Callable[[], None]:
    following = cycle(files)

    def act() -> None:
        data, p7s, evidence = next(following)
        report = verify_document(
            data,
            signature=p7s,
            evidence=Evidence.parse(evidence),
            ledger=sources.ledger,
            trust=sources.trust,
        )
        passed(report)

    for _ in files:
        act()
    return act
