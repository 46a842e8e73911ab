"""What seals look like: fetched in three forms, chosen or uploaded."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from eseal.documents.impressions.drawing.output import MAX_DPI, MIN_DPI, USUAL_DPI
from eseal.errors import TooLargeError
from eseal.model.actor import Actor, Capability
from eseal.service.people.permissions import permit
from eseal.service.record_access import RecordAccess, seal_named
from eseal_api.asking.idempotency import key_of, once, under
from eseal_api.frame.bodies import FORM, JSON, kind_of, read_form, read_json
from eseal_api.frame.host import Caller, Host, UseCases, host_of
from eseal_api.frame.openapi import (
    IDEMPOTENCY_PARAMETER,
    SECURED,
    PlainRoute,
    binary,
    body_of,
    path_parameter,
    problems,
)
from eseal_api.frame.responses import NO_STORE, raw_json
from eseal_api.schemas.common import SealName
from eseal_api.schemas.impressions import ArtForm, ImpressionIn, ImpressionOut
from eseal_api.schemas.reading import read

router = APIRouter(tags=["seals"])
plain = APIRouter(tags=["seals"], route_class=PlainRoute)

MAX_FILE_BYTES = 5 << 20
"""No upload may be larger; the readers have limits of their own."""


class ArtFormat(StrEnum):
    """The forms an impression is answered in."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


_MEDIA_TYPES = {
    ArtFormat.SVG: "image/svg+xml",
    ArtFormat.PNG: "image/png",
    ArtFormat.PDF: "application/pdf",
}
_HASH = {
    "Eseal-Impression-Hash": {
        "description": "SHA-256 of the stored upload, or of the template's SVG.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
}


@router.get(
    "/v1/seals/{seal}/impression",
    operation_id="getSealImpression",
    summary="What a seal looks like",
    response_class=Response,
    responses={
        int(HTTPStatus.OK): {
            "description": "The art in its true size, on a transparent ground.",
            "headers": _HASH,
            "content": binary(*_MEDIA_TYPES.values()),
        },
        **problems(HTTPStatus.NOT_FOUND),
    },
)
def get_seal_impression(
    service: UseCases,
    caller: Caller,
    seal: SealName,
    art_format: Annotated[
        ArtFormat, Query(alias="format", description="Form of the art.")
    ] = ArtFormat.SVG,
    dpi: Annotated[
        int, Query(ge=MIN_DPI, le=MAX_DPI, description="Pixels to the inch of a PNG.")
    ] = USUAL_DPI,
) -> Response:
    """The impression of a seal: an upload, or made from its template."""
    _, impression = RecordAccess(service, caller).impression(seal)
    data = impression.render(art_format.value, dpi=dpi)
    headers = {**NO_STORE, "Eseal-Impression-Hash": impression.hash.hex()}
    return Response(data, headers=headers, media_type=_MEDIA_TYPES[art_format])


@plain.put(
    "/v1/seals/{seal}/impression",  # noqa: FAST003  # a plain route
    operation_id="setSealImpression",
    summary="Choose what a seal looks like",
    response_model=ImpressionOut,
    responses=problems(
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
    openapi_extra={
        "security": SECURED,
        "parameters": [
            path_parameter("seal", "A seal's id or handle."),
            IDEMPOTENCY_PARAMETER,
        ],
        "requestBody": body_of({JSON: ImpressionIn, FORM: ArtForm}),
    },
)
async def set_seal_impression(request: Request) -> Response:
    """Choose about its template (JSON), or upload an image (form): its company, or the operator."""
    host = host_of(request)
    principal = await host.tokens.principal(request.headers.get("authorization"))
    permit(principal, Capability.SET_IMPRESSIONS)
    if kind_of(request) == FORM:
        async with read_form(request, ArtForm) as form:
            return await run_in_threadpool(_upload, host, request, principal, form.asked)
    asked = await read_json(request)
    return await run_in_threadpool(_choose, host, request, principal, asked)


def _upload(host: Host, request: Request, principal: Actor, art: ArtForm) -> Response:
    service = host.service
    found = seal_named(service, principal, Capability.SET_IMPRESSIONS, request.path_params["seal"])
    data = art.file.file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise TooLargeError(
            f"file: expected at most {MAX_FILE_BYTES} bytes, got more", field="file"
        )

    def act() -> ImpressionOut:
        actor = principal
        made = service.impressions.upload(found.id, data, width=art.width, actor=actor)
        return ImpressionOut.of(found, made)

    asked = [hashlib.sha256(data).hexdigest(), art.width]
    return raw_json(once(service, under(key_of(request), principal, request, asked), act))


def _choose(host: Host, request: Request, principal: Actor, asked: dict[str, Any]) -> Response:
    service = host.service
    found = seal_named(service, principal, Capability.SET_IMPRESSIONS, request.path_params["seal"])
    choice = read(ImpressionIn, asked).choice()

    def act() -> ImpressionOut:
        made = service.impressions.choose(found.id, choice, actor=principal)
        return ImpressionOut.of(found, made)

    return raw_json(once(service, under(key_of(request), principal, request, asked), act))
