import os
import shutil
import subprocess
import sys
import threading
import time

import pytest
from eth_account import Account

from eseal.errors import (
    ClockError,
    ConfigurationError,
    CorruptionError,
    InvalidInputError,
    LedgerLockedError,
    NotInitialisedError,
)
from eseal.ledger.node.clock import SystemClock
from eseal.ledger.node.embedded import CHAIN_ID_CEILING, CHAIN_ID_FLOOR, EmbeddedNode

PUBLISHED_TESTER_ACCOUNT = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"  # private key 1
RECIPIENT = "0x" + "11" * 20
WEALTH = 10**24


@pytest.fixture
def account():
    return Account.create()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def node(path, account, clock):
    with EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock) as node:
        yield node


def signed(node, account, number, **changes):
    fields = {
        "chainId": node.chain_id,
        "type": 2,
        "nonce": number,
        "to": RECIPIENT,
        "value": 1,
        "gas": 21_000,
        "maxFeePerGas": 2 * 10**9,
        "maxPriorityFeePerGas": 0,
    } | changes
    return bytes(account.sign_transaction(fields).raw_transaction)


def mined(node, transaction_hash):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with node.reading() as chain:
            found = chain.mined(transaction_hash)
        if found or node.refusal(transaction_hash):
            return found
        time.sleep(0.005)
    raise AssertionError("the transaction was not mined")


def balance(node, address):
    with node.reading() as chain:
        return chain.balance(bytes.fromhex(address[2:]), chain.head)


def test_only_the_given_accounts_hold_anything(node, account):
    assert balance(node, account.address) == WEALTH
    assert balance(node, PUBLISHED_TESTER_ACCOUNT) == 0


def test_the_chain_id_is_drawn_for_each_chain_and_kept(account, clock, tmp_path):
    ids = set()
    for name in ("one.db", "two.db"):
        for _ in range(2):
            with EmbeddedNode.open(
                tmp_path / name, funded={account.address: 1}, clock=clock
            ) as node:
                ids.add(node.chain_id)
    assert len(ids) == 2
    assert all(CHAIN_ID_FLOOR <= chain_id < CHAIN_ID_CEILING for chain_id in ids)


def test_a_transaction_takes_effect_and_survives_a_restart(node, account, path, clock):
    transaction_hash = node.submit(signed(node, account, 0, value=7))
    before = mined(node, transaction_hash)
    node.close()
    with EmbeddedNode.open(path, clock=clock) as again:
        with again.reading() as chain:
            after = chain.mined(transaction_hash)
            assert chain.head.hash == before.header.hash
        assert (after.header.hash, after.gas_used) == (before.header.hash, 21_000)
        assert balance(again, RECIPIENT) == 7
        assert again.next_nonce(bytes.fromhex(account.address[2:])) == 1
        assert mined(again, again.submit(signed(again, account, 1))).header.block_number == 2


def test_transactions_that_wait_share_the_next_block(path, account):
    class StoppedClock:
        """Stands still until it is let go."""

        def __init__(self):
            self.go = threading.Event()
            self.start = time.time()

        def now(self):
            return self.start + (10 if self.go.is_set() else 0)

        def sleep(self, _seconds):
            self.go.wait(10)

        def check(self):
            """It is never ahead."""

    clock = StoppedClock()
    with EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock) as node:
        first = node.submit(signed(node, account, 0))
        assert mined(node, first).header.block_number == 1
        waiting = [node.submit(signed(node, account, nonce)) for nonce in (1, 2, 3)]
        assert node.pending(waiting[2]).nonce == 3
        assert node.next_nonce(bytes.fromhex(account.address[2:])) == 4
        clock.go.set()
        places = [mined(node, transaction) for transaction in waiting]
        assert [place.header.block_number for place in places] == [2, 2, 2]
        assert [place.position for place in places] == [0, 1, 2]
        assert [place.gas_used for place in places] == [21_000] * 3


def test_what_does_not_fit_into_a_block_waits_for_the_next(node, account):
    with node.reading():  # nothing is sealed meanwhile
        large = [node.submit(signed(node, account, n, gas=20_000_000)) for n in range(2)]
    assert [mined(node, transaction).header.block_number for transaction in large] == [1, 2]


def test_blocks_are_never_stamped_later_than_the_clock(path, account):
    with EmbeddedNode.open(path, funded={account.address: WEALTH}) as node:
        for nonce in range(3):
            header = mined(node, node.submit(signed(node, account, nonce))).header
            assert header.timestamp <= time.time()
            assert header.block_number == nonce + 1


