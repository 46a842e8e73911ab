from __future__ import annotations

import pytest

from eseal.documents.impressions.templates.choice import Choice
from eseal.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from eseal.model.actor import ALL, Actor, Capability
from eseal.model.ids import new_id
from eseal.model.records import Span, Word
from eseal.model.seal import Party, Reason, SealType
from eseal.service.people.permissions import Scope, permit
from eseal.service.record_access import RecordAccess
from eseal.service.sealing.orders import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from tests.actors import acting


def test_a_token_is_good_for_what_it_was_made_for(world):
    access = world.service.access
    token = access.create(Scope.COMPANY, company_id=world.company.id, label="clerk")
    actor = access.authenticate(token)
    assert (actor.party, actor.company_id) == (Party.COMPANY, world.company.id)
    permit(actor, Capability.USE_SEALS, world.company.id)
    with pytest.raises(ForbiddenError, match="may not take tickets"):
        permit(actor, Capability.TAKE_TICKETS)
    with pytest.raises(ForbiddenError, match="acts for another company"):
        permit(actor, Capability.USE_SEALS, new_id())


def test_the_secret_is_not_stored(world):
    token = world.service.access.create(Scope.OPERATOR)
    _, _, secret = token.split("_", 2)
    assert len(secret) == 43, "32 bytes in base64url, in which an underscore may stand"
    files = [path.read_bytes() for path in world.settings.data_dir.glob("eseal.db*")]
    assert files
    assert not any(secret.encode() in content for content in files)


def test_a_revoked_token_is_worthless(world):
    access = world.service.access
    token = access.create(Scope.OPERATOR, label="ops")
    (stored,) = access.tokens()
    assert (stored.label, stored.revoked_at) == ("ops", None)
    access.revoke(stored.id)
    with pytest.raises(UnauthenticatedError):
        access.authenticate(token)
    with pytest.raises(NotFoundError):
        access.revoke(new_id())


def test_tokens_that_are_none(world):
    token = world.service.access.create(Scope.OPERATOR)
    other = world.service.access.create(Scope.OPERATOR)
    mixed = "_".join([*token.split("_")[:2], other.split("_", 2)[2]])
    unknown = f"eseal_{new_id()}_{'A' * 43}"
    for bad in ("", "x", token + "x", token[:-1], mixed, unknown, "eseal_" + "é" * 70):
        with pytest.raises(UnauthenticatedError):
            world.service.access.authenticate(bad)


def test_what_cannot_be_a_token(world):
    access = world.service.access
    with pytest.raises(InvalidInputError, match="got none with scope company"):
        access.create(Scope.COMPANY)
    with pytest.raises(InvalidInputError, match="got one with scope operator"):
        access.create(Scope.OPERATOR, company_id=world.company.id)
    with pytest.raises(InvalidInputError, match="label"):
        access.create(Scope.OPERATOR, label="x" * 81)
    with pytest.raises(NotFoundError):
        access.create(Scope.COMPANY, company_id=new_id())
    assert access.tokens() == []


NOBODY = Actor("nobody")
ORDERS = [DigestOrder(bytes(32))]


@pytest.mark.parametrize(
    "act",
    [
        lambda world: world.service.onboarding.add_company("A", "lei:x", actor=NOBODY),
        lambda world: world.service.onboarding.issue(world.company, [], actor=NOBODY),
        lambda world: world.service.onboarding.import_certificate("", b"", [], actor=NOBODY),
        lambda world: world.service.sealing.seal_digests(world.contract.id, ORDERS, actor=NOBODY),
        lambda world: world.service.sealing.seal_document(
            world.contract.id, b"a", filename="a.txt", actor=NOBODY
        ),
        lambda world: world.service.containers.seal(world.contract.id, [("a", b"")], actor=NOBODY),
        lambda world: world.service.lifecycle.suspend(
            world.contract.id, reason=Reason.LOSS, actor=NOBODY
        ),
        lambda world: world.service.lifecycle.resume(world.contract.id, actor=NOBODY),
        lambda world: world.service.lifecycle.revoke(
            world.contract.id, reason=Reason.LOSS, actor=NOBODY
        ),
        lambda world: world.service.impressions.choose(world.contract.id, Choice(), actor=NOBODY),
        lambda world: world.service.impressions.upload("", b"", width=4, actor=NOBODY),
        lambda world: RecordAccess(world.service, NOBODY).companies(),
        lambda world: RecordAccess(world.service, NOBODY).company(world.company.id),
        lambda world: RecordAccess(world.service, NOBODY).seal(world.contract.id),
        lambda world: RecordAccess(world.service, NOBODY).seals(),
        lambda world: RecordAccess(world.service, NOBODY).impression(world.contract.id),
        lambda world: RecordAccess(world.service, NOBODY).seal_history(world.contract.id),
        lambda world: RecordAccess(world.service, NOBODY).history(world.company.id),
        lambda world: RecordAccess(world.service, NOBODY).use("u"),
        lambda world: RecordAccess(world.service, NOBODY).evidence("u"),
        lambda world: RecordAccess(world.service, NOBODY).document("u"),
        lambda world: RecordAccess(world.service, NOBODY).delivered("u"),
        lambda world: RecordAccess(world.service, NOBODY).names([world.company.id]),
        lambda world: RecordAccess(world.service, NOBODY).original("u"),
        lambda world: RecordAccess(world.service, NOBODY).declarations("u"),
        lambda world: RecordAccess(world.service, NOBODY).disputes(world.contract.id),
        lambda world: RecordAccess(world.service, NOBODY).watch_file(world.company.id),
        lambda world: RecordAccess(world.service, NOBODY).disclosures(world.company.id),
    ],
)
def test_who_was_given_nothing_may_do_nothing(shared_world, act):
    with pytest.raises(ForbiddenError, match="nobody may not"):
        act(shared_world)


