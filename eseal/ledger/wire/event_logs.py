"""Asking a node for the events of a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eseal.errors import InvalidFormatError, LedgerUnreachableError
from eseal.ledger.contracts.artifacts import Entry
from eseal.ledger.facts import Block
from eseal.ledger.wire.connection import (
    Connection,
    NodeRefusedError,
    as_data,
    as_fields,
    as_quantity,
    as_time,
    described,
)

WORD = 32


@dataclass(frozen=True, slots=True)
class EventLog:
    """An event as a node gives it, its parts of the right form.

    Attributes:
        topics: 32 bytes each; the first is the hash of the event's signature.
        data: the arguments that are not indexed.
        block: the block that holds it.
        transaction: the transaction's hash, 32 bytes.
        position: of the event in its block.
    """

    topics: tuple[bytes, ...]
    data: bytes
    block: Block
    transaction: bytes
    position: int

    def arguments(self, event: Entry) -> dict[str, Any]:
        """The event's arguments by name.

        Raises:
            LedgerUnreachableError: they are not those of this event.
        """
        try:
            return event.decode_event(self.topics, self.data)
        except InvalidFormatError as error:
            raise LedgerUnreachableError(f"the node's answer to eth_getLogs: {error}") from error


class EventFinder:
    """Looks for events of one contract. All heights are inclusive and must be final."""

    def __init__(self, connection: Connection, address: str) -> None:
        """Look on ``connection`` for events of the contract at this checksummed address."""
        self._connection = connection
        self._address = address

    def find(
        self,
        topics: Sequence[Sequence[bytes]],
        first: int,
        last: int,
        *,
        in_parts: bool = True,
    ) -> list[EventLog]:
        """The events, in order of the chain.

        Args:
            topics: per position, any of these, 32 bytes each; anything if there are none.
            first: height to begin at.
            last: height to end at.
            in_parts: whether a range the node finds too large is asked for in halves.

        Raises:
            NodeRefusedError: the node does not answer, not even about a single block.
            LedgerUnreachableError: it could not be asked, or answers something else.
        """
        wanted = [["0x" + topic.hex() for topic in any_of] or None for any_of in topics]
        found = self._answers(wanted, first, last, in_parts=in_parts)
        blocks: dict[int, Block] = {}
        logs = [self._log(fields, topics, first, last, blocks) for fields in found]
        return sorted(logs, key=lambda log: (log.block.number, log.position))

    def _answers(
        self, topics: list[Any], first: int, last: int, *, in_parts: bool = True
    ) -> list[Mapping[str, Any]]:
        if last < first:
            return []
        query = {
            "address": self._address,
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": topics,
        }
        try:
            answer = self._connection.request("eth_getLogs", query)
        except NodeRefusedError:
            if first == last or not in_parts:
                raise
            middle = (first + last) // 2
            return self._answers(topics, first, middle) + self._answers(topics, middle + 1, last)
        if not isinstance(answer, list):
            raise LedgerUnreachableError(
                "the node does not answer as an Ethereum node does: eth_getLogs is "
                f"{described(answer)}"
            )
        return [as_fields(event, "log") for event in answer]

    def _log(
        self,
        fields: Mapping[str, Any],
        wanted: Sequence[Sequence[bytes]],
        first: int,
        last: int,
        blocks: dict[int, Block],
    ) -> EventLog:
        topics = _topics(fields)
        number = as_quantity(fields.get("blockNumber"), "log.blockNumber")
        asked = len(topics) >= len(wanted) and all(
            not any_of or topic in any_of for topic, any_of in zip(topics, wanted, strict=False)
        )
        if not asked or not first <= number <= last:
            raise LedgerUnreachableError("the node answers with events that were not asked for")
        return EventLog(
            topics=topics,
            data=as_data(fields.get("data"), "log.data"),
            block=self._block(fields, number, blocks),
            transaction=as_data(fields.get("transactionHash"), "log.transactionHash", WORD),
            position=as_quantity(fields.get("logIndex"), "log.logIndex"),
        )

    def _block(self, fields: Mapping[str, Any], number: int, known: dict[int, Block]) -> Block:
        """Newer nodes put the timestamp into the log; others are asked for the block."""
        block_hash = as_data(fields.get("blockHash"), "log.blockHash", WORD)
        if fields.get("blockTimestamp") is not None:
            timestamp = as_time(fields["blockTimestamp"], "log.blockTimestamp")
            return Block(number, block_hash, timestamp)
        if number not in known:
            block = self._connection.block(hex(number))
            if block is not None:
                known[number] = block
        if number not in known or known[number].hash != block_hash:
            raise LedgerUnreachableError(
                f"the node contradicts itself about block {number}; ask again"
            )
        return known[number]


def _topics(fields: Mapping[str, Any]) -> tuple[bytes, ...]:
    topics = fields.get("topics")
    if not isinstance(topics, list) or not topics:
        raise LedgerUnreachableError(
            f"the node does not answer as an Ethereum node does: log.topics is {described(topics)}"
        )
    return tuple(as_data(topic, "log.topics", WORD) for topic in topics)
