"""A journal that lasts as long as its process: for a set-up that looks what is there anyway."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from eseal.errors import NotFoundError
from eseal.ledger.sending.transactions import (
    ENDED_IN_BLOCK,
    LIVE,
    Attempt,
    Order,
    Transaction,
    TransactionState,
)


class MemoryJournal:
    """:class:`~eseal.ledger.sending.transactions.TransactionJournal` of one process."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._rows: dict[int, Transaction] = {}

    def prepare(self, order: Order, gas: int, next_nonce: int) -> Transaction:
        """A live transaction that does this: the one on record, or a new one."""
        with self._lock:
            live = self._live()
            for row in live:
                if (row.order.to, row.order.data) == (order.to, order.data):
                    return row
            used = [row.nonce for row in self._rows.values() if _in_block(row)]
            nonce = free_nonce(max([next_nonce, *(n + 1 for n in used)]), [r.nonce for r in live])
            number = len(self._rows) + 1
            self._rows[number] = Transaction(number, order, nonce, gas, TransactionState.PREPARED)
            return self._rows[number]

    def find(self, transaction_id: int) -> Transaction:
        """The transaction with this number.

        Raises:
            NotFoundError: there is none.
        """
        try:
            return self._rows[transaction_id]
        except KeyError:
            raise NotFoundError(f"no transaction {transaction_id}") from None

    def live(self) -> Sequence[Transaction]:
        """All that are not at their end, by nonce."""
        with self._lock:
            return self._live()

    def newest_in_block(self, below: int | None = None) -> Transaction | None:
        """The ended transaction in a block with the highest nonce (``below`` this one)."""
        with self._lock:
            ended = [
                row
                for row in self._rows.values()
                if row.state in ENDED_IN_BLOCK
                and row.block_number is not None
                and (below is None or row.nonce < below)
            ]
        return max(ended, key=lambda row: row.nonce, default=None)

    def add_attempt(self, transaction_id: int, attempt: Attempt) -> Transaction:
        """Record an attempt *before* it is sent; a known hash only gets the newer time."""
        with self._lock:
            row = self.find(transaction_id)
            others = tuple(known for known in row.attempts if known.hash != attempt.hash)
            return self._put(replace(row, state=_sent(row), attempts=(*others, attempt)))

    def withdraw(self, transaction_id: int) -> bool:
        """End a transaction no node ever took, unless a live one with a higher nonce needs it."""
        with self._lock:
            row = self.find(transaction_id)
            if any(other.nonce > row.nonce for other in self._live()):
                return False
            self._put(replace(row, state=TransactionState.FAILED))
            return True

    def set_mined(self, transaction_id: int, block_number: int, block_hash: bytes) -> Transaction:
        """Record the block that holds a live transaction."""
        with self._lock:
            row = self.find(transaction_id)
            if row.state not in LIVE:
                return row
            state = TransactionState.MINED
            return self._put(
                replace(row, state=state, block_number=block_number, block_hash=block_hash)
            )

    def set_sent(self, transaction_id: int) -> Transaction:
        """Record that no block holds the transaction any more."""
        with self._lock:
            row = self.find(transaction_id)
            state = TransactionState.SENT
            return self._put(replace(row, state=state, block_number=None, block_hash=None))

    def finish(
        self,
        transaction_id: int,
        state: TransactionState,
        gas_used: int | None = None,  # noqa: ARG002  # nobody asks a set-up what it cost
    ) -> None:
        """Record how a live transaction ended."""
        with self._lock:
            row = self.find(transaction_id)
            if row.state in LIVE:
                self._put(replace(row, state=state))

    def _live(self) -> list[Transaction]:
        live = (row for row in self._rows.values() if row.state in LIVE)
        return sorted(live, key=lambda row: row.nonce)

    def _put(self, row: Transaction) -> Transaction:
        self._rows[row.id] = row
        return row


def free_nonce(lowest: int, taken: Sequence[int]) -> int:
    """The lowest nonce from ``lowest`` on that is not ``taken``."""
    nonce = lowest
    while nonce in taken:
        nonce += 1
    return nonce


def _in_block(row: Transaction) -> bool:
    return row.block_number is not None


def _sent(row: Transaction) -> TransactionState:
    return TransactionState.SENT if row.state is TransactionState.PREPARED else row.state
