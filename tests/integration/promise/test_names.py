"""Twins, rivals, authorities: who a seal's company is, and who could say otherwise."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.authority.word import attestation, vrf
from eseal.authority.word.attestation import attest, named_output, subject_of
from eseal.authority.word.registration import Registered, Registry, sign_registration
from eseal.errors import InvalidInputError, LedgerRejectedError
from eseal.ledger.facts import NewCompany, NewSeal
from eseal.ledger.sending.calls import Calls
from eseal.model.book import Book, VolumeTree, new_book_key
from eseal.model.company import RegistrationId
from eseal.model.seal import SealState, SealType, handle_of
from eseal.service.instance.ledger import account_of
from eseal.service.seals import settling
from eseal.service.seals.onboarding import SealOrder
from eseal.service.seals.registrations import new_company
from eseal.service.seals.settling import Settling, registration_of
from eseal.verify import CheckName, Finding
from eseal.verify.checks import validation_state
from eseal.verify.verdict.vocabulary import NoteCode
from eseal.watch.rounds.ledger_side import LedgerSide
from tests.actors import acting
from tests.integration.dishonest import DEPTH
from tests.integration.promise.switches import by_the_contract, check, defended, gone, nothing

RIVAL = b"j" * 32


@defended(gone("the look at registrations", (LedgerSide, "_registered", nothing)))
def test_a_twin_certificate_is_seen_by_the_owner(stage):
    """Operator and CA, with the company's own subject proof: green, so it must be found."""
    stage.office.watch()
    twin = stage.operator.register(stage.operator.ca, stage.office.company)
    assert stage.verdict(stage.operator.use(twin)).finding is Finding.AUTHENTIC, "not prevented"
    done = stage.owner_sees("unknown_seal")
    assert done.alarms[0].key == twin.handle.hex()


@pytest.fixture
def other(stage):
    company, _ = stage.service.onboarding.add_company(
        "Others Ltd", "uscc:91110000802100433B", seals=[], actor=acting()
    )
    return company


@defended(check(CheckName.SUBJECT, subject=lambda _: None))
def test_a_twin_under_another_id(stage, other):
    """The company's name in the certificate, another's id: the authority proves another name."""
    twin = stage.operator.register(stage.operator.ca, other, name=stage.office.company.name)
    stage.finds(Finding.NAME_UNPROVEN, stage.operator.use(twin))


@defended(check(CheckName.SUBJECT, subject=lambda _: None))
def test_the_proof_of_the_company_on_the_seal_of_another(stage, other):
    """Proofs are public once a document is: the seal is registered for another subject."""
    certified = replace(stage.office.company, subject=other.subject)
    twin = stage.operator.register(stage.operator.ca, certified)
    stage.finds(Finding.NAME_UNPROVEN, stage.operator.use(twin))


def attested(stage, *, secret=None, sign=None):
    """What a subject proof for the company says, by keys of one's choice."""
    context, company = stage.operator.context, stage.office.company
    names = context.instance.authority_keys
    return attest(
        company.identifier, company.name, None,
        vrf_secret=secret or context.keys.vrf_secret(names.vrf),
        sign=sign or (lambda message: context.keys.sign(names.attest, message)),
        now=datetime.now(UTC),
    )  # fmt: skip


class Anybody:
    """A public key under which everything is signed."""

    from_public_bytes = staticmethod(lambda _: Anybody)
    verify = staticmethod(nothing)


@defended(gone("the authority's signature", (attestation, "Ed25519PublicKey", Anybody)))
def test_an_operator_without_the_authority_attests_nothing(stage):
    """Subject and VRF proof are the company's own; name and id he signs himself."""
    forged = attested(stage, sign=Ed25519PrivateKey.generate().sign)
    twin = stage.operator.register(stage.operator.ca, stage.office.company, proof=forged.encode())
    stage.finds(Finding.NAME_UNPROVEN, stage.operator.use(twin))


