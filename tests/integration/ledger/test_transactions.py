"""The life of a transaction on a node that drops, stalls, re-organises and forgets."""

import contextlib
import itertools
import threading
import time

import httpx
import pytest
from eth_account import Account

from eseal.errors import LedgerBehindError, LedgerUnreachableError, TransactionPendingError
from eseal.keys.kek import KeyEncryptionKey
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.transactions import TransactionState
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories.transactions import DatabaseJournal
from eseal.store.schema.tables import transactions

SOMEBODY = "0x" + "22" * 20
ELSEWHERE = "0x" + "33" * 20
PATIENCE = 30


class Killed(BaseException):
    """Stands for ``kill -9``: nothing of ours catches it."""


class Bench:
    """An account on a chain, and the journal that outlives its senders."""

    def __init__(self, anvil, database):
        self.anvil = anvil
        self.account = Account.from_key(anvil.keys[0])
        self.w3 = connect_http(anvil.url)
        self.chain_id = int(self.ask("eth_chainId"), 16)
        self.database = database
        self.journal = DatabaseJournal(database, self.chain_id, self.account.address)

    def ask(self, method, *params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = httpx.post(self.anvil.url, json=request, timeout=10).json()
        assert "error" not in answer, answer
        return answer["result"]

    def sender(self, journal=None, *, timeout=PATIENCE, resend_after=60.0, finality="immediate"):
        return Sender(
            self.w3,
            self.chain_id,
            self.account,
            Finality.parse(finality),
            timeout,
            journal=journal or self.journal,
            check=lambda *_, **__: None,
            resend_after=resend_after,
        )

    def pause(self):
        self.ask("evm_setAutomine", False)

    def leave_pending(self, data=b"data"):
        """Send with mining paused, and give up waiting at once."""
        self.pause()
        with pytest.raises(TransactionPendingError, match="may still come"):
            self.sender(timeout=0.0).send(SOMEBODY, data, "test")
        (transaction,) = self.journal.live()
        return transaction

    def count(self):
        return int(self.ask("eth_getTransactionCount", self.account.address, "latest"), 16)

    def states(self):
        query = transactions.select().order_by(transactions.c.id)
        with self.database.read() as connection:
            return [(row.nonce, row.state) for row in connection.execute(query)]

    @contextlib.contextmanager
    def mining(self):
        """A block every now and then, as on a network."""
        stop = threading.Event()

        def mine():
            while not stop.wait(0.1):
                self.ask("evm_mine")

        miner = threading.Thread(target=mine)
        miner.start()
        try:
            yield
        finally:
            stop.set()
            miner.join()


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'journal.db'}")
    migrations.upgrade(database)
    database.bind(KeyEncryptionKey(bytes(32)), create=True)
    yield database
    database.close()


@pytest.fixture
def bench(anvil_with, database):
    with anvil_with() as anvil:
        yield Bench(anvil, database)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


