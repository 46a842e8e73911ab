"""Blocks, transactions, receipts and logs of the embedded chain in their JSON-RPC form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp  # type: ignore[import-untyped] # it has no type hints
from eth.abc import BlockHeaderAPI, SignedTransactionAPI

from eseal.ledger.contracts.addresses import created_address
from eseal.ledger.node.block_store import StoredLog
from eseal.ledger.node.evm import MinedTransaction
from eseal.ledger.node.json_rpc import data, quantity

BLOOM_BYTES = 256
LEGACY, ACCESS_LIST, DYNAMIC_FEE = 0, 1, 2
"""EIP-2718 transaction types the embedded node takes."""


def type_of(transaction: SignedTransactionAPI) -> int:
    """EIP-2718 type; 0 for one without an envelope."""
    return transaction.type_id or LEGACY


def encode_block(
    header: BlockHeaderAPI, transactions: Sequence[SignedTransactionAPI], *, full: bool
) -> dict[str, Any]:
    """A block, with whole transactions or only their hashes."""
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash or b""),
        "sha3Uncles": data(header.uncles_hash),
        "miner": data(header.coinbase),
        "stateRoot": data(header.state_root or b""),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "logsBloom": data(header.bloom.to_bytes(BLOOM_BYTES, "big")),
        "difficulty": quantity(header.difficulty),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.mix_hash),
        "nonce": data(header.nonce),
        "baseFeePerGas": quantity(_base_fee(header)),
        "withdrawalsRoot": data(header.withdrawals_root or b""),
        "withdrawals": [],
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root or b""),
        "requestsHash": data(header.requests_hash),  # type: ignore[attr-defined] # Prague's field
        "size": quantity(len(rlp.encode(header)) + sum(len(tx.encode()) for tx in transactions)),
        "uncles": [],
        "transactions": [
            encode_transaction(tx, header, position) if full else data(tx.hash)
            for position, tx in enumerate(transactions)
        ],
    }


def encode_transaction(
    transaction: SignedTransactionAPI, header: BlockHeaderAPI | None, position: int | None
) -> dict[str, Any]:
    """A transaction; pending if it has no header."""
    kind = type_of(transaction)
    fields: dict[str, Any] = {
        "type": quantity(kind),
        "hash": data(transaction.hash),
        "nonce": quantity(transaction.nonce),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "value": quantity(transaction.value),
        "gas": quantity(transaction.gas),
        "gasPrice": quantity(_effective_price(transaction, header)),
        "input": data(transaction.data),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
        "chainId": quantity(transaction.chain_id or 0),
        "blockHash": None if header is None else data(header.hash),
        "blockNumber": None if header is None else quantity(header.block_number),
        "transactionIndex": None if position is None else quantity(position),
    }
    if kind == LEGACY:
        v: int = transaction.v  # type: ignore[attr-defined] # legacy transactions have it
        return fields | {"v": quantity(v)}
    fields |= {
        "v": quantity(transaction.y_parity),
        "yParity": quantity(transaction.y_parity),
        "accessList": [
            {"address": data(address), "storageKeys": [data(_word(slot)) for slot in slots]}
            for address, slots in transaction.access_list
        ],
    }
    if kind == DYNAMIC_FEE:
        fields |= {
            "maxFeePerGas": quantity(transaction.max_fee_per_gas),
            "maxPriorityFeePerGas": quantity(transaction.max_priority_fee_per_gas),
        }
    return fields


def encode_receipt(mined: MinedTransaction, logs: Sequence[StoredLog]) -> dict[str, Any]:
    """The receipt of a mined transaction; ``logs`` are its own."""
    transaction, header = mined.transaction, mined.header
    created = None
    if not transaction.to:
        created = data(created_address(transaction.sender, transaction.nonce))
    return {
        "type": quantity(type_of(transaction)),
        "transactionHash": data(transaction.hash),
        "transactionIndex": quantity(mined.position),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.block_number),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "contractAddress": created,
        "cumulativeGasUsed": quantity(mined.receipt.gas_used),
        "gasUsed": quantity(mined.gas_used),
        "effectiveGasPrice": quantity(_effective_price(transaction, header)),
        "logs": [encode_log(log) for log in logs],
        "logsBloom": data(mined.receipt.bloom.to_bytes(BLOOM_BYTES, "big")),
        "status": quantity(int(mined.receipt.state_root == b"\x01")),
    }


def encode_log(log: StoredLog) -> dict[str, Any]:
    """A log, with the timestamp of its block as newer nodes give it."""
    return {
        "address": data(log.address),
        "topics": [data(topic) for topic in log.topics],
        "data": data(log.data),
        "blockNumber": quantity(log.block),
        "blockHash": data(log.block_hash),
        "blockTimestamp": quantity(log.timestamp),
        "transactionHash": data(log.transaction_hash),
        "transactionIndex": quantity(log.transaction_position),
        "logIndex": quantity(log.position),
        "removed": False,
    }


def _base_fee(header: BlockHeaderAPI) -> int:
    return header.base_fee_per_gas or 0


def _effective_price(transaction: SignedTransactionAPI, header: BlockHeaderAPI | None) -> int:
    """EIP-1559: what one gas really cost; the ceiling while pending."""
    if type_of(transaction) != DYNAMIC_FEE:
        return transaction.gas_price
    if header is None:
        return transaction.max_fee_per_gas
    base = _base_fee(header)
    return min(transaction.max_fee_per_gas, base + transaction.max_priority_fee_per_gas)


def _word(slot: int) -> bytes:
    return slot.to_bytes(32, "big")
