import json

import pytest
from eth_account import Account
from web3 import Web3

from eseal.errors import ConfigurationError, LedgerRejectedError
from eseal.ledger.node.ipc import open_node
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.sending.sender import Sender
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.finality import Finality

ISSUER = b"i" * 32
ORIGIN = "log.example.org/setup"
KEY = b"k" * 32


@pytest.fixture
def accounts():
    return [Account.create() for _ in range(3)]


@pytest.fixture
def node(tmp_path, accounts, clock):
    funded = {account.address: 10**24 for account in accounts}
    with open_node(tmp_path, funded=funded, clock=clock) as node:
        yield node


@pytest.fixture
def setup(node):
    return ContractSetup(node.web3(), Finality())


def height(node):
    with node.owned.reading() as chain:
        return chain.head.block_number


def test_every_step_twice_is_once(setup, node, accounts):
    admin, operator, second = accounts
    deployment = setup.deploy(admin)
    assert setup.admit_issuer(deployment, admin, ISSUER, operator.address).gas_used > 21_000
    assert setup.open_log(deployment, operator, ISSUER, ORIGIN, KEY).gas_used > 21_000
    blocks = height(node)
    assert setup.deploy(admin) == deployment
    assert setup.admit_issuer(deployment, admin, ISSUER, operator.address) is None
    assert setup.open_log(deployment, operator, ISSUER, ORIGIN, KEY) is None
    assert height(node) == blocks
    # a second operator joins an issuer that is there already
    assert setup.admit_issuer(deployment, admin, ISSUER, second.address) is not None
    assert setup.admit_issuer(deployment, admin, ISSUER, second.address) is None
    Web3Reader(node.web3(), deployment, Finality()).check()


def test_the_deployment_names_the_block_from_which_both_contracts_exist(setup, accounts):
    assert setup.deploy(accounts[0]).block == 2


def test_a_deployment_that_was_interrupted_is_carried_on(setup, node, accounts):
    from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact

    admin = accounts[0]
    data = load_artifact(SEAL_REGISTRY).encode_creation((0, admin.address))
    created = Sender(node.web3(), node.owned.chain_id, admin, Finality()).send(None, data)
    deployment = setup.deploy(admin)
    assert deployment.seal_registry == created.contract
    assert height(node) == 2


def test_an_account_with_another_past_is_refused(setup, node, accounts):
    admin = accounts[0]
    sender = Sender(node.web3(), node.owned.chain_id, admin, Finality())
    sender.send(accounts[1].address, b"something else")
    with pytest.raises(ConfigurationError, match="has sent other transactions before"):
        setup.deploy(admin)
    sender.send(accounts[1].address, b"something else")
    with pytest.raises(ConfigurationError, match="deploy from a new account"):
        setup.deploy(admin)


def test_only_the_administrator_admits(setup, accounts):
    admin, stranger, _ = accounts
    deployment = setup.deploy(admin)
    with pytest.raises(LedgerRejectedError, match="AccessControlUnauthorizedAccount"):
        setup.admit_issuer(deployment, stranger, ISSUER, stranger.address)


def test_only_an_operator_opens_a_log_and_an_issuer_only_one(setup, accounts):
    admin, operator, stranger = accounts
    deployment = setup.deploy(admin)
    setup.admit_issuer(deployment, admin, ISSUER, operator.address)
    with pytest.raises(LedgerRejectedError, match="NotOperator"):
        setup.open_log(deployment, stranger, ISSUER, ORIGIN, KEY)
    setup.open_log(deployment, operator, ISSUER, ORIGIN, KEY)
    with pytest.raises(ConfigurationError, match="already open with another origin or key"):
        setup.open_log(deployment, operator, ISSUER, ORIGIN, b"x" * 32)
    with pytest.raises(ConfigurationError, match="an issuer has one log"):
        setup.open_log(deployment, operator, ISSUER, "log.example.org/shadow", KEY)


def test_a_contract_that_is_not_ours_in_our_place(setup, node, accounts):
    admin = accounts[0]
    sender = Sender(node.web3(), node.owned.chain_id, admin, Finality())
    for _ in range(2):
        sender.send(None, bytes.fromhex("60016000f3"))  # creates a contract whose code is STOP
    with pytest.raises(ConfigurationError, match="deploy from a new account"):
        setup.deploy(admin)


def test_a_node_without_old_state_gives_the_present_block(accounts, node, setup):
    deployment = setup.deploy(accounts[0])
    setup.admit_issuer(deployment, accounts[0], ISSUER, accounts[1].address)

    def send(payload):
        request = json.loads(payload)
        if request["method"] == "eth_getCode" and request["params"][1] != "latest":
            error = {"code": -32000, "message": "missing trie node"}
            return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode()
        return node.request(payload)

    pruned = ContractSetup(Web3(BytesProvider(send)), Finality())
    assert pruned.deploy(accounts[0]).block == 3
