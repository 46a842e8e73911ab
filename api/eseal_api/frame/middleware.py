"""What stands around every request: counting, and an answer to errors nobody foresaw."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect

from eseal_api.frame.problems import internal_error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from eseal_api.frame.metrics import Metrics

NO_ROUTE = "none"
"""The route label of requests that met none: paths are not labels, or strangers could add any."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = ((b"x-content-type-options", b"nosniff"),)

_log = structlog.get_logger(__name__)


class Frame:
    """ASGI middleware: counts and times requests, turns an unforeseen error into a plain 500.

    Requests are counted, not logged one by one: a log line per request would hold addresses and
    ids, and cost more than the request.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception:  # whatever it was, its owner gets a problem document, never a trace
            _log.exception("request_stopped_on_error", route=_route(scope))
            if status:
                raise  # the answer has begun: only closing the connection can say that it failed
            await internal_error().response()(scope, receive, watched)
        self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = _route(scope), scope["method"]
        method = method if method in _METHODS else "other"
        label = str(status or HTTPStatus.INTERNAL_SERVER_ERROR.value)
        self._metrics.requests.labels(method, route, label).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", NO_ROUTE)
