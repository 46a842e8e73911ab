"""Seals, and the changes of their status."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from eseal.model.actor import Capability
from eseal.model.seal import Seal
from eseal.service.people.permissions import permit
from eseal.service.record.sequencer import Idempotency
from eseal.service.record_access import RecordAccess, company_named, seal_named
from eseal.service.service import Service
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import raw_json
from eseal_api.schemas.common import USUAL_PAGE, AfterId, AfterNumber, PageSize, SealName
from eseal_api.schemas.companies import ChangeOut, ReasonIn, SealIn, SealOut, SealsOut
from eseal_api.schemas.uses import RecordOut, SealHistoryOut

router = APIRouter(tags=["seals"], route_class=JsonRoute)
_CHANGE = problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@router.post(
    "/v1/seals",
    operation_id="issueSeal",
    summary="Issue a seal to a company",
    status_code=HTTPStatus.CREATED,
    response_model=SealOut,
    responses=_CHANGE,
)
def issue_seal(
    request: Request, service: UseCases, caller: Caller, asked: SealIn, key: Key = None
) -> Response:
    """Issue a seal. It is active when this answers with 201."""
    permit(caller, Capability.ISSUE_SEALS)

    def act() -> SealOut:
        company = company_named(service, caller, Capability.ISSUE_SEALS, asked.company)
        (seal,) = service.onboarding.issue(company, [asked.order()], actor=caller)
        return _shown(service, seal)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)


@router.get(
    "/v1/seals",
    operation_id="listSeals",
    summary="List seals",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def list_seals(
    service: UseCases,
    caller: Caller,
    company: Annotated[
        str | None,
        Query(max_length=200, min_length=1, description="Only those of this company."),
    ] = None,
    after: AfterId = "",
    limit: PageSize = USUAL_PAGE,
) -> SealsOut:
    """Seals by id; with a company's token, that company's alone."""
    found = RecordAccess(service, caller).seals(company=company, limit=limit, after=after)
    following = found[-1].id if len(found) == limit else None
    return SealsOut(seals=[_shown(service, seal) for seal in found], next=following)


@router.get(
    "/v1/seals/{seal}",
    operation_id="getSeal",
    summary="A seal",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def get_seal(service: UseCases, caller: Caller, seal: SealName) -> SealOut:
    """A seal by its id or handle."""
    return _shown(service, RecordAccess(service, caller).seal(seal))


@router.post(
    "/v1/seals/{seal}/suspend",
    operation_id="suspendSeal",
    summary="Stop a seal until it is resumed",
    response_model=SealOut,
    responses=_CHANGE,
)
def suspend_seal(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    seal: SealName,
    asked: ReasonIn,
    key: Key = None,
) -> Response:
    """Suspend a seal: by its company, a regulator or the operator."""
    found = seal_named(service, caller, Capability.STOP_SEALS, seal)
    idempotency = under(key, caller, request, asked.model_dump(mode="json"))

    def act() -> Seal:
        reason = asked.parse()
        return service.lifecycle.suspend(found.id, reason=reason, actor=caller)

    return _changed(service, idempotency, act)


@router.post(
    "/v1/seals/{seal}/resume",
    operation_id="resumeSeal",
    summary="Let a suspended seal be used again",
    response_model=SealOut,
    responses=_CHANGE,
)
def resume_seal(
    request: Request, service: UseCases, caller: Caller, seal: SealName, key: Key = None
) -> Response:
    """Lift one's own stop. The seal is active again once nobody else stops it."""
    found = seal_named(service, caller, Capability.STOP_SEALS, seal)

    def act() -> Seal:
        return service.lifecycle.resume(found.id, actor=caller)

    return _changed(service, under(key, caller, request, None), act)


@router.post(
    "/v1/seals/{seal}/revoke",
    operation_id="revokeSeal",
    summary="End a seal for good",
    response_model=SealOut,
    responses=_CHANGE,
)
def revoke_seal(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    seal: SealName,
    asked: ReasonIn,
    key: Key = None,
) -> Response:
    """Revoke a seal: by its company, a regulator or the operator. Cannot be undone."""
    found = seal_named(service, caller, Capability.STOP_SEALS, seal)
    idempotency = under(key, caller, request, asked.model_dump(mode="json"))

    def act() -> Seal:
        reason = asked.parse()
        return service.lifecycle.revoke(found.id, reason=reason, actor=caller)

    return _changed(service, idempotency, act)


@router.get(
    "/v1/seals/{seal}/history",
    operation_id="getSealHistory",
    summary="The life of a seal: its changes and its uses",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def get_seal_history(
    service: UseCases,
    caller: Caller,
    seal: SealName,
    after: AfterNumber = 0,
    limit: PageSize = USUAL_PAGE,
) -> SealHistoryOut:
    """The uses in the log's order, with their proofs. A regulator's look goes on the log first."""
    life = RecordAccess(service, caller).seal_history(seal, after=after, limit=limit)
    entries = life.uses
    return SealHistoryOut(
        changes=[ChangeOut.of(change) for change in life.changes],
        uses=[RecordOut.of(entry) for entry in entries],
        next=entries[-1].use.log_index + 1 if len(entries) == limit else None,
    )


def _shown(service: Service, seal: Seal) -> SealOut:
    return SealOut.of(seal, seal.state_at(service.context.now()))


def _changed(
    service: Service, idempotency: Idempotency | None, change: Callable[[], Seal]
) -> Response:
    """Change a seal once; the seal as it is then."""
    return raw_json(once(service, idempotency, lambda: _shown(service, change())))
