"""What administrators and operators changed: issuers, roots, authorities, accounts, logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from eseal.ledger.facts import Block


class ChangeKind(StrEnum):
    """The contracts' events that concern more than one company. Heads are none of them."""

    ISSUER_ADMITTED = "IssuerAdmitted"
    ISSUER_RETIRED = "IssuerRetired"
    OPERATOR_ADDED = "OperatorAdded"
    OPERATOR_REMOVED = "OperatorRemoved"
    ROOT_ADDED = "RootAdded"
    ROOT_ENDED = "RootEnded"
    SCHEME_SET = "SchemeSet"
    AUTHORITY_ACCOUNT_SET = "AuthorityAccountSet"
    AUTHORITY_KEY_ADDED = "AuthorityKeyAdded"
    AUTHORITY_KEY_ENDED = "AuthorityKeyEnded"
    ROLE_ADMIN_CHANGED = "RoleAdminChanged"
    ROLE_GRANTED = "RoleGranted"
    ROLE_REVOKED = "RoleRevoked"
    ADMIN_TRANSFER_SCHEDULED = "DefaultAdminTransferScheduled"
    ADMIN_TRANSFER_CANCELLED = "DefaultAdminTransferCanceled"
    ADMIN_DELAY_SCHEDULED = "DefaultAdminDelayChangeScheduled"
    ADMIN_DELAY_CANCELLED = "DefaultAdminDelayChangeCanceled"
    LOG_OPENED = "LogOpened"
    LOG_SUCCEEDED = "LogSucceeded"
    HEAD_DISOWNED = "HeadDisowned"


Value = bytes | int | str


@dataclass(frozen=True, slots=True)
class Change:
    """One of them.

    Attributes:
        kind: what changed.
        values: the event's arguments by their names in the contract's interface.
        block: the block that holds it.
        transaction: the transaction's hash, 32 bytes.
        position: of the event in its block.
    """

    kind: ChangeKind
    values: tuple[tuple[str, Value], ...]
    block: Block
    transaction: bytes
    position: int

    def get(self, name: str) -> Value | None:
        """An argument, or ``None`` if this event has none of this name."""
        return dict(self.values).get(name)

    @property
    def issuer(self) -> bytes | None:
        """The issuer it names, 32 bytes, if it names one."""
        found = self.get("issuer")
        return found if isinstance(found, bytes) else None

    @property
    def log_id(self) -> bytes | None:
        """The log it names, 32 bytes, if it names one."""
        found = self.get("logId")
        return found if isinstance(found, bytes) else None


def disowned_heads(changes: Sequence[Change], log_id: bytes) -> dict[int, int]:
    """The last head of each epoch of a log that is over: leaves, by epoch."""
    found: dict[int, int] = {}
    for change in changes:
        epoch, size = change.get("epoch"), change.get("oldSize")
        if change.log_id == log_id and isinstance(epoch, int) and isinstance(size, int):
            found[epoch - 1] = size
    return found
