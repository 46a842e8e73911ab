"""The life of a transaction, and the journal that keeps it.

::

    PREPARED ──► SENT ──► MINED ──► FINAL      the nonce is assigned; an attempt is on record;
        │         ▲ │        │ │               a block holds it; the block is final
        │         │ │        │ └─► FAILED      the contract reverted in a final block
        │         │ └────────┼───► REPLACED    somebody else used the nonce
        │         └──────────┘                 the block was re-organised away
        └──────────► FAILED                    the node refused the very first attempt

A transaction keeps its nonce, and what it does, through all its attempts: at most one of them can
ever be in a block. A ``FINAL`` or ``FAILED`` transaction whose block is no longer on the chain goes
back to ``SENT`` as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from eseal.ledger.sending.fees import Fees


class TransactionState(StrEnum):
    """Where a transaction stands. Stored; a word never changes its meaning."""

    PREPARED = "prepared"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"
    REPLACED = "replaced"


LIVE = (TransactionState.PREPARED, TransactionState.SENT, TransactionState.MINED)
"""Not at its end: its nonce is taken, and somebody has to carry it on."""
ENDED_IN_BLOCK = (TransactionState.FINAL, TransactionState.FAILED)
"""At its end; it has used its nonce if a block is on record."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a transaction is to do.

    Attributes:
        kind: a word for people and statistics, e.g. ``advance``.
        to: checksummed address of the contract; ``None`` creates one.
        data: calldata, or creation code.
    """

    kind: str
    to: str | None
    data: bytes


class CallCheck(Protocol):
    """Says whether an account may sign an order, from what its owner has on record."""

    def __call__(self, order: Order, account: str, *, begun: bool) -> None:
        """Check an order that is about to be signed.

        Args:
            order: what is to be done.
            account: whose signature it is to bear, a checksummed address.
            begun: whether it was signed before, or its nonce must be used: then it does not matter
                whether it is still wanted.

        Raises:
            ForeignRowError: it does not follow from what is on record.
            LedgerRejectedError: it was asked for once, and is not wanted now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed form of a transaction. Signing is deterministic (RFC 6979): it can be made again.

    Attributes:
        hash: the transaction's hash, 32 bytes.
        fees: what it offers.
        sent_at: when it was handed to the node last, or was about to be; UTC.
    """

    hash: bytes
    fees: Fees
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction on record.

    Attributes:
        id: its number in the journal.
        order: what it does.
        nonce: its place in the account's sequence.
        gas: its gas limit.
        state: where it stands.
        block_number: height of the block that holds it, or ``None``.
        block_hash: hash of that block, 32 bytes, or ``None``.
        attempts: its signed forms, oldest first.
    """

    id: int
    order: Order
    nonce: int
    gas: int
    state: TransactionState
    block_number: int | None = None
    block_hash: bytes | None = None
    attempts: tuple[Attempt, ...] = ()


class TransactionJournal(Protocol):
    """The transactions of one account on one chain. What a method wrote is durable on return.

    Safe to use from several threads and, where it says so, from several processes.
    """

    def prepare(self, order: Order, gas: int, next_nonce: int) -> Transaction:
        """A live transaction that does this: the one on record, or a new one.

        A new one gets the lowest nonce that is not below ``next_nonce``, above that of every
        transaction known to be in a block, and not that of a live one. No two get the same.

        Args:
            order: what it is to do.
            gas: its gas limit, if it is new.
            next_nonce: the number of the account's transactions, waiting ones included, that the
                node knows of.
        """
        ...

    def find(self, transaction_id: int) -> Transaction:
        """The transaction with this number (``NotFoundError`` if there is none)."""
        ...

    def live(self) -> Sequence[Transaction]:
        """All that are not at their end, by nonce."""
        ...

    def newest_in_block(self, below: int | None = None) -> Transaction | None:
        """The ended transaction in a block with the highest nonce (``below`` this one)."""
        ...

    def add_attempt(self, transaction_id: int, attempt: Attempt) -> Transaction:
        """Record an attempt *before* it is sent; a known hash only gets the newer time."""
        ...

    def withdraw(self, transaction_id: int) -> bool:
        """End a transaction no node ever took, unless a live one with a higher nonce needs it.

        Without it, nothing above its nonce could ever be in a block.
        """
        ...

    def set_mined(self, transaction_id: int, block_number: int, block_hash: bytes) -> Transaction:
        """Record the block that holds a live transaction."""
        ...

    def set_sent(self, transaction_id: int) -> Transaction:
        """Record that no block holds the transaction any more."""
        ...

    def finish(
        self, transaction_id: int, state: TransactionState, gas_used: int | None = None
    ) -> None:
        """Record how a live transaction ended, and what it burnt."""
        ...
