"""Seeing a transaction through: from an order to a final block, whatever happens in between.

The journal is written before the network is asked for anything that cannot be taken back, so a
process may be killed between any two lines: the next one carries on from the journal and the chain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from eseal.errors import (
    ForeignRowError,
    LedgerBehindError,
    LedgerRejectedError,
    LedgerUnreachableError,
    TransactionPendingError,
)
from eseal.ledger.facts import Block, Receipt
from eseal.ledger.sending.fees import Fees, bumped, market_fees
from eseal.ledger.sending.memory_journal import MemoryJournal
from eseal.ledger.sending.signer import Signer, hand_over
from eseal.ledger.sending.transactions import (
    CallCheck,
    Order,
    Transaction,
    TransactionJournal,
    TransactionState,
)
from eseal.ledger.wire.connection import (
    Connection,
    NodeRefusedError,
    as_block,
    as_data,
    as_fields,
    as_quantity,
)
from eseal.ledger.wire.finality import Finality, FinalityRule

if TYPE_CHECKING:
    from web3 import Web3

GAS_PERCENT = 120
"""Per cent of the estimate that are offered: state may change a little before the block."""
FINAL_TIMEOUT = 180.0
"""Seconds to wait for finality: several times what QBFT or a proof-of-stake tag takes to move."""
RESEND_AFTER = 60.0
"""Seconds without a block until more is offered: five slots of proof of stake, and a dozen and
more blocks of the permissioned networks."""
LOOK_AFTER = 1.0
"""Seconds between two looks whether the node still knows the transaction, or the nonce is gone."""
FIRST_POLL, POLL_GROWTH, SLOWEST_POLL = 0.02, 1.2, 1.0
"""Seconds between two looks for a receipt: quick for a local chain, gentle on a slow one."""
_DROPPED = "transaction dropped"
"""How the embedded node says why a transaction is in no block."""

_nonce_locks: dict[tuple[int, str], threading.Lock] = {}
_nonce_locks_guard = threading.Lock()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction in a final block.

    Attributes:
        receipt: where it is and what it cost.
        contract: checksummed address of the contract it created, or ``None``.
    """

    receipt: Receipt
    contract: str | None


@dataclass(slots=True)
class _Watch:
    """What is being waited for, the last thing the node had against it, and who waits.

    What stands in the journal alone is not ordered anew under another nonce: whoever still wants it
    orders it. Else an old row that is put back would have a call made that nobody wants any more.
    """

    transaction: Transaction
    complaint: str = ""
    ordered: bool = True


