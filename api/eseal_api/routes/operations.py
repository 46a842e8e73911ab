"""For those who run the service: is it alive, is it ready, what does it do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.service.oversight.log_position import standing_of
from eseal_api.frame.host import Host, Parts, host_of
from eseal_api.frame.metrics import CONTENT_TYPE
from eseal_api.frame.openapi import PlainRoute, problems
from eseal_api.frame.problems import Problem
from eseal_api.frame.responses import json_response
from eseal_api.schemas.ledger import HealthOut

if TYPE_CHECKING:
    pass

router = APIRouter(tags=["operations"])
plain = APIRouter(tags=["operations"], route_class=PlainRoute)

READY_SECONDS = 3.0
"""A load balancer gives up after five; a ledger that takes longer is as good as down."""


@plain.get(
    "/healthz",
    operation_id="getHealth",
    summary="The process runs",
    response_model=HealthOut,
    responses=problems(secured=False),
)
async def get_health(_request: Request) -> Response:
    """Always 200 while the process answers at all."""
    return json_response({"status": "alive"})


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="It can seal: database, ledger, clock and log are well",
    response_model=HealthOut,
    responses=problems(secured=False),
)
async def get_readiness(host: Parts) -> Response:
    """200 when requests can be carried out, else 503 with all that is wrong."""
    detail = "the database or the ledger does not answer in time"
    with anyio.move_on_after(READY_SECONDS):
        reasons = await anyio.to_thread.run_sync(
            host.service.readiness.look, abandon_on_cancel=True, limiter=host.probes
        )
        detail = "; ".join(reason.words for reason in reasons)
    if detail:
        title = "The service is not ready"
        return Problem("not_ready", HTTPStatus.SERVICE_UNAVAILABLE, title, detail).response(
            {"Cache-Control": "no-store"}
        )
    return json_response({"status": "ready"})


@plain.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "The Prometheus text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems(secured=False),
    },
)
async def get_metrics(request: Request) -> Response:
    """Counts and times; nothing about anyone. Best kept inside the operator's network."""
    host = host_of(request)
    shown: bytes = await host.serve_stranger(_metrics, host)
    return Response(shown, media_type=CONTENT_TYPE)


def _metrics(host: Host) -> bytes:
    return host.metrics.render(host.service, standing_of(host.service.context.database))
