"""Companies and their certificate requests, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from eseal.errors import ConflictError, NotFoundError
from eseal.model.company import Company
from eseal.model.seal import SealType
from eseal.store.tables import certificate_requests, companies

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

    def add(self, company: Company) -> None:
        """Keep a new company.

        Raises:
            ConflictError: its registration id is on record already.
        """
        values = {name: getattr(company, name) for name in companies.c.keys()}  # noqa: SIM118
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(companies).values(values))
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

    def page(self, *, limit: int | None = None, after: str = "") -> list[Company]:
        """Companies by id, those behind ``after``."""
        query = select(companies).where(companies.c.id > after).order_by(companies.c.id)
        return [_company(row) for row in self._connection.execute(query.limit(limit))]

    def unregistered(self) -> list[Company]:
        """Companies the ledger is still to hear of, oldest first."""
        query = select(companies).where(companies.c.registered_block.is_(None))
        rows = self._connection.execute(query.order_by(companies.c.created_at, companies.c.id))
        return [_company(row) for row in rows]

    def set_registered(self, company_id: str, block_number: int) -> None:
        """Record that the ledger has the company."""
        self._update(company_id, {"registered_block": block_number})

    def rename(self, company_id: str, name: str, subject_proof: bytes) -> None:
        """Put another name on record, with the proof of it."""
        self._update(company_id, {"name": name, "subject_proof": subject_proof})

    def _update(self, company_id: str, values: dict[str, Any]) -> None:
        query = update(companies).where(companies.c.id == company_id)
        self._connection.execute(query.values(values))

    def add_request(self, request: CertificateRequest) -> None:
        """Keep a certificate request."""
        names = certificate_requests.c.keys()
        values = {name: getattr(request, name) for name in names}
        self._connection.execute(insert(certificate_requests).values(values))

    def request(self, request_id: str) -> CertificateRequest:
        """The certificate request with this id.

        Raises:
            NotFoundError: there is none.
        """
        query = select(certificate_requests).where(certificate_requests.c.id == request_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"no certificate request {request_id!r}")
        fields = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor
        return CertificateRequest(**{**fields, "type": SealType(fields["type"])})

    def remove_request(self, request_id: str) -> None:
        """Forget a certificate request that was answered."""
        condition = certificate_requests.c.id == request_id
        self._connection.execute(certificate_requests.delete().where(condition))

    def _one(self, condition: object, name: str) -> Company:
        query = select(companies).where(condition)  # type: ignore[arg-type]  # a column expression
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"no company {name!r}")
        return _company(row)


def _company(row: Row[tuple[object, ...]]) -> Company:
    return Company(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor
