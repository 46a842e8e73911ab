"""Who may do what: bearer tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from eseal.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from eseal.keys.bearer import new_bearer, read_bearer
from eseal.model.records import MAX_NAME_CHARS
from eseal.model.text import check_text
from eseal.store.access import StoredToken, TokenRepository
from eseal.store.companies import CompanyRepository

if TYPE_CHECKING:
    from eseal.service.context import Context

MAX_LABEL_CHARS = 80


class Scope(StrEnum):
    """What a token is good for."""

    COMPANY = "company"
    REGULATOR = "regulator"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Order:
    """An order under which somebody looks at companies' records.

    Attributes:
        number: what its authority calls it.
        notice_after: until when the companies are not told, UTC, whole seconds; ``None``: at once.
    """

    number: str
    notice_after: datetime | None = None

    @classmethod
    def of(cls, number: str | None, notice_after: datetime | None) -> Order | None:
        """The order of this number, ``None`` without one.

        Raises:
            InvalidInputError: the number cannot be used, or a delay comes without an order.
        """
        if number is None:
            if notice_after is not None:
                raise InvalidInputError(
                    "notice_after: expected an order that sets this delay, got none",
                    field="notice_after",
                )
            return None
        check_text(number, field="order", max_chars=MAX_NAME_CHARS)
        if notice_after is not None:
            notice_after = notice_after.replace(microsecond=0)
        return cls(number, notice_after)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to see companies' records.

    Attributes:
        actor: as it stands in records.
        company_id: the company whose own eyes these are; ``None`` for anybody else.
        order: under which order, or ``None``.
    """

    actor: str
    company_id: str | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        id: the token's id, as it stands in records.
        scope: what it may do.
        company_id: whose it is, with scope ``company``.
        label: what whoever made the token calls it; may be empty.
        order: under which order it looks, with scope ``regulator``, or ``None``.
    """

    id: str
    scope: Scope
    company_id: str | None
    label: str = ""
    order: Order | None = None

    @property
    def actor(self) -> str:
        """How records name who asked: scope and token id."""
        return f"{self.scope.value}:{self.id}"

    @property
    def viewer(self) -> Viewer:
        """As the desk knows it: its name, where it has one, is what an owner understands."""
        named = f"{self.actor} ({self.label})" if self.label else self.actor
        return Viewer(named, self.company_id, self.order)

    def require(self, *scopes: Scope) -> None:
        """Raise unless the scope is one of these.

        Raises:
            ForbiddenError: it is not.
        """
        if self.scope not in scopes:
            raise ForbiddenError(
                f"this needs a token with scope {' or '.join(scopes)}, got {self.scope}"
            )


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

    def authenticate(self, token: str) -> Principal:
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
        return Principal(stored.id, Scope(stored.scope), stored.company_id, stored.label, order)

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
