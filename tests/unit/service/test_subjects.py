"""Companies get their subjects: from the authority, onto the ledger, into their seals."""

import re
from dataclasses import replace

import pytest

from eseal.authority.office.desk import Desk
from eseal.authority.office.home import create, open_home
from eseal.authority.word import vrf
from eseal.authority.word.attestation import named_output, verify_subject_proof
from eseal.authority.word.messages import Ask
from eseal.authority.word.registration import Registry
from eseal.config import Settings
from eseal.errors import (
    AuthorityAnswerError,
    AuthorityRefusedError,
    AuthorityUnreachableError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    LedgerRejectedError,
    LedgerUnreachableError,
)
from eseal.ledger.facts import NewCompany
from eseal.model.scheme_id import scheme_id
from eseal.model.seal import SealState, SealType
from eseal.model.subject import SubjectProof
from eseal.pki.names import subject_of
from eseal.service.seals.onboarding import SealOrder
from eseal.service.seals.settling import Settling
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise, stored
from eseal.service.setup.consortium import administration
from eseal.store.repositories.companies import CompanyRepository
from eseal.verify.inputs.trust import Trust, TrustedAuthority
from tests.actors import acting
from tests.conftest import COMPANY_NAME
from tests.office import operator_of

GERMAN = ("Elbe Teekontor GmbH", "vat:DE136695976")
FRENCH = ("Société d'Essai", "ntr-fr:552008443")
CONTRACT = [SealOrder(SealType.CONTRACT)]


class Standing:
    """An authority that does what a test says, or asks the one it stands before."""

    def __init__(self, before, **changes) -> None:
        self._before = before
        self.error = None
        self.changes = changes
        self.asked = []

    def prove(self, ask):
        self.asked.append(ask)
        if self.error is not None:
            raise self.error
        answer = self._before.prove(ask)
        return replace(answer, **self.changes)

    def close(self) -> None:
        self._before.close()


@pytest.fixture
def authority(world, monkeypatch):
    """Stands before the instance's own authority."""
    standing = Standing(world.service.subjects._authority)
    monkeypatch.setattr(world.service.subjects, "_authority", standing)
    return standing


def add(world, company, seals=CONTRACT):
    return world.service.onboarding.add_company(*company, seals=seals, actor=acting("a"))


def count(world):
    return len(world.service.directory.companies()), len(world.service.directory.seals())


def test_company_ledger_and_seal_bear_one_subject_and_one_name(world):
    company, (seal,) = add(world, GERMAN)
    proof = SubjectProof.parse(company.subject_proof)
    ledger = world.service.context.ledger
    key = ledger.authority_key(proof.key)
    verify_subject_proof(proof, key.attest_key)
    assert ledger.scheme_authority(proof.scheme) == key.authority
    assert (proof.id, proof.name) == (company.identifier, company.name)
    assert proof.subject == company.subject == ledger.seal(seal.handle).subject
    assert ledger.company(company.subject).vrf_key == proof.key
    assert company.registered_block is not None
    assert seal.subject_proof == company.subject_proof
    certified = subject_of(seal.certificate)
    assert certified.organization_name == proof.name
    assert certified.organization_identifier == proof.id


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("lei:213800KUD8LAJWSQ9D15", "CN", "uscc:… (unified social credit code"),
        ("lei:213800KUD8LAJWSQ9D15", "DE", "vat:DE… (the VAT number), by which companies of DE"),
        ("vat:FR40303265045", None, "ntr-fr:… ("),
        ("vat:XI980780684", None, "lei:… ("),
    ],
)
def test_a_second_register_makes_no_second_company(world, authority, number, country, expected):
    with pytest.raises(InvalidInputError, match=re.escape(expected)) as caught:
        world.service.onboarding.add_company("Other", number, country=country, actor=acting("a"))
    assert caught.value.field == "registration_id"
    assert authority.asked == []


