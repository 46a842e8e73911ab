"""A chain that takes blocks back: anchors, seals and verdicts follow it."""

from __future__ import annotations

import gzip
import time

import httpx
import pytest

from eseal.config import Settings
from eseal.errors import ConfigurationError, LedgerBehindError, TransactionPendingError
from eseal.model.seal import Reason, SealState, SealType
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.verify import Finding
from tests.actors import acting
from tests.chain import ask, fund

DIGEST = bytes(range(32))
PATIENCE = 60


class Office:
    """An instance on an anvil of its own, with one contract seal."""

    def __init__(self, anvil, directory, **settings):
        self.url = anvil.url
        self.settings = Settings.load(data_dir=directory, ledger_url=anvil.url, **settings)
        try:
            initialise(self.settings, name="Issuer")
        except ConfigurationError as error:
            fund(self.url, error)
            # left alone, anvil stamps all blocks of one second alike
            self.ask("anvil_setBlockTimestampInterval", 1)
            initialise(self.settings, name="Issuer")
        self.service = Service.open(self.settings)

    def ask(self, method, *params):
        return ask(self.url, method, *params)

    def add_seal(self):
        onboarding = self.service.onboarding
        orders = [SealOrder(SealType.CONTRACT)]
        _, (self.seal,) = onboarding.add_company(
            "杭州云章科技有限公司", "uscc:91330100799655058B", seals=orders, actor=acting("a")
        )

    def use(self):
        (made,) = self.service.sealing.seal_digests(
            self.seal.id, [DigestOrder(DIGEST)], actor=acting("a")
        )
        return made.use

    def finding(self, evidence=None):
        """The verdict once the verifier's memory is older than its time to live."""
        self.service.context.reader._ttl = 0.0
        return self.service.verification.digest(DIGEST, evidence=evidence).finding

    def height(self):
        return int(self.ask("eth_blockNumber"), 16)


@pytest.fixture
def office(anvil_with, tmp_path):
    with anvil_with() as anvil:
        office = Office(anvil, tmp_path / "data", ledger_final_timeout=20)
        with office.service:
            office.add_seal()
            yield office


def test_a_removed_anchor_is_anchored_again_and_verdicts_follow(office):
    service = office.service
    use = office.use()
    assert office.finding() is Finding.ANCHOR_PENDING
    first = service.anchoring.anchor().anchor
    given_out = service.records.evidence(use.id)
    assert (office.finding(), office.finding(given_out)) == (Finding.AUTHENTIC, Finding.AUTHENTIC)

    office.ask("evm_setAutomine", False)
    office.ask("anvil_reorg", 1, [])
    assert office.finding() is Finding.ANCHOR_PENDING
    assert office.finding(given_out) is Finding.ANCHOR_PENDING

    office.ask("evm_setAutomine", True)
    service.anchoring.anchor()
    assert service.anchoring.pending() == 0
    again = service.records.evidence(use.id)
    assert again.anchor.block_number > first.block.number
    for evidence in (None, given_out, again):
        assert office.finding(evidence) is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()


def test_while_it_cannot_be_anchored_again_the_record_says_pending(office):
    service = office.service
    use = office.use()
    service.anchoring.anchor()
    office.ask("evm_setAutomine", False)
    office.ask("anvil_reorg", 1, [])
    service.context.ledger._sender._timeout = 3.0
    with pytest.raises(TransactionPendingError):
        service.anchoring.anchor()
    assert service.records.evidence(use.id).anchor is None
    assert service.anchoring.pending() == 1
    assert office.finding() is Finding.ANCHOR_PENDING
    office.ask("evm_mine")
    service.anchoring.anchor()
    assert office.finding() is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()


def test_a_removed_registration_is_registered_again(office):
    service = office.service
    office.ask("anvil_reorg", 1, [])
    assert service.context.ledger.seal(office.seal.handle) is None
    service.anchoring.anchor()
    assert service.context.ledger.seal(office.seal.handle) is not None
    assert service.audit.run().disagreements == ()


