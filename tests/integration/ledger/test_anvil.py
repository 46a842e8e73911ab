"""The same contracts, reader and writer on a node that is not ours."""

import hashlib
import threading

import httpx
import pytest
from eth_account import Account

from eseal.authority.word.attestation import subject_of
from eseal.authority.word.registration import Registered, Registry, sign_registration
from eseal.errors import (
    ConfigurationError,
    LedgerRejectedError,
    LedgerUnreachableError,
    StaleHeadError,
)
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Head, NewCompany, NewSeal, Status
from eseal.ledger.sending.web3_ledger import connect
from eseal.ledger.setup.administration import Administration
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
from eseal.log.checkpoint import log_id
from eseal.model.seal import Reason, handle_of

ISSUER = b"i" * 32
ORIGIN = "log.example.org/anvil"
LOG_ID = log_id(ISSUER, ORIGIN)
CERTIFICATE = b"c" * 32
HANDLE = handle_of(ISSUER, CERTIFICATE)
AUTHORITY, VRF_KEY, OUTPUT = b"a" * 32, b"v" * 32, b"o" * 32
SUBJECT = subject_of(VRF_KEY, OUTPUT)
FIRST = Head(1, hashlib.sha256(b"first leaf").digest())


def doubled(head):
    """The head of a log twice as large, and its RFC 9162 consistency proof."""
    sibling = hashlib.sha256(b"right half" + head.root).digest()
    root = hashlib.sha256(b"\x01" + head.root + sibling).digest()
    return Head(2 * head.size, root), [sibling]


def set_up(anvil, finality):
    admin, operator = (Account.from_key(key) for key in anvil.keys[:2])
    setup = ContractSetup(connect_http(anvil.url), finality)
    deployment = setup.deploy(admin)
    setup.admit_issuer(deployment, admin, ISSUER, operator.address)
    setup.open_log(deployment, operator, ISSUER, ORIGIN, b"k" * 32)
    authority = Account.from_key(anvil.keys[2])
    administration = Administration(connect_http(anvil.url), deployment, finality, admin)
    administration.set_authority_account(AUTHORITY, authority.address)
    administration.add_authority_key(AUTHORITY, VRF_KEY, b"e" * 32)
    ledger = connect(anvil.url, finality, deployment, operator)
    if ledger.company(SUBJECT) is None:
        company = Registered(SUBJECT, VRF_KEY, None, None)
        registry = Registry(deployment.chain_id, deployment.seal_registry)
        signature = sign_registration(company, registry, authority.key)
        ledger.register_companies([NewCompany(OUTPUT, VRF_KEY, None, None)], [signature])
    return deployment, operator


def new_seal(certificate, start, end):
    return NewSeal(certificate, SUBJECT, start, end, 4, b"r" * 32, None)


def ask(url, method, *params):
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx.post(url, json=request, timeout=10).json()["result"]


@pytest.fixture(scope="module")
def deployed(anvil):
    return set_up(anvil, Finality())


@pytest.fixture(scope="module")
def ledger(anvil, deployed):
    deployment, operator = deployed
    return connect(anvil.url, Finality(), deployment, operator)


def test_set_up_again_changes_nothing(anvil, deployed):
    before = ask(anvil.url, "eth_blockNumber")
    assert set_up(anvil, Finality())[0] == deployed[0]
    assert ask(anvil.url, "eth_blockNumber") == before


def test_the_whole_way_of_a_log(ledger):
    assert ledger.head(LOG_ID).size == 0
    heads = [FIRST]
    receipts = [ledger.advance(LOG_ID, 0, FIRST, [])]
    for _ in range(5):
        new, proof = doubled(heads[-1])
        receipts.append(ledger.advance(LOG_ID, heads[-1].size, new, proof))
        heads.append(new)
    assert ledger.head(LOG_ID) == heads[-1]
    assert [anchor.head for anchor in ledger.anchors(LOG_ID)] == heads
    for head, receipt in zip(heads, receipts, strict=True):
        anchor = ledger.anchor_at(LOG_ID, head.size)
        assert (anchor.head, anchor.block) == (head, receipt.block)
        assert anchor.transaction == receipt.transaction
        assert ledger.root_at(LOG_ID, head.size) == head.root
        assert ledger.block(receipt.block.number) == receipt.block
    assert [ledger.anchor_covering(LOG_ID, index).head.size for index in range(8)] == [
        1, 2, 4, 4, 8, 8, 8, 8,
    ]  # fmt: skip
    assert ledger.anchor_covering(LOG_ID, heads[-1].size) is None
    with pytest.raises(StaleHeadError) as caught:
        ledger.advance(LOG_ID, 1, *doubled(FIRST))
    assert (caught.value.size, caught.value.root) == (heads[-1].size, heads[-1].root)
    new, proof = doubled(heads[-1])
    with pytest.raises(LedgerRejectedError, match="InvalidConsistencyProof"):
        ledger.advance(LOG_ID, heads[-1].size, new, [b"x" * 32, *proof])