def test_who_is_on_record_is_not_asked_about(world, authority):
    with pytest.raises(ConflictError, match="on record already"):
        add(world, ("Other", "uscc:91330100799655058B"))
    with pytest.raises(InvalidInputError):
        add(world, GERMAN, [SealOrder(SealType.OTHER, depth=3)])
    with pytest.raises(InvalidInputError, match="stop_hash"):
        add(world, GERMAN, [SealOrder(SealType.OTHER, stop_hash=b"short")])
    assert authority.asked == []


@pytest.mark.parametrize(
    "error", [AuthorityUnreachableError("down"), AuthorityRefusedError("no"), OSError("full")]
)
def test_without_an_answer_nothing_is_written_and_it_can_be_done_again(world, authority, error):
    before, authority.error = count(world), error
    with pytest.raises(type(error)):
        add(world, GERMAN)
    assert count(world) == before
    authority.error = None
    _, (seal,) = add(world, GERMAN)
    assert seal.state is SealState.ACTIVE


def test_a_proof_under_a_key_the_ledger_does_not_know(world, authority, tmp_path):
    ledger = world.service.context.ledger
    registry = Registry(ledger.chain_id, ledger.seal_registry)
    create(tmp_path / "other", "Other", ("VATDE",), registry, None)
    desk = Desk(open_home(tmp_path / "other", None))
    ask = Ask("VATDE-136695976", GERMAN[0])
    authority.changes = {"proof": desk.prove(ask, by="t").proof}
    before = count(world)
    with pytest.raises(AuthorityAnswerError, match="a key in force on the ledger"):
        add(world, GERMAN)
    assert count(world) == before


def administered(world, act):
    """Let the registry's administrator act."""
    instance, keys = world.service.context.instance, world.service.context.keys
    with (
        stored(world.settings) as here,
        administration(world.settings, instance, keys, here.deployment) as admin,
    ):
        act(admin)


def test_a_key_that_was_ended(world):
    key = SubjectProof.parse(world.company.subject_proof).key
    administered(world, lambda admin: admin.end_authority_key(key))
    with pytest.raises(AuthorityAnswerError, match="a key in force"):
        add(world, GERMAN)


def test_the_authority_of_another_register(world, authority, tmp_path):
    ledger = world.service.context.ledger
    registry = Registry(ledger.chain_id, ledger.seal_registry)
    card = create(tmp_path / "other", "Other", ("VATDE",), registry, None)
    administered(
        world,
        lambda admin: admin.add_authority_key(card.authority, card.vrf_key, card.attest_key),
    )
    desk = Desk(open_home(tmp_path / "other", None))
    authority.changes = {"proof": desk.prove(Ask("VATDE-136695976", GERMAN[0]), by="t").proof}
    with pytest.raises(AuthorityAnswerError, match="the authority for VATDE on the ledger"):
        add(world, GERMAN)


def test_while_the_ledger_is_away_company_and_seals_wait_and_then_come_in_order(world, monkeypatch):
    ledger = world.service.context.ledger

    def away(*_):
        raise LedgerUnreachableError("away")

    monkeypatch.setattr(ledger, "register_companies", away)
    with pytest.raises(LedgerUnreachableError):
        add(world, GERMAN)
    company = world.service.directory.company(GERMAN[1])
    (seal,) = world.service.directory.seals(company_id=company.id)
    assert (company.registered_block, seal.state) == (None, SealState.PENDING)
    with pytest.raises(ConflictError):
        add(world, GERMAN)
    monkeypatch.undo()
    world.service.upkeep.round()
    (seal,) = world.service.directory.seals(company_id=company.id)
    assert seal.state is SealState.ACTIVE
    assert world.service.directory.company(company.id).registered_block is not None


