"""What the ledger charges: gas per advance and per use, and what others' contracts take there."""

from __future__ import annotations

from tests.bench import peers
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
    """Advances over 1, 256 and 4,096 new uses of a large log; then the peers, on the same node."""
    leaves = effort.pick(LEAVES, QUICK_LEAVES)
    with new_world() as world:
        fill(world, leaves, with_uses=False)
        _advance(world)
        dearest = {count: _measure(world, count, effort) for count in BATCHES}
        rows = [_row(count, leaves, *dearest[count]) for count in BATCHES]
        largest = max(BATCHES)
        ours = dearest[largest][0] / largest
        return rows + [_peer_row(cost, ours, largest) for cost in peers.measure(world)]


def _measure(world: World, count: int, effort: Effort) -> tuple[int, float]:
    """Gas of the dearest of some advances over so many uses, and seconds of the quickest."""
    gas: list[int] = []
    seconds: list[float] = []
    for _ in range(effort.pick(ROUNDS, 1)):
        seal(world, orders(count))
        seconds.append(seconds_of(lambda: gas.append(_advance(world))))
    return max(gas), min(seconds)


def _row(count: int, leaves: int, gas: int, seconds: float) -> Row:
    return Row(
        f"an advance over {count:,} {'use' if count == 1 else 'uses'} at {leaves:,} leaves",
        f"{gas:,} gas, {gas / count:,.1f} a use",
        f"{millis(seconds)} on the embedded ledger",
        goal=GOALS.get(count, ""),
    )


def _peer_row(cost: peers.Cost, ours: float, batch: int) -> Row:
    each = cost.gas / cost.documents
    return Row(
        cost.call,
        f"{cost.gas:,} gas" + (f", {each:,.0f} each" if cost.documents > 1 else ""),
        f"a use, {batch:,} to an advance: {ours:,.1f}",
        ratio=f"{each / ours:,.0f} ×",
    )


def _advance(world: World) -> int:
    anchored = world.service.anchoring.anchor()
    assert anchored is not None
    return anchored.gas_used
