"""Transactions on their way into a block of the embedded chain."""

from __future__ import annotations

from collections import OrderedDict

from eth.abc import SignedTransactionAPI

REMEMBERED_REFUSALS = 1_024
"""How many refused transactions we can still explain; whoever sent one asks within seconds."""


class Pool:
    """Accepted transactions in the order of their arrival. Not safe for several threads."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, SignedTransactionAPI] = {}
        self._refused: OrderedDict[bytes, str] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def add(self, transaction: SignedTransactionAPI) -> None:
        """Let a transaction wait for the next block, even one that was refused before."""
        self._refused.pop(transaction.hash, None)
        self._waiting[transaction.hash] = transaction

    def get(self, transaction_hash: bytes) -> SignedTransactionAPI | None:
        """The waiting transaction with this hash, or ``None``."""
        return self._waiting.get(transaction_hash)

    def sent_by(self, sender: bytes) -> list[SignedTransactionAPI]:
        """The waiting transactions of one account, by nonce."""
        return [tx for tx in self._waiting.values() if tx.sender == sender]

    def next_batch(self, gas_limit: int) -> list[SignedTransactionAPI]:
        """As many as fit into a block, oldest first. They stay until they are removed."""
        batch: list[SignedTransactionAPI] = []
        for transaction in self._waiting.values():
            gas_limit -= transaction.gas
            if gas_limit < 0:
                break
            batch.append(transaction)
        return batch

    def remove(self, transaction_hash: bytes, *, refused: str | None = None) -> None:
        """Forget a transaction; if it was refused, remember why for a while."""
        self._waiting.pop(transaction_hash, None)
        if refused is not None:
            self._refused[transaction_hash] = refused
            while len(self._refused) > REMEMBERED_REFUSALS:
                self._refused.popitem(last=False)

    def refusal(self, transaction_hash: bytes) -> str | None:
        """Why a transaction did not make it into a block, or ``None``."""
        return self._refused.get(transaction_hash)
