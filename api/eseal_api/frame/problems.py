"""Problem documents (RFC 9457): every error answer has this one form."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from eseal import errors
from eseal.errors import ESealError
from eseal.excerpts import EXCERPT_CHARS, excerpt
from eseal_api.asking.option_names import as_asked_here
from eseal_api.schemas.reading import worded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:eseal:problem:"
RETRY_AFTER_SECONDS = 5
"""A node that was restarted, or a commit that was stuck, is back within seconds."""

_STATUS: dict[type[ESealError], HTTPStatus] = {
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QuotaError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    # draft-ietf-httpapi-idempotency-key-header section 2.7: 422 for another body, 409 only while
    # the first request is still being worked on.
    errors.IdempotencyConflictError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.ConfigurationError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ProofError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LedgerError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LedgerRejectedError: HTTPStatus.CONFLICT,
    errors.AnchorDueError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ValidationDataError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.AuthorityError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.AuthorityRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""By class; a class that is not here has the status of the nearest one above it, at last 500."""

_HTTP_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "invalid_input",
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document.

    Attributes:
        code: the slug of the error; ``type`` is a URN made of it.
        status: the HTTP status.
        title: what kind of problem it is; the same for every occurrence.
        detail: what happened this time; names what was expected and what came.
        field: the offending input field, or ``None``.
        reasons: codes of the reasons for which a document was refused.
    """

    code: str
    status: HTTPStatus
    title: str
    detail: str
    field: str | None = None
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The members of RFC 9457 section 3.1, and ``field`` where there is one."""
        members: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.field is not None:
            members["field"] = self.field
        if self.reasons:
            members["reasons"] = list(self.reasons)
        return members

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The answer that carries it."""
        body = orjson.dumps(self.to_dict())
        return Response(body, self.status, headers=headers, media_type=MEDIA_TYPE)


def problem_of(error: ESealError) -> Problem:
    """The problem document of an error raised on purpose."""
    kind = _CLASSES.get(error.code, type(error))
    status = next(
        (_STATUS[base] for base in kind.__mro__ if base in _STATUS),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    detail = str(error) or _title(kind)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = "The service found its own records in disorder and has stopped this request."
    elif isinstance(error, errors.InvalidInputError):
        detail = as_asked_here(detail)
    field = error.field if isinstance(error, errors.InvalidInputError) else None
    reasons = error.reasons if isinstance(error, errors.UnsafeDocumentError) else ()
    return Problem(error.code, status, _title(kind), detail, field, reasons)


def internal_error() -> Problem:
    """What a caller hears of an error nobody foresaw; the log holds the rest."""
    return Problem(
        "internal_error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The service failed",
        "Something unforeseen happened. It was logged; nothing half-done was kept.",
    )


def install(app: FastAPI) -> None:
    """Answer with problem documents, whatever is raised."""
    app.add_exception_handler(ESealError, _on_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)


def error_response(error: ESealError) -> Response:
    """The answer to a request that failed with this error."""
    problem = problem_of(error)
    headers = {}
    if problem.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 section 11.6.1
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.QuotaError):
        headers["Retry-After"] = str(error.seconds)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", code=error.code, error=str(error))
    return problem.response(headers)


async def _on_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ESealError):
        raise error
    return error_response(error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": _allowed(request, error)}
    return problem_of_http(request, error).response(headers)


def problem_of_http(request: Request, error: HTTPException) -> Problem:
    """The problem document of an error of the HTTP layer."""
    status, detail = HTTPStatus(error.status_code), error.detail
    if status is HTTPStatus.NOT_FOUND:
        detail = f"nothing is at {excerpt(request.url.path)}"
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"expected {_allowed(request, error)}, got {request.method[:EXCERPT_CHARS]}"
    code = _HTTP_CODES.get(status, status.name.lower())
    return Problem(code, status, status.phrase, detail)


def _allowed(request: Request, error: HTTPException) -> str:
    """Every method of the path (RFC 9110 section 10.2.1); the router knows one route's only."""
    path = getattr(request.scope.get("route"), "path_format", "")
    operations = request.app.openapi()["paths"].get(path)
    if operations is None:
        return (error.headers or {}).get("Allow", "GET")
    return ", ".join(sorted(name.upper() for name in operations))


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place, *path = first["loc"]
    field = ".".join(str(part) for part in path) or None
    what = f"{field or place}: {worded(first)}"
    kind = errors.InvalidInputError
    return Problem(kind.code, HTTPStatus.UNPROCESSABLE_ENTITY, _title(kind), what, field).response()


def _title(kind: type[ESealError]) -> str:
    """The first sentence of the class's docstring."""
    return (kind.__doc__ or kind.code).partition("\n")[0].rstrip(".")


def _classes(kind: type[ESealError] = ESealError) -> Iterator[type[ESealError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _classes(below)


_CLASSES = {kind.code: kind for kind in reversed([*_classes()])}
"""By code; where a subclass keeps its parent's code, the parent."""
