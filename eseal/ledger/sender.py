"""Sending a transaction and waiting until it is final."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from eseal.errors import LedgerRejectedError, LedgerUnreachableError
from eseal.ledger.connection import (
    Connection,
    NodeRefusedError,
    as_data,
    as_fields,
    as_quantity,
)
from eseal.ledger.finality import Finality
from eseal.ledger.protocol import Block, Receipt

if TYPE_CHECKING:
    from web3 import Web3

GAS_PERCENT = 120
"""Per cent of the estimate that are offered: state may change a little before the block."""
BASE_FEE_FACTOR = 2
"""The fee cap is twice the base fee, which lets it double (six full blocks, EIP-1559)."""
FINAL_TIMEOUT = 180.0
"""Seconds to wait for finality: several times what QBFT or a proof-of-stake tag takes to move."""
FIRST_POLL, POLL_GROWTH, SLOWEST_POLL = 0.02, 1.2, 1.0
"""Seconds between two looks for a receipt: quick for a local chain, gentle on a slow one."""
NONCE_ATTEMPTS = 5
"""Another process can send from the same account between our two requests; then we ask again."""

_nonce_locks: dict[tuple[int, str], threading.Lock] = {}
_nonce_locks_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction in a final block.

    Attributes:
        receipt: where it is and what it cost.
        contract: checksummed address of the contract it created, or ``None``.
    """

    receipt: Receipt
    contract: str | None


class Sender:
    """Sends from one account on one chain. Safe to use from several threads."""

    def __init__(
        self,
        w3: Web3,
        chain_id: int,
        account: LocalAccount,
        finality: Finality,
        timeout: float = FINAL_TIMEOUT,
    ) -> None:
        """Send through ``w3``, signed by ``account``; give up after ``timeout`` seconds."""
        self._connection = Connection(w3)
        self._chain_id = chain_id
        self._account = account
        self._finality = finality
        self._timeout = timeout
        self.address: str = account.address

    def send(self, to: str | None, data: bytes) -> Sent:
        """Send ``data`` to a contract, or create one, and wait until the block is final.

        Raises:
            LedgerRejectedError: the contract reverted, before or after sending.
            LedgerUnreachableError: the node could not be asked, refused the transaction, or did
                not bring it into a final block in time; it may still come.
        """
        message = {"from": self.address, "data": "0x" + data.hex()}
        if to is not None:
            message["to"] = to
        gas = self._connection.quantity("eth_estimateGas", message) * GAS_PERCENT // 100
        transaction: dict[str, Any] = {
            "chainId": self._chain_id,
            "to": "" if to is None else to,
            "data": data,
            "value": 0,
            "gas": gas,
            **self._fees(),
        }
        transaction_hash = self._submit(transaction)
        fields = self._wait(transaction_hash)
        if as_quantity(fields.get("status"), "receipt.status") != 1:
            self._explain(message, transaction_hash)
        return self._sent(fields)

    def _fees(self) -> dict[str, int]:
        head = as_fields(self._connection.request("eth_getBlockByNumber", "latest", False), "block")
        if head.get("baseFeePerGas") is None:
            return {"gasPrice": self._connection.quantity("eth_gasPrice")}
        base = as_quantity(head["baseFeePerGas"], "block.baseFeePerGas")
        try:
            tip = self._connection.quantity("eth_maxPriorityFeePerGas")
        except NodeRefusedError:  # an optional method; a chain without a market needs no tip
            tip = 0
        return {
            "type": 2,
            "maxFeePerGas": BASE_FEE_FACTOR * base + tip,
            "maxPriorityFeePerGas": tip,
        }

    def _submit(self, transaction: dict[str, Any]) -> bytes:
        with _nonce_lock(self._chain_id, self.address):
            for _ in range(NONCE_ATTEMPTS - 1):
                try:
                    return self._submit_once(transaction)
                except NodeRefusedError as error:
                    if "nonce" not in error.message:
                        raise
            return self._submit_once(transaction)

    def _submit_once(self, transaction: dict[str, Any]) -> bytes:
        nonce = self._connection.quantity("eth_getTransactionCount", self.address, "pending")
        signed = self._account.sign_transaction(transaction | {"nonce": nonce})
        raw = "0x" + bytes(signed.raw_transaction).hex()
        try:
            self._connection.request("eth_sendRawTransaction", raw)
        except NodeRefusedError as error:
            if "already known" not in error.message.lower():
                raise
        return bytes(signed.hash)

    def _wait(self, transaction_hash: bytes) -> Mapping[str, Any]:
        deadline = time.monotonic() + self._timeout
        pause = FIRST_POLL
        wanted = "0x" + transaction_hash.hex()
        while True:
            receipt = self._connection.request("eth_getTransactionReceipt", wanted)
            if receipt is not None:
                fields = as_fields(receipt, "receipt")
                if self._is_final(as_quantity(fields.get("blockNumber"), "receipt.blockNumber")):
                    return fields
            if time.monotonic() > deadline:
                raise LedgerUnreachableError(
                    f"transaction {wanted} is not final after {self._timeout:.0f} s; "
                    "it may still come"
                )
            time.sleep(pause)
            pause = min(pause * POLL_GROWTH, SLOWEST_POLL)

    def _is_final(self, number: int) -> bool:
        block = self._connection.block(self._finality.tag())
        return block is not None and number <= block.number - self._finality.depth

    def _explain(self, message: Mapping[str, str], transaction_hash: bytes) -> None:
        """Raise what the contract says now that the transaction has failed in its block."""
        self._connection.request("eth_call", message, "latest")
        raise LedgerRejectedError(
            f"transaction 0x{transaction_hash.hex()} failed, but would pass now"
        )

    def _sent(self, fields: Mapping[str, Any]) -> Sent:
        number = as_quantity(fields.get("blockNumber"), "receipt.blockNumber")
        block_hash = as_data(fields.get("blockHash"), "receipt.blockHash", 32)
        block = self._connection.block(hex(number))
        if block is None or block.hash != block_hash:
            raise LedgerUnreachableError(
                f"the node contradicts itself about block {number}; ask again"
            )
        created = fields.get("contractAddress")
        return Sent(
            receipt=Receipt(
                transaction=as_data(fields.get("transactionHash"), "receipt.transactionHash", 32),
                block=Block(number, block_hash, block.timestamp),
                gas_used=as_quantity(fields.get("gasUsed"), "receipt.gasUsed"),
            ),
            contract=None
            if created is None
            else to_checksum_address(as_data(created, "receipt.contractAddress", 20)),
        )


def _nonce_lock(chain_id: int, address: str) -> threading.Lock:
    with _nonce_locks_guard:
        return _nonce_locks.setdefault((chain_id, address), threading.Lock())
