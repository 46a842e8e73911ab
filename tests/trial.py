"""A company with seals on the embedded ledger, made step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from eseal.authority.keys import AuthorityKeys, KeyNames
from eseal.authority.messages import Ask
from eseal.authority.registration import Registry
from eseal.config import Settings
from eseal.keys.protocol import KeyAlgorithm
from eseal.ledger.deployment import Deployment
from eseal.ledger.protocol import NewCompany
from eseal.model.company import Company, parse_registration_id
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason, Seal, SealState, SealType, seal_handle
from eseal.service.service import Service
from eseal.store.companies import CompanyRepository
from eseal.store.seals import SealRepository


def prepare(settings: Settings) -> KeyNames:
    """The built-in authority, which the ledger knows since the set-up."""
    from eseal.service.instance import stored

    with stored(settings) as here:
        return here.instance.authority_keys


def found(
    service: Service,
    names: KeyNames,
    name: str,
    registration_id: str,
    types: Sequence[SealType],
    *,
    depth: int = 14,
) -> Company:
    """Put a company and its seals on record and on the ledger."""
    context = service.context
    registration = parse_registration_id(registration_id)
    deployment = Deployment.parse((context.instance.deployment or "").encode())
    keys = AuthorityKeys(context.keys, names)
    registry = Registry(deployment.chain_id, deployment.seal_registry)
    told = keys.answer(Ask(registration.identifier, name), registry, context.now())
    proof = told.proof
    new = NewCompany(proof.subject, proof.key, proof.founders, told.founders_account)
    context.ledger.register_companies([new], [told.signature])
    company = Company(
        id=new_id(),
        name=name,
        scheme=registration.scheme,
        number=registration.number,
        identifier=registration.identifier,
        country=registration.seat(None),
        created_at=context.now(),
    )
    with context.database.write() as connection:
        CompanyRepository(connection).add(company)
    for kind in types:
        seal = _seal(service, company, kind, proof.encode())
        with context.database.write() as connection:
            seals = SealRepository(connection)
            seals.add(seal)
            context.books.create(connection, seal.id, depth)
            now = context.now()
            seals.request_change(seal.id, SealState.ACTIVE, Reason.NONE, Party.ISSUER, "test", now)
    service.lifecycle.settle()
    return company


def _seal(service: Service, company: Company, kind: SealType, proof: bytes) -> Seal:
    context = service.context
    now = context.now().replace(microsecond=0)
    key_id = context.keys.generate(KeyAlgorithm.P256)
    issued = service.ca.issue(company, kind, key_id, now - timedelta(minutes=1))
    return Seal(
        id=new_id(),
        company_id=company.id,
        type=kind,
        label="",
        physical_code=None,
        handle=seal_handle(context.issuer_id, issued.certificate),
        certificate=issued.certificate,
        chain=service.ca.chain,
        subject_proof=proof,
        key_id=key_id,
        not_before=issued.not_before,
        not_after=issued.not_after,
        state=SealState.PENDING,
        reason=Reason.NONE,
        created_at=now,
    )
