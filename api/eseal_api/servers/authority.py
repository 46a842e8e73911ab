"""An authority over HTTP: ``eseal authority serve`` runs it.

It has nothing to do with the service: no database, no ledger. ``POST /v1/subjects`` takes a request
(``eseal.authority.word.messages``) with a bearer token; ``GET /v1/authority`` says who answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

import orjson
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from eseal.authority.office.desk import Desk
from eseal.authority.office.tokens import Kind, Token
from eseal.authority.word.messages import MAX_ASK_BYTES, Ask
from eseal.errors import (
    BusyError,
    ConfigurationError,
    CorruptionError,
    ESealError,
    TooLargeError,
    UnauthenticatedError,
)
from eseal_api.frame.problems import Problem, error_response
from eseal_api.servers.small_server import serve_app

if TYPE_CHECKING:
    from starlette.requests import Request

    from eseal.authority.office.home import Home
    from eseal.authority.office.register import Register

JSON_TYPE = "application/json"
PER_MINUTE = {Kind.ISSUER: 600, Kind.COMPANY: 20}
"""An issuer takes on ten companies a second at most; a company needs one proof a year."""
MAX_BUCKETS = 65_536
"""Token holders whose rate is remembered; beyond, those that have rested longest are forgotten."""
_SCHEME = "bearer "
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """How often each token may ask: a bucket that fills evenly. Safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = Lock()
        self._buckets: dict[str, _Bucket] = {}

    def take(self, token: Token) -> None:
        """Count a request.

        Raises:
            BusyError: too many in too short a time.
        """
        most, now = PER_MINUTE[token.kind], self._clock()
        with self._guard:
            bucket = self._buckets.pop(token.id, _Bucket(most, now))
            bucket.left = min(most, bucket.left + (now - bucket.at) * most / 60)
            bucket.at = now
            if len(self._buckets) >= MAX_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[token.id] = bucket  # last: the dictionary's order is that of use
            if bucket.left < 1:
                raise BusyError(f"expected at most {most} requests a minute, got more")
            bucket.left -= 1


def create_authority_app(home: Home, desk: Desk, rate: Rate) -> Starlette:
    """The application over an opened authority."""
    card = orjson.dumps(home.card.members())

    def answer(header: str, body: bytes) -> Response:
        token = home.tokens.holder(_token(header))
        rate.take(token)
        attested = desk.answer(Ask.parse(body), token)
        _log.info("subject_proven", token=token.id, record=attested.record)
        return Response(attested.encode(), media_type=JSON_TYPE)

    async def subjects(request: Request) -> Response:
        try:
            body = await _limited(request)
            return await run_in_threadpool(answer, request.headers.get("authorization", ""), body)
        except ESealError as error:
            return _out_of_order(error) if _is_ours(error) else error_response(error)
        except OSError as error:
            return _out_of_order(error)

    async def who(_request: Request) -> Response:
        return Response(card, media_type=JSON_TYPE)

    async def healthz(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    return Starlette(
        routes=[
            Route("/v1/subjects", subjects, methods=["POST"]),
            Route("/v1/authority", who, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _on_http_exception},
    )


def serve(home: Home, host: str, port: int, register: Register | None = None) -> None:
    """Serve an authority until SIGTERM or SIGINT.

    Prints structured log lines (JSON) to stderr; the event ``listening`` says on which port.

    Args:
        home: the authority.
        host: address to listen on.
        port: 0 for any that is free.
        register: the companies it knows, if it has a register of its own.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    app = create_authority_app(home, Desk(home, register=register), Rate())
    names = "unchecked" if register is None else "register"
    serve_app(app, host, port, authority=home.card.name, names=names)


def _token(header: str) -> str:
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise UnauthenticatedError("expected Authorization: Bearer eseal_…, got no such header")
    return header[len(_SCHEME) :]


async def _limited(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_ASK_BYTES:
            raise TooLargeError(f"expected a request of at most {MAX_ASK_BYTES} bytes, got more")
    return body


def _is_ours(error: ESealError) -> bool:
    """Whether it is the authority itself that is not in order."""
    return isinstance(error, (ConfigurationError, CorruptionError))


def _out_of_order(error: Exception) -> Response:
    _log.error("authority_out_of_order", error=str(error))
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem("out_of_order", status, "The authority is out of order", "Try again.").response()


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    problem = Problem(status.name.lower(), status, status.phrase, "expected another request")
    return problem.response(error.headers)
