"""The Ethereum JSON-RPC methods the embedded node answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from eth.abc import BlockHeaderAPI
from eth.exceptions import Revert
from eth_utils.exceptions import ValidationError

from eseal.errors import ESealError
from eseal.ledger.node.block_store import TOPICS, LogQuery
from eseal.ledger.node.embedded import EmbeddedNode
from eseal.ledger.node.encoding import encode_block, encode_log, encode_receipt, encode_transaction
from eseal.ledger.node.evm import BLOCK_GAS_LIMIT, Call, EvmChain, Outcome
from eseal.ledger.node.json_rpc import (
    ADDRESS_BYTES,
    EXECUTION_REVERTED,
    HASH_BYTES,
    LIMIT_EXCEEDED,
    SERVER_ERROR,
    RpcError,
    data,
    invalid_params,
    parse_block,
    parse_data,
    parse_quantity,
    quantity,
)

CLIENT_VERSION = "eseal/embedded/py-evm"
MAX_FEE_HISTORY = 1_024
"""Most blocks in one fee history, as in geth."""
MAX_FILTER_CHOICES = 64
"""Most addresses, or topics at one position, in one filter."""
ZERO_ADDRESS = bytes(ADDRESS_BYTES)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes:
        call_gas: most gas a call may burn.
        logs: most logs in one answer; a client asks again by smaller range.
        contracts_only: whether only contracts on the chain may be called. Code a caller brings
            along and precompiled contracts can keep py-evm busy for long at little gas.
    """

    call_gas: int
    logs: int
    contracts_only: bool


OWN_LIMITS = Limits(call_gas=BLOCK_GAS_LIMIT, logs=10_000, contracts_only=False)
"""For our own processes; the large providers have the same limit of logs."""
PUBLIC_LIMITS = Limits(call_gas=1_000_000, logs=1_000, contracts_only=True)
"""For strangers: our views need under 200,000 gas, and py-evm takes a second for two million."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its implementation and how many parameters it takes."""

    run: Callable[..., Any]
    least: int
    most: int


