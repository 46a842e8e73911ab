"""What the ledger charges: gas per advance and per use, on the embedded ledger."""

from __future__ import annotations

from tests.bench.library import seal
from tests.bench.measure import Effort, Row, millis, seconds_of
from tests.bench.world import World, fill, new_world, orders

LEAVES = 1_000_000
QUICK_LEAVES = 5_000
BATCHES = (1, 256, 4096)
ROUNDS = 4
"""The length of a consistency proof depends on the sizes; the dearest round is shown."""
GOALS = {4096: "≤ 20 a use; ≤ 80,000 an advance"}


def run(effort: Effort) -> list[Row]:
    """Advances over 1, 256 and 4,096 new uses of a large log."""
    leaves = effort.pick(LEAVES, QUICK_LEAVES)
    with new_world() as world:
        fill(world, leaves, with_uses=False)
        _advance(world)
        return [_row(world, count, leaves, effort) for count in BATCHES]


def _row(world: World, count: int, leaves: int, effort: Effort) -> Row:
    gas: list[int] = []
    seconds: list[float] = []
    for _ in range(effort.pick(ROUNDS, 1)):
        seal(world, orders(count))
        seconds.append(seconds_of(lambda: gas.append(_advance(world))))
    dearest = max(gas)
    return Row(
        f"an advance over {count:,} {'use' if count == 1 else 'uses'} at {leaves:,} leaves",
        f"{dearest:,} gas, {dearest / count:,.1f} a use",
        f"{millis(min(seconds))} on the embedded ledger",
        goal=GOALS.get(count, ""),
    )


def _advance(world: World) -> int:
    anchored = world.service.anchoring.anchor()
    assert anchored is not None
    return anchored.gas_used