@defended(gone("the check of the VRF", (vrf, "verify", lambda _key, _alpha, proof: output(proof))))
def test_operator_and_authority_make_no_second_subject_under_one_key(stage):
    """Another subject would hide a twin from the owner: one key gives one id one subject."""
    other = attested(stage, secret=secrets.token_bytes(vrf.SECRET_BYTES))
    context = stage.operator.context
    names, real = context.instance.authority_keys, attested(stage)
    subject = subject_of(real.key, vrf.proof_to_hash(other.proof))
    claimed = replace(other, key=real.key, subject=subject)
    signature = context.keys.sign(names.attest, claimed.signed_bytes)
    claimed = replace(claimed, signature=signature)
    register(stage, claimed)
    hidden = replace(stage.office.company, subject=claimed.subject)
    twin = stage.operator.register(stage.operator.ca, hidden, proof=claimed.encode())
    stage.finds(Finding.NAME_UNPROVEN, stage.operator.use(twin))


def output(proof):
    return vrf.proof_to_hash(proof)


def register(stage, proof):
    """Put a company on the ledger with the authority's account, which signs whatever it likes."""
    context = stage.operator.context
    account = context.keys.ethereum_secret(context.instance.authority_keys.account)
    registry = Registry(stage.ledger.chain_id, stage.ledger.seal_registry)
    signed = sign_registration(Registered(proof.subject, proof.key, None, None), registry, account)
    output = named_output(vrf.proof_to_hash(proof.proof))
    new = NewCompany(output, proof.key, None, None)
    stage.operator.ledger.register_companies([new], [signed])


@defended(gone("the look at authorities' keys", (LedgerSide, "_authority_keys", nothing)))
def test_a_new_key_of_the_authority_is_an_alarm(stage):
    """Under a new key the company has another subject, until it has its own proof of it."""
    stage.office.watch()
    authority = stage.ledger.authority_key(stage.office.file.proofs[0].key).authority
    key = vrf.public_key(secrets.token_bytes(vrf.SECRET_BYTES))
    stage.admin.add_authority_key(authority, key, b"e" * 32)
    stage.owner_sees("new_authority_key", "foreign_authority")


@by_the_contract
def test_no_company_is_registered_under_a_key_that_has_ended(stage):
    """Authority keys have periods: whoever keeps an old one names nobody with it."""
    other = attested(stage, secret=secrets.token_bytes(vrf.SECRET_BYTES))
    stage.admin.add_authority_key(stage.issuer, other.key, b"e" * 32)
    stage.admin.end_authority_key(other.key)
    with stage.refused(LedgerRejectedError):
        register(stage, other)


@pytest.fixture
def rival(stage):
    """Another issuer, admitted to the same contracts, with a log of his own."""
    account = stage.stranger()
    stage.admin.admit_issuer(RIVAL, account.address)
    return account


@defended(gone("the look at registrations", (LedgerSide, "_registered", nothing)))
def test_a_rival_issuer_seals_for_the_company(stage, rival):
    """The subject shows it to the company, whichever issuer registers it."""
    stage.office.watch()
    new = NewSeal(b"u" * 32, stage.office.company.subject, 0, 2**40, DEPTH, b"r" * 32, None)
    stage.writes(rival).register_seals(RIVAL, [new])
    done = stage.owner_sees("unknown_seal")
    assert "another issuer" in done.alarms[0].message


@by_the_contract
def test_a_rival_issuer_takes_a_handle_first(stage, rival, waiting):
    """He sees our registration on its way and sends the very same: the contract names another."""
    with stage.service.context.database.read() as connection:
        seen_on_its_way = registration_of(connection, waiting)
    stage.writes(rival).register_seals(RIVAL, [seen_on_its_way])
    assert stage.ledger.seal(handle_of(RIVAL, seen_on_its_way.certificate)).issuer == RIVAL
    stage.service.lifecycle.settle()
    assert stage.ledger.seal(waiting.handle).issuer == stage.issuer
    assert stage.service.directory.seal(waiting.id).state is SealState.ACTIVE
    stage.stands(stage.operator.use(stage.operator.own(waiting)))


@defended(
    check(
        *(CheckName.REGISTRATION, CheckName.EVIDENCE),
        registration=lambda stage: stage.ledger.seal(stage.kept["handle"]),
    )
)
def test_another_certificate_under_the_handle_of_a_seal(stage):
    """With the seal's own book: a handle is made of issuer and certificate, and has no other."""
    twin = stage.operator.register(stage.operator.ca, stage.office.company, publish=False)
    stage.kept["handle"] = stage.own.handle
    posing = replace(twin, handle=stage.own.handle, book=stage.own.book)
    stage.finds(Finding.TRANSPLANTED, stage.operator.use(posing))