def test_the_life_of_a_seal(ledger, anvil):
    now = ledger.final_block().timestamp
    registered = ledger.register_seals(ISSUER, [new_seal(CERTIFICATE, now - 10, now + 10**6)])
    assert ledger.seal(HANDLE).registered_at == registered.block.timestamp
    times = [registered.block.timestamp]
    for change, reason in (
        (ledger.suspend, Reason.LOSS),
        (ledger.resume, Reason.NONE),
        (ledger.revoke, Reason.BY_ORDER),
    ):
        ask(anvil.url, "evm_increaseTime", 10)
        times.append(change(HANDLE, reason).block.timestamp)
    assert [ledger.status_at(HANDLE, time).status for time in times] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.ACTIVE,
        Status.REVOKED,
    ]
    with pytest.raises(LedgerRejectedError, match="SealIsRevoked"):
        ledger.resume(HANDLE, Reason.NONE)


def test_connecting_checks_what_it_finds(anvil, deployed):
    good = deployed[0]
    with pytest.raises(ConfigurationError, match="expected 5"):
        connect(
            anvil.url, Finality(), Deployment(5, good.seal_registry, good.usage_ledger, good.block)
        )
    nobody = Account.create().address
    with pytest.raises(ConfigurationError, match="has no SealRegistry at"):
        connect(anvil.url, Finality(), Deployment(good.chain_id, nobody, good.usage_ledger, 0))
    reader = connect(anvil.url, Finality(), good)
    assert reader.log(LOG_ID).public_key == b"k" * 32


def test_an_account_without_money_is_refused_by_the_node(anvil, deployed):
    poor = connect(anvil.url, Finality(), deployed[0], Account.create())
    with pytest.raises((LedgerUnreachableError, LedgerRejectedError)):
        poor.register_seals(ISSUER, [new_seal(b"p" * 32, 1, 2)])


def test_a_block_is_final_only_at_its_depth(anvil_with):
    finality = Finality.parse("depth:2")
    with anvil_with("--no-mining") as anvil:
        stop = threading.Event()

        def mine():
            while not stop.wait(0.05):
                ask(anvil.url, "evm_mine")

        miner = threading.Thread(target=mine)
        miner.start()
        try:
            deployment, operator = set_up(anvil, finality)
            ledger = connect(anvil.url, finality, deployment, operator)
            receipt = ledger.advance(LOG_ID, 0, FIRST, [])
            assert int(ask(anvil.url, "eth_blockNumber"), 16) >= receipt.block.number + 2
            assert ledger.head(LOG_ID) == FIRST
            assert ledger.final_block().number >= receipt.block.number
            assert ledger.anchor_covering(LOG_ID, 0).block == receipt.block
        finally:
            stop.set()
            miner.join()


def test_a_node_that_goes_down_is_unreachable_not_wrong(anvil_with):
    with anvil_with() as anvil:
        deployment, operator = set_up(anvil, Finality())
        ledger = connect(anvil.url, Finality(), deployment, operator)
        assert ledger.head(LOG_ID).size == 0
    for call in (
        ledger.final_block,
        lambda: ledger.head(LOG_ID),
        lambda: ledger.anchor_covering(LOG_ID, 0),
        lambda: ledger.advance(LOG_ID, 0, FIRST, []),
    ):
        with pytest.raises(LedgerUnreachableError, match="cannot reach the ledger node"):
            call()