def test_a_company_stops_no_seal_of_another(shared_world):
    other = Actor("company:x", frozenset({Capability.STOP_SEALS}), Party.COMPANY, company_id="x")
    with pytest.raises(ForbiddenError, match="another company"):
        shared_world.service.lifecycle.suspend(
            shared_world.contract.id, reason=Reason.LOSS, actor=other
        )


def test_a_company_decides_nothing_about_what_is_anothers(world):
    service, other = world.service, Actor("company:x", ALL, Party.COMPANY, company_id=new_id())
    asked = service.onboarding.request_certificate(
        world.company, SealOrder(SealType.OTHER), actor=acting()
    )
    for act in (
        lambda: service.impressions.upload(world.contract.id, b"", width=40, actor=other),
        lambda: service.impressions.choose(world.contract.id, Choice(), actor=other),
        lambda: service.onboarding.import_certificate(asked.id, b"", [], actor=other),
        lambda: service.onboarding.request_certificate(
            world.company, SealOrder(SealType.OTHER), actor=other
        ),
        lambda: service.onboarding.rename(world.company, "Another Name", actor=other),
        lambda: service.stops.set_end(world.contract.id, bytes(32), actor=other),
        lambda: service.declarations.declare(
            world.contract.id, Span(world.contract.not_before), Word.VOID, actor=other
        ),
    ):
        with pytest.raises(ForbiddenError, match="another company"):
            act()


def test_a_company_s_document_is_kept_until_it_says_that_it_arrived(world, sample_pdf):
    service = world.service
    sealed = service.sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting()
    )
    stranger = RecordAccess(service, Actor("company:x", ALL, company_id=new_id()))
    with pytest.raises(NotFoundError):
        stranger.delivered(sealed.use.id)
    with pytest.raises(NotFoundError):
        stranger.names([world.company.id])
    own = RecordAccess(service, Actor("company:y", ALL, company_id=world.company.id))
    assert own.names([world.company.id]) == {world.company.id: world.company.name}
    assert own.document(sealed.use.id).data
    own.delivered(sealed.use.id)
    with pytest.raises(NotFoundError, match="not kept"):
        own.document(sealed.use.id)


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_is_a_set_of_capabilities_and_none_is_everything(world, scope):
    company = world.company.id if scope is Scope.COMPANY else None
    access = world.service.access
    actor = access.authenticate(access.create(scope, company_id=company))
    assert actor.may < ALL
    for capability in Capability:
        if capability in actor.may:
            permit(actor, capability)
        else:
            with pytest.raises(ForbiddenError):
                permit(actor, capability)


def test_a_company_uses_no_seal_of_another(world, sample_pdf):
    stranger = Actor("company:x", frozenset({Capability.USE_SEALS}), Party.COMPANY, new_id())
    sealing, seal = world.service.sealing, world.contract.id
    size = world.service.anchoring.pending()
    (outcome,) = sealing.seal_digests(seal, [DigestOrder(bytes(32))], actor=stranger)
    assert isinstance(outcome, NotFoundError)
    assert str(outcome) == f"no seal {seal!r}"
    with pytest.raises(NotFoundError, match="no seal"):
        sealing.seal_document(seal, sample_pdf, filename="a.pdf", actor=stranger)
    with pytest.raises(NotFoundError, match="no seal"):
        world.service.containers.seal(seal, [("a.txt", b"a")], actor=stranger)
    assert world.service.anchoring.pending() == size
