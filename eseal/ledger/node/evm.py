"""The embedded chain: py-evm's Prague rules over a :class:`BlockStore`.

eth-tester's own backend keeps its chain in memory, looks transactions up by walking the chain back
from its head, and funds keys everybody knows. So the chain class is opened here directly, on a
store that survives, and every question goes through an index.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from eth.abc import (
    BlockAPI,
    BlockHeaderAPI,
    ComputationAPI,
    ReceiptAPI,
    SignedTransactionAPI,
    VirtualMachineAPI,
)
from eth.chains.base import Chain
from eth.constants import GAS_TX
from eth.db.atomic import AtomicDB
from eth.exceptions import TransactionNotFound, VMError
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.constants import STANDARD_TOKEN_COST, TOTAL_COST_FLOOR_PER_TOKEN
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.exceptions import ValidationError

from eseal.errors import InvalidInputError
from eseal.ledger.node.block_store import BlockStore, StoredLog

BLOCK_GAS_LIMIT = 30_000_000
"""Mainnet's limit of the Prague era: what fits here fits elsewhere."""
GAS_SEARCH_TOLERANCE = 1_000
"""An estimate may be this much above the least gas that suffices."""
WORD = 32

RECURSION_LIMIT = 2_000
"""Twice Python's own, for nested calls of contracts. py_ecc, which py-evm imports, raises it to
100,000 for the whole process; there, nested input overflows the C stack of any recursive parser."""

sys.setrecursionlimit(RECURSION_LIMIT)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A message to execute without keeping its effects.

    Attributes:
        sender: 20 bytes.
        to: 20 bytes, or empty to create a contract.
        data: call data.
        value: wei.
        gas: limit.
    """

    sender: bytes
    to: bytes
    data: bytes
    value: int
    gas: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to.

    Attributes:
        output: what it returned, or the revert data.
        gas_used: gas it took, before refunds.
        error: why it failed, or ``None``.
    """

    output: bytes
    gas_used: int
    error: VMError | None


@dataclass(frozen=True, slots=True)
class MinedTransaction:
    """A transaction, its receipt, and where it stands."""

    transaction: SignedTransactionAPI
    receipt: ReceiptAPI
    header: BlockHeaderAPI
    position: int
    gas_used: int


