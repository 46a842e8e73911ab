"""Looking companies and seals up, by any of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import NotFoundError
from eseal.excerpts import excerpt
from eseal.model.company import parse_registration_id
from eseal.model.ids import is_id
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.seals import SealChange, SealRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.service.instance.context import Context

PAGE = 1000
"""Most rows in one answer; more are fetched with ``after``."""


class Directory:
    """Companies and seals on record."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def company(self, name: str) -> Company:
        """A company by its id or registration id (``uscc:…`` or ``NTRCN-…``).

        Raises:
            NotFoundError: there is none.
        """
        with self._context.database.read() as connection:
            return find_company(connection, name)

    def companies(self, *, limit: int = PAGE, after: str = "") -> list[Company]:
        """Companies by id, those behind ``after``."""
        with self._context.database.read() as connection:
            return CompanyRepository(connection).page(limit=min(limit, PAGE), after=after)

    def seal(self, name: str) -> Seal:
        """A seal by its id or its handle (64 hex digits).

        Raises:
            NotFoundError: there is none.
        """
        with self._context.database.read() as connection:
            seals = SealRepository(connection)
            if is_id(name):
                return seals.get(name)
            try:
                return seals.by_handle(bytes.fromhex(name))
            except ValueError:
                raise NotFoundError(
                    f"no seal {excerpt(name)}: expected its id (eseal seal list) or its handle"
                ) from None

    def seals(
        self, *, company_id: str | None = None, limit: int = PAGE, after: str = ""
    ) -> list[Seal]:
        """Seals by id, those behind ``after``; of one company if given."""
        with self._context.database.read() as connection:
            seals = SealRepository(connection)
            return seals.page(company_id=company_id, limit=min(limit, PAGE), after=after)

    def changes(self, seal_id: str) -> list[SealChange]:
        """The changes of a seal's status, oldest first."""
        with self._context.database.read() as connection:
            return SealRepository(connection).changes(seal_id)


def find_company(connection: Connection, name: str) -> Company:
    """As :meth:`Directory.company`."""
    companies = CompanyRepository(connection)
    if is_id(name):
        return companies.get(name)
    try:
        identifier = parse_registration_id(name).identifier
    except ValueError as error:
        raise NotFoundError(
            f"no company {excerpt(name, 64)}: expected its id or a registration id ({error})"
        ) from None
    return companies.by_identifier(identifier)
