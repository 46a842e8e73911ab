"""What our accounts sent, as rows: the journal that outlives its process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from eseal.errors import NotFoundError
from eseal.ledger.sending.fees import Fees
from eseal.ledger.sending.transactions import (
    ENDED_IN_BLOCK,
    LIVE,
    Attempt,
    Order,
    Transaction,
    TransactionState,
)
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.tables import TRANSACTION_IS_LIVE, transaction_attempts, transactions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    from eseal.store.database import Database

KEPT = 1024
"""So many transactions back, what they did is kept, to send it again after a re-organisation: an
hour of anchoring every few seconds. Of older ones only the line for the statistics stays."""


class DatabaseJournal:
    """:class:`~eseal.ledger.sending.transactions.TransactionJournal` in the database.

    Safe to use from several threads and processes: a nonce is assigned within one transaction of
    the database, and an index keeps two live ones apart.
    """

    def __init__(self, database: Database, chain_id: int, account: str) -> None:
        """Keep the transactions of ``account`` (checksummed address) on the chain."""
        self._database = database
        self._chain_id = chain_id
        self._account = account
        self._ours = (transactions.c.chain_id == chain_id, transactions.c.account == account)

    def prepare(self, order: Order, gas: int, next_nonce: int) -> Transaction:
        """A live transaction that does this: the one on record, or a new one."""
        with self._database.write() as connection:
            live = self._live(connection)
            for known in live:
                if (known.order.to, known.order.data) == (order.to, order.data):
                    return known
            used = (
                select(transactions)
                .where(*self._ours, transactions.c.block_number.is_not(None))
                .order_by(transactions.c.nonce.desc())  # the index ends the search at once
                .limit(1)
            )
            highest = rows_of(connection).one(used, transactions)
            nonce = next_nonce if highest is None else max(next_nonce, highest.nonce + 1)
            taken = {known.nonce for known in live}
            while nonce in taken:
                nonce += 1
            now = datetime.now(UTC)
            values = {
                "chain_id": self._chain_id,
                "account": self._account,
                "nonce": nonce,
                "kind": order.kind,
                "destination": order.to,
                "data": order.data,
                "gas": gas,
                "state": TransactionState.PREPARED.value,
                "created_at": now,
                "updated_at": now,
            }
            (number,) = rows_of(connection).insert(transactions, values)
            return self._get(connection, number)

    def find(self, transaction_id: int) -> Transaction:
        """The transaction with this number.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.read() as connection:
            return self._get(connection, transaction_id)

    def live(self) -> Sequence[Transaction]:
        """All that are not at their end, by nonce."""
        with self._database.read() as connection:
            return self._live(connection)

    def newest_in_block(self, below: int | None = None) -> Transaction | None:
        """The ended transaction in a block with the highest nonce (``below`` this one)."""
        query = select(transactions).where(
            *self._ours,
            transactions.c.state.in_([state.value for state in ENDED_IN_BLOCK]),
            transactions.c.block_number.is_not(None),
            transactions.c.data.is_not(None),
        )
        if below is not None:
            query = query.where(transactions.c.nonce < below)
        query = query.order_by(transactions.c.nonce.desc()).limit(1)
        with self._database.read() as connection:
            row = rows_of(connection).one(query, transactions)
            return None if row is None else _transaction(connection, row)

    def add_attempt(self, transaction_id: int, attempt: Attempt) -> Transaction:
        """Record an attempt *before* it is sent; a known hash only gets the newer time."""
        attempts = transaction_attempts.c
        this = (attempts.transaction_id == transaction_id) & (attempts.hash == attempt.hash)
        with self._database.write() as connection:
            rows, again = rows_of(connection), {"sent_at": attempt.sent_at}
            if not rows.update(transaction_attempts, this, again):
                values = {
                    "transaction_id": transaction_id,
                    "hash": attempt.hash,
                    "price": attempt.fees.price,
                    "tip": attempt.fees.tip,
                    "sent_at": attempt.sent_at,
                }
                rows.insert(transaction_attempts, values)
            self._change(
                connection,
                transaction_id,
                (TransactionState.PREPARED,),
                state=TransactionState.SENT.value,
            )
            return self._get(connection, transaction_id)

    def withdraw(self, transaction_id: int) -> bool:
        """End a transaction no node ever took, unless a live one with a higher nonce needs it."""
        with self._database.write() as connection:
            live = self._live(connection)
            nonce = self._get(connection, transaction_id).nonce
            if any(other.nonce > nonce for other in live):
                return False
            self._change(connection, transaction_id, LIVE, state=TransactionState.FAILED.value)
            return True

    def set_mined(self, transaction_id: int, block_number: int, block_hash: bytes) -> Transaction:
        """Record the block that holds a live transaction."""
        return self._changed(
            transaction_id,
            LIVE,
            state=TransactionState.MINED.value,
            block_number=block_number,
            block_hash=block_hash,
        )

    def set_sent(self, transaction_id: int) -> Transaction:
        """Record that no block holds the transaction any more."""
        return self._changed(
            transaction_id,
            tuple(TransactionState),
            state=TransactionState.SENT.value,
            block_number=None,
            block_hash=None,
            gas_used=None,
        )

    def finish(
        self, transaction_id: int, state: TransactionState, gas_used: int | None = None
    ) -> None:
        """Record how a live transaction ended, and what it burnt."""
        with self._database.write() as connection:
            self._change(connection, transaction_id, LIVE, state=state.value, gas_used=gas_used)
            self._forget(connection, self._get(connection, transaction_id).nonce - KEPT)

    def begun_since(self, since: datetime, kinds: Sequence[str]) -> list[tuple[datetime, bytes]]:
        """When transactions of these kinds were begun since then, and what they do, oldest first.

        What they do is empty where it was forgotten.
        """
        these = transactions.c.kind.in_(kinds) & (transactions.c.created_at >= since)
        query = select(transactions).where(*self._ours, these).order_by(transactions.c.id)
        with self._database.read() as connection:
            rows = rows_of(connection).all(query, transactions)
            return [(row.created_at, row.data or b"") for row in rows]

    def gas_spent(self) -> Mapping[str, int]:
        """Gas burnt in final blocks so far, by kind of transaction."""
        query = select(transactions.c.kind, func.sum(transactions.c.gas_used)).where(
            *self._ours, transactions.c.gas_used.is_not(None)
        )
        with self._database.read() as connection:
            found = connection.execute(query.group_by(transactions.c.kind))
            return {kind: int(gas) for kind, gas in found}

    def _forget(self, connection: Connection, nonce: int) -> None:
        """Drop what an old transaction did and how it was sent."""
        old = select(transactions.c.id).where(
            *self._ours,
            transactions.c.nonce == nonce,
            transactions.c.data.is_not(None),
            transactions.c.state.not_in([state.value for state in LIVE]),
        )
        found = connection.execute(old).scalars().all()
        if found:
            sent = transaction_attempts.c.transaction_id.in_(found)
            rows_of(connection).delete(transaction_attempts, sent)
            rows_of(connection).update(transactions, transactions.c.id.in_(found), {"data": None})

    def _changed(
        self, transaction_id: int, wanted: Sequence[TransactionState], **values: object
    ) -> Transaction:
        with self._database.write() as connection:
            self._change(connection, transaction_id, wanted, **values)
            return self._get(connection, transaction_id)

    @staticmethod
    def _change(
        connection: Connection,
        transaction_id: int,
        wanted: Sequence[TransactionState],
        **values: object,
    ) -> None:
        """Change a transaction if it is in one of the states ``wanted``."""
        states = [state.value for state in wanted]
        this = (transactions.c.id == transaction_id) & transactions.c.state.in_(states)
        changed = {"updated_at": datetime.now(UTC), **values}
        rows_of(connection).update(transactions, this, changed)

    def _live(self, connection: Connection) -> list[Transaction]:
        query = select(transactions).where(*self._ours, TRANSACTION_IS_LIVE)
        rows = rows_of(connection).all(query.order_by(transactions.c.nonce), transactions)
        return [_transaction(connection, row) for row in rows]

    @staticmethod
    def _get(connection: Connection, transaction_id: int) -> Transaction:
        query = select(transactions).where(transactions.c.id == transaction_id)
        row = rows_of(connection).one(query, transactions)
        if row is None:
            raise NotFoundError(f"no transaction {transaction_id}")
        return _transaction(connection, row)


def _transaction(connection: Connection, row: Row[tuple[object, ...]]) -> Transaction:
    query = select(transaction_attempts).where(transaction_attempts.c.transaction_id == row.id)
    query = query.order_by(transaction_attempts.c.sent_at)
    found = rows_of(connection).all(query, transaction_attempts)
    return Transaction(
        id=row.id,
        order=Order(row.kind, row.destination, row.data or b""),
        nonce=row.nonce,
        gas=row.gas,
        state=TransactionState(row.state),
        block_number=row.block_number,
        block_hash=row.block_hash,
        attempts=tuple(
            Attempt(attempt.hash, Fees(attempt.price, attempt.tip), attempt.sent_at)
            for attempt in found
        ),
    )
