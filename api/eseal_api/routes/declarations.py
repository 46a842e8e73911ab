"""What the owner of a seal says about its uses: void, rescinded, disputed."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.model.actor import Capability
from eseal.model.records import Span, Word
from eseal.service.record_access import RecordAccess, seal_named, use_named
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import raw_json
from eseal_api.schemas.common import USUAL_PAGE, AfterNumber, PageSize, SealName, UseName
from eseal_api.schemas.declarations import (
    DeclarationIn,
    DeclarationOut,
    DeclarationsOut,
    DisputeIn,
    DisputesOut,
)

router = APIRouter(tags=["declarations"], route_class=JsonRoute)

_WRITE = problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@router.post(
    "/v1/uses/{use}/declarations",
    operation_id="declareUse",
    summary="Say that a use is void, rescinded or disputed",
    status_code=HTTPStatus.CREATED,
    response_model=DeclarationOut,
    responses=_WRITE,
)
def declare_use(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    use: UseName,
    asked: DeclarationIn,
    key: Key = None,
) -> Response:
    """For the seal's company. Signed by the seal's line, on the log for good, shown to verifiers.

    The seal stays genuine: nobody can unmake a use.
    """
    found = use_named(service, caller, Capability.DECLARE, use).use

    def act() -> DeclarationOut:
        made = service.declarations.declare(
            found.seal_id, found.id, asked.word, actor=caller, reason=asked.reason
        )
        return DeclarationOut.of(made)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)


@router.get(
    "/v1/uses/{use}/declarations",
    operation_id="listUseDeclarations",
    summary="What the owner of the seal said about a use",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def list_use_declarations(service: UseCases, caller: Caller, use: UseName) -> DeclarationsOut:
    """About this very use; what is said about times stands with the seal's disputes."""
    found = RecordAccess(service, caller).declarations(use)
    return DeclarationsOut(declarations=[DeclarationOut.of(one) for one in found])


@router.post(
    "/v1/seals/{seal}/disputes",
    operation_id="disputeSeal",
    summary="Dispute the uses of a seal in a time",
    status_code=HTTPStatus.CREATED,
    response_model=DeclarationOut,
    responses=_WRITE,
)
def dispute_seal(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    seal: SealName,
    asked: DisputeIn,
    key: Key = None,
) -> Response:
    """For the seal's company, in any state of the seal: most of all when its key was stolen."""
    found = seal_named(service, caller, Capability.DECLARE, seal)

    def act() -> DeclarationOut:
        span = Span(asked.since, asked.until)
        made = service.declarations.declare(
            found.id, span, Word.DISPUTED, actor=caller, reason=asked.reason
        )
        return DeclarationOut.of(made)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)


@router.get(
    "/v1/seals/{seal}/disputes",
    operation_id="listSealDisputes",
    summary="What the owner of a seal said about times of it",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def list_seal_disputes(
    service: UseCases,
    caller: Caller,
    seal: SealName,
    after: AfterNumber = 0,
    limit: PageSize = USUAL_PAGE,
) -> DisputesOut:
    """In the log's order."""
    found = RecordAccess(service, caller).disputes(seal, after=after, limit=limit)
    following = found[-1].log_index + 1 if len(found) == limit else None
    return DisputesOut(declarations=[DeclarationOut.of(one) for one in found], next=following)
