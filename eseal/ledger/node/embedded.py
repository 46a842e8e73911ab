"""The embedded node: one chain, one process, one block per batch of waiting transactions.

A block's timestamp is never later than the clock, and later than its parent's (Yellow Paper 4.4.4),
so at most one block is sealed a second; transactions that arrive meanwhile share the next block.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from eth.abc import SignedTransactionAPI
from eth_utils.address import is_address, to_canonical_address

from eseal.errors import ConfigurationError, InvalidInputError, NotInitialisedError
from eseal.excerpts import excerpt
from eseal.ledger.node.block_store import BlockStore, LogQuery, StoredLog
from eseal.ledger.node.clock import Clock, SystemClock
from eseal.ledger.node.encoding import ACCESS_LIST, DYNAMIC_FEE, LEGACY, type_of
from eseal.ledger.node.evm import BLOCK_GAS_LIMIT, EvmChain, least_gas
from eseal.ledger.node.lock import FileLock
from eseal.ledger.node.pool import Pool

CHAIN_ID_FLOOR, CHAIN_ID_CEILING = 2**40, 2**48
"""A chain id is drawn at random for each instance, so that evidence of one can never be mistaken
for evidence of another: far above every public chain's, and small enough for any JSON reader
(RFC 8785: 2**53) and wallet."""
MAX_CLOCK_LAG = 5
"""Seconds the clock may be behind the newest block before new transactions are refused."""
NAP = 0.25
"""Seconds between two looks at the clock, so that closing never waits long."""
ACCEPTED_TYPES = frozenset({LEGACY, ACCESS_LIST, DYNAMIC_FEE})
"""Blob and set-code transactions have no use on a chain of one."""
_CHAIN_ID = "chain_id"
_NO_LEDGER = (
    "{}: no ledger here; restore it, of the same moment as its database "
    "(eseal init makes one for a new instance only)"
)

logger = logging.getLogger(__name__)


class EmbeddedNode:
    """An Ethereum chain in this process. Safe to use from several threads.

    Attributes:
        chain_id: EIP-155 chain id.
    """

    def __init__(self, store: BlockStore, lock: FileLock, chain: EvmChain, clock: Clock) -> None:
        """Take over an open store; use :meth:`open`."""
        self.chain_id = chain.chain_id
        self._store, self._file_lock, self._chain, self._clock = store, lock, chain, clock
        self._pool = Pool()
        self._mutex = threading.RLock()
        self._work = threading.Condition(self._mutex)
        self._closing = False
        self._miner = threading.Thread(target=self._mine, name="eseal-ledger", daemon=True)
        self._miner.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        funded: Mapping[str, int] | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Open the chain in the file ``path``, making it if ``funded`` is given and there is none.

        Args:
            path: the SQLite file; a lock file stands beside it.
            funded: what the genesis block gives, address → wei, and nobody else gets anything.
            clock: the machine's, unless a test brings its own.

        Raises:
            LedgerLockedError: another process has it open.
            NotInitialisedError: there is no chain and ``funded`` is ``None``.
            ConfigurationError: there is a chain, but its genesis funds other accounts.
            CorruptionError: the file is not a ledger.
        """
        clock = clock or SystemClock(path.parent)
        if funded is None and not path.exists():
            raise NotInitialisedError(_NO_LEDGER.format(path))
        lock = FileLock.acquire(path.with_name(path.name + ".lock"))
        store = None
        try:
            store = BlockStore.open(path)
            return cls(store, lock, _open_chain(path, store, funded, clock), clock)
        except BaseException:
            if store is not None:
                store.close()
            lock.release()
            raise

    def __enter__(self) -> Self:
        """The node itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the node."""
        self.close()

    def close(self) -> None:
        """Seal what waits, then close the file and give up the lock."""
        with self._work:
            if self._closing:
                return
            self._closing = True
            self._work.notify_all()
        self._miner.join()
        with self._mutex:
            self._store.close()
            self._file_lock.release()

    @contextmanager
    def reading(self) -> Iterator[EvmChain]:
        """The chain, undisturbed while the context lasts.

        Raises:
            ConfigurationError: the node is closed.
        """
        with self._mutex:
            if self._closing and not self._miner.is_alive():
                raise ConfigurationError("the embedded ledger is closed")
            yield self._chain

    def logs(self, query: LogQuery) -> list[StoredLog]:
        """The logs that match."""
        with self.reading():
            return self._store.logs(query)

    def pending(self, transaction_hash: bytes) -> SignedTransactionAPI | None:
        """The transaction with this hash if it waits for a block."""
        with self._mutex:
            return self._pool.get(transaction_hash)

    def refusal(self, transaction_hash: bytes) -> str | None:
        """Why a transaction that was accepted did not make it into a block, or ``None``."""
        with self._mutex:
            return self._pool.refusal(transaction_hash)

    def next_nonce(self, address: bytes) -> int:
        """The nonce the next transaction of this account must have."""
        with self.reading() as chain:
            return chain.nonce(address, chain.head) + len(self._pool.sent_by(address))

    def submit(self, raw: bytes) -> bytes:
        """Accept a signed transaction for the next block.

        Sending the same transaction twice is not an error: whoever lost an answer asks again.

        Returns:
            The transaction's hash.

        Raises:
            InvalidInputError: it cannot be part of this chain.
            ConfigurationError: the clock is behind the newest block, or the node is closed.
            ClockError: the clock is known to be well ahead.
        """
        with self.reading() as chain:
            transaction = chain.decode(raw)
            if self._pool.get(transaction.hash) or chain.mined(transaction.hash):
                return transaction.hash
            lag = chain.head.timestamp - self._clock.now()
            if lag > MAX_CLOCK_LAG:
                raise ConfigurationError(
                    f"the clock is {lag:.0f} s behind the ledger's newest block; set it right"
                )
            self._clock.check()
            self._check(transaction, chain)
            self._pool.add(transaction)
            self._work.notify_all()
            return transaction.hash

    def _check(self, transaction: SignedTransactionAPI, chain: EvmChain) -> None:
        if type_of(transaction) not in ACCEPTED_TYPES:
            raise InvalidInputError(
                f"expected a transaction of type 0, 1 or 2, got {type_of(transaction)}"
            )
        least = least_gas(transaction.data, transaction.intrinsic_gas)
        if not least <= transaction.gas <= BLOCK_GAS_LIMIT:
            raise InvalidInputError(
                f"expected a gas limit from {least} (what the transaction itself costs) to "
                f"{BLOCK_GAS_LIMIT} (a block's limit), got {transaction.gas}"
            )
        expected = self.next_nonce(transaction.sender)
        if transaction.nonce != expected:
            low = "low" if transaction.nonce < expected else "high"
            raise InvalidInputError(
                f"nonce too {low}: expected {expected}, got {transaction.nonce}"
            )
        price = transaction.max_fee_per_gas
        needed = transaction.gas * price + transaction.value
        available = chain.balance(transaction.sender, chain.head)
        if needed > available:
            raise InvalidInputError(
                f"insufficient funds for gas * price + value: expected {needed} wei, "
                f"the account has {available}"
            )

    def _mine(self) -> None:
        while True:
            with self._work:
                while not self._pool and not self._closing:
                    self._work.wait()
                if not self._pool:
                    return
            if not self._wait_for_clock():
                return
            with self._mutex:
                self._seal()

    def _wait_for_clock(self) -> bool:
        """Wait until a block can be stamped now; ``False`` if that is too far off while closing."""
        while True:
            gap = self._chain.head.timestamp + 1 - self._clock.now()
            if gap <= 0:
                return True
            if self._closing and gap > MAX_CLOCK_LAG:
                return False
            self._clock.sleep(min(gap, NAP))

    def _seal(self) -> None:
        batch = self._pool.next_batch(BLOCK_GAS_LIMIT)
        try:
            self._clock.check()
            refused = self._chain.append(batch, int(self._clock.now()))
        except Exception as error:  # the disk is full, say: its senders are told, the node lives on
            logger.exception("no block could be sealed")
            refused = {tx.hash: f"the block could not be written: {error}" for tx in batch}
        for transaction in batch:
            self._pool.remove(transaction.hash, refused=refused.get(transaction.hash))


