"""What the rest of the house asks of a ledger, whatever node serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from eseal.model.seal import Reason


class Status(IntEnum):
    """A seal's status on the ledger. The numbers are those of ``ISealRegistry.Status``."""

    UNKNOWN = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3
    NOT_YET_VALID = 4
    EXPIRED = 5


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Attributes:
        number: height.
        hash: 32 bytes.
        timestamp: Unix seconds, as the block states it.
    """

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Head:
    """A log's head: its size in leaves and its RFC 9162 root, 32 bytes."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head accepted by the contract.

    Attributes:
        log_id: SHA-256 of the log's origin, 32 bytes.
        head: what was accepted.
        block: the block that holds the transaction: the upper bound of the time of every leaf.
        transaction: the transaction's hash, 32 bytes.
    """

    log_id: bytes
    head: Head
    block: Block
    transaction: bytes


@dataclass(frozen=True, slots=True)
class LogRegistration:
    """A log the contract knows: its issuer's id and its Ed25519 public key, 32 bytes each."""

    log_id: bytes
    issuer: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class SealRegistration:
    """A seal the registry knows.

    Attributes:
        handle: 32 bytes.
        issuer: the issuer's id, 32 bytes.
        not_before: Unix seconds.
        not_after: Unix seconds.
        registered_at: timestamp of the block that registered it, Unix seconds.
    """

    handle: bytes
    issuer: bytes
    not_before: int
    not_after: int
    registered_at: int


@dataclass(frozen=True, slots=True)
class StatusAt:
    """A seal's status at a moment.

    Attributes:
        status: the status then.
        reason: why.
        since: timestamp of the change that led to it, Unix seconds; 0 when unknown.
    """

    status: Status
    reason: Reason
    since: int


@dataclass(frozen=True, slots=True)
class NewSeal:
    """A seal to register: handle (32 bytes) and validity in Unix seconds."""

    handle: bytes
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that is in a final block."""

    transaction: bytes
    block: Block
    gas_used: int


class LedgerReader(Protocol):
    """Read access to one pair of contracts on one chain. Safe to call from several threads.

    Every method raises ``LedgerUnreachableError`` when the node cannot be asked or does not answer
    as an Ethereum node does, and answers from final blocks only.
    """

    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
        ...

    @property
    def seal_registry(self) -> str:
        """Checksummed address of ``SealRegistry``."""
        ...

    @property
    def usage_ledger(self) -> str:
        """Checksummed address of ``UsageLedger``."""
        ...

    def final_block(self) -> Block:
        """The newest final block."""
        ...

    def block(self, number: int) -> Block | None:
        """The final block at this height, or ``None`` if there is none yet."""
        ...

    def log(self, log_id: bytes) -> LogRegistration | None:
        """The log with this id, or ``None`` if the contract does not know it."""
        ...

    def head(self, log_id: bytes) -> Head:
        """The newest accepted head; size 0 and the empty tree's root before the first."""
        ...

    def root_at(self, log_id: bytes, size: int) -> bytes | None:
        """The accepted root at exactly ``size`` leaves, or ``None``."""
        ...

    def anchor_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor of exactly ``size`` leaves, or ``None``."""
        ...

    def anchor_covering(self, log_id: bytes, index: int) -> Anchor | None:
        """The earliest anchor whose size is above ``index``, or ``None`` if none is final yet."""
        ...

    def anchors(self, log_id: bytes) -> Sequence[Anchor]:
        """All anchors, by size."""
        ...

    def seal(self, handle: bytes) -> SealRegistration | None:
        """The seal with this handle, or ``None`` if the registry does not know it."""
        ...

    def status_at(self, handle: bytes, time: int) -> StatusAt:
        """The seal's status at ``time`` (Unix seconds), from the registry's storage."""
        ...


class Ledger(LedgerReader, Protocol):
    """A ledger one issuer's operator can write to. Writes return once final.

    Every write raises ``LedgerRejectedError`` when the contract reverts.
    """

    @property
    def operator(self) -> str:
        """Checksummed address of the account that sends the transactions."""
        ...

    def carry_on(self) -> int:
        """See transactions through that are on record and not final; how many there were.

        Those whose block a re-organisation removed are sent again.

        Raises:
            TransactionPendingError: one of them is still not final in time.
            LedgerBehindError: the node has less history than is on record.
        """
        ...

    def advance(self, log_id: bytes, old_size: int, new: Head, proof: Sequence[bytes]) -> Receipt:
        """Offer ``new`` as extension of the head at ``old_size``.

        Args:
            log_id: 32 bytes.
            old_size: size of the head being extended.
            new: the new head.
            proof: RFC 9162 section 2.1.4 consistency proof, 32 bytes each.

        Raises:
            StaleHeadError: ``old_size`` is not the size of the contract's head.
        """
        ...

    def register_seals(self, issuer: bytes, seals: Sequence[NewSeal]) -> Receipt:
        """Register seals in one transaction."""
        ...

    def suspend(self, handle: bytes, reason: Reason) -> Receipt:
        """Suspend an active seal."""
        ...

    def resume(self, handle: bytes, reason: Reason) -> Receipt:
        """Make a suspended seal active again."""
        ...

    def revoke(self, handle: bytes, reason: Reason) -> Receipt:
        """Revoke a seal, finally."""
        ...
