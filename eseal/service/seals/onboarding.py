"""From a company to its seals: registration, keys, certificates, the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from eseal.authority.word.messages import Ask
from eseal.errors import AuthorityAnswerError, ConflictError, InvalidInputError, NotFoundError
from eseal.excerpts import excerpt
from eseal.model.actor import Actor, Capability
from eseal.model.book import check_depth
from eseal.model.company import Company, check_company_name, parse_registration_id
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason, Seal, SealState, SealType, seal_handle
from eseal.pki.csr import export_csr, verify_foreign_certificate
from eseal.service.people.permissions import permit
from eseal.store.repositories.companies import CertificateRequest, CompanyRepository
from eseal.store.repositories.seals import SealRepository
from eseal.suites import SUITES, KeyAlgorithm, suite_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.service.instance.ca import BuiltInCa
    from eseal.service.instance.context import Context
    from eseal.service.seals.lifecycle import Lifecycle
    from eseal.service.seals.subjects import Subjects

MAX_LABEL_CHARS = 64
MAX_CODE_CHARS = 32
STOP_HASH_BYTES = 32
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
        depth: a volume of its book holds 2^depth tickets; ``None`` for the settings'.
        stop_hash: the end of the company's chain of stop codes, 32 bytes, or ``None``.
    """

    type: SealType
    label: str = ""
    physical_code: str | None = None
    algorithm: KeyAlgorithm = KeyAlgorithm.P256
    depth: int | None = None
    stop_hash: bytes | None = None


