"""Both journals, held to the same promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from eseal.errors import NotFoundError
from eseal.keys.kek import KeyEncryptionKey
from eseal.ledger.sending.fees import Fees
from eseal.ledger.sending.memory_journal import MemoryJournal
from eseal.ledger.sending.transactions import Attempt, Order, TransactionState
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories import transactions as module
from eseal.store.repositories.transactions import DatabaseJournal

ACCOUNT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TO = "0x" + "22" * 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.upgrade(database)
    database.bind(KeyEncryptionKey(bytes(32)), create=True)
    yield database
    database.close()


@pytest.fixture(params=["memory", "database"])
def journal(request, database):
    return MemoryJournal() if request.param == "memory" else DatabaseJournal(database, 5, ACCOUNT)


def order(number: int) -> Order:
    return Order("test", TO, b"%d" % number)


def attempt(number: int, *, seconds: int = 0) -> Attempt:
    return Attempt(bytes([number]) * 32, Fees(100, 1), NOW + timedelta(seconds=seconds))


def ended(journal, number: int, block: int, state=TransactionState.FINAL):
    made = journal.prepare(order(number), 21_000, 0)
    journal.add_attempt(made.id, attempt(number))
    journal.set_mined(made.id, block, bytes([block]) * 32)
    journal.finish(made.id, state, 21_000)
    return journal.find(made.id)


def test_nonces_are_neither_shared_nor_skipped(journal):
    made = [journal.prepare(order(number), 21_000, 3) for number in range(3)]
    assert [row.nonce for row in made] == [3, 4, 5]
    assert [row.state for row in made] == [TransactionState.PREPARED] * 3
    assert journal.live() == made
    assert journal.prepare(order(1), 99, 9) == made[1]
    assert journal.prepare(order(7), 21_000, 9).nonce == 9


def test_a_node_that_lags_does_not_lead_to_a_used_nonce(journal):
    ended(journal, 1, 7)
    assert journal.prepare(order(2), 21_000, 0).nonce == 1


def test_only_the_last_one_can_be_withdrawn(journal):
    first, second = (journal.prepare(order(number), 21_000, 0) for number in range(2))
    assert not journal.withdraw(first.id)
    assert journal.withdraw(second.id)
    assert journal.live() == [first]
    assert journal.prepare(order(2), 21_000, 0).nonce == second.nonce


def test_attempts_are_kept_in_the_order_they_were_sent(journal):
    made = journal.prepare(order(1), 21_000, 0)
    journal.add_attempt(made.id, attempt(1))
    sent = journal.add_attempt(made.id, attempt(2, seconds=1))
    assert sent.state is TransactionState.SENT
    assert sent.attempts == (attempt(1), attempt(2, seconds=1))
    again = journal.add_attempt(made.id, attempt(1, seconds=2))
    assert again.attempts == (attempt(2, seconds=1), attempt(1, seconds=2))


def test_the_newest_in_a_block(journal):
    assert journal.newest_in_block() is None
    first = ended(journal, 1, 7)
    second = ended(journal, 2, 8, TransactionState.FAILED)
    withdrawn = journal.prepare(order(3), 21_000, 0)
    journal.withdraw(withdrawn.id)
    assert journal.newest_in_block() == second
    assert journal.newest_in_block(second.nonce) == first
    assert journal.newest_in_block(first.nonce) is None


def test_what_a_re_organisation_removed_is_live_again(journal):
    final = ended(journal, 1, 7)
    back = journal.set_sent(final.id)
    assert (back.state, back.block_number, back.block_hash) == (TransactionState.SENT, None, None)
    assert back.attempts == final.attempts
    assert journal.live() == [back]


def test_what_has_ended_stays_ended(journal):
    final = ended(journal, 1, 7)
    assert journal.set_mined(final.id, 9, bytes(32)) == final
    journal.finish(final.id, TransactionState.REPLACED)
    assert journal.find(final.id) == final


def test_unknown(journal):
    with pytest.raises(NotFoundError):
        journal.find(99)


def test_many_at_once_get_a_nonce_each(journal):
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: journal.prepare(order(n), 21_000, 0), range(24)))
    assert sorted(row.nonce for row in made) == list(range(24))


def test_accounts_and_chains_are_apart(database):
    others = [DatabaseJournal(database, 6, ACCOUNT), DatabaseJournal(database, 5, TO)]
    for journal in [DatabaseJournal(database, 5, ACCOUNT), *others]:
        assert journal.prepare(order(1), 21_000, 0).nonce == 0
        assert len(journal.live()) == 1


def test_gas_is_summed_by_kind(database):
    journal = DatabaseJournal(database, 5, ACCOUNT)
    assert journal.gas_spent() == {}
    ended(journal, 1, 7)
    ended(journal, 2, 8, TransactionState.FAILED)
    journal.prepare(order(3), 21_000, 0)
    assert journal.gas_spent() == {"test": 42_000}


def test_what_is_long_past_is_only_counted(database, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    journal = DatabaseJournal(database, 5, ACCOUNT)
    rows = [ended(journal, number, 7 + number) for number in range(4)]
    forgotten = [journal.find(row.id) for row in rows[:2]]
    assert [(row.order.data, row.attempts) for row in forgotten] == [(b"", ())] * 2
    assert journal.newest_in_block(rows[2].nonce) is None
    assert journal.find(rows[2].id) == rows[2]
    assert journal.gas_spent() == {"test": 84_000}
    assert journal.prepare(order(9), 21_000, 0).nonce == 4
