"""Finding an anchor among many without reading them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eseal.errors import LedgerUnreachableError
from eseal.ledger.artifacts import USAGE_LEDGER, load_artifact
from eseal.ledger.connection import (
    Connection,
    NodeRefusedError,
    as_data,
    as_fields,
    as_quantity,
    described,
)
from eseal.ledger.deployment import Deployment
from eseal.ledger.protocol import Anchor, Block, Head

WORD = 32
ROOT_AND_OLD_SIZE = 2 * WORD
"""The unindexed part of ``HeadAdvanced``: root and the size it replaced, a word each."""


class AnchorFinder:
    """Looks for ``HeadAdvanced`` events. All heights are inclusive and must be final."""

    def __init__(self, connection: Connection, deployment: Deployment) -> None:
        """Look on ``connection`` from the block that holds the contracts."""
        self._connection = connection
        self._deployment = deployment
        artifact = load_artifact(USAGE_LEDGER)
        self._event = artifact.events["HeadAdvanced"].signature
        self._head = artifact.functions["head"]

    def at(self, log_id: bytes, size: int, final: int) -> Anchor | None:
        """The anchor of exactly ``size`` leaves: the size is a topic, so the node finds it."""
        found = self._events(log_id, size, self._deployment.block, final)
        return self._anchor(found[0]) if found else None

    def covering(self, log_id: bytes, index: int, final: int) -> Anchor | None:
        """The earliest anchor whose size is above ``index``.

        The head's size never shrinks, so the block that first covers ``index`` is found by
        bisection over the heads of past blocks: about log2(blocks) calls whatever the number of
        anchors. A node that has dropped old state refuses; then the events are read.
        """
        try:
            if self._size_after(log_id, final) <= index:
                return None
            block = self._first_block_above(log_id, index, final)
            found = self._events(log_id, None, block, block)
        except NodeRefusedError:
            found = self._events(log_id, None, self._deployment.block, final)
        covering = [event for event in found if _size(event) > index]
        return self._anchor(min(covering, key=_size)) if covering else None

    def all(self, log_id: bytes, final: int) -> Sequence[Anchor]:
        """All anchors, by size."""
        events = self._events(log_id, None, self._deployment.block, final)
        return [self._anchor(event) for event in sorted(events, key=_size)]

    def _first_block_above(self, log_id: bytes, index: int, final: int) -> int:
        low, high = self._deployment.block, final
        while low < high:
            middle = (low + high) // 2
            if self._size_after(log_id, middle) > index:
                high = middle
            else:
                low = middle + 1
        return low

    def _size_after(self, log_id: bytes, block: int) -> int:
        size: int = self._connection.call(
            self._deployment.usage_ledger, self._head, log_id, at=hex(block)
        )[0]
        return size

    def _events(
        self, log_id: bytes, size: int | None, first: int, last: int
    ) -> list[Mapping[str, Any]]:
        """Events of one log; a range the node finds too large is asked for in halves."""
        if last < first:
            return []
        topics = ["0x" + self._event.hex(), "0x" + log_id.hex()]
        if size is not None:
            topics.append("0x" + size.to_bytes(WORD, "big").hex())
        query = {
            "address": self._deployment.usage_ledger,
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": topics,
        }
        try:
            answer = self._connection.request("eth_getLogs", query)
        except NodeRefusedError:
            if first == last:
                raise
            middle = (first + last) // 2
            return self._events(log_id, size, first, middle) + self._events(
                log_id, size, middle + 1, last
            )
        if not isinstance(answer, list):
            raise LedgerUnreachableError(
                "the node does not answer as an Ethereum node does: eth_getLogs is "
                f"{described(answer)}"
            )
        return [as_fields(event, "log") for event in answer]

    def _anchor(self, event: Mapping[str, Any]) -> Anchor:
        data = as_data(event.get("data"), "log.data", ROOT_AND_OLD_SIZE)
        number = as_quantity(event.get("blockNumber"), "log.blockNumber")
        block_hash = as_data(event.get("blockHash"), "log.blockHash", WORD)
        return Anchor(
            log_id=_topic(event, 1),
            head=Head(_size(event), data[:WORD]),
            block=Block(number, block_hash, self._timestamp(event, number, block_hash)),
            transaction=as_data(event.get("transactionHash"), "log.transactionHash", WORD),
        )

    def _timestamp(self, event: Mapping[str, Any], number: int, block_hash: bytes) -> int:
        """Newer nodes put the timestamp into the log; others are asked for the block."""
        if event.get("blockTimestamp") is not None:
            return as_quantity(event["blockTimestamp"], "log.blockTimestamp")
        block = self._connection.block(hex(number))
        if block is None or block.hash != block_hash:
            raise LedgerUnreachableError(
                f"the node contradicts itself about block {number}; ask again"
            )
        return block.timestamp


def _topic(event: Mapping[str, Any], position: int) -> bytes:
    topics = event.get("topics")
    if not isinstance(topics, list) or len(topics) <= position:
        raise LedgerUnreachableError(
            f"the node does not answer as an Ethereum node does: log.topics is {described(topics)}"
        )
    return as_data(topics[position], "log.topics", WORD)


def _size(event: Mapping[str, Any]) -> int:
    return int.from_bytes(_topic(event, 2), "big")