class NodeMethods:
    """The methods, over one node.

    Args:
        node: the node to ask.
        limits: what one request may cost.
    """

    def __init__(self, node: EmbeddedNode, limits: Limits) -> None:
        self._node = node
        self._limits = limits
        self.reads: Mapping[str, Method] = {
            "eth_blockNumber": Method(self._block_number, 0, 0),
            "eth_call": Method(self._call, 1, 2),
            "eth_chainId": Method(lambda: quantity(node.chain_id), 0, 0),
            "eth_gasPrice": Method(self._gas_price, 0, 0),
            "eth_getBalance": Method(self._balance, 1, 2),
            "eth_getBlockByHash": Method(self._block_by_hash, 1, 2),
            "eth_getBlockByNumber": Method(self._block_by_number, 1, 2),
            "eth_getCode": Method(self._code, 1, 2),
            "eth_getLogs": Method(self._logs, 1, 1),
            "eth_getStorageAt": Method(self._storage, 2, 3),
            "eth_getTransactionByHash": Method(self._transaction, 1, 1),
            "eth_getTransactionReceipt": Method(self._receipt, 1, 1),
            "eth_syncing": Method(lambda: False, 0, 0),
            "net_version": Method(lambda: str(node.chain_id), 0, 0),
            "web3_clientVersion": Method(lambda: CLIENT_VERSION, 0, 0),
        }
        self.writes: Mapping[str, Method] = {
            "eth_accounts": Method(list, 0, 0),
            "eth_estimateGas": Method(self._estimate, 1, 2),
            "eth_feeHistory": Method(self._fee_history, 2, 3),
            "eth_getTransactionCount": Method(self._transaction_count, 1, 2),
            "eth_maxPriorityFeePerGas": Method(lambda: quantity(0), 0, 0),
            "eth_sendRawTransaction": Method(self._send, 1, 1),
        }

    def _block_number(self) -> str:
        with self._node.reading() as chain:
            return quantity(chain.head.block_number)

    def _gas_price(self) -> str:
        with self._node.reading() as chain:
            return quantity(2 * (chain.head.base_fee_per_gas or 0))

    def _balance(self, address: object, block: object = "latest") -> str:
        account = parse_data(address, ADDRESS_BYTES)
        with self._node.reading() as chain:
            return quantity(chain.balance(account, _state_header(chain, block)))

    def _code(self, address: object, block: object = "latest") -> str:
        account = parse_data(address, ADDRESS_BYTES)
        with self._node.reading() as chain:
            return data(chain.code(account, _state_header(chain, block)))

    def _storage(self, address: object, slot: object, block: object = "latest") -> str:
        account = parse_data(address, ADDRESS_BYTES)
        try:
            position = parse_quantity(slot)
        except RpcError:  # both forms are in use
            position = int.from_bytes(parse_data(slot, HASH_BYTES), "big")
        with self._node.reading() as chain:
            return data(chain.storage(account, position, _state_header(chain, block)))

    def _block_by_number(self, block: object, full: object = False) -> dict[str, Any] | None:
        return self._block(block, full)

    def _block_by_hash(self, block_hash: object, full: object = False) -> dict[str, Any] | None:
        parse_data(block_hash, HASH_BYTES)
        return self._block({"blockHash": block_hash}, full)

    def _block(self, block: object, full: object) -> dict[str, Any] | None:
        if not isinstance(full, bool):
            raise invalid_params("true or false", full)
        with self._node.reading() as chain:
            header = _header(chain, block)
            if header is None:
                return None
            return encode_block(header, chain.transactions(header), full=full)

    def _transaction(self, transaction_hash: object) -> dict[str, Any] | None:
        wanted = parse_data(transaction_hash, HASH_BYTES)
        with self._node.reading() as chain:
            pending = self._node.pending(wanted)
            if pending is not None:
                return encode_transaction(pending, None, None)
            mined = chain.mined(wanted)
            if mined is None:
                return None
            return encode_transaction(mined.transaction, mined.header, mined.position)

    def _receipt(self, transaction_hash: object) -> dict[str, Any] | None:
        wanted = parse_data(transaction_hash, HASH_BYTES)
        with self._node.reading() as chain:
            mined = chain.mined(wanted)
            if mined is None:
                refusal = self._node.refusal(wanted)
                if refusal is not None:
                    raise RpcError(SERVER_ERROR, f"transaction dropped: {refusal}")
                return None
            number = mined.header.block_number
            logs = self._node.logs(LogQuery(number, number, (), (), limit=BLOCK_GAS_LIMIT))
            return encode_receipt(mined, [log for log in logs if log.transaction_hash == wanted])

    def _logs(self, filter_: object) -> list[dict[str, Any]]:
        if not isinstance(filter_, dict):
            raise invalid_params("a filter object", filter_)
        addresses = [parse_data(value, ADDRESS_BYTES) for value in _choices(filter_.get("address"))]
        topics = filter_.get("topics") or []
        if not isinstance(topics, list) or len(topics) > TOPICS:
            raise invalid_params(f"a list of at most {TOPICS} topics", topics)
        any_of = [[parse_data(value, HASH_BYTES) for value in _choices(topic)] for topic in topics]
        most = self._limits.logs
        with self._node.reading() as chain:
            bounds = _range(chain, filter_)
            if bounds is None:
                return []
            found = self._node.logs(LogQuery(*bounds, addresses, any_of, most + 1))
        if len(found) > most:
            raise RpcError(LIMIT_EXCEEDED, f"query returned more than {most} results")
        return [encode_log(log) for log in found]

    def _call(self, call: object, block: object = "latest") -> str:
        message = self._message(call)
        with self._node.reading() as chain:
            header = _state_header(chain, block)
            if self._limits.contracts_only and not (message.to and chain.code(message.to, header)):
                raise RpcError(SERVER_ERROR, "only contracts on this chain can be called here")
            outcome = _run(lambda: chain.call(message, header))
        _raise_failure(outcome)
        return data(outcome.output)

    def _estimate(self, call: object, block: object = "latest") -> str:
        message = self._message(call)
        with self._node.reading() as chain:
            header = _state_header(chain, block)
            gas, outcome = _run(lambda: chain.estimate(message, header))
        _raise_failure(outcome)
        return quantity(gas)

    def _message(self, call: object) -> Call:
        if not isinstance(call, dict):
            raise invalid_params("a call object", call)
        to, payload = call.get("to"), call.get("input", call.get("data"))
        gas = parse_quantity(call["gas"]) if call.get("gas") is not None else self._limits.call_gas
        return Call(
            sender=parse_data(call.get("from") or data(ZERO_ADDRESS), ADDRESS_BYTES),
            to=b"" if to is None else parse_data(to, ADDRESS_BYTES),
            data=parse_data(payload or "0x"),
            value=parse_quantity(call.get("value") or "0x0"),
            gas=min(gas, self._limits.call_gas),
        )

    def _transaction_count(self, address: object, block: object = "latest") -> str:
        account = parse_data(address, ADDRESS_BYTES)
        with self._node.reading() as chain:
            if block == "pending":
                return quantity(self._node.next_nonce(account))
            return quantity(chain.nonce(account, _state_header(chain, block)))

    def _fee_history(self, count: object, newest: object, _rewards: object = ()) -> dict[str, Any]:
        wanted = min(parse_quantity(count), MAX_FEE_HISTORY)
        with self._node.reading() as chain:
            last = _state_header(chain, newest).block_number
            first = max(last - wanted + 1, 0)
            headers = [chain.header_at(number) for number in range(first, last + 1)]
        fees = [quantity(header.base_fee_per_gas or 0) for header in headers if header]
        return {
            "oldestBlock": quantity(first),
            "baseFeePerGas": [*fees, *fees[-1:]],
            "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers if header],
        }

    def _send(self, raw: object) -> str:
        try:
            return data(self._node.submit(parse_data(raw)))
        except ESealError as error:
            raise RpcError(SERVER_ERROR, str(error)) from None


