"""The main stories on the real ledger: contracts on the embedded node, read through JSON-RPC."""

from __future__ import annotations

import hashlib

import pytest
from eth_account import Account

from eseal.ledger.contract_setup import ContractSetup
from eseal.ledger.finality import Finality
from eseal.ledger.ipc import open_node
from eseal.ledger.protocol import NewSeal
from eseal.ledger.web3_ledger import Web3Ledger
from eseal.model.seal import Reason
from eseal.verify import CheckName, Finding, SubIndication
from tests.unit.verify.asking import verify_document, verify_evidence

CONTRACT = b"The parties agree to agree."
START = 1_800_000_000
YEAR = 365 * 24 * 3600
ISSUER = hashlib.sha256(b"issuer one").digest()
WEALTH = 10**24


class SkippingClock:
    """Sleeping moves it on at once, so that blocks need no waiting."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


class IssuerLedger(Web3Ledger):
    def register(self, handle):
        self.register_seals(ISSUER, [NewSeal(handle, START - YEAR, START + YEAR)])


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    admin, operator = Account.create(), Account.create()
    funded = {admin.address: WEALTH, operator.address: WEALTH}
    directory = tmp_path_factory.mktemp("ledger")
    with open_node(directory, funded=funded, clock=SkippingClock()) as opened:
        setup = ContractSetup(opened.web3(), Finality())
        deployment = setup.deploy(admin)
        setup.admit_issuer(deployment, admin, ISSUER, operator.address)
        ledger = IssuerLedger(opened.web3(), deployment, Finality(), operator)
        yield ledger, setup, deployment, operator


@pytest.fixture
def world(node, make_world, request):
    ledger, setup, deployment, operator = node
    made = make_world(ledger, origin=f"log.example/{request.node.name[:40]}")
    setup.open_log(deployment, operator, ISSUER, made.origin, made.public_key)
    made.fill(3)
    made.anchor()
    return made


def test_authentic(world, seal):
    use = world.use(seal)
    world.fill(4)
    world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.ANCHOR).rests_on.finality == "immediate"
    report = verify_evidence(world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_pending_then_revoked_between(world, seal):
    use = world.use(seal)
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.ANCHOR_PENDING
    world.ledger.suspend(seal.handle, Reason.BY_ORDER)
    world.ledger.resume(seal.handle, Reason.NONE)
    world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.STATUS_UNCERTAIN


def test_revoked(world, seal):
    before = world.use(seal)
    world.anchor()
    world.ledger.revoke(seal.handle, Reason.KEY_COMPROMISE)
    after = world.use(seal)
    world.anchor()
    report = verify_document(CONTRACT, signature=before.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    report = verify_document(CONTRACT, signature=after.p7s, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.SEAL_NOT_ACTIVE,
        SubIndication.REVOKED,
    )
    assert "revoked (key compromise)" in report.check(CheckName.STATUS).detail


def test_record_mismatch(world, seal):
    """The log signs a head with the use in it, and anchors another of the same size."""
    use = world.use(seal)
    world.tiles = world.rewrite(use.index)
    world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISMATCH
    assert report.alarm


def test_unregistered(world):
    stranger = world.new_seal(register=False)
    report = verify_document(CONTRACT, signature=world.use(stranger).p7s, ledger=world.ledger)
    assert report.finding is Finding.UNREGISTERED_SEAL


def test_the_log_of_another(world, seal, make_world):
    """A log the contract does not know."""
    elsewhere = make_world(world.ledger, origin="log.example/unknown")
    report = verify_document(CONTRACT, signature=elsewhere.use(seal).p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING
