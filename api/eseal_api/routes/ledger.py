"""Where the record stands, and how to read it without us: ledger, anchors, JSON-RPC."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.errors import NotFoundError
from eseal.ledger.contracts.deployment import Deployment
from eseal.model.actor import Capability
from eseal.service.instance.trust import trust_of
from eseal.service.oversight.log_position import standing_of
from eseal.service.people.permissions import permit
from eseal.service.record.anchoring import Anchored
from eseal.service.service import Service
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.host import Caller, Parts, UseCases, host_of
from eseal_api.frame.openapi import PlainRoute, problems, reference
from eseal_api.frame.responses import JSON, raw_json
from eseal_api.schemas.common import encode
from eseal_api.schemas.ledger import (
    AnchoredOut,
    AnchoringOut,
    BlockOut,
    HeadOut,
    LedgerOut,
    LogOut,
    RpcIn,
    TrustOut,
)

router = APIRouter(tags=["ledger"])
plain = APIRouter(tags=["ledger"], route_class=PlainRoute)


@router.get(
    "/v1/ledger",
    operation_id="getLedger",
    summary="Where the record stands, and what a verifier has to know",
    responses=problems(secured=False),
)
async def get_ledger(host: Parts) -> LedgerOut:
    """The contracts, the log and their state. `trust` is the content of a trust file."""
    answer: LedgerOut = await host.serve_stranger(_ledger, host.service)
    return answer


@router.post(
    "/v1/anchors",
    operation_id="anchor",
    summary="Publish the newest head of the log on the ledger now",
    response_model=AnchoringOut,
    responses=problems(HTTPStatus.CONFLICT),
)
def anchor(request: Request, service: UseCases, caller: Caller, key: Key = None) -> Response:
    """Anchor. The service also does it by itself every few seconds."""
    permit(caller, Capability.ANCHOR)

    def act() -> AnchoringOut:
        anchored = service.anchoring.anchor()
        return AnchoringOut(
            anchored=None if anchored is None else _anchored(anchored),
            pending_leaves=service.anchoring.pending(),
        )

    return raw_json(once(service, under(key, caller, request, None), act))


@plain.post(
    "/rpc",
    operation_id="rpc",
    summary="Read-only JSON-RPC of the embedded ledger",
    response_class=Response,
    responses={
        200: {
            "description": "A JSON-RPC 2.0 answer; errors are in it.",
            "content": {JSON: {"schema": {"type": ["object", "array"]}}},
        },
        204: {"description": "Nothing to answer: only notifications were sent."},
        **problems(HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, secured=False),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {JSON: {"schema": reference(RpcIn)}}}
    },
)
async def rpc(request: Request) -> Response:
    """Any Ethereum tool can read the ledger here. 404 where another node serves it."""
    host = host_of(request)
    handle = host.service.context.connection.rpc
    if handle is None:
        raise NotFoundError("this process does not hold the ledger; ask the ledger's own node")
    answer = await host.serve_stranger(handle, await request.body())
    if not answer:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return raw_json(answer)


def _ledger(service: Service) -> LedgerOut:
    context = service.context
    origin = context.instance.origin
    name = context.instance.log_id
    head = context.reader.head(name)
    standing = standing_of(context.database)
    if context.instance.deployment is None:
        raise NotFoundError("this instance is on no ledger yet")
    deployment = Deployment.parse(context.instance.deployment.encode())
    return LedgerOut(
        chain_id=deployment.chain_id,
        seal_registry=deployment.seal_registry,
        usage_ledger=deployment.usage_ledger,
        head=HeadOut(size=head.size, root=head.root.hex()),
        log=LogOut(
            origin=origin,
            log_id=name.hex(),
            public_key=encode(context.log_public_key),
            size=standing.size,
            pending_leaves=standing.pending,
        ),
        trust=TrustOut.model_validate_json(
            trust_of(context.settings, context.instance, context.keys, deployment).encode()
        ),
    )


def _anchored(anchored: Anchored) -> AnchoredOut:
    one = anchored.anchor
    return AnchoredOut(
        size=one.head.size,
        root=one.head.root.hex(),
        block=BlockOut(
            number=one.block.number,
            hash="0x" + one.block.hash.hex(),
            timestamp=one.block.timestamp,
        ),
        transaction="0x" + one.transaction.hex(),
        gas_used=anchored.gas_used,
        new_leaves=anchored.new_leaves,
    )