def test_closing_seals_what_waits(path, account, clock):
    node = EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock)
    transactions = [node.submit(signed(node, account, nonce)) for nonce in range(5)]
    node.close()
    node.close()  # twice does no harm
    with EmbeddedNode.open(path, clock=clock) as again, again.reading() as chain:
        assert all(chain.mined(transaction) for transaction in transactions)


def test_the_same_transaction_twice_is_one(node, account):
    raw = signed(node, account, 0)
    first = node.submit(raw)
    assert node.submit(raw) == first
    mined(node, first)
    assert node.submit(raw) == first
    assert balance(node, RECIPIENT) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nonce": 5}, "nonce too high: expected 0, got 5"),
        ({"chainId": 1}, "expected a transaction for chain"),
        ({"gas": 20_999}, "expected a gas limit from 21000"),
        ({"gas": 30_000_001}, "to 30000000 .* got 30000001"),
        ({"gas": 60_999, "data": bytes([1]) * 1000}, "expected a gas limit from 61000"),
        ({"value": WEALTH}, "insufficient funds"),
    ],
)
def test_what_cannot_be_part_of_the_chain_is_refused(node, account, changes, expected):
    with pytest.raises(InvalidInputError, match=expected):
        node.submit(signed(node, account, 0, **changes))


def test_a_nonce_that_was_used_is_refused(node, account):
    mined(node, node.submit(signed(node, account, 0)))
    with pytest.raises(InvalidInputError, match="nonce too low: expected 1, got 0"):
        node.submit(signed(node, account, 0, value=2))


@pytest.mark.parametrize("raw", [b"", b"\x02", b"\xc0", b"\x7f" * 40, b"\x03\xf8" + bytes(90)])
def test_noise_is_no_transaction(node, raw):
    with pytest.raises(InvalidInputError, match="expected a signed transaction"):
        node.submit(raw)


def test_a_set_code_transaction_has_no_use_here(node, account):
    authorization = account.sign_authorization(
        {"chainId": node.chain_id, "address": RECIPIENT, "nonce": 1}
    )
    raw = signed(node, account, 0, type=4, gas=100_000, authorizationList=[authorization])
    with pytest.raises(InvalidInputError, match="of type 0, 1 or 2, got 4"):
        node.submit(raw)


def test_a_transaction_that_does_not_fit_its_block_tells_why(node, account):
    cheap = node.submit(signed(node, account, 0, maxFeePerGas=1))  # the base fee is far above
    assert mined(node, cheap) is None
    with node.reading() as chain:
        assert chain.head.block_number == 0
        assert chain.nonce(bytes.fromhex(account.address[2:]), chain.head) == 0
    assert "max fee per gas" in node.refusal(cheap)
    assert node.pending(cheap) is None
    assert mined(node, node.submit(signed(node, account, 0))) is not None


def test_a_block_that_cannot_be_written_is_no_block(path, account, clock):
    # an attempt of the disk to be full: SQLite is not allowed another page
    with EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock) as node:
        pages = node._store._connection.execute("PRAGMA page_count").fetchone()[0]
        node._store._connection.execute(f"PRAGMA max_page_count = {pages}")
        data = os.urandom(20_000)
        raw = signed(node, account, 0, data=data, gas=2_000_000)
        transaction_hash = node.submit(raw)
        assert mined(node, transaction_hash) is None
        assert "the block could not be written" in node.refusal(transaction_hash)
        with node.reading() as chain:
            assert chain.head.block_number == 0
        node._store._connection.execute("PRAGMA max_page_count = 1000000")
        assert mined(node, node.submit(raw)).header.block_number == 1


def test_a_clock_set_back_is_named(node, account, clock):
    mined(node, node.submit(signed(node, account, 0)))
    clock.time -= 3600
    with pytest.raises(
        ConfigurationError, match="s behind the ledger's newest block; set it right"
    ):
        node.submit(signed(node, account, 1))


class AheadClock(SystemClock):
    """The machine's, and what somebody sets it forward by."""

    shift = 0.0

    def now(self):
        return super().now() + self.shift


