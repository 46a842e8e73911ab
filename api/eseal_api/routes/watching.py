"""What one watches seals with: a company's watch file and openings, a regulator's tickets."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from eseal.errors import ForbiddenError
from eseal.model.actor import Actor, Capability
from eseal.service.people.permissions import permit
from eseal.service.record_access import RecordAccess
from eseal.watch.envelope import encrypt_for_passphrase, encrypt_to
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import JSON, NO_STORE, raw_json
from eseal_api.schemas.common import USUAL_PAGE, AfterNumber, PageSize, SealName
from eseal_api.schemas.watching import OpeningOut, OpeningsOut, TicketsIn, WatchFileIn

router = APIRouter(tags=["companies"], route_class=JsonRoute)


@router.post(
    "/v1/watch-file",
    operation_id="getWatchFile",
    summary="The company's watch file, encrypted",
    response_class=Response,
    responses={
        int(HTTPStatus.OK): {
            "description": "The file for `eseal watch`.",
            "content": {JSON: {"schema": {"type": "object"}}},
        },
        **problems(HTTPStatus.CONFLICT),
    },
)
def get_watch_file(service: UseCases, caller: Caller, asked: WatchFileIn) -> Response:
    """Ids, proofs, certificates and book keys. Only for the company's own token.

    A POST because it carries a passphrase, though nothing is written.
    """
    plain = service.watch_files.watch_file(_own(caller)).encode()
    if asked.recipient is not None:
        data = encrypt_to(plain, bytes.fromhex(asked.recipient))
    else:
        data = encrypt_for_passphrase(plain, asked.passphrase or "")
    return Response(data, media_type=JSON, headers=NO_STORE)


@router.get(
    "/v1/openings",
    operation_id="getOpenings",
    summary="What the leaves of the company's books commit to",
    responses=problems(),
)
def get_openings(
    service: UseCases, caller: Caller, after: AfterNumber = 0, limit: PageSize = USUAL_PAGE
) -> OpeningsOut:
    """For `eseal watch`: content and signature of every leaf. Only for the company's own token."""
    found = service.watch_files.openings(_own(caller), after=after, limit=limit)
    return OpeningsOut(
        log_id=service.context.instance.log_id.hex(),
        openings=[OpeningOut.of(one) for one in found],
        next=found[-1].index + 1 if len(found) == limit else None,
    )


@router.post(
    "/v1/seals/{seal}/tickets",
    operation_id="getTickets",
    summary="A seal's tickets of a period, for a regulator",
    response_class=Response,
    responses={
        int(HTTPStatus.OK): {
            "description": "The file for `eseal verify --completeness`.",
            "content": {JSON: {"schema": {"type": "object"}}},
        },
        **problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
def get_tickets(service: UseCases, caller: Caller, seal: SealName, asked: TicketsIn) -> Response:
    """All tickets of its volumes open by then, and the period's records, signed by the log's key.

    Only for a regulator's token that was made under an order; on the log before it is given. A POST
    because nothing on the way must keep it.
    """
    desk = RecordAccess(service, caller)
    return raw_json(desk.tickets(seal, asked.since, asked.until, asked.first_volume).encode())


def _own(caller: Actor) -> str:
    """The company whose token it is: a book key is nobody else's business."""
    permit(caller, Capability.WATCH)
    if caller.company_id is None:
        raise ForbiddenError("this needs the token of a company")
    return caller.company_id