@contextlib.contextmanager
def in_thread(act):
    """Run ``act`` beside the block; its answer is in the list when the block has ended."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(act()))
    thread.start()
    try:
        yield answers
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_every_state_is_on_record_in_its_turn(bench):
    sent = bench.leave_pending()
    assert (sent.state, len(sent.attempts)) == (TransactionState.SENT, 1)
    bench.ask("evm_mine")
    deep = bench.sender(timeout=0.0, finality="depth:2")
    with pytest.raises(TransactionPendingError):
        deep.carry_on()
    (mined,) = bench.journal.live()
    assert (mined.state, mined.block_number) == (TransactionState.MINED, 1)
    bench.ask("anvil_mine", "0x2")
    assert deep.carry_on() == 1
    assert bench.journal.live() == []
    final = bench.journal.find(sent.id)
    assert (final.state, final.attempts) == (TransactionState.FINAL, sent.attempts)
    assert final.block_hash == mined.block_hash
    assert deep.carry_on() == 0
    assert bench.journal.gas_spent()["test"] > 21_000


def test_the_same_order_on_its_way_is_continued_not_repeated(bench):
    bench.leave_pending()
    with in_thread(lambda: bench.sender().send(SOMEBODY, b"data", "test")) as answers:
        time.sleep(0.2)
        bench.ask("evm_mine")
    assert answers[0].receipt.block.number == 1
    assert (bench.count(), bench.states()) == (1, [(0, "final")])


class Dying:
    """A journal whose process is killed right before or right after one step."""

    def __init__(self, journal, step, *, after):
        self._journal, self._step, self._after = journal, step, after

    def __getattr__(self, name):
        real = getattr(self._journal, name)
        if name != self._step:
            return real

        def step(*arguments):
            if self._after:
                real(*arguments)
            raise Killed

        return step


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["prepare", "add_attempt", "set_mined", "finish"])
def test_killed_at_any_step_it_is_sent_once(bench, step, after):
    with pytest.raises(Killed):
        bench.sender(Dying(bench.journal, step, after=after)).send(SOMEBODY, b"data", "test")
    sender = bench.sender()
    nothing_left = (step, after) in {("prepare", False), ("finish", True)}
    assert sender.carry_on() == (0 if nothing_left else 1)
    if (step, after) == ("prepare", False):
        sender.send(SOMEBODY, b"data", "test")
    assert (bench.count(), bench.states()) == (1, [(0, "final")])
    sender.send(SOMEBODY, b"data", "test")
    assert bench.states() == [(0, "final"), (1, "final")]


def test_a_dropped_transaction_is_sent_again_with_its_nonce(bench):
    dropped = bench.leave_pending()
    name = "0x" + dropped.attempts[0].hash.hex()
    bench.ask("anvil_dropTransaction", name)
    assert bench.ask("eth_getTransactionByHash", name) is None
    with bench.mining():
        assert bench.sender().carry_on() == 1
    assert bench.ask("eth_getTransactionReceipt", name)["status"] == "0x1"
    assert bench.states() == [(0, "final")]


def stuck(bench):
    """A transaction of several attempts, all waiting; then mining goes on."""
    bench.pause()
    sender = bench.sender(resend_after=0.3)
    with in_thread(lambda: sender.send(SOMEBODY, b"data", "test")) as answers:
        attempts = wait_for(
            lambda: (
                len(bench.journal.live()) == 1
                and len(bench.journal.live()[0].attempts) >= 3
                and bench.journal.live()[0].attempts
            )
        )
        waiting = bench.ask("txpool_content")["pending"]
        ((nonce, pooled),) = next(iter(waiting.values())).items()
        assert nonce == "0"
        bench.ask("evm_mine")
    assert bench.states() == [(0, "final")]
    known = [attempt.hash for attempt in bench.journal.newest_in_block().attempts]
    assert answers[0].receipt.transaction in known[1:]
    assert bytes.fromhex(pooled["hash"][2:]) in known[1:]
    return attempts


def test_a_stuck_transaction_offers_more(bench):
    attempts = stuck(bench)
    for old, new in itertools.pairwise(attempts):
        assert new.fees.price * 8 >= old.fees.price * 9
        assert new.fees.tip * 8 >= old.fees.tip * 9
        assert new.fees.tip > old.fees.tip


def test_a_stuck_transaction_on_a_chain_without_base_fee(anvil_with, database):
    with anvil_with(hardfork="berlin") as anvil:
        attempts = stuck(Bench(anvil, database))
    assert all(attempt.fees.tip is None for attempt in attempts)
    for old, new in itertools.pairwise(attempts):
        assert new.fees.price * 8 >= old.fees.price * 9


@pytest.mark.parametrize("hardfork", ["berlin", "prague"])
def test_where_gas_is_free_the_same_is_sent_again(anvil_with, database, hardfork):
    free = ("--gas-price", "0", "--base-fee", "0", "--disable-min-priority-fee")
    with anvil_with(*free, hardfork=hardfork) as anvil:
        bench = Bench(anvil, database)
        (first,) = bench.leave_pending().attempts
        assert first.fees.price == 0
        sender = bench.sender(resend_after=0.2)
        with in_thread(sender.carry_on):
            wait_for(lambda: bench.journal.live()[0].attempts[0].sent_at > first.sent_at)
            bench.ask("evm_mine")
        assert [a.hash for a in bench.journal.newest_in_block().attempts] == [first.hash]


def test_an_offer_the_market_has_left_behind_catches_up(bench):
    sent = bench.leave_pending()
    high = 20 * sent.attempts[0].fees.price
    bench.ask("anvil_setNextBlockBaseFeePerGas", hex(high))
    bench.ask("evm_mine")
    assert bench.count() == 0
    with in_thread(bench.sender(resend_after=0.2).carry_on), bench.mining():
        wait_for(bench.count)
    attempts = bench.journal.newest_in_block().attempts
    assert attempts[-1].fees.price > 2 * sent.attempts[0].fees.price


def test_a_nonce_that_somebody_else_used(bench):
    """What the journal alone asks for is not sent anew: whoever still wants it orders it."""
    ours = bench.leave_pending()
    bench.ask("anvil_dropTransaction", "0x" + ours.attempts[0].hash.hex())
    foreign = bench.account.sign_transaction(
        {
            "chainId": bench.chain_id,
            "nonce": ours.nonce,
            "to": ELSEWHERE,
            "value": 1,
            "gas": 21_000,
            "gasPrice": 10**10,
        }
    )
    bench.ask("eth_sendRawTransaction", "0x" + foreign.raw_transaction.hex())
    bench.ask("evm_mine")
    with bench.mining():
        assert bench.sender().carry_on() == 1
    assert bench.states() == [(0, "replaced")]
    assert bench.count() == 1


def test_a_foreign_transaction_that_waits_is_gone_round(bench):
    bench.pause()
    foreign = bench.account.sign_transaction(
        {
            "chainId": bench.chain_id,
            "nonce": 0,
            "to": ELSEWHERE,
            "value": 1,
            "gas": 21_000,
            "gasPrice": 10**10,
        }
    )
    bench.ask("eth_sendRawTransaction", "0x" + foreign.raw_transaction.hex())
    with bench.mining():
        bench.sender().send(SOMEBODY, b"data", "test")
    assert bench.states() == [(1, "final")]


def test_several_processes_share_the_sequence(bench):
    """Each with a journal of its own on the same database, as processes have."""
    senders = [
        bench.sender(DatabaseJournal(bench.database, bench.chain_id, bench.account.address))
        for _ in range(6)
    ]
    threads = [
        threading.Thread(target=sender.send, args=(SOMEBODY, b"%d" % number, "test"))
        for number, sender in enumerate(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(bench.states()) == [(nonce, "final") for nonce in range(6)]


def test_two_processes_carry_one_transaction_on(bench):
    """What the other one offered in the meantime counts as ours."""
    bench.pause()
    patient, eager = bench.sender(), bench.sender(resend_after=0.3)
    with in_thread(lambda: patient.send(SOMEBODY, b"data", "test")) as answers:
        wait_for(lambda: [row for row in bench.journal.live() if row.attempts])
        with in_thread(eager.carry_on):
            wait_for(lambda: len(bench.journal.live()[0].attempts) >= 3)
            bench.ask("evm_mine")
    assert (bench.count(), bench.states()) == (1, [(0, "final")])
    attempts = bench.journal.newest_in_block().attempts
    assert answers[0].receipt.transaction in {attempt.hash for attempt in attempts[1:]}


def test_mined_and_re_organised_away_before_it_was_final(bench):
    sent = bench.leave_pending()
    bench.ask("evm_mine")
    deep = bench.sender(timeout=0.0, finality="depth:3")
    with pytest.raises(TransactionPendingError):
        deep.carry_on()
    assert bench.journal.find(sent.id).state is TransactionState.MINED
    bench.ask("anvil_reorg", 1, [])
    with bench.mining():
        assert bench.sender(finality="depth:3").carry_on() == 1
    final = bench.journal.find(sent.id)
    assert (final.state, final.nonce) == (TransactionState.FINAL, 0)
    assert final.block_number > 1


def test_what_was_final_and_is_re_organised_away_is_sent_again_in_its_order(bench):
    sender = bench.sender()
    for number in range(4):
        sender.send(SOMEBODY, b"%d" % number, "test")
    bench.ask("anvil_reorg", 2, [])
    assert bench.count() == 2
    assert sender.carry_on() == 2
    assert bench.count() == 4
    assert bench.states() == [(nonce, "final") for nonce in range(4)]
    assert sender.carry_on() == 0


def test_a_node_with_less_history_is_behind_not_re_organised(anvil_with, database, tmp_path):
    state = tmp_path / "state.json"
    with anvil_with() as anvil:
        bench = Bench(anvil, database)
        bench.sender().send(SOMEBODY, b"1", "test")
        state.write_bytes(_dumped(bench))
        bench.sender().send(SOMEBODY, b"2", "test")
    with anvil_with("--load-state", str(state)) as older:
        bench = Bench(older, database)
        sender = bench.sender()
        assert bench.count() == 1
        for act in (sender.carry_on, lambda: sender.send(SOMEBODY, b"3", "test")):
            with pytest.raises(LedgerBehindError, match="at block 1, but block 2 holds"):
                act()
        assert bench.states() == [(0, "final"), (1, "final")]


def _dumped(bench):
    """The chain as ``--load-state`` reads it: what ``anvil_dumpState`` gives, unpacked."""
    import gzip

    return gzip.decompress(bytes.fromhex(bench.ask("anvil_dumpState")[2:]))


def test_a_refused_transaction_gives_its_nonce_back(bench):
    bench.ask("anvil_setBalance", bench.account.address, "0x1")
    with pytest.raises(LedgerUnreachableError, match="refused"):
        bench.sender().send(SOMEBODY, b"data", "test")
    assert bench.journal.live() == []
    bench.ask("anvil_setBalance", bench.account.address, hex(10**19))
    bench.sender().send(SOMEBODY, b"data", "test")
    assert bench.states()[-1] == (0, "final")


def test_a_node_that_goes_away_leaves_it_on_record(anvil_with, database):
    with anvil_with() as anvil:
        bench = Bench(anvil, database)
        bench.leave_pending()
    with pytest.raises(LedgerUnreachableError, match="cannot reach"):
        bench.sender().carry_on()
    assert bench.states() == [(0, "sent")]