def _open_chain(
    path: Path, store: BlockStore, funded: Mapping[str, int] | None, clock: Clock
) -> EvmChain:
    balances = {_canonical(address): wei for address, wei in (funded or {}).items()}
    stored = store.setting(_CHAIN_ID)
    if stored is not None:
        chain = EvmChain(store, int(stored))
        genesis = chain.header_at(0)
        if genesis is None or any(
            chain.balance(address, genesis) != wei for address, wei in balances.items()
        ):
            raise ConfigurationError(
                f"{path}: this ledger was made for other accounts; "
                "use another data directory, or the keys it was made with"
            )
        return chain
    if funded is None:
        raise NotInitialisedError(_NO_LEDGER.format(path))
    clock.check()
    chain_id = CHAIN_ID_FLOOR + secrets.randbelow(CHAIN_ID_CEILING - CHAIN_ID_FLOOR)
    with store.transaction():
        store.set_setting(_CHAIN_ID, str(chain_id))
        # one second ago, so that the first block need not wait
        return EvmChain.create(store, chain_id, balances, int(clock.now()) - 1)


def _canonical(address: str) -> bytes:
    if not is_address(address):
        raise InvalidInputError(
            f"expected an address of 20 bytes in hex, got {excerpt(address, 64)}"
        )
    return to_canonical_address(address)
