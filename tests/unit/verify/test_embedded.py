"""The main stories on the real ledger: contracts on the embedded node, read through JSON-RPC."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from eth_account import Account

from eseal.authority.word import vrf
from eseal.authority.word.attestation import named_output
from eseal.authority.word.registration import Registered, Registry, sign_registration
from eseal.ledger.facts import NewCompany, StopFlags
from eseal.ledger.node.ipc import open_node
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.finality import Finality
from eseal.model.scheme_id import scheme_id
from eseal.model.seal import Reason
from eseal.verify import CheckName, Finding, Indication, SubIndication
from tests.unit.verify.asking import AUTHORITY, issuing_ca, verify_document, verify_evidence

CONTRACT = b"The parties agree to agree."
START = 1_800_000_000
ATTESTER = hashlib.sha256(b"an authority").digest()
WEALTH = 10**24


class SkippingClock:
    """Sleeping moves it on at once, so that blocks need no waiting."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds

    def check(self):
        """It is never ahead."""


class IssuerLedger(Web3Ledger):
    """With the authority at hand: companies are registered as its account signs."""

    authority = Account.create()

    def found(self, proof):
        if self.company(proof.subject) is not None:
            return
        output = named_output(vrf.proof_to_hash(proof.proof))
        new = NewCompany(output, proof.key, proof.founders, None)
        registry = Registry(self.chain_id, self.seal_registry)
        signed = Registered(proof.subject, proof.key, proof.founders, None)
        self.register_companies([new], [sign_registration(signed, registry, self.authority.key)])


@dataclass
class Site:
    """The contracts, and who may do what there."""

    ledger: IssuerLedger
    setup: ContractSetup
    administration: Administration
    deployment: object
    admin: object
    operator: object

    def admit(self, issuer, root):
        self.setup.admit_issuer(self.deployment, self.admin, issuer, self.operator.address)
        self.administration.add_root(issuer, hashlib.sha256(root).digest())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    admin, operator = Account.create(), Account.create()
    funded = {admin.address: WEALTH, operator.address: WEALTH}
    directory = tmp_path_factory.mktemp("ledger")
    with open_node(directory, funded=funded, clock=SkippingClock()) as opened:
        setup = ContractSetup(opened.web3(), Finality())
        deployment = setup.deploy(admin)
        ledger = IssuerLedger(opened.web3(), deployment, Finality(), operator)
        administration = Administration(opened.web3(), deployment, Finality(), admin)
        administration.set_schemes(map(scheme_id, AUTHORITY.schemes), ATTESTER)
        administration.set_authority_account(ATTESTER, ledger.authority.address)
        administration.add_authority_key(ATTESTER, AUTHORITY.vrf_key, AUTHORITY.attest_key)
        yield Site(ledger, setup, administration, deployment, admin, operator)


@pytest.fixture
def world(site, make_world, authority, request):
    issuer = hashlib.sha256(request.node.name.encode()).digest()
    site.admit(issuer, authority.root.certificate)
    origin = f"log.example/{request.node.name[:40]}"
    made = make_world(site.ledger, origin=origin, issuer=issuer)
    site.setup.open_log(site.deployment, site.operator, issuer, origin, made.public_key)
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


def test_a_self_made_seal_that_names_this_registry_is_forged(world):
    """It says where it is registered, and there it is not."""
    elsewhere = world.new_seal(register=False, ca=issuing_ca("Elsewhere CA"))
    report = verify_document(CONTRACT, signature=world.use(elsewhere).p7s, ledger=world.ledger)
    assert (report.finding, report.indication) == (
        Finding.UNREGISTERED_SEAL,
        Indication.TOTAL_FAILED,
    )
    assert "does not know seal" in report.check(CheckName.REGISTRATION).detail


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize(
    "other", [{"chain_id": 1}, {"registry": b"r" * 20}, {"hash": b"h" * 32}], ids=str
)
def test_a_seal_made_for_another_ledger_is_not_accused(world, registered, other):
    """The signed statement names another chain, registry or block: this one cannot speak of it."""
    there = world.block_reference(**other)
    seal = world.new_seal(register=registered)
    use = world.use(seal, not_before=there)
    world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert "made for another ledger" in report.check(CheckName.REGISTRATION).detail
    stranger = world.use(
        world.new_seal(register=False, ca=issuing_ca("Elsewhere CA")), not_before=there
    )
    report = verify_document(CONTRACT, signature=stranger.p7s, ledger=world.ledger)
    assert report.finding is Finding.UNTRUSTED_ISSUER


def test_the_log_of_another(world, seal, make_world):
    """A log the contract does not know."""
    elsewhere = make_world(world.ledger, origin="log.example/unknown")
    report = verify_document(CONTRACT, signature=elsewhere.use(seal).p7s, ledger=world.ledger)
    assert report.finding is Finding.RECORD_MISSING


def test_a_disowned_head_accuses_nobody(world, site, seal):
    use = world.use(seal)
    world.anchor()
    evidence = world.evidence(use)
    site.administration.disown(world.name, 3)
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert (report.finding, report.indication) == (
        Finding.HEAD_DISOWNED,
        Indication.INDETERMINATE,
    )
    report = verify_evidence(evidence, ledger=world.ledger)
    assert report.finding is Finding.HEAD_DISOWNED
    assert "disowned since" in report.check(CheckName.EVIDENCE).detail
    world.anchored = 3
    world.anchor()  # the same leaves, accepted anew
    assert world.evidence(use).anchor.epoch == 1
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_an_issuer_that_retired(world, site, seal):
    before = world.use(seal)
    world.anchor()
    site.administration.retire_issuer(world.issuer)
    after = world.use(seal)
    report = verify_document(CONTRACT, signature=before.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert report.seals[0].facts.notes[-1].code.value == "seal_ended_later"
    report = verify_document(CONTRACT, signature=after.p7s, ledger=world.ledger)
    assert report.finding is Finding.SEAL_NOT_ACTIVE
    assert "issuer retired" in report.check(CheckName.STATUS).detail


def test_who_stopped_it_is_said(world, seal):
    world.ledger.suspend(seal.handle, Reason.LOSS)
    use = world.use(seal)
    world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.SEAL_NOT_ACTIVE
    assert "stopped by the operator" in report.check(CheckName.STATUS).detail
    now = world.ledger.final_block().timestamp
    assert world.ledger.status_at(seal.handle, now).flags is StopFlags.ISSUER