def _header(chain: EvmChain, block: object) -> BlockHeaderAPI | None:
    choice = parse_block(block)
    if choice.hash is not None:
        return chain.header_of(choice.hash)
    return chain.head if choice.number is None else chain.header_at(choice.number)


def _state_header(chain: EvmChain, block: object) -> BlockHeaderAPI:
    header = _header(chain, "latest" if block is None else block)
    if header is None:
        raise RpcError(SERVER_ERROR, "block not found")
    return header


def _range(chain: EvmChain, filter_: Mapping[str, object]) -> tuple[int, int] | None:
    """First and last block a log filter means, or ``None`` if there is no such block."""
    if filter_.get("blockHash") is not None:
        if filter_.get("fromBlock") is not None or filter_.get("toBlock") is not None:
            raise invalid_params("either blockHash or a range", "both")
        header = _header(chain, {"blockHash": filter_["blockHash"]})
        if header is None:
            raise RpcError(SERVER_ERROR, "unknown block")
        return header.block_number, header.block_number
    bounds: list[int] = []
    for name in ("fromBlock", "toBlock"):
        choice = parse_block(filter_.get(name) or "latest")
        if choice.hash is not None:
            raise invalid_params(f"{name} to be a block number or tag", "a hash")
        bounds.append(chain.head.block_number if choice.number is None else choice.number)
    first, last = bounds[0], min(bounds[1], chain.head.block_number)
    return (first, last) if first <= last else None


def _choices(value: object) -> Sequence[object]:
    if value is None:
        return ()
    if isinstance(value, list):
        if len(value) > MAX_FILTER_CHOICES:
            raise invalid_params(f"at most {MAX_FILTER_CHOICES} choices", len(value))
        return value
    return (value,)


def _run(execute: Callable[[], T]) -> T:
    try:
        return execute()
    except ValidationError as error:  # not even executed: too little gas for its data, say
        raise RpcError(SERVER_ERROR, str(error)) from None


def _raise_failure(outcome: Outcome) -> None:
    if outcome.error is None:
        return
    if isinstance(outcome.error, Revert):
        raise RpcError(EXECUTION_REVERTED, "execution reverted", data(outcome.output))
    raise RpcError(SERVER_ERROR, str(outcome.error) or type(outcome.error).__name__)