class Sender:
    """Sends from one account on one chain. Safe to use from several threads.

    Several processes may send from one account if they share the journal.
    """

    def __init__(  # noqa: PLR0913  # a node, an account, a rule and their patience
        self,
        w3: Web3,
        chain_id: int,
        account: LocalAccount,
        finality: Finality,
        timeout: float = FINAL_TIMEOUT,
        *,
        journal: TransactionJournal | None = None,
        check: CallCheck | None = None,
        resend_after: float = RESEND_AFTER,
    ) -> None:
        """Prepare to send.

        Args:
            w3: the node.
            chain_id: EIP-155 chain id.
            account: signs.
            finality: when a block counts as final.
            timeout: seconds after which a caller no longer waits.
            journal: where transactions are on record; only this process's memory if ``None``.
            check: asked before anything is signed; without it only what this sender was ordered
                to send is signed, whatever the journal holds.
            resend_after: seconds without a block until more is offered.
        """
        self._connection = Connection(w3)
        self._chain_id = chain_id
        self._signer = Signer(chain_id, account)
        self._finality = finality
        self._timeout = timeout
        self._journal = MemoryJournal() if journal is None else journal
        self._check = check
        self._ordered: set[tuple[str | None, bytes]] = set()
        self._resend_after = resend_after
        self.address: str = account.address

    def send(self, to: str | None, data: bytes, kind: str = "call") -> Sent:
        """Send ``data`` to a contract, or create one, and wait until the block is final.

        If the very same is on its way already, that is waited for.

        Args:
            to: checksummed address, or ``None`` to create a contract.
            data: calldata or creation code.
            kind: what it is, for people and statistics.

        Raises:
            LedgerRejectedError: the contract reverted, before or after sending.
            TransactionPendingError: sent, but not final in time; :meth:`carry_on` goes on with it.
            LedgerBehindError: the node has less history than the journal.
            LedgerUnreachableError: the node could not be asked, or refused the transaction.
            ForeignRowError: this is not an order that the account may sign.
        """
        deadline = time.monotonic() + self._timeout
        if self._check is None:
            self._ordered.add((to, data))
        return self._see_through(self._start(Order(kind, to, data)), deadline)

    def carry_on(self) -> int:
        """See everything through that is on record and not at its end; how many there were.

        Ended transactions whose block a re-organisation removed are sent again, with their nonces.
        One whose nonce another transaction has used is at its end.

        Raises:
            TransactionPendingError: one of them is still not final in time.
            LedgerBehindError: the node has less history than the journal.
            LedgerUnreachableError: the node could not be asked.
        """
        deadline = time.monotonic() + self._timeout
        self._recheck()
        live = self._journal.live()
        for transaction in live:
            try:
                self._see_through(_Watch(transaction, ordered=False), deadline)
            except (LedgerRejectedError, NodeRefusedError) as error:
                kind = transaction.order.kind
                _log.warning("transaction_failed", kind=kind, error=str(error))
        return len(live)

    def _start(self, order: Order) -> _Watch:
        for transaction in self._journal.live():
            if (transaction.order.to, transaction.order.data) == (order.to, order.data):
                return _Watch(transaction)
        estimate = self._connection.quantity("eth_estimateGas", self._message(order))
        with _nonce_lock(self._chain_id, self.address):
            newest = self._newest()
            pending = self._connection.quantity("eth_getTransactionCount", self.address, "pending")
            gas = estimate * GAS_PERCENT // 100
            transaction = self._journal.prepare(order, gas, pending)
            watch = _Watch(transaction)
            if not transaction.attempts:
                self._first(watch, newest)
            return watch

    def _first(self, watch: _Watch, newest: Mapping[str, Any]) -> None:
        """Send a prepared transaction. What the node refuses outright is withdrawn."""
        try:
            self._attempt(watch, market_fees(self._connection, newest))
        except (NodeRefusedError, LedgerRejectedError) as error:
            if not self._journal.withdraw(watch.transaction.id):
                raise _pending(watch, str(error)) from error
            raise
        except LedgerUnreachableError as error:
            raise _pending(watch, str(error)) from error

    def _attempt(self, watch: _Watch, fees: Fees) -> None:
        """Put an attempt on record, then send it.

        Raises:
            ForeignRowError: the account is not to sign this.
            LedgerRejectedError: or not any more.
        """
        self._confirm(watch.transaction)
        attempt, raw = self._signer.sign(watch.transaction, fees)
        watch.transaction = self._journal.add_attempt(watch.transaction.id, attempt)
        watch.complaint = hand_over(self._connection, raw)

    def _confirm(self, transaction: Transaction) -> None:
        order, nonce = transaction.order, transaction.nonce
        if self._check is not None:
            needed = any(other.nonce > nonce for other in self._journal.live())
            self._check(order, self.address, begun=bool(transaction.attempts) or needed)
        elif (order.to, order.data) not in self._ordered:
            raise ForeignRowError(
                f"the journal holds a transaction that nobody ordered here: {order.kind}; it is "
                "not signed; run: eseal audit"
            )

    def _see_through(self, watch: _Watch, deadline: float) -> Sent:
        if watch.transaction.state is TransactionState.PREPARED:
            self._first(watch, self._newest())
        try:
            return self._wait(watch, deadline)
        except LedgerUnreachableError as error:
            raise _pending(watch, str(error)) from error

    def _wait(self, watch: _Watch, deadline: float) -> Sent:
        look_at = time.monotonic() + LOOK_AFTER - _age(watch.transaction)
        pause = FIRST_POLL
        while True:
            fields = self._receipt(watch)
            if fields is None and (time.monotonic() >= look_at or watch.complaint):
                look_at = time.monotonic() + LOOK_AFTER
                fields = self._look(watch)
            sent = None if fields is None else self._included(watch, fields)
            if sent is not None:
                return sent
            if time.monotonic() > deadline:
                raise LedgerUnreachableError(
                    f"it is not final after {self._timeout:.0f} s; it may still come"
                    + (f" (the node says: {watch.complaint})" if watch.complaint else "")
                )
            time.sleep(pause)
            pause = min(pause * POLL_GROWTH, SLOWEST_POLL)

    def _receipt(self, watch: _Watch) -> Mapping[str, Any] | None:
        """The receipt of whichever attempt is in a block, in its JSON-RPC form."""
        for attempt in reversed(watch.transaction.attempts):
            try:
                receipt = self._connection.request(
                    "eth_getTransactionReceipt", "0x" + attempt.hash.hex()
                )
            except NodeRefusedError as error:
                if not error.message.startswith(_DROPPED):
                    raise  # it does not know; that there is none must not be concluded from that
                watch.complaint = error.message
                continue
            if receipt is not None:
                return as_fields(receipt, "receipt")
        return None

    def _look(self, watch: _Watch) -> Mapping[str, Any] | None:
        """Find out why there is no receipt, and do what helps."""
        used = self._connection.quantity("eth_getTransactionCount", self.address, self._final_tag())
        # Another process may have made attempts, too; each was on record before it was sent, so
        # one that has used the nonce is among these.
        watch.transaction = self._journal.find(watch.transaction.id)
        fields = self._receipt(watch)
        if fields is not None:
            return fields
        transaction = watch.transaction
        if transaction.state is TransactionState.MINED:
            _tell("transaction_reorganised", transaction)
            watch.transaction = self._journal.set_sent(transaction.id)
        if used > transaction.nonce:
            _tell("transaction_nonce_taken", transaction)
            self._journal.finish(transaction.id, TransactionState.REPLACED)
            if not watch.ordered:
                raise LedgerRejectedError(f"nonce {transaction.nonce} is of another transaction")
            renewed = self._start(transaction.order)
            watch.transaction, watch.complaint = renewed.transaction, renewed.complaint
        elif not self._is_known(transaction):
            if not watch.complaint:
                _tell("transaction_sent_again", transaction)
            self._send_again(watch, stuck=False)
        elif _age(transaction) >= self._resend_after:
            _tell("transaction_stuck", transaction)
            self._send_again(watch, stuck=True)
        return None

    def _send_again(self, watch: _Watch, *, stuck: bool) -> None:
        """Make the same offer, or a higher one if it is stuck or the market has left it behind.

        A refusal is remembered, and the waiting goes on.
        """
        last = watch.transaction.attempts[-1].fees
        market = market_fees(self._connection, self._newest())
        try:
            higher = stuck or market.price > last.price
            self._attempt(watch, bumped(last, market) if higher else last)
        except (NodeRefusedError, LedgerRejectedError) as error:
            watch.complaint = str(error)

    def _is_known(self, transaction: Transaction) -> bool:
        return any(
            self._connection.request("eth_getTransactionByHash", "0x" + attempt.hash.hex())
            is not None
            for attempt in reversed(transaction.attempts)
        )

    def _included(self, watch: _Watch, fields: Mapping[str, Any]) -> Sent | None:
        """Write down the block; the outcome if it is final, else ``None``."""
        number = as_quantity(fields.get("blockNumber"), "receipt.blockNumber")
        block_hash = as_data(fields.get("blockHash"), "receipt.blockHash", 32)
        block = self._connection.block(hex(number))
        if block is None or block.hash != block_hash:
            watch.complaint = f"the node contradicts itself about block {number}"
            return None
        transaction = watch.transaction
        if (transaction.block_number, transaction.block_hash) != (number, block_hash):
            watch.transaction = self._journal.set_mined(transaction.id, number, block_hash)
        if not self._is_final(number):
            return None
        gas_used = as_quantity(fields.get("gasUsed"), "receipt.gasUsed")
        if as_quantity(fields.get("status"), "receipt.status") != 1:
            self._journal.finish(transaction.id, TransactionState.FAILED, gas_used)
            self._explain(transaction.order, fields)
        self._journal.finish(transaction.id, TransactionState.FINAL, gas_used)
        return _sent(fields, block, gas_used)

    def _is_final(self, number: int) -> bool:
        block = self._connection.block(self._finality.tag())
        return block is not None and number <= block.number - self._finality.depth

    def _final_tag(self) -> str:
        """What to ask final state for: a tag, or the height of the newest final block in hex."""
        if self._finality.rule is not FinalityRule.DEPTH:
            return self._finality.tag()
        newest = self._connection.quantity("eth_blockNumber")
        return hex(max(newest - self._finality.depth, 0))

    def _explain(self, order: Order, fields: Mapping[str, Any]) -> None:
        """Raise what the contract says now that the transaction has failed in its block."""
        self._connection.request("eth_call", self._message(order), "latest")
        raise LedgerRejectedError(
            f"transaction {fields.get('transactionHash')} failed, but would pass now"
        )

    def _message(self, order: Order) -> dict[str, str]:
        message = {"from": self.address, "data": "0x" + order.data.hex()}
        return message if order.to is None else message | {"to": order.to}

    def _newest(self) -> Mapping[str, Any]:
        """The newest block in its JSON-RPC form, if the node has all the history we know of."""
        fields = as_fields(
            self._connection.request("eth_getBlockByNumber", "latest", False), "block"
        )
        last, newest = self._journal.newest_in_block(), as_block(fields).number
        if last is not None and last.block_number is not None and newest < last.block_number:
            raise LedgerBehindError(
                f"the ledger node is behind: it is at block {newest}, but block "
                f"{last.block_number} holds a transaction of ours; let it catch up, or restore "
                "its newest state"
            )
        return fields

    def _recheck(self) -> None:
        """Send again what is no longer on the chain though it was final.

        Blocks name their predecessors: if the newest one stands, all before it do.
        """
        below: int | None = None
        self._newest()
        while (last := self._journal.newest_in_block(below)) is not None:
            block = self._connection.block(hex(last.block_number or 0))
            if block is not None and block.hash == last.block_hash:
                return
            _tell("transaction_reorganised", last)
            self._journal.set_sent(last.id)
            below = last.nonce