class EvmChain:
    """A chain of blocks with one canonical branch. Not safe for several threads at once."""

    def __init__(self, store: BlockStore, chain_id: int) -> None:
        """Open the chain in ``store``.

        Raises:
            HeaderNotFound: the store holds no chain.
        """
        self.chain_id = chain_id
        self._store = store
        self._open()

    @classmethod
    def create(
        cls, store: BlockStore, chain_id: int, funded: Mapping[bytes, int], timestamp: int
    ) -> EvmChain:
        """Write a genesis block that funds the given addresses (20 bytes → wei) and nothing else.

        Must run inside ``store.transaction()``.
        """
        state = {
            Address(address): {"balance": wei, "nonce": 0, "code": b"", "storage": {}}
            for address, wei in funded.items()
        }
        parameters = {"difficulty": 0, "gas_limit": BLOCK_GAS_LIMIT, "timestamp": timestamp}
        chain = _chain_class(chain_id).from_genesis(
            AtomicDB(store),
            parameters,  # type: ignore[arg-type] # py-evm types the keyword arguments of a header
            state,  # type: ignore[arg-type] # the same, of an account
        )
        genesis = chain.get_canonical_block_header_by_number(BlockNumber(0))
        store.add_block(0, genesis.hash, genesis.timestamp, [])
        return cls(store, chain_id)

    def _open(self) -> None:
        self._chain = _chain_class(self.chain_id)(AtomicDB(self._store))
        self.head: BlockHeaderAPI = self._chain.get_canonical_head()

    # What is on record

    def header_at(self, number: int) -> BlockHeaderAPI | None:
        """The header at this height, or ``None``."""
        if number == self.head.block_number:
            return self.head
        if not 0 <= number < self.head.block_number:
            return None
        return self._chain.get_canonical_block_header_by_number(BlockNumber(number))

    def header_of(self, block_hash: bytes) -> BlockHeaderAPI | None:
        """The header with this hash, or ``None``."""
        number = self._store.height_of(block_hash)
        return None if number is None else self.header_at(number)

    def transactions(self, header: BlockHeaderAPI) -> Sequence[SignedTransactionAPI]:
        """The transactions of a block, in order."""
        decoder = PragueVM.get_transaction_builder()
        return self._chain.chaindb.get_block_transactions(header, decoder)

    def mined(self, transaction_hash: bytes) -> MinedTransaction | None:
        """The mined transaction with this hash, or ``None``."""
        chaindb = self._chain.chaindb
        try:
            number, position = chaindb.get_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        header = self._chain.get_canonical_block_header_by_number(number)
        receipt = self._chain.get_transaction_receipt_by_index(number, position)
        before = 0
        if position:
            before = self._chain.get_transaction_receipt_by_index(number, position - 1).gas_used
        return MinedTransaction(
            self._chain.get_canonical_transaction_by_index(number, position),
            receipt,
            header,
            position,
            receipt.gas_used - before,
        )

    # State

    def balance(self, address: bytes, at: BlockHeaderAPI) -> int:
        """Wei at the end of a block."""
        return self._vm(at).state.get_balance(Address(address))

    def nonce(self, address: bytes, at: BlockHeaderAPI) -> int:
        """Transactions an account had sent at the end of a block."""
        return self._vm(at).state.get_nonce(Address(address))

    def code(self, address: bytes, at: BlockHeaderAPI) -> bytes:
        """A contract's code at the end of a block."""
        return self._vm(at).state.get_code(Address(address))

    def storage(self, address: bytes, slot: int, at: BlockHeaderAPI) -> bytes:
        """A word of a contract's storage at the end of a block, 32 bytes."""
        return self._vm(at).state.get_storage(Address(address), slot).to_bytes(WORD, "big")

    def call(self, call: Call, at: BlockHeaderAPI) -> Outcome:
        """Execute a call on the state a block left, and forget its effects."""
        transaction = self._chain.create_unsigned_transaction(
            nonce=self.nonce(call.sender, at),
            gas_price=0,
            gas=call.gas,
            to=Address(call.to),
            value=call.value,
            data=call.data,
        )
        spoofed = cast("SignedTransactionAPI", SpoofTransaction(transaction, from_=call.sender))
        with self._vm(at).in_costless_state() as state:
            computation = state.costless_execute_transaction(spoofed)
        return _outcome(computation, call.gas)

    def estimate(self, call: Call, at: BlockHeaderAPI) -> tuple[int, Outcome]:
        """The gas a call needs, and what the call came to.

        What was used at the block's limit usually suffices (plus the 64th part EIP-150 keeps back
        from inner calls); only if it does not, the limit is searched for.
        """
        outcome = self.call(call, at)
        if outcome.error is not None:
            return outcome.gas_used, outcome
        least = least_gas(call.data, 0)
        enough = max(least, min(outcome.gas_used * 64 // 63 + 1, call.gas))
        if self._suffices(call, enough, at):
            return enough, outcome
        low, high = enough, max(call.gas, least)
        while high - low > GAS_SEARCH_TOLERANCE:
            middle = (low + high) // 2
            low, high = (low, middle) if self._suffices(call, middle, at) else (middle, high)
        return high, outcome

    def _suffices(self, call: Call, gas: int, at: BlockHeaderAPI) -> bool:
        limited = Call(call.sender, call.to, call.data, call.value, gas)
        try:
            return self.call(limited, at).error is None
        except ValidationError:  # less than the intrinsic gas
            return False

    def _vm(self, at: BlockHeaderAPI) -> VirtualMachineAPI:
        return self._chain.get_vm(at)

    # Growth

    def decode(self, raw: bytes) -> SignedTransactionAPI:
        """A signed transaction from its EIP-2718 encoding, its signature checked.

        Raises:
            InvalidInputError: it is not one, or not for this chain.
        """
        try:
            transaction = PragueVM.get_transaction_builder().decode(raw)
            transaction.validate()
            transaction.get_sender()
        except Exception as error:  # rlp, eth-keys and py-evm raise what they please on bad bytes
            raise InvalidInputError(f"expected a signed transaction, got: {error}") from error
        if transaction.chain_id != self.chain_id:
            raise InvalidInputError(
                f"expected a transaction for chain {self.chain_id}, got {transaction.chain_id}"
            )
        return transaction

    def append(
        self, transactions: Sequence[SignedTransactionAPI], timestamp: int
    ) -> dict[bytes, str]:
        """Seal one block of these transactions; durable when this returns.

        Returns:
            The hashes of transactions that could not be included, with the reason.
        """
        with self._reopened_on_failure(), self._store.transaction():
            return self._append(transactions, timestamp)

    @contextmanager
    def _reopened_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._open()  # py-evm remembers what it wrote; the store has forgotten it
            raise

    def _append(
        self, transactions: Sequence[SignedTransactionAPI], timestamp: int
    ) -> dict[bytes, str]:
        refused: dict[bytes, str] = {}
        remaining = list(transactions)
        while remaining:
            try:
                block, receipts = self._build(remaining, timestamp)
            except _RefusedError as error:
                # py-evm may have touched the state before it refused: start the block over
                logger.warning("transaction %s refused: %s", error.transaction.hash.hex(), error)
                refused[error.transaction.hash] = str(error)
                remaining.remove(error.transaction)
                continue
            self._chain.persist_block(block)
            logs = list(_logs(block, receipts))
            self._store.add_block(block.number, block.hash, block.header.timestamp, logs)
            self.head = block.header
            break
        return refused

    def _build(
        self, transactions: Sequence[SignedTransactionAPI], timestamp: int
    ) -> tuple[BlockAPI, list[ReceiptAPI]]:
        header = self._chain.create_header_from_parent(
            self.head,
            timestamp=timestamp,
            gas_limit=self.head.gas_limit,
        )
        vm = self._vm(header)
        receipts: list[ReceiptAPI] = []
        for transaction in transactions:
            try:
                receipt, _ = vm.apply_transaction(header, transaction)
            except ValidationError as error:
                raise _RefusedError(transaction, str(error)) from error
            header = vm.add_receipt_to_header(header, receipt)
            receipts.append(receipt)
        filled = vm.set_block_transactions_and_withdrawals(
            vm.get_block(), header, transactions, receipts
        )
        return vm.mine_block(filled).block, receipts


class _RefusedError(Exception):
    """A transaction cannot be part of the block that is being built."""

    def __init__(self, transaction: SignedTransactionAPI, reason: str) -> None:
        super().__init__(reason)
        self.transaction = transaction


def least_gas(data: bytes, intrinsic: int) -> int:
    """The least gas limit of a transaction: its intrinsic gas, or EIP-7623's floor for its data."""
    tokens = data.count(0) + STANDARD_TOKEN_COST * (len(data) - data.count(0))
    return max(intrinsic, GAS_TX + TOTAL_COST_FLOOR_PER_TOKEN * tokens)


def _chain_class(chain_id: int) -> type[Chain]:
    return Chain.configure(
        "EmbeddedChain",
        chain_id=chain_id,
        vm_configuration=((BlockNumber(0), PragueVM),),
    )


def _outcome(computation: ComputationAPI, gas: int) -> Outcome:
    error = computation.error if computation.is_error else None
    return Outcome(computation.output, gas - computation.get_gas_remaining(), error)


def _logs(block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> Iterator[StoredLog]:
    position = 0
    for index, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True)):
        for log in receipt.logs:
            yield StoredLog(
                block.number,
                block.hash,
                block.header.timestamp,
                position,
                index,
                transaction.hash,
                log.address,
                tuple(topic.to_bytes(WORD, "big") for topic in log.topics),
                log.data,
            )
            position += 1
