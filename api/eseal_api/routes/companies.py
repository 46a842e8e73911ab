"""Companies."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.model.actor import Capability
from eseal.service.people.permissions import permit
from eseal.service.record_access import RecordAccess, company_named
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import raw_json
from eseal_api.schemas.common import USUAL_PAGE, AfterId, AfterNumber, CompanyName, PageSize
from eseal_api.schemas.companies import (
    CompaniesOut,
    CompanyIn,
    CompanyOut,
    CompanyWithSealsOut,
    NameIn,
    SealOut,
)
from eseal_api.schemas.declarations import DisclosureOut, DisclosuresOut
from eseal_api.schemas.uses import HistoryOut, RecordOut

router = APIRouter(tags=["companies"], route_class=JsonRoute)


@router.post(
    "/v1/companies",
    operation_id="addCompany",
    summary="Register a company, maybe with its first seals",
    status_code=HTTPStatus.CREATED,
    response_model=CompanyWithSealsOut,
    responses=problems(HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
def add_company(
    request: Request, service: UseCases, caller: Caller, asked: CompanyIn, key: Key = None
) -> Response:
    """Register a company. Its seals are active when this answers with 201."""
    permit(caller, Capability.MANAGE_COMPANIES)

    def act() -> CompanyWithSealsOut:
        company, seals = service.onboarding.add_company(
            asked.name,
            asked.registration_id,
            country=asked.country,
            seals=[order.order() for order in asked.seals],
            actor=caller,
        )
        return CompanyWithSealsOut(
            **CompanyOut.of(company).model_dump(),
            seals=[SealOut.of(seal, seal.state) for seal in seals],
        )

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)


@router.get(
    "/v1/companies",
    operation_id="listCompanies",
    summary="List companies",
    responses=problems(),
)
def list_companies(
    service: UseCases, caller: Caller, after: AfterId = "", limit: PageSize = USUAL_PAGE
) -> CompaniesOut:
    """Companies by id; with a company's token, that company alone."""
    found = RecordAccess(service, caller).companies(limit=limit, after=after)
    following = found[-1].id if len(found) == limit else None
    return CompaniesOut(companies=[CompanyOut.of(one) for one in found], next=following)


@router.get(
    "/v1/companies/{company}",
    operation_id="getCompany",
    summary="A company",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def get_company(service: UseCases, caller: Caller, company: CompanyName) -> CompanyOut:
    """A company by its id or registration id."""
    return CompanyOut.of(RecordAccess(service, caller).company(company))


@router.post(
    "/v1/companies/{company}/rename",
    operation_id="renameCompany",
    summary="Put a company's new name on record",
    response_model=CompanyOut,
    responses=problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def rename_company(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    company: CompanyName,
    asked: NameIn,
    key: Key = None,
) -> Response:
    """The name the authority vouches for from now on. Its seals keep theirs; new ones bear it."""
    found = company_named(service, caller, Capability.MANAGE_COMPANIES, company)

    def act() -> CompanyOut:
        return CompanyOut.of(service.onboarding.rename(found, asked.name, actor=caller))

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act))


@router.get(
    "/v1/companies/{company}/history",
    operation_id="getCompanyHistory",
    summary="Every use of every seal of a company",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def get_company_history(
    service: UseCases,
    caller: Caller,
    company: CompanyName,
    after: AfterNumber = 0,
    limit: PageSize = USUAL_PAGE,
) -> HistoryOut:
    """The uses by log index, each with its proof. A regulator's look is put on the log first."""
    entries = RecordAccess(service, caller).history(company, after=after, limit=limit)
    following = entries[-1].use.log_index + 1 if len(entries) == limit else None
    return HistoryOut(uses=[RecordOut.of(entry) for entry in entries], next=following)


@router.get(
    "/v1/companies/{company}/disclosures",
    operation_id="listDisclosures",
    summary="Who looked at a company's records",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def list_disclosures(
    service: UseCases,
    caller: Caller,
    company: CompanyName,
    after: AfterNumber = 0,
    limit: PageSize = USUAL_PAGE,
) -> DisclosuresOut:
    """Every look by anybody but the company, at what and under which order, in the log's order.

    What an order keeps from the company for a while appears in its place once that is over: read
    from the beginning again. Looks at lists of all companies and seals are among them.
    """
    found = RecordAccess(service, caller).disclosures(company, after=after, limit=limit)
    following = found[-1].log_index + 1 if len(found) == limit else None
    return DisclosuresOut(disclosures=[DisclosureOut.of(one) for one in found], next=following)