def test_the_same_anchor_in_another_block_is_written_anew(office):
    """The usual re-organisation: the transaction comes along."""
    service = office.service
    use = office.use()
    service.anchoring.anchor()
    before = service.records.evidence(use.id).anchor
    raw = office.ask("eth_getRawTransactionByHash", "0x" + before.transaction.hex())
    office.ask("evm_setAutomine", False)
    office.ask("anvil_reorg", 1, [])
    office.ask("eth_sendRawTransaction", raw)
    office.ask("evm_mine")
    assert service.anchoring.anchor() is None
    after = service.records.evidence(use.id).anchor
    assert after.transaction == before.transaction
    assert after.block_hash != before.block_hash
    assert office.finding() is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()


def test_a_stale_size_is_proven_anew_from_the_head_the_contract_reports(office):
    """Another process of ours anchors between our question and our transaction."""
    service = office.service
    office.use()
    ledger = service.context.ledger
    advance = ledger.advance

    def overtaken(*arguments):
        del ledger.advance
        advance(*arguments)
        office.use()
        return advance(*arguments)

    ledger.advance = overtaken
    made = service.anchoring.anchor()
    assert (made.anchor.head.size, made.new_leaves) == (2, 1)
    assert service.audit.run().disagreements == ()


def test_a_node_with_less_history_is_behind_and_nothing_is_forgotten(anvil_with, tmp_path):
    state = tmp_path / "state.json"
    with anvil_with() as anvil:
        office = Office(anvil, tmp_path / "data")
        with office.service:
            office.add_seal()
            use = office.use()
            dumped = office.ask("anvil_dumpState")
            state.write_bytes(gzip.decompress(bytes.fromhex(dumped[2:])))
            office.service.anchoring.anchor()
            anchored = office.service.records.evidence(use.id)
    with anvil_with("--load-state", str(state)) as older:
        settings = office.settings.model_copy(update={"ledger_url": older.url})
        with Service.open(settings) as service:
            with pytest.raises(LedgerBehindError, match="the ledger node is behind"):
                service.anchoring.anchor()
            assert service.records.evidence(use.id) == anchored
            assert service.verification.digest(DIGEST).finding is Finding.ANCHOR_PENDING
            assert service.anchoring.pending() == 0


def test_a_resumption_on_its_way_is_not_undone(office):
    service = office.service
    service.lifecycle.suspend(office.seal.id, reason=Reason.LOSS, actor=acting("a"))
    office.ask("evm_setAutomine", False)
    sender = service.context.ledger._sender
    sender._timeout = 0.5
    with pytest.raises(TransactionPendingError):
        service.lifecycle.resume(office.seal.id, actor=acting("a"))
    assert service.directory.seal(office.seal.id).state is SealState.SUSPENDED
    office.ask("evm_mine")
    assert service.lifecycle.settle() == 1
    assert service.directory.seal(office.seal.id).state is SealState.ACTIVE
    assert service.audit.run().disagreements == ()


def test_an_interrupted_set_up_is_carried_on_with_its_nonces(anvil_with, tmp_path):
    """Killed with the first contract still waiting for its block."""
    with anvil_with() as anvil:
        directory = tmp_path / "data"
        with pytest.raises(TransactionPendingError):
            office_without_mining(anvil, directory)
        httpx.post(anvil.url, json=_mine_again()).raise_for_status()
        office = Office(anvil, directory)
        with office.service:
            office.add_seal()
            assert office.service.audit.run().disagreements == ()


def office_without_mining(anvil, directory):
    settings = Settings.load(data_dir=directory, ledger_url=anvil.url, ledger_final_timeout=0.5)
    with pytest.raises(ConfigurationError) as caught:
        initialise(settings, name="Issuer")
    fund(anvil.url, caught.value)
    ask(anvil.url, "evm_setAutomine", False)
    initialise(settings, name="Issuer")


def _mine_again():
    return [
        {"jsonrpc": "2.0", "id": 1, "method": "evm_setAutomine", "params": [True]},
        {"jsonrpc": "2.0", "id": 2, "method": "evm_mine", "params": []},
    ]


def test_the_loop_heals_by_itself(office):
    service = office.service
    office.use()
    service.anchoring.anchor()
    office.ask("anvil_reorg", 1, [])
    service.context.settings.anchor_interval = 0.2
    service.start()
    until = time.monotonic() + PATIENCE
    while office.finding() is not Finding.AUTHENTIC:
        assert time.monotonic() < until
        time.sleep(0.1)
