"""From a company to its seals: registration, keys, certificates, the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from eseal.errors import InvalidInputError
from eseal.keys.protocol import KeyAlgorithm
from eseal.model.company import Company, check_company_name, parse_registration_id
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason, Seal, SealState, SealType
from eseal.pki.csr import export_csr, verify_foreign_certificate
from eseal.store.companies import CertificateRequest, CompanyRepository
from eseal.store.seals import SealRepository

if TYPE_CHECKING:
    from eseal.service.ca import BuiltInCa
    from eseal.service.context import Context
    from eseal.service.lifecycle import Lifecycle

MAX_LABEL_CHARS = 64
MAX_CODE_CHARS = 32
CLOCK_SKEW = timedelta(minutes=1)
"""A certificate is valid from a little before now, so that a slower clock accepts it at once."""


@dataclass(frozen=True, slots=True)
class SealOrder:
    """A seal to be made.

    Attributes:
        type: what it is for.
        label: tells seals of one type apart; may be empty.
        physical_code: code of the physical seal it corresponds to, or ``None``.
        algorithm: ``p256`` or ``rsa3072``.
    """

    type: SealType
    label: str = ""
    physical_code: str | None = None
    algorithm: KeyAlgorithm = KeyAlgorithm.P256


class Onboarding:
    """Companies and the making of their seals."""

    def __init__(self, context: Context, ca: BuiltInCa, lifecycle: Lifecycle) -> None:
        self._context = context
        self._ca = ca
        self._lifecycle = lifecycle

    def add_company(
        self,
        name: str,
        registration_id: str,
        *,
        country: str | None = None,
        seals: Sequence[SealOrder] = (),
        actor: str,
    ) -> tuple[Company, list[Seal]]:
        """Register a company and, in the same step, issue its first seals.

        Args:
            name: as registered.
            registration_id: ``scheme:number`` or a semantic identifier (EN 319 412-1).
            country: ISO 3166-1 code of its seat; to be told where the register is of no country
                (LEI), otherwise ``None`` or the register's.
            seals: what to issue at once.
            actor: who asks, for the record.

        Raises:
            InvalidInputError: name, registration id, country or an order cannot be used.
            ConflictError: the registration id is on record already.
        """
        registration = parse_registration_id(registration_id)
        company = Company(
            id=new_id(),
            name=check_company_name(name),
            scheme=registration.scheme,
            number=registration.number,
            identifier=registration.identifier,
            country=registration.seat(country),
            created_at=self._context.now(),
        )
        made = [self._make(company, order) for order in _checked(seals)]
        with self._context.database.write() as connection:
            CompanyRepository(connection).add(company)
            for seal in made:
                self._keep(SealRepository(connection), seal, actor)
        return company, self._activate(made)

    def issue(self, company: Company, orders: Sequence[SealOrder], *, actor: str) -> list[Seal]:
        """Issue seals to a company; active when this returns.

        Raises:
            InvalidInputError: an order cannot be used.
            ConflictError: the company has a standing seal of that type and label.
            LedgerError: the seals are made but still pending; they become active on their own.
        """
        made = [self._make(company, order) for order in _checked(orders)]
        with self._context.database.write() as connection:
            for seal in made:
                self._keep(SealRepository(connection), seal, actor)
        return self._activate(made)

    def request_certificate(self, company: Company, order: SealOrder) -> CertificateRequest:
        """Make a key and a PKCS#10 request for it, to be signed by another authority."""
        (checked,) = _checked([order])
        key_id = self._context.keys.generate(checked.algorithm)
        csr = export_csr(self._context.keys, key_id, self._ca.subject(company, checked.type))
        request = CertificateRequest(
            id=new_id(),
            company_id=company.id,
            type=checked.type,
            label=checked.label,
            physical_code=checked.physical_code,
            key_id=key_id,
            csr=csr,
            created_at=self._context.now(),
        )
        with self._context.database.write() as connection:
            CompanyRepository(connection).add_request(request)
        return request

    def import_certificate(
        self, request_id: str, certificate: bytes, chain: Sequence[bytes], *, actor: str
    ) -> Seal:
        """Make a seal of a request and the certificate another authority gave for it (DER).

        Raises:
            NotFoundError: there is no such request.
            InvalidInputError: the certificate does not fit the request.
            ConflictError: the company has a standing seal of that type and label.
        """
        with self._context.database.read() as connection:
            companies = CompanyRepository(connection)
            request = companies.request(request_id)
            company = companies.get(request.company_id)
        now = self._context.now()
        verify_foreign_certificate(
            certificate,
            chain,
            public_key=self._context.keys.public_key(request.key_id),
            company=company,
            at=now,
        )
        loaded = x509.load_der_x509_certificate(certificate)
        seal = Seal(
            id=new_id(),
            company_id=company.id,
            type=request.type,
            label=request.label,
            physical_code=request.physical_code,
            certificate=certificate,
            chain=tuple(chain),
            key_id=request.key_id,
            not_before=loaded.not_valid_before_utc,
            not_after=loaded.not_valid_after_utc,
            state=SealState.PENDING,
            reason=Reason.NONE,
            created_at=now,
        )
        with self._context.database.write() as connection:
            CompanyRepository(connection).remove_request(request_id)
            self._keep(SealRepository(connection), seal, actor)
        return self._activate([seal])[0]

    def _make(self, company: Company, order: SealOrder) -> Seal:
        now = self._context.now().replace(microsecond=0)
        key_id = self._context.keys.generate(order.algorithm)
        issued = self._ca.issue(company, order.type, key_id, now - CLOCK_SKEW)
        return Seal(
            id=new_id(),
            company_id=company.id,
            type=order.type,
            label=order.label,
            physical_code=order.physical_code,
            certificate=issued.certificate,
            chain=self._ca.chain,
            key_id=key_id,
            not_before=issued.not_before,
            not_after=issued.not_after,
            state=SealState.PENDING,
            reason=Reason.NONE,
            created_at=self._context.now(),
        )

    def _keep(self, seals: SealRepository, seal: Seal, actor: str) -> None:
        seals.add(seal)
        now = self._context.now()
        seals.request_change(seal.id, SealState.ACTIVE, Reason.NONE, Party.ISSUER, actor, now)

    def _activate(self, made: Sequence[Seal]) -> list[Seal]:
        if not made:
            return []
        self._lifecycle.settle()
        with self._context.database.read() as connection:
            found = SealRepository(connection).select([seal.id for seal in made])
        return [found[seal.id] for seal in made]


def _checked(orders: Sequence[SealOrder]) -> list[SealOrder]:
    for order in orders:
        _check_text(order.label, "label", MAX_LABEL_CHARS)
        _check_text(order.physical_code or "", "physical_code", MAX_CODE_CHARS)
        if order.algorithm not in (KeyAlgorithm.P256, KeyAlgorithm.RSA3072):
            raise InvalidInputError(
                f"algorithm: expected p256 or rsa3072, got {order.algorithm}", field="algorithm"
            )
    names = [(order.type, order.label) for order in orders]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInputError(
                f"seals: expected each type and label once, got {name[0]} {name[1]!r} twice",
                field="seals",
            )
    return list(orders)


def _check_text(text: str, field: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise InvalidInputError(
            f"{field}: expected at most {longest} printable characters, got {text[:80]!r}",
            field=field,
        )