def _sent(fields: Mapping[str, Any], block: Block, gas_used: int) -> Sent:
    transaction = as_data(fields.get("transactionHash"), "receipt.transactionHash", 32)
    created = fields.get("contractAddress")
    contract = (
        None
        if created is None
        else to_checksum_address(as_data(created, "receipt.contractAddress", 20))
    )
    return Sent(Receipt(transaction, block, gas_used), contract)


def _age(transaction: Transaction) -> float:
    """Seconds since it was handed to a node last."""
    return (datetime.now(UTC) - transaction.attempts[-1].sent_at).total_seconds()


def _pending(watch: _Watch, why: str) -> TransactionPendingError:
    attempts = watch.transaction.attempts
    name = f"transaction 0x{attempts[-1].hash.hex()}" if attempts else "a transaction"
    return TransactionPendingError(f"{name} is on record and will be carried on: {why}")


def _tell(event: str, transaction: Transaction) -> None:
    _log.warning(
        event,
        kind=transaction.order.kind,
        nonce=transaction.nonce,
        block=transaction.block_number,
        attempts=len(transaction.attempts),
    )


def _nonce_lock(chain_id: int, address: str) -> threading.Lock:
    with _nonce_locks_guard:
        return _nonce_locks.setdefault((chain_id, address), threading.Lock())
