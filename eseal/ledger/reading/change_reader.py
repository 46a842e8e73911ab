"""Reading the changes of issuers, roots, authorities, accounts and logs from events."""

from __future__ import annotations

from collections.abc import Sequence

from eseal.ledger.changes import Change, ChangeKind
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, Entry, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.wire.connection import Connection
from eseal.ledger.wire.event_logs import EventFinder, EventLog


class ChangeReader:
    """Reads these events of both contracts. All heights are inclusive and must be final."""

    def __init__(self, connection: Connection, deployment: Deployment) -> None:
        """Read on ``connection`` from the block that holds the contracts."""
        self._first = deployment.block
        self._sources = [
            (EventFinder(connection, address), _events_of(contract))
            for address, contract in (
                (deployment.seal_registry, SEAL_REGISTRY),
                (deployment.usage_ledger, USAGE_LEDGER),
            )
        ]

    def since(self, first: int, final: int) -> Sequence[Change]:
        """All of them from a height on, in order of the chain.

        Raises:
            LedgerUnreachableError: the node cannot be asked, or answers something else.
        """
        found = [
            _change(events[log.topics[0]], log)
            for finder, events in self._sources
            for log in finder.find([list(events)], max(first, self._first), final)
        ]
        return sorted(found, key=lambda change: (change.block.number, change.position))


def _events_of(contract: str) -> dict[bytes, Entry]:
    known = {kind.value for kind in ChangeKind}
    events = load_artifact(contract).events.values()
    return {event.signature: event for event in events if event.name in known}


def _change(event: Entry, log: EventLog) -> Change:
    values = tuple(log.arguments(event).items())
    return Change(ChangeKind(event.name), values, log.block, log.transaction, log.position)
