import contextlib
import os
import subprocess
import sys
import time

import pytest
from eth_account import Account

from eseal.errors import ConfigurationError, LedgerLockedError, NotInitialisedError
from eseal.ledger.node.ipc import SOCKET_NAME, open_node
from eseal.ledger.node.lock import FileLock
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.finality import Finality

# Opens the ledger of argv[1], says so, sends from the key argv[2], says where it stands, and
# leaves when its input ends.
PROCESS = """
import sys
from pathlib import Path
from eth_account import Account
from eseal.ledger.node.ipc import open_node
from eseal.ledger.wire.finality import Finality
from eseal.ledger.sending.sender import Sender
node = open_node(Path(sys.argv[1]))
print("owner" if node.owned else "guest", flush=True)
sys.stdin.readline()
w3 = node.web3()
chain_id = int(w3.provider.make_request("eth_chainId", [])["result"], 16)
sender = Sender(w3, chain_id, Account.from_key(sys.argv[2]), Finality())
print(sender.send("0x" + "22" * 20, b"data").receipt.block.number, flush=True)
sys.stdin.readline()
node.close()
"""


@contextlib.contextmanager
def process(directory, account):
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROCESS, str(directory), account.key.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def tell(started):
    started.stdin.write("\n")


@pytest.fixture
def account():
    return Account.create()


@pytest.fixture
def directory(tmp_path, account):
    open_node(tmp_path, funded={account.address: 10**24}).close()
    return tmp_path


def send(node, account):
    w3 = node.web3()
    chain_id = int(w3.provider.make_request("eth_chainId", [])["result"], 16)
    return Sender(w3, chain_id, account, Finality()).send("0x" + "22" * 20, b"d").receipt


def test_two_processes_use_one_ledger(directory, account):
    with open_node(directory) as node, process(directory, account) as other:
        assert node.owned is not None
        assert other.stdout.readline() == "guest\n"
        tell(other)
        assert other.stdout.readline() == "1\n"
        assert send(node, account).block.number == 2


def test_when_the_owner_leaves_the_guest_takes_over(directory, account):
    with process(directory, account) as owner:
        assert owner.stdout.readline() == "owner\n"
        with open_node(directory) as node:
            assert node.owned is None
            tell(owner)
            assert owner.stdout.readline() == "1\n"
            owner.kill()  # in the middle of our command, leaving its socket behind
            owner.wait()
            assert send(node, account).block.number == 2
            assert node.owned is not None


def test_a_guest_sets_up_contracts_and_anchors_like_an_owner(tmp_path, clock):
    admin = Account.create()
    with (
        open_node(tmp_path, funded={admin.address: 10**24}, clock=clock) as owner,
        open_node(tmp_path) as guest,
    ):
        assert guest.owned is None
        setup = ContractSetup(guest.web3(), Finality())
        deployment = setup.deploy(admin)
        setup.admit_issuer(deployment, admin, b"i" * 32, admin.address)
        Web3Ledger(guest.web3(), deployment, Finality(), admin).check()
        Web3Ledger(owner.web3(), deployment, Finality(), admin).check()


def test_a_service_waits_for_a_short_command_to_end(directory, account):
    with process(directory, account) as command:
        assert command.stdout.readline() == "owner\n"
        with pytest.raises(LedgerLockedError, match=f"in use by process {command.pid}"):
            open_node(directory, exclusive=True, wait=0.1)
        tell(command)
        tell(command)  # it sends, then it leaves
        with open_node(directory, exclusive=True) as node:
            assert node.owned is not None
            assert node.owned.next_nonce(bytes.fromhex(account.address[2:])) == 1


def test_a_holder_that_does_not_answer(directory):
    lock = FileLock.acquire(directory / "ledger.db.lock")
    started = time.monotonic()
    with pytest.raises(LedgerLockedError, match=f"in use by process {os.getpid()}"):
        open_node(directory, wait=0.2)
    assert time.monotonic() - started >= 0.2
    lock.release()
    open_node(directory).close()
    assert not (directory / SOCKET_NAME).exists()


def test_a_closed_node_says_so(directory):
    owner = open_node(directory)
    guest = open_node(directory)
    guest.close()
    owner.close()
    with pytest.raises(ConfigurationError, match="closed"):
        guest.request(b"{}")


def test_nothing_there(tmp_path):
    with pytest.raises(NotInitialisedError):
        open_node(tmp_path)
    with pytest.raises(NotInitialisedError):
        open_node(tmp_path / "missing")


def test_a_socket_that_cannot_be_made_lets_go_of_the_chain(directory):
    (directory / SOCKET_NAME).mkdir()
    with pytest.raises(ConfigurationError, match="cannot listen here"):
        open_node(directory)
    (directory / SOCKET_NAME).rmdir()
    open_node(directory).close()
