"""Finding an anchor among many without reading them all.

A log's administrator may disown heads: each time an epoch begins, from a head that stands. Of an
earlier epoch only the heads up to the base of every later one are in force, so the heads in force
are, by epoch, of sizes that follow one another; the newest of them is the log's head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eseal.ledger.contracts.artifacts import USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Anchor, Head
from eseal.ledger.wire.connection import Connection, NodeRefusedError
from eseal.ledger.wire.event_logs import EventFinder, EventLog

WORD = 32


@dataclass(frozen=True, slots=True)
class _Epoch:
    """An epoch with heads in force: those of sizes above ``base``, up to ``cap`` if there is one.

    Attributes:
        number: from zero.
        cap: the least base of a later epoch, or ``None`` for the newest.
    """

    number: int
    cap: int | None

    def reaches(self, size: int) -> bool:
        """Whether its heads up to this size are in force."""
        return self.cap is None or size <= self.cap


class AnchorFinder:
    """Looks for ``HeadAdvanced`` events. All heights are inclusive and must be final."""

    def __init__(self, connection: Connection, deployment: Deployment) -> None:
        """Look on ``connection`` from the block that holds the contracts."""
        self._connection = connection
        self._deployment = deployment
        artifact = load_artifact(USAGE_LEDGER)
        self._functions = artifact.functions
        self._event = artifact.events["HeadAdvanced"]
        self._finder = EventFinder(connection, deployment.usage_ledger)

    def at(self, log_id: bytes, size: int, final: int) -> Anchor | None:
        """The anchor in force of exactly ``size`` leaves.

        Its event names epoch and size: one question, where the node answers one about the whole
        chain. There is one such head in force at most: an epoch's sizes grow from its base on.
        """
        reaching = [epoch for epoch in self._epochs(log_id, final) if epoch.reaches(size)]
        if not reaching:
            return None
        topics = [
            [self._event.signature],
            [log_id],
            [epoch.number.to_bytes(WORD) for epoch in reaching],
            [size.to_bytes(WORD)],
        ]
        first = self._deployment.block
        try:
            found = self._finder.find(topics, first, final, in_parts=False)
        except NodeRefusedError:
            held = self._ask("rootAt", log_id, size, at=final)[0] != bytes(WORD)
            return self.covering(log_id, size - 1, final) if held else None
        return next(map(self._anchor, found), None)

    def covering(self, log_id: bytes, index: int, final: int) -> Anchor | None:
        """The earliest anchor in force whose size is above ``index``.

        Within an epoch the head only grows, so the block that first covers ``index`` is found by
        bisection over the heads of past blocks: about log2(blocks) calls whatever the number of
        anchors. A node that has dropped old state refuses; then the events are read.
        """
        epochs = self._epochs(log_id, final)
        epoch = next((epoch for epoch in epochs if epoch.reaches(index + 1)), None)
        if epoch is None:
            return None
        try:
            if not self._covers(log_id, epoch, index, final):
                return None
            block = self._first_block(log_id, epoch, index, final)
            found = self._events(log_id, epoch, block, block)
        except NodeRefusedError:
            found = self._events(log_id, epoch, self._deployment.block, final)
        covering = [anchor for anchor in found if anchor.head.size > index]
        return min(covering, key=_size, default=None)

    def all(self, log_id: bytes, epoch: int | None, final: int) -> Sequence[Anchor]:
        """All anchors in force, by size; of an epoch that is over, those in force at its end."""
        last = None if epoch is None else epoch + 1
        found = [
            anchor
            for one in self._epochs(log_id, final, last)
            for anchor in self._events(log_id, one, self._deployment.block, final)
            if one.reaches(anchor.head.size)
        ]
        return sorted(found, key=_size)

    def _epochs(self, log_id: bytes, final: int, count: int | None = None) -> list[_Epoch]:
        """The first ``count`` epochs, or all; none for a log that is not open by then."""
        if final < self._deployment.block:
            return []
        bases: Sequence[int] = self._ask("epochsOf", log_id, at=final)[0]
        return list(_capped(bases[:count]))

    def _first_block(self, log_id: bytes, epoch: _Epoch, index: int, final: int) -> int:
        low, high = self._deployment.block, final
        while low < high:
            middle = (low + high) // 2
            if self._covers(log_id, epoch, index, middle):
                high = middle
            else:
                low = middle + 1
        return low

    def _covers(self, log_id: bytes, epoch: _Epoch, index: int, block: int) -> bool:
        """Whether by this block the epoch had got a head beyond ``index``, or was over."""
        if epoch.cap is None and epoch.number == 0:  # nothing was ever disowned: one call
            size: int = self._ask("head", log_id, at=block)[0]
            return size > index
        then = len(self._ask("epochsOf", log_id, at=block)[0]) - 1
        if then != epoch.number:
            return then > epoch.number
        return bool(self._ask("head", log_id, at=block)[0] > index)

    def _events(self, log_id: bytes, epoch: _Epoch, first: int, last: int) -> Iterator[Anchor]:
        number = epoch.number.to_bytes(WORD, "big")
        topics = [[self._event.signature], [log_id], [number]]
        return map(self._anchor, self._finder.find(topics, first, last))

    def _anchor(self, log: EventLog) -> Anchor:
        fields = log.arguments(self._event)
        head = Head(fields["newSize"], fields["newRoot"])
        return Anchor(fields["logId"], head, log.block, log.transaction, fields["epoch"])

    def _ask(self, name: str, *arguments: object, at: int) -> tuple[Any, ...]:
        address = self._deployment.usage_ledger
        return self._connection.call(address, self._functions[name], *arguments, at=hex(at))


def _capped(bases: Sequence[int]) -> Iterator[_Epoch]:
    for number in range(len(bases)):
        yield _Epoch(number, min(bases[number + 1 :], default=None))


def _size(anchor: Anchor) -> int:
    return anchor.head.size
