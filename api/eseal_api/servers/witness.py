"""A witness over HTTP (C2SP tlog-witness): ``eseal witness serve`` runs it.

It has nothing to do with the service: no database, no ledger, no account.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from eseal.errors import ESealError
from eseal.witness.request import MAX_REQUEST_BYTES
from eseal.witness.witness import TEXT_TYPE
from eseal_api.servers.small_server import serve_app

if TYPE_CHECKING:
    from starlette.requests import Request

    from eseal.witness.witness import Witness

_log = structlog.get_logger(__name__)


def create_witness_app(witness: Witness) -> Starlette:
    """The application over an opened witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = await _limited(request)
        if body is None:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        try:
            answer = await run_in_threadpool(witness.add_checkpoint, body)
        except (ESealError, OSError) as error:
            _log.error("witness_out_of_order", error=str(error))
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "the witness is out of order")
        # no charset may follow the type of a size: clients compare it whole
        return Response(
            answer.body, int(answer.status), headers={"content-type": answer.content_type}
        )

    async def newest(request: Request) -> Response:
        try:
            answer = await run_in_threadpool(witness.newest, request.path_params["log"])
        except OSError as error:
            _log.error("witness_out_of_order", error=str(error))
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "the witness is out of order")
        headers = {"content-type": answer.content_type, "cache-control": "no-store"}
        return Response(answer.body, int(answer.status), headers=headers)

    async def healthz(_request: Request) -> Response:
        return _plain(HTTPStatus.OK, "ok")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/checkpoint/{log}", newest, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
        ]
    )


def serve(witness: Witness, host: str, port: int) -> None:
    """Serve a witness until SIGTERM or SIGINT.

    Prints structured log lines (JSON) to stderr; the event ``listening`` says on which port.

    Raises:
        ConfigurationError: the address cannot be listened on, or another process serves this
            witness.
    """
    with witness.alone():
        serve_app(create_witness_app(witness), host, port, witness=witness.key.name)


async def _limited(request: Request) -> bytes | None:
    """The request's body, or ``None`` as soon as it is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_REQUEST_BYTES:
            return None
    return body


def _plain(status: HTTPStatus, sentence: str) -> Response:
    return Response(f"{sentence}\n", int(status), headers={"content-type": TEXT_TYPE})
