import json
import re
import subprocess

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3

from eseal.errors import LedgerUnreachableError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.node.ipc import open_node
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.sending.sender import Sender
from eseal.ledger.setup import deployment_record
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.setup.deployment_record import describe, record_path, write_record
from eseal.ledger.wire.finality import Finality


@pytest.fixture
def admin():
    return Account.create()


@pytest.fixture
def stranger():
    return Account.create()


@pytest.fixture
def node(tmp_path, admin, stranger, clock):
    funded = {account.address: 10**24 for account in (admin, stranger)}
    with open_node(tmp_path, funded=funded, clock=clock) as node:
        yield node


@pytest.fixture
def deployment(node, admin):
    return ContractSetup(node.web3(), Finality()).deploy(admin)


def pruned(node):
    """The same node without the state of past blocks."""

    def send(payload):
        request = json.loads(payload)
        if request["method"] == "eth_getCode" and request["params"][1] != "latest":
            error = {"code": -32000, "message": "missing trie node"}
            return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode()
        return node.request(payload)

    return Web3(BytesProvider(send))


def later(node, stranger):
    """One more block, by somebody who also creates a contract."""
    sender = Sender(node.web3(), node.owned.chain_id, stranger, Finality())
    return sender.send(None, bytes.fromhex("60016000f3")).contract


def test_what_is_recorded_is_on_the_chain(tmp_path, node, admin, deployment):
    write_record(tmp_path, node.web3(), deployment, admin.address)
    record = json.loads(record_path(tmp_path, deployment.chain_id).read_bytes())
    assert (record["chain_id"], record["deployer"]) == (deployment.chain_id, admin.address)
    eth = node.web3().eth
    for name, address in (
        ("SealRegistry", deployment.seal_registry),
        ("UsageLedger", deployment.usage_ledger),
    ):
        said = record["contracts"][name]
        receipt = eth.get_transaction_receipt(said["transaction"])
        assert said["address"] == receipt["contractAddress"] == address
        assert said["block"] == receipt["blockNumber"]
        assert said["block_hash"] == "0x" + receipt["blockHash"].hex()
        assert said["code_hash"] == "0x" + keccak(bytes(eth.get_code(address))).hex()
    assert record["contracts"]["UsageLedger"]["block"] == deployment.block
    assert record["build"]["version"] == "0.1.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+\+commit\.[0-9a-f]{8}", record["build"]["compiler"])


def test_a_record_of_the_same_contracts_stays(tmp_path, node, admin, deployment, stranger):
    write_record(tmp_path, node.web3(), deployment, admin.address)
    path = record_path(tmp_path, deployment.chain_id)
    older = path.read_bytes().replace(b'"version": "0.1.0"', b'"version": "0.0.9"')
    path.write_bytes(older)
    write_record(tmp_path, node.web3(), deployment, admin.address)
    later(node, stranger)
    write_record(tmp_path, pruned(node), deployment, admin.address)
    assert path.read_bytes() == older


@pytest.mark.parametrize("found", [b"", b"[]", b"{}", b'{"contracts": {}}'])
def test_another_record_is_replaced(tmp_path, node, admin, deployment, found):
    path = record_path(tmp_path, deployment.chain_id)
    path.write_bytes(found)
    write_record(tmp_path, node.web3(), deployment, admin.address)
    assert path.read_bytes() == describe(node.web3(), deployment, admin.address).encode()


def test_a_node_without_old_state_knows_no_transaction(node, admin, deployment, stranger):
    later(node, stranger)
    record = describe(pruned(node), deployment, admin.address)
    assert {contract.transaction for contract in record.contracts.values()} == {None}
    assert {contract.block for contract in record.contracts.values()} == {3}
    assert record.build is None


def test_contracts_of_another_build_are_not_said_to_be_of_this_one(node, stranger):
    other, registry = later(node, stranger), later(node, stranger)
    deployment = Deployment(node.owned.chain_id, registry, other, 2)
    record = describe(node.web3(), deployment, stranger.address)
    assert record.build is None
    assert record.contracts["UsageLedger"].block == 1
    assert record.contracts["UsageLedger"].transaction is not None


def test_no_contract_there(node, admin, stranger):
    deployment = Deployment(node.owned.chain_id, stranger.address, stranger.address, 0)
    with pytest.raises(LedgerUnreachableError, match="expected a contract at 0x"):
        describe(node.web3(), deployment, admin.address)


def test_the_source_is_the_commit_of_the_checkout(monkeypatch, tmp_path, node, admin, deployment):
    def source():
        return describe(node.web3(), deployment, admin.address).build.source

    (tmp_path / "contracts").mkdir()
    monkeypatch.setattr(deployment_record, "ROOT", tmp_path)
    assert source() == "0.1.0"  # installed: no repository
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert source() == "0.1.0"  # a repository without a commit
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert source() == head.stdout.strip()
    monkeypatch.setenv("PATH", "")
    assert source() == "0.1.0"  # no git


def test_the_compiler_is_the_artifact_s():
    assert load_artifact(SEAL_REGISTRY).compiler.startswith("0.8.")
