from __future__ import annotations

import pytest

from eseal.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from eseal.model.ids import new_id
from eseal.service.access import Scope


def test_a_token_is_good_for_what_it_was_made_for(world):
    access = world.service.access
    token = access.create(Scope.COMPANY, company_id=world.company.id, label="clerk")
    principal = access.authenticate(token)
    assert (principal.scope, principal.company_id) == (Scope.COMPANY, world.company.id)
    principal.require(Scope.COMPANY, Scope.OPERATOR)
    with pytest.raises(ForbiddenError, match="scope regulator, got company"):
        principal.require(Scope.REGULATOR)


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
