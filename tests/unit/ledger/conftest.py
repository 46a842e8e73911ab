"""A small world on an embedded chain: contracts, an issuer, its operator and its log."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from eth_account import Account

from eseal.ledger.contract_setup import ContractSetup
from eseal.ledger.finality import Finality
from eseal.ledger.ipc import open_node
from eseal.ledger.protocol import Head
from eseal.ledger.web3_ledger import Web3Ledger

ORIGIN = "log.example.org/unit"
WEALTH = 10**24


class SkippingClock:
    """Starts at the real time; sleeping moves it on at once, so that blocks need no waiting."""

    def __init__(self):
        self.time = time.time()

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


@dataclass
class World:
    directory: Path
    clock: SkippingClock
    node: object
    admin: object
    operator: object
    deployment: object
    ledger: Web3Ledger
    admin_setup: ContractSetup
    issuer: bytes = b"i" * 32
    log_id: bytes = hashlib.sha256(ORIGIN.encode()).digest()
    anchored: list = field(default_factory=list)

    def ask(self, method, *params):
        """A raw JSON-RPC request to the node."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return json.loads(self.node.request(json.dumps(request).encode()))

    def now(self):
        return int(self.clock.now())

    def next_head(self):
        """A log that doubles: its consistency proof (RFC 9162 2.1.4) is its new right half."""
        if not self.anchored:
            return 0, Head(1, hashlib.sha256(b"first leaf").digest()), []
        old = self.anchored[-1].head
        sibling = hashlib.sha256(b"right half" + old.root).digest()
        root = hashlib.sha256(b"\x01" + old.root + sibling).digest()
        return old.size, Head(2 * old.size, root), [sibling]

    def advance(self):
        old_size, head, proof = self.next_head()
        receipt = self.ledger.advance(self.log_id, old_size, head, proof)
        self.anchored.append(Anchored(head, receipt))
        return self.anchored[-1]


@dataclass(frozen=True)
class Anchored:
    head: Head
    receipt: object


def build(directory):
    clock = SkippingClock()
    admin, operator = Account.create(), Account.create()
    node = open_node(
        directory, funded={admin.address: WEALTH, operator.address: WEALTH}, clock=clock
    )
    setup = ContractSetup(node.web3(), Finality())
    deployment = setup.deploy(admin)
    setup.admit_issuer(deployment, admin, World.issuer, operator.address)
    setup.open_log(deployment, operator, World.issuer, ORIGIN, b"k" * 32)
    ledger = Web3Ledger(node.web3(), deployment, Finality(), operator)
    return World(directory, clock, node, admin, operator, deployment, ledger, setup)


@pytest.fixture
def clock():
    return SkippingClock()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One world for all tests of a module: they may add to it, never rely on its being empty."""
    world = build(tmp_path_factory.mktemp("world"))
    yield world
    world.node.close()


@pytest.fixture
def world(tmp_path):
    """A world of one's own."""
    world = build(tmp_path)
    yield world
    world.node.close()
