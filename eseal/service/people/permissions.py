"""Who may do what: bearer tokens, what they are good for, and who decides."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eseal.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from eseal.keys.bearer import new_bearer, read_bearer
from eseal.model.actor import Actor, Capability, Order
from eseal.model.seal import Party
from eseal.model.text import check_text
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.tokens import StoredToken, TokenRepository

if TYPE_CHECKING:
    from eseal.service.instance.context import Context

MAX_LABEL_CHARS = 80


class Scope(StrEnum):
    """What a token is good for."""

    COMPANY = "company"
    REGULATOR = "regulator"
    OPERATOR = "operator"


_EVERY: Final = frozenset({Capability.SEE_SEALS, Capability.STOP_SEALS})
_SCOPES: Final[dict[Scope, tuple[Party, frozenset[Capability]]]] = {
    Scope.COMPANY: (
        Party.COMPANY,
        _EVERY
        | {
            Capability.SEE_USES,
            Capability.SEE_DOCUMENTS,
            Capability.FORGET_DOCUMENTS,
            Capability.SEE_DISCLOSURES,
            Capability.USE_SEALS,
            Capability.DECLARE,
            Capability.SET_IMPRESSIONS,
            Capability.SET_STOP_CODES,
            Capability.WATCH,
        },
    ),
    Scope.REGULATOR: (
        Party.REGULATOR,
        _EVERY | {Capability.SEE_USES, Capability.TAKE_TICKETS},
    ),
    Scope.OPERATOR: (
        Party.ISSUER,
        _EVERY
        | {
            Capability.MANAGE_COMPANIES,
            Capability.ISSUE_SEALS,
            Capability.ANCHOR,
            Capability.FORGET_DOCUMENTS,
            Capability.SET_IMPRESSIONS,
            Capability.SET_STOP_CODES,
        },
    ),
}


def permit(actor: Actor, capability: Capability, owner: str | None = None) -> None:
    """Let an actor do something, or raise: the one place where that is decided.

    Args:
        actor: who asks.
        capability: for what.
        owner: the company whose thing it is about, if it is about one.

    Raises:
        ForbiddenError: it was not given this capability, or it is another company's thing.
    """
    if capability not in actor.may:
        scopes = " or ".join(scope for scope, (_, may) in _SCOPES.items() if capability in may)
        asked = capability.replace("_", " ")
        raise ForbiddenError(f"{actor.name} may not {asked}: expected scope {scopes}")
    if owner is not None and not owns(actor, owner):
        raise ForbiddenError(f"{actor.name} acts for another company")


def owns(actor: Actor, company_id: str) -> bool:
    """Whether an actor may ask for what is this company's."""
    return actor.company_id in (None, company_id)


class Access:
    """Makes and checks tokens."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(
        self,
        scope: Scope,
        *,
        company_id: str | None = None,
        label: str = "",
        order: Order | None = None,
    ) -> str:
        """Make a token; this is the only time it is seen whole.

        Args:
            scope: what it is good for.
            company_id: whose it is, with scope ``company``.
            label: tells tokens apart; companies whose records it opens are shown it.
            order: under which it looks, with scope ``regulator``.

        Raises:
            InvalidInputError: a company token without company, or another one with; an order with
                another scope than ``regulator``.
            NotFoundError: there is no such company.
        """
        if (scope is Scope.COMPANY) != (company_id is not None):
            raise InvalidInputError(
                f"company: expected one with scope company, none with another; got "
                f"{'one' if company_id else 'none'} with scope {scope}",
                field="company",
            )
        if order is not None and scope is not Scope.REGULATOR:
            raise InvalidInputError(
                f"order: expected with scope regulator only, got scope {scope}", field="order"
            )
        if label:
            check_text(label, field="label", max_chars=MAX_LABEL_CHARS)
        text, bearer = new_bearer()
        token = StoredToken(
            bearer.id,
            bearer.hash,
            scope.value,
            company_id,
            label,
            self._context.now(),
            order_number=None if order is None else order.number,
            notice_after=None if order is None else order.notice_after,
        )
        with self._context.database.write() as connection:
            if company_id is not None:
                CompanyRepository(connection).get(company_id)
            TokenRepository(connection).add(token)
        return text

    def authenticate(self, token: str) -> Actor:
        """Who holds this token.

        Raises:
            UnauthenticatedError: it is not one of ours, or was revoked.
        """
        bearer = read_bearer(token)
        if bearer is None:
            raise UnauthenticatedError("the bearer token is not of the form eseal_…")
        with self._context.database.read() as connection:
            try:
                stored = TokenRepository(connection).get(bearer.id)
            except NotFoundError:
                raise UnauthenticatedError("the bearer token is not valid") from None
        if not bearer.is_of(stored.hash) or stored.revoked_at is not None:
            raise UnauthenticatedError("the bearer token is not valid")
        order = Order.of(stored.order_number, stored.notice_after)
        party, may = _SCOPES[Scope(stored.scope)]
        name = f"{stored.scope}:{stored.id}"
        return Actor(name, may, party, stored.company_id, stored.label, order)

    def tokens(self) -> list[StoredToken]:
        """All tokens, without their secrets."""
        with self._context.database.read() as connection:
            return TokenRepository(connection).all()

    def revoke(self, token_id: str) -> None:
        """Make a token worthless from now on.

        Raises:
            NotFoundError: there is no such token.
        """
        with self._context.database.write() as connection:
            tokens = TokenRepository(connection)
            tokens.get(token_id)
            tokens.revoke(token_id, self._context.now())
