"""A small world on an embedded chain: contracts, an issuer and its log, an authority, a company."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from eseal.authority.word.attestation import subject_of
from eseal.ledger.facts import Head, NewCompany, NewSeal
from eseal.ledger.node.ipc import open_node
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.finality import Finality
from eseal.log.checkpoint import log_id

ORIGIN = "log.example.org/unit"
WEALTH = 10**24
ISSUER = b"i" * 32
AUTHORITY = b"a" * 32
VRF_KEY, ATTEST_KEY = b"v" * 32, b"e" * 32
OUTPUT = b"o" * 32
SUBJECT = subject_of(VRF_KEY, OUTPUT)
DEPTH = 4
COMPANY_TYPE = {
    "Company": [
        {"name": "subject", "type": "bytes32"},
        {"name": "vrfKey", "type": "bytes32"},
        {"name": "foundersHash", "type": "bytes32"},
        {"name": "foundersAccount", "type": "address"},
    ]
}


class SkippingClock:
    """Starts at the real time; sleeping moves it on at once, so that blocks need no waiting."""

    def __init__(self):
        self.time = time.time()

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds

    def check(self):
        """It is never ahead."""


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
    administration: Administration
    authority: object
    issuer: bytes = ISSUER
    log_id: bytes = log_id(ISSUER, ORIGIN)
    anchored: list = field(default_factory=list)

    def ask(self, method, *params):
        """A raw JSON-RPC request to the node."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return json.loads(self.node.request(json.dumps(request).encode()))

    def now(self):
        return int(self.clock.now())

    def as_account(self, account):
        """The ledger as another account."""
        return Web3Ledger(self.node.web3(), self.deployment, Finality(), account)

    def attest(self, company):
        """The authority's EIP-712 signature under which a company can be registered."""
        domain = {
            "name": "eseal SealRegistry",
            "version": "2",
            "chainId": self.deployment.chain_id,
            "verifyingContract": self.deployment.seal_registry,
        }
        message = {
            "subject": subject_of(company.vrf_key, company.output),
            "vrfKey": company.vrf_key,
            "foundersHash": company.founders or bytes(32),
            "foundersAccount": company.founders_account or "0x" + "00" * 20,
        }
        signable = encode_typed_data(domain, COMPANY_TYPE, message)
        return bytes(self.authority.sign_message(signable).signature)

    def register_company(self, output=OUTPUT):
        company = NewCompany(output, VRF_KEY, None, None)
        return self.ledger.register_companies([company], [self.attest(company)])

    def new_seal(self, certificate, stop_hash=None, subject=SUBJECT, valid=10**6):
        start = self.now() - 10
        return NewSeal(certificate, subject, start, start + valid, DEPTH, b"r" * 32, stop_hash)

    def register_seal(self, certificate, **details):
        return self.ledger.register_seals(self.issuer, [self.new_seal(certificate, **details)])

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
    admin, operator, authority = Account.create(), Account.create(), Account.create()
    node = open_node(
        directory, funded={admin.address: WEALTH, operator.address: WEALTH}, clock=clock
    )
    setup = ContractSetup(node.web3(), Finality())
    deployment = setup.deploy(admin)
    setup.admit_issuer(deployment, admin, World.issuer, operator.address)
    setup.open_log(deployment, operator, World.issuer, ORIGIN, b"k" * 32)
    ledger = Web3Ledger(node.web3(), deployment, Finality(), operator)
    administration = Administration(node.web3(), deployment, Finality(), admin)
    administration.set_authority_account(AUTHORITY, authority.address)
    administration.add_authority_key(AUTHORITY, VRF_KEY, ATTEST_KEY)
    world = World(
        directory,
        clock,
        node,
        admin,
        operator,
        deployment,
        ledger,
        setup,
        administration,
        authority,
    )
    world.register_company()
    return world


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