def test_one_that_the_ledger_refuses_keeps_no_other_waiting(world, authority):
    authority.changes = {"signature": bytes(65)}
    with pytest.raises(LedgerRejectedError) as refused:
        add(world, GERMAN)
    assert refused.value.error_name == "InvalidAuthoritySignature"
    authority.changes = {}
    with pytest.raises(LedgerRejectedError):
        add(world, FRENCH)
    states = {
        name: [
            seal.state
            for seal in world.service.directory.seals(
                company_id=world.service.directory.company(number).id
            )
        ]
        for name, number in (GERMAN, FRENCH)
    }
    assert states == {GERMAN[0]: [SealState.PENDING], FRENCH[0]: [SealState.ACTIVE]}


def test_a_company_that_another_issuer_registered_is_taken_as_it_is(world, authority):
    told = authority.prove(Ask("VATDE-136695976", GERMAN[0]))
    proof = told.proof
    operator_of(world.service.context).register_companies(
        [NewCompany(named_output(vrf.proof_to_hash(proof.proof)), proof.key, None, None)],
        [told.signature],
    )
    company, (seal,) = add(world, GERMAN)
    assert (company.subject, seal.state) == (proof.subject, SealState.ACTIVE)


def test_two_processes_register_one_company(world, monkeypatch):
    ledger = world.service.context.ledger
    register = ledger.register_companies

    def twice(companies, signatures):
        register(companies, signatures)
        return register(companies, signatures)

    monkeypatch.setattr(ledger, "register_companies", twice)
    company, (seal,) = add(world, GERMAN)
    assert (company.registered_block is not None, seal.state) == (True, SealState.ACTIVE)
    assert Settling(world.service.context).settle() == 0


def test_a_new_name_is_proven_and_old_seals_keep_theirs(world):
    onboarding, old = world.service.onboarding, world.contract
    renamed = onboarding.rename(world.company, "杭州云章集团有限公司", actor=acting())
    proof = SubjectProof.parse(renamed.subject_proof)
    assert (renamed.name, proof.name) == ("杭州云章集团有限公司",) * 2
    assert renamed.subject == world.company.subject == proof.subject
    (seal,) = onboarding.issue(renamed, [SealOrder(SealType.OFFICIAL)], actor=acting("a"))
    assert subject_of(seal.certificate).organization_name == renamed.name
    kept = world.service.directory.seal(old.id)
    assert SubjectProof.parse(kept.subject_proof).name == COMPANY_NAME
    assert subject_of(kept.certificate).organization_name == COMPANY_NAME


def test_a_rename_under_another_subject_is_refused(world, authority, monkeypatch):
    other = authority.prove(Ask("VATDE-136695976", GERMAN[0])).proof
    monkeypatch.setattr(
        authority, "prove", lambda ask: replace(authority._before.prove(ask), proof=other)
    )
    with pytest.raises(AuthorityAnswerError, match="the authority has another key now"):
        world.service.onboarding.rename(world.company, GERMAN[0], actor=acting())
    assert world.service.directory.company(world.company.id) == world.company


@pytest.fixture
def elsewhere(world, tmp_path):
    """An authority of its own for Germany, on this instance's ledger; the instance is closed."""
    ledger = world.service.context.ledger
    registry = Registry(ledger.chain_id, ledger.seal_registry)
    card = create(tmp_path / "authority", "Register of trial", ("VATDE",), registry, None)
    issuer = world.service.context.issuer_id  # also the built-in authority's id, as it is followed

    def appoint(admin):
        admin.set_authority_account(issuer, card.account)
        admin.add_authority_key(issuer, card.vrf_key, card.attest_key)

    administered(world, appoint)
    world.service.close()
    return open_home(tmp_path / "authority", None)


