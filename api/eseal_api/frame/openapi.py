"""The OpenAPI document: problem answers, the security scheme, routes without FastAPI's overhead."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from eseal_api.asking.tokens import SCHEME_NAME
from eseal_api.frame.problems import MEDIA_TYPE
from eseal_api.schemas.common import Problem
from eseal_api.schemas.impressions import ArtForm, ImpressionIn
from eseal_api.schemas.ledger import RpcIn
from eseal_api.schemas.orders import (
    BatchIn,
    ContainerForm,
    DocumentForm,
    DocumentsForm,
    SingleUseIn,
)
from eseal_api.schemas.verifications import DigestVerificationIn, ExtractForm, VerificationForm

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from pydantic import BaseModel
    from starlette.requests import Request
    from starlette.responses import Response

    Responses = dict[int | str, dict[str, Any]]

_REF = "#/components/schemas/{model}"
_MEANINGS = {
    HTTPStatus.UNAUTHORIZED: "No bearer token, or not a valid one",
    HTTPStatus.FORBIDDEN: "The token does not carry this right",
    HTTPStatus.NOT_FOUND: "Not on record, or not yours",
    HTTPStatus.CONFLICT: "Contradicts what is on record",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Larger than the limit",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Neither of the media types expected",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Cannot be used; names what was expected and what came",
    HTTPStatus.TOO_MANY_REQUESTS: "Spent for now; Retry-After says for how long",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The service failed; it was logged",
    HTTPStatus.SERVICE_UNAVAILABLE: "The ledger or the database cannot be reached; try again",
}
_READ_BY_US = (
    SingleUseIn,
    BatchIn,
    DocumentForm,
    DocumentsForm,
    ContainerForm,
    ImpressionIn,
    ArtForm,
    DigestVerificationIn,
    VerificationForm,
    ExtractForm,
    RpcIn,
)
"""What plain routes read, and FastAPI does not see. JSON-RPC is read by the ledger itself."""

SECURED: list[dict[str, list[str]]] = [{SCHEME_NAME: []}]
"""``security`` of an operation that reads the token by itself."""
IDEMPOTENCY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a retry safe: the same key and request give the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


class PlainRoute(APIRoute):
    """A route whose endpoint takes the bare request: nothing is parsed or resolved before it.

    For the path every use takes: FastAPI's own handling would cost more than the signature. What
    the endpoint reads is declared in ``openapi_extra``, as the schema of the model that reads it.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


class ESealApi(FastAPI):
    """FastAPI with our problem documents, and what plain routes read, in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if any(model.__name__ not in schemas for model in _READ_BY_US):
            for model in (Problem, *_READ_BY_US):
                schemas.update(_schemas(model))
        return document


def problems(*statuses: HTTPStatus, secured: bool = True) -> Responses:
    """The problem answers of an operation; those that every one can give are added.

    Args:
        statuses: what else it can answer.
        secured: whether it needs a token.
    """
    every = {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE, *statuses}
    if secured:
        every |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    content = {MEDIA_TYPE: {"schema": reference(Problem)}}
    return {
        int(status): {"description": _MEANINGS[status], "content": content}
        for status in sorted(every)
    }


def reference(model: type[BaseModel]) -> dict[str, str]:
    """A ``$ref`` to the schema of a model."""
    return {"$ref": _REF.format(model=model.__name__)}


def body_of(models: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The ``requestBody`` of a :class:`PlainRoute`: by media type, the model that reads it."""
    content = {kind: {"schema": reference(model)} for kind, model in models.items()}
    return {"required": True, "content": content}


def path_parameter(name: str, description: str) -> dict[str, Any]:
    """The declaration of a path parameter of a :class:`PlainRoute`."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def binary(*media_types: str) -> dict[str, Any]:
    """The ``content`` of an answer that is a file."""
    schema = {"type": "string", "format": "binary"}
    return {media_type: {"schema": schema} for media_type in media_types}


def _schemas(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema and those it refers to, by name."""
    schema = model.model_json_schema(ref_template=_REF)
    below: dict[str, Any] = schema.pop("$defs", {})
    return {**below, model.__name__: schema}