@by_the_contract
def test_a_rival_authority_takes_a_subject_first(stage, unregistered):
    """It registers what it sees on its way, under its own key: that is another company."""
    rival, key = stage.stranger(), vrf.public_key(secrets.token_bytes(vrf.SECRET_BYTES))
    stage.admin.set_authority_account(RIVAL, rival.address)
    stage.admin.add_authority_key(RIVAL, key, b"e" * 32)
    ours = new_company(unregistered)
    taken = replace(ours, vrf_key=key)
    registry = Registry(stage.ledger.chain_id, stage.ledger.seal_registry)
    told = Registered(subject_of(key, taken.output), key, taken.founders, taken.founders_account)
    signed = sign_registration(told, registry, rival.key)
    stage.writes(rival).register_companies([taken], [signed])
    stage.service.lifecycle.settle()
    assert stage.ledger.company(unregistered.subject).vrf_key == ours.vrf_key
    assert stage.ledger.company(told.subject).vrf_key == key


@by_the_contract
def test_a_rival_issuer_takes_an_origin_first(stage, rival):
    """A log's id is made of issuer and origin: the same origin is another log."""
    origin = stage.operator.context.instance.origin
    calls = Calls(stage.office.deployment())
    stage.send(rival, calls.of("openLog", RIVAL, origin, b"k" * 32))
    assert stage.ledger.log_of(RIVAL) != stage.log_id
    stage.stands(stage.operator.use(stage.own))


@defended()
def test_a_rival_issuer_with_an_origin_that_is_no_text_blinds_nobody(stage, rival):
    """The EVM takes any bytes for a string, and everybody reads what any issuer has opened."""
    stage.owner_is_content()
    call = Calls(stage.office.deployment()).of("openLog", RIVAL, "text", b"k" * 32)
    stage.send(rival, replace(call, data=call.data.replace(b"text", b"\xff\x1b[2")))
    stage.office.seal("hidden")
    stage.office.anchor()
    stage.forge("DELETE FROM uses")
    stage.owner_sees("hidden_use")
    assert not stage.monitor().undecided


@defended(gone("who vouches is said", (validation_state, "_about_names", lambda _: ())))
def test_founders_that_only_the_operator_knows(stage):
    """He could enrol a passkey of his own as a founder's: the verdict says who vouches for it."""
    report = stage.stands(stage.operator.use(stage.own))
    codes = {note.code for note in report.seals[0].facts.notes}
    stage.holds(NoteCode.FOUNDERS_BY_OPERATOR in codes, why="nothing is said of the founders")


@by_the_contract
def test_the_operators_account_changes_no_founders(stage):
    subject = stage.office.company.subject
    calls = Calls(stage.office.deployment())
    call = calls.of("changeFounders", subject, b"f" * 32, stage.operator.ledger.operator)
    with stage.refused(LedgerRejectedError):
        stage.send(stage.operator_account, call)


@defended(
    gone(
        "the look at founders", (LedgerSide, "_founders", nothing), (LedgerSide, "_event", nothing)
    )
)
def test_founders_that_a_regulator_changed(stage):
    """It may; the owner sees that they are others than his proof names."""
    stage.office.watch()
    context = stage.operator.context
    regulator = stage.stranger()
    stage.admin.grant_regulator(regulator.address)
    calls = Calls(stage.office.deployment())
    call = calls.of(
        "changeFounders", stage.office.company.subject, b"f" * 32, context.ledger.operator
    )
    stage.send(regulator, call)
    stage.owner_sees("founders_changed")


@defended(check(CheckName.ROOT))
def test_a_root_that_is_the_issuers_no_more(stage):
    """Roots have periods on the ledger: what was used after its end rests on none."""
    root = sha256(stage.operator.context.instance.root_certificate).digest()
    stage.admin.end_root(stage.issuer, root)
    stage.finds(Finding.UNTRUSTED_ISSUER, stage.operator.use(stage.own))