def test_an_authority_that_stands_on_no_network(world, elsewhere, open_world, tmp_path):
    settings = {
        "authority": f"file:{tmp_path / 'exchange'}",
        "authority_card": tmp_path / "authority",
    }
    again = open_world(world.settings.data_dir, **settings)
    with pytest.raises(AuthorityUnreachableError, match="has not answered yet"):
        add(again, GERMAN)
    (request,) = (tmp_path / "exchange" / "requests").iterdir()
    answer = Desk(elsewhere).prove(Ask.parse(request.read_bytes()), by="carrier")
    (tmp_path / "exchange" / "answers" / request.name).write_bytes(answer.encode())
    company, (seal,) = add(again, GERMAN)
    assert (company.subject, seal.state) == (answer.proof.subject, SealState.ACTIVE)
    with pytest.raises(AuthorityUnreachableError):
        add(again, FRENCH)


def test_settings_that_name_half_an_authority(world, elsewhere, open_world, tmp_path):
    url = "https://authority.example.org"
    card = tmp_path / "authority" / "authority.json"
    for settings, said in (
        ({"authority": url}, "ESEAL_AUTHORITY_CARD"),
        ({"authority": url, "authority_card": tmp_path / "none"}, "there is no authority's card"),
        ({"authority": url, "authority_card": card}, "ESEAL_AUTHORITY_TOKEN"),
        (
            {"authority": "http://a.example", "authority_card": card, "authority_token": "t"},
            "expected https",
        ),
    ):
        with pytest.raises(ConfigurationError, match=said):
            open_world(world.settings.data_dir, **settings)
    card.write_bytes(
        replace(elsewhere.card, registry=Registry(1, elsewhere.card.registry.address)).encode()
    )
    with pytest.raises(ConfigurationError, match="of chain 1"):
        open_world(world.settings.data_dir, authority=url, authority_card=card, authority_token="t")


def test_companies_wait_in_the_order_they_came(world, monkeypatch):
    monkeypatch.setattr(world.service.lifecycle, "settle", lambda: 0)
    first, _ = add(world, GERMAN)
    second, _ = add(world, FRENCH)
    with world.service.context.database.read() as connection:
        waiting = CompanyRepository(connection).unregistered()
    assert [company.id for company in waiting] == [first.id, second.id]
    monkeypatch.undo()
    assert world.service.lifecycle.settle() == 2


def test_contracts_of_an_instance_with_an_authority_of_its_own_name_no_other(tmp_path):
    settings = Settings.load(data_dir=tmp_path / "data", authority=f"file:{tmp_path / 'exchange'}")
    initialise(settings, name="Issuer")
    assert Trust.parse(settings.trust_path.read_bytes()).authorities == ()
    with stored(settings) as here:
        registry = Registry(here.deployment.chain_id, here.deployment.seal_registry)
        card = create(tmp_path / "authority", "Register", ("VATDE",), registry, None)
        with administration(settings, here.instance, here.keys, here.deployment) as admin:
            admin.set_authority_account(card.authority, card.account)
            admin.add_authority_key(card.authority, card.vrf_key, card.attest_key)
            admin.set_schemes([scheme_id("VATDE")], card.authority)
    named = Settings.load(
        data_dir=settings.data_dir,
        authority=settings.authority,
        authority_card=tmp_path / "authority",
    )
    initialise(named, name="Issuer")
    trusted = TrustedAuthority(card.vrf_key, card.attest_key, card.schemes)
    (kept,) = Trust.parse(named.trust_path.read_bytes()).authorities
    assert (kept, kept.name) == (trusted, "Register")
    desk = Desk(open_home(tmp_path / "authority", None))
    ask = Ask("VATDE-136695976", GERMAN[0], "DE")
    answers = tmp_path / "exchange" / "answers"
    answers.mkdir(parents=True)
    (answers / f"{ask.hash}.json").write_bytes(desk.prove(ask, by="carrier").encode())
    with Service.open(named) as service:
        company, (seal,) = service.onboarding.add_company(
            *GERMAN, seals=CONTRACT, actor=acting("a")
        )
    assert seal.state is SealState.ACTIVE
    assert SubjectProof.parse(company.subject_proof).key == card.vrf_key
