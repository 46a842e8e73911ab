"""Reading what happened to companies and seals from the registry's events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from eseal.errors import LedgerUnreachableError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.events import (
    CompanyContinued,
    CompanyRegistered,
    FoundersChanged,
    SealRegistered,
    SealStatusChanged,
    StopSet,
    SubjectEvent,
    VolumeOpened,
)
from eseal.ledger.facts import Status, StopFlags
from eseal.ledger.wire.connection import Connection
from eseal.ledger.wire.event_logs import EventFinder, EventLog
from eseal.model.seal import Reason

NOBODY = "0x" + "0" * 40
NOTHING = bytes(32)
_Fields = Mapping[str, Any]


class HistoryReader:
    """Reads events of the registry. All heights are inclusive and must be final."""

    def __init__(self, connection: Connection, deployment: Deployment) -> None:
        """Read on ``connection`` from the block that holds the contracts."""
        self._first = deployment.block
        self._finder = EventFinder(connection, deployment.seal_registry)
        known = load_artifact(SEAL_REGISTRY).events
        self._events = {known[name].signature: (known[name], make) for name, make in _MADE.items()}
        self._changed = known["SealStatusChanged"].signature

    def of(self, subject: bytes, final: int) -> Sequence[SubjectEvent]:
        """All about one company: the subject is the first topic of each, so one request finds it.

        Raises:
            LedgerUnreachableError: the node cannot be asked, or answers something else.
        """
        found = self._finder.find([list(self._events), [subject]], self._first, final)
        return [self._event(log) for log in found]

    def changes(self, first: int, final: int) -> Sequence[SealStatusChanged]:
        """The changes of every seal's status from a height on.

        Raises:
            LedgerUnreachableError: the node cannot be asked, or answers something else.
        """
        found = self._finder.find([[self._changed]], max(first, self._first), final)
        events = map(self._event, found)
        return [event for event in events if isinstance(event, SealStatusChanged)]

    def _event(self, log: EventLog) -> SubjectEvent:
        event, make = self._events[log.topics[0]]
        fields = log.arguments(event)
        subject = fields["oldSubject" if event.name == "CompanyContinued" else "subject"]
        try:
            return make((subject, log.block, log.transaction, log.position), fields)
        except ValueError as error:
            raise LedgerUnreachableError(
                f"the node does not answer as our registry does: {error}"
            ) from error


def something(value: bytes) -> bytes | None:
    """A word, or ``None`` where the contract has zero for nothing."""
    return None if value == NOTHING else value


def somebody(address: str) -> str | None:
    """A checksummed address, or ``None`` where the contract has zero for nobody."""
    return None if address == NOBODY else to_checksum_address(address)


def _founders(fields: _Fields) -> tuple[bytes | None, str | None]:
    return something(fields["foundersHash"]), somebody(fields["foundersAccount"])


_Place = tuple[bytes, Any, bytes, int]
_MADE: Mapping[str, Callable[[_Place, _Fields], SubjectEvent]] = {
    "CompanyRegistered": lambda at, of: CompanyRegistered(*at, of["vrfKey"], *_founders(of)),
    "FoundersChanged": lambda at, of: FoundersChanged(*at, *_founders(of)),
    "CompanyContinued": lambda at, of: CompanyContinued(*at, of["newSubject"]),
    "SealRegistered": lambda at, of: SealRegistered(
        *at, of["handle"], of["issuer"], of["notBefore"], of["notAfter"], of["depth"]
    ),
    "VolumeOpened": lambda at, of: VolumeOpened(*at, of["handle"], of["number"], of["root"]),
    "SealStatusChanged": lambda at, of: SealStatusChanged(
        *at, of["handle"], Status(of["status"]), Reason(of["reason"]), StopFlags(of["flags"])
    ),
    "StopSet": lambda at, of: StopSet(*at, of["handle"], of["stopHash"]),
}