@defended(gone("the watch's check of its proofs", (LedgerSide, "_proof", nothing)))
def test_a_watch_file_that_looks_elsewhere(stage):
    """A proof of nobody's: the company would watch another name, and find all well there."""
    (proof, *_) = stage.office.file.proofs
    stage.office.file = replace(stage.office.file, proofs=(replace(proof, name="Another Ltd"),))
    stage.owner_sees("unproven_subject")


@defended(gone("the look at all that continues", (LedgerSide, "company", lambda *_: [])))
def test_a_company_that_goes_on_under_another_subject(stage):
    """Renames and new keys: the watch covers all subjects, and says when it lacks one."""
    stage.office.watch()
    account = stage.operator.context.instance.authority_keys.account
    other = attested(stage)
    calls = Calls(stage.office.deployment())
    new, _ = stage.service.onboarding.add_company(
        "Goes On Ltd", "uscc:91110000802100433B", seals=[], actor=acting()
    )
    authority = account_of(stage.operator.context.keys, account)
    stage.fund(authority.address)
    stage.send(authority, calls.of("continueCompany", other.subject, new.subject))
    stage.owner_sees("continued")


@defended(
    gone("one register for a country", (RegistrationId, "check_primary", lambda _, told: told))
)
def test_a_second_subject_by_another_register(stage):
    """An LEI besides would be another subject, and a twin there would not be seen."""
    with stage.refused(InvalidInputError, "by which companies of CN are registered"):
        stage.service.onboarding.add_company(
            stage.office.company.name, "lei:213800KUD8LAJWSQ9D15", country="CN", actor=acting("a")
        )


def known(settling, new):
    """Whether the ledger knows the handle, whatever is registered under it."""
    handle = handle_of(settling._context.issuer_id, new.certificate)
    return None if settling._context.ledger.seal(handle) is None else True


@pytest.fixture
def waiting(stage, on_its_way):
    """A seal whose registration is on its way, for everybody to see."""
    with on_its_way:
        order = SealOrder(SealType.PERSONNEL, depth=DEPTH)
        (seal,) = stage.service.onboarding.issue(stage.office.company, [order], actor=acting("a"))
    return seal


@pytest.fixture
def unregistered(stage, on_its_way):
    """A company whose registration is on its way."""
    with on_its_way:
        company, _ = stage.service.onboarding.add_company(
            "Others Ltd", "uscc:91110000802100433B", seals=[], actor=acting()
        )
    return company


@pytest.fixture
def on_its_way(stage, monkeypatch):
    """What is registered meanwhile, is not yet in a block."""

    @contextmanager
    def slow():
        with monkeypatch.context() as patch:
            patch.setattr(stage.service.lifecycle, "settle", nothing)
            yield

    return slow()


@defended(gone("the look at the owner's stop", (settling, "_has_chain", lambda *_: True)))
def test_a_registration_with_stop_codes_of_a_thiefs(stage, waiting):
    """All else is as ordered: the seal would be used, and its owner could not stop it."""
    with stage.service.context.database.read() as connection:
        ordered = settling.registration_of(connection, waiting)
    stage.operator.ledger.register_seals(stage.issuer, [replace(ordered, stop_hash=b"t" * 32)])
    with stage.refused(LedgerRejectedError, "somebody has our operator's account"):
        stage.service.lifecycle.settle()
    assert stage.service.directory.seal(waiting.id).state is SealState.PENDING


@defended(gone("the comparison with what was ordered", (Settling, "_is_there", known)))
def test_a_handle_that_was_taken_on_the_way(stage, waiting):
    """By a thief of the operator's account, with a volume of his: that seal never is active."""
    root = VolumeTree(Book(new_book_key(), DEPTH), 0).root
    certified = sha256(waiting.certificate).digest()
    new = NewSeal(certified, stage.office.company.subject, 0, 2**40, DEPTH, root, None)
    stage.operator.ledger.register_seals(stage.issuer, [new])
    with stage.refused(LedgerRejectedError, "somebody has our operator's account"):
        stage.service.lifecycle.settle()
    assert stage.service.directory.seal(waiting.id).state is SealState.PENDING
    with pytest.raises(LedgerRejectedError):
        stage.service.upkeep.round()
    assert stage.ledger.seal(stage.seal.handle).volumes > 1, "it keeps nothing else waiting"
