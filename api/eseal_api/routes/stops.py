"""The owner's stop: a company stops its seal by a code, without an account and without asking."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.ledger.facts import Receipt
from eseal.model.actor import Capability
from eseal.service.record_access import seal_named
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, Parts, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import raw_json
from eseal_api.schemas.common import HandlePath, SealName
from eseal_api.schemas.stops import StopEndIn, StopHashOut, StopIn, StopOut

router = APIRouter(tags=["seals"], route_class=JsonRoute)


@router.post(
    "/v1/seals/{seal}/stop-codes",
    operation_id="setStopCodes",
    summary="Put the end of a company's chain of stop codes on the ledger, once",
    response_model=StopHashOut,
    responses=problems(
        HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    ),
)
def set_stop_codes(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    seal: SealName,
    asked: StopEndIn,
    key: Key = None,
) -> Response:
    """For the seal's company. The codes are made by it and never leave it; safe to repeat."""
    found = seal_named(service, caller, Capability.SET_STOP_CODES, seal)

    def act() -> StopHashOut:
        service.stops.set_end(found.id, bytes.fromhex(asked.end), actor=caller)
        handle = service.directory.seal(found.id).handle
        return StopHashOut(handle=handle.hex(), stop_hash=asked.end)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act))


@router.get(
    "/v1/stops/{handle}",
    operation_id="getStopHash",
    summary="What the next stop code of a seal hashes to",
    responses=problems(HTTPStatus.NOT_FOUND, secured=False),
)
async def get_stop_hash(host: Parts, handle: HandlePath) -> StopHashOut:
    """As the ledger says: anybody can ask it, too."""
    known: bytes = await host.serve_stranger(host.service.stops.stop_hash, bytes.fromhex(handle))
    return StopHashOut(handle=handle, stop_hash=known.hex())


@router.post(
    "/v1/stops",
    operation_id="useStopCode",
    summary="Stop a seal, or lift its owner's stop, by a code",
    responses=problems(
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
        secured=False,
    ),
)
async def use_stop_code(host: Parts, asked: StopIn) -> StopOut:
    """No account is needed: whoever has the code is the owner.

    Any service can relay it, and so can any account on the ledger. A code that does not work now is
    shown to nobody. The operator pays for so many an hour, for one seal and for all; beyond, 429.
    """
    handle, code = bytes.fromhex(asked.handle), bytes.fromhex(asked.code)
    receipt: Receipt = await host.serve_stranger(host.service.stops.relay, asked.act, handle, code)
    return StopOut(
        handle=asked.handle,
        act=asked.act,
        transaction="0x" + receipt.transaction.hex(),
        block=receipt.block.number,
    )