class Onboarding:
    """Companies and the making of their seals."""

    def __init__(
        self, context: Context, ca: BuiltInCa, lifecycle: Lifecycle, subjects: Subjects
    ) -> None:
        self._context = context
        self._ca = ca
        self._lifecycle = lifecycle
        self._subjects = subjects

    def add_company(
        self,
        name: str,
        registration_id: str,
        *,
        country: str | None = None,
        seals: Sequence[SealOrder] = (),
        actor: Actor,
    ) -> tuple[Company, list[Seal]]:
        """Register a company and, in the same step, issue its first seals.

        The authority is asked first: as long as it does not answer, nothing is written. What was
        written reaches the ledger when it can be reached: company first, then seals.

        Args:
            name: as registered.
            registration_id: ``scheme:number`` or a semantic identifier (EN 319 412-1); the primary
                one of the company's country.
            country: ISO 3166-1 code of its seat; to be told where the register is of no country
                (LEI), otherwise ``None`` or the register's.
            seals: what to issue at once.
            actor: who asks, for the record.

        Raises:
            InvalidInputError: name, registration id, country or an order cannot be used.
            ConflictError: the registration id is on record already.
            AuthorityUnreachableError: the authority has not answered; do it again later.
            AuthorityError: the authority refuses, or proves nothing.
            LedgerError: company and seals are made but still pending; they become active on their
                own.
        """
        permit(actor, Capability.MANAGE_COMPANIES)
        registration = parse_registration_id(registration_id)
        orders = _checked(seals)
        seat = registration.check_primary(country)
        ask = Ask(registration.identifier, check_company_name(name), seat)
        self._check_new(registration.identifier)
        answer = self._subjects.prove(ask)
        company = Company(
            id=new_id(),
            name=answer.proof.name,
            scheme=registration.scheme,
            number=registration.number,
            identifier=answer.proof.id,
            country=seat,
            created_at=self._context.now(),
            subject=answer.proof.subject,
            subject_proof=answer.proof.encode(),
            founders_account=answer.founders_account,
            registration=answer.signature,
        )
        made = [self._make(company, order) for order in orders]
        with self._context.database.write() as connection:
            CompanyRepository(connection).add(company)
            for seal, order in zip(made, orders, strict=True):
                self._keep(connection, seal, order.depth, actor)
        self._lifecycle.settle()
        return self._found(company.id, made)

    def rename(self, company: Company, name: str, *, actor: Actor) -> Company:
        """Put a company's new name on record, as the authority vouches for it.

        Its seals keep the name they were issued with; new ones bear the new one.

        Raises:
            ForbiddenError: the actor may not, or not for this company.
            InvalidInputError: the name cannot be used.
            AuthorityError: see :meth:`add_company`.
        """
        permit(actor, Capability.MANAGE_COMPANIES, company.id)
        ask = Ask(company.identifier, check_company_name(name), company.country)
        proof = self._subjects.prove(ask).proof
        if proof.subject != company.subject:
            raise AuthorityAnswerError(
                f"expected the subject {company.subject.hex()}, which the company has, got "
                f"{proof.subject.hex()}: the authority has another key now"
            )
        with self._context.database.write() as connection:
            companies = CompanyRepository(connection)
            companies.rename(company.id, proof.name, proof.encode())
            return companies.get(company.id)

    def issue(self, company: Company, orders: Sequence[SealOrder], *, actor: Actor) -> list[Seal]:
        """Issue seals to a company; active when this returns.

        Raises:
            InvalidInputError: an order cannot be used.
            ConflictError: the company has a standing seal of that type and label.
            LedgerError: the seals are made but still pending; they become active on their own.
        """
        permit(actor, Capability.ISSUE_SEALS, company.id)
        checked = _checked(orders)
        made = [self._make(company, order) for order in checked]
        with self._context.database.write() as connection:
            for seal, order in zip(made, checked, strict=True):
                self._keep(connection, seal, order.depth, actor)
        self._lifecycle.settle()
        return self._found(company.id, made)[1]

    def request_certificate(
        self, company: Company, order: SealOrder, *, actor: Actor
    ) -> CertificateRequest:
        """Make a key and a PKCS#10 request for it, to be signed by another authority.

        Raises:
            InvalidInputError: the order cannot be used.
            ForbiddenError: the actor may not, or not for this company.
        """
        permit(actor, Capability.ISSUE_SEALS, company.id)
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
            depth=checked.depth,
            stop_hash=checked.stop_hash,
        )
        with self._context.database.write() as connection:
            CompanyRepository(connection).add_request(request)
        return request

    def import_certificate(
        self, request_id: str, certificate: bytes, chain: Sequence[bytes], *, actor: Actor
    ) -> Seal:
        """Make a seal of a request and the certificate another authority gave for it (DER).

        Raises:
            NotFoundError: there is no such request.
            InvalidInputError: the certificate does not fit the request.
            ConflictError: the company has a standing seal of that type and label.
        """
        permit(actor, Capability.ISSUE_SEALS)
        with self._context.database.read() as connection:
            companies = CompanyRepository(connection)
            request = companies.request(request_id)
            permit(actor, Capability.ISSUE_SEALS, request.company_id)
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
            handle=seal_handle(self._context.issuer_id, certificate),
            certificate=certificate,
            chain=tuple(chain),
            subject_proof=company.subject_proof,
            key_id=request.key_id,
            not_before=loaded.not_valid_before_utc,
            not_after=loaded.not_valid_after_utc,
            state=SealState.PENDING,
            reason=Reason.NONE,
            created_at=now,
            stop_hash=request.stop_hash,
        )
        with self._context.database.write() as connection:
            CompanyRepository(connection).remove_request(request_id)
            self._keep(connection, seal, request.depth, actor)
        self._lifecycle.settle()
        return self._found(company.id, [seal])[1][0]

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
            handle=seal_handle(self._context.issuer_id, issued.certificate),
            certificate=issued.certificate,
            chain=self._ca.chain,
            subject_proof=company.subject_proof,
            key_id=key_id,
            not_before=issued.not_before,
            not_after=issued.not_after,
            state=SealState.PENDING,
            reason=Reason.NONE,
            created_at=self._context.now(),
            stop_hash=order.stop_hash,
        )

    def _keep(self, connection: Connection, seal: Seal, depth: int | None, actor: Actor) -> None:
        seals, now = SealRepository(connection), self._context.now()
        seals.add(seal)
        self._context.books.create(connection, seal.id, depth or self._context.settings.book_depth)
        seals.request_change(seal.id, SealState.ACTIVE, Reason.NONE, Party.ISSUER, actor.name, now)

    def _found(self, company_id: str, made: Sequence[Seal]) -> tuple[Company, list[Seal]]:
        """The company and its new seals as they are on record now."""
        with self._context.database.read() as connection:
            found = SealRepository(connection).select([seal.id for seal in made])
            return CompanyRepository(connection).get(company_id), [found[one.id] for one in made]

    def _check_new(self, identifier: str) -> None:
        """Raise if the company is on record, before an authority is asked about it."""
        with self._context.database.read() as connection:
            try:
                CompanyRepository(connection).by_identifier(identifier)
            except NotFoundError:
                return
        raise ConflictError(f"a company with the registration id {identifier} is on record already")


def _checked(orders: Sequence[SealOrder]) -> list[SealOrder]:
    for order in orders:
        _check_text(order.label, "label", MAX_LABEL_CHARS)
        _check_text(order.physical_code or "", "physical_code", MAX_CODE_CHARS)
        _check_book(order)
        if suite_for(order.algorithm) is None:
            expected = " or ".join(suite.key for suite in SUITES)
            raise InvalidInputError(
                f"algorithm: expected {expected}, got {order.algorithm}", field="algorithm"
            )
    names = [(order.type, order.label) for order in orders]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInputError(
                f"seals: expected each type and label once, got {name[0]} {name[1]!r} twice",
                field="seals",
            )
    return list(orders)


def _check_book(order: SealOrder) -> None:
    if order.depth is not None:
        check_depth(order.depth)
    if order.stop_hash is not None and len(order.stop_hash) != STOP_HASH_BYTES:
        raise InvalidInputError(
            f"stop_hash: expected {STOP_HASH_BYTES} bytes, got {len(order.stop_hash)}",
            field="stop_hash",
        )


def _check_text(text: str, field: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise InvalidInputError(
            f"{field}: expected at most {longest} printable characters, got {excerpt(text)}",
            field=field,
        )
