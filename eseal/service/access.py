"""Who may do what: bearer tokens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from eseal.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from eseal.keys.bearer import new_bearer, read_bearer
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
class Principal:
    """Who is asking.

    Attributes:
        id: the token's id, as it stands in records.
        scope: what it may do.
        company_id: whose it is, with scope ``company``.
    """

    id: str
    scope: Scope
    company_id: str | None

    def require(self, *scopes: Scope) -> None:
        """Raise unless the scope is one of these.

        Raises:
            ForbiddenError: it is not.
        """
        if self.scope not in scopes:
            raise ForbiddenError(
                f"this needs a token with scope {' or '.join(scopes)}, got {self.scope}"
            )

    def require_company(self, company_id: str) -> None:
        """Raise if the token belongs to another company.

        Raises:
            NotFoundError: it does; whether the company exists is not told.
        """
        if self.scope is Scope.COMPANY and self.company_id != company_id:
            raise NotFoundError(f"no such thing on record for company {self.company_id}")


class Access:
    """Makes and checks tokens."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, scope: Scope, *, company_id: str | None = None, label: str = "") -> str:
        """Make a token; this is the only time it is seen whole.

        Raises:
            InvalidInputError: a company token without company, or another one with.
            NotFoundError: there is no such company.
        """
        if (scope is Scope.COMPANY) != (company_id is not None):
            raise InvalidInputError(
                f"company: expected with scope company and only then, got scope {scope}",
                field="company",
            )
        if len(label) > MAX_LABEL_CHARS or not label.isprintable():
            raise InvalidInputError(
                f"label: expected at most {MAX_LABEL_CHARS} printable characters", field="label"
            )
        text, bearer = new_bearer()
        token = StoredToken(
            bearer.id,
            bearer.hash,
            scope.value,
            company_id,
            label,
            self._context.now(),
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
        return Principal(stored.id, Scope(stored.scope), stored.company_id)

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
