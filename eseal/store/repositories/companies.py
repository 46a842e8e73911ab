"""Companies and their certificate requests, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.exc import IntegrityError

from eseal.errors import ConflictError, NotFoundError
from eseal.model.company import Company
from eseal.model.seal import SealType
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import certificate_requests, companies

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A seal key waiting for a certificate from another authority.

    Attributes:
        csr: PKCS#10, DER.
        depth: a volume of the seal's book will hold 2^depth tickets; ``None`` for the settings'.
        stop_hash: the end of the company's chain of stop codes, 32 bytes, or ``None``.
    """

    id: str
    company_id: str
    type: SealType
    label: str
    physical_code: str | None
    key_id: str
    csr: bytes
    created_at: datetime
    depth: int | None = None
    stop_hash: bytes | None = None


class CompanyRepository:
    """Companies within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = rows_of(connection)

    def add(self, company: Company) -> None:
        """Keep a new company.

        Raises:
            ConflictError: its registration id is on record already.
        """
        values = {name: getattr(company, name) for name in content_names(companies)}
        try:
            with self._connection.begin_nested():
                self._rows.insert(companies, values)
        except IntegrityError:
            raise ConflictError(
                f"a company with the registration id {company.identifier} is on record already"
            ) from None

    def get(self, company_id: str) -> Company:
        """The company with this id.

        Raises:
            NotFoundError: there is none.
        """
        return self._one(companies.c.id == company_id, company_id)

    def by_identifier(self, identifier: str) -> Company:
        """The company with this semantic identifier (EN 319 412-1).

        Raises:
            NotFoundError: there is none.
        """
        return self._one(companies.c.identifier == identifier, identifier)

    def by_subject(self, subject: bytes) -> Company:
        """The company with this pseudonym on the ledger.

        Raises:
            NotFoundError: there is none.
        """
        return self._one(companies.c.subject == subject, subject.hex())

    def page(self, *, limit: int | None = None, after: str = "") -> list[Company]:
        """Companies by id, those behind ``after``."""
        query = select(companies).where(companies.c.id > after).order_by(companies.c.id)
        return [_company(row) for row in self._rows.all(query.limit(limit), companies)]

    def unregistered(self) -> list[Company]:
        """Companies the ledger is still to hear of, oldest first."""
        query = select(companies).where(companies.c.registered_block.is_(None))
        query = query.order_by(companies.c.created_at, companies.c.id)
        return [_company(row) for row in self._rows.all(query, companies)]

    def set_registered(self, company_id: str, block_number: int) -> None:
        """Record that the ledger has the company."""
        self._update(company_id, {"registered_block": block_number})

    def rename(self, company_id: str, name: str, subject_proof: bytes) -> None:
        """Put another name on record, with the proof of it."""
        self._update(company_id, {"name": name, "subject_proof": subject_proof})

    def _update(self, company_id: str, values: dict[str, Any]) -> None:
        self._rows.update(companies, companies.c.id == company_id, values)

    def add_request(self, request: CertificateRequest) -> None:
        """Keep a certificate request."""
        values = {name: getattr(request, name) for name in content_names(certificate_requests)}
        self._rows.insert(certificate_requests, values)

    def request(self, request_id: str) -> CertificateRequest:
        """The certificate request with this id.

        Raises:
            NotFoundError: there is none.
        """
        query = select(certificate_requests).where(certificate_requests.c.id == request_id)
        row = self._rows.one(query, certificate_requests)
        if row is None:
            raise NotFoundError(f"no certificate request {request_id!r}")
        fields = {name: getattr(row, name) for name in content_names(certificate_requests)}
        return CertificateRequest(**{**fields, "type": SealType(fields["type"])})

    def remove_request(self, request_id: str) -> None:
        """Forget a certificate request that was answered."""
        self._rows.delete(certificate_requests, certificate_requests.c.id == request_id)

    def _one(self, condition: ColumnElement[bool], name: str) -> Company:
        row = self._rows.one(select(companies).where(condition), companies)
        if row is None:
            raise NotFoundError(f"no company {name!r}")
        return _company(row)


def _company(row: Row[Any]) -> Company:
    return Company(**{name: getattr(row, name) for name in content_names(companies)})