@pytest.mark.parametrize("at", ["submit", "seal"])
def test_a_clock_set_forward_stamps_no_block(path, account, at):
    """Else nothing could be written until the day has come that it shows."""
    clock = AheadClock(path.parent)
    with EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock) as node:
        mined(node, node.submit(signed(node, account, 0)))
        if at == "submit":
            clock.shift = 24 * 3600.0
            with pytest.raises(ClockError, match=r"864.. s ahead"):
                node.submit(signed(node, account, 1))
        else:
            with node.reading():  # nothing is sealed meanwhile
                late = node.submit(signed(node, account, 1))
                clock.shift = 24 * 3600.0
            until = time.monotonic() + 5
            while node.refusal(late) is None and time.monotonic() < until:
                time.sleep(0.01)
            assert "s ahead" in node.refusal(late)
        clock.shift = 0.0
        header = mined(node, node.submit(signed(node, account, 1))).header
        assert header.timestamp <= time.time()


def test_closing_does_not_wait_for_a_clock_set_back(path, account):
    clock = AheadClock(path.parent)
    node = EmbeddedNode.open(path, funded={account.address: WEALTH}, clock=clock)
    mined(node, node.submit(signed(node, account, 0)))
    node.submit(signed(node, account, 1))
    clock.shift = -3600.0
    started = time.monotonic()
    node.close()
    assert time.monotonic() - started < 5


def test_a_closed_node_says_so(node):
    node.close()
    with pytest.raises(ConfigurationError, match="closed"), node.reading():
        pass


@pytest.mark.usefixtures("node")
def test_the_second_process_is_refused(path):
    with pytest.raises(LedgerLockedError, match=f"in use by process {os.getpid()}"):
        EmbeddedNode.open(path)


def test_no_chain_and_nobody_to_fund(path):
    with pytest.raises(NotInitialisedError, match="restore it"):
        EmbeddedNode.open(path)
    assert list(path.parent.iterdir()) == []


def test_a_set_up_that_was_interrupted_before_the_genesis_block(path, account):
    path.touch()
    with pytest.raises(NotInitialisedError):
        EmbeddedNode.open(path)
    EmbeddedNode.open(path, funded={account.address: 1}).close()


def test_opening_with_other_accounts_is_refused(path, account):
    EmbeddedNode.open(path, funded={account.address: 5}).close()
    EmbeddedNode.open(path, funded={account.address: 5}).close()
    with pytest.raises(ConfigurationError, match="made for other accounts"):
        EmbeddedNode.open(path, funded={Account.create().address: 5})


def test_not_an_address(path):
    with pytest.raises(InvalidInputError, match="expected an address of 20 bytes"):
        EmbeddedNode.open(path, funded={"nobody": 1})


def test_a_file_that_is_no_ledger_lets_go_of_the_lock(path, account):
    path.write_bytes(b"no ledger at all, but long enough to be looked at" * 99)
    with pytest.raises(CorruptionError):
        EmbeddedNode.open(path)
    path.unlink()
    EmbeddedNode.open(path, funded={account.address: 1}).close()


CRASH = """
import os, signal, sys
from pathlib import Path
from eth_account import Account
from eseal.ledger.node.ipc import open_node
from eseal.ledger.wire.finality import Finality
from eseal.ledger.sending.sender import Sender
node = open_node(Path(sys.argv[1]))
account = Account.from_key(sys.argv[2])
sender = Sender(node.web3(), node.owned.chain_id, account, Finality())
for _ in range(2):
    print(sender.send("0x" + "22" * 20, b"data").receipt.block.number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_final_is_there_after_kill_minus_nine(path, account):
    EmbeddedNode.open(path, funded={account.address: WEALTH}).close()
    run = subprocess.run(
        [sys.executable, "-c", CRASH, str(path.parent), account.key.hex()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stdout) == (-9, "1\n2\n"), run.stderr
    with EmbeddedNode.open(path) as node, node.reading() as chain:
        assert chain.head.block_number == 2
        assert len(chain.transactions(chain.head)) == 1
        assert chain.nonce(bytes.fromhex(account.address[2:]), chain.head) == 2


def test_a_copy_of_the_file_at_any_moment_opens_at_a_whole_block(node, account, path, tmp_path):
    for nonce in range(6):
        node.submit(signed(node, account, nonce))
        (tmp_path / f"copy{nonce}").mkdir()
        with node.reading():  # nobody writes while we copy, as after a power cut
            for file in path.parent.glob("ledger.db*"):
                if not file.name.endswith((".lock", "-shm")):
                    shutil.copy(file, tmp_path / f"copy{nonce}")
    for nonce in range(6):
        copied = tmp_path / f"copy{nonce}" / "ledger.db"
        with EmbeddedNode.open(copied) as copy, copy.reading() as chain:
            for number in range(chain.head.block_number + 1):
                header = chain.header_at(number)
                assert chain.header_of(header.hash) == header
                chain.balance(bytes.fromhex(account.address[2:]), header)
