"""What is on record about a use: itself, its evidence, its document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from eseal.documents.evidence import evidence_filename
from eseal.model.actor import Capability
from eseal.service.record_access import RecordAccess, use_named
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import binary, problems
from eseal_api.frame.responses import JSON, NO_STORE, attachment
from eseal_api.routes.uses import document_response
from eseal_api.schemas.common import UseName
from eseal_api.schemas.uses import RecordOut

router = APIRouter(tags=["uses"])

_EVIDENCE = {
    "description": "The evidence file: everything needed to check the use without this service.",
    "content": {JSON: {"schema": {"type": "object"}}},
}
_DOCUMENT = {
    "description": "A PDF or container with the seal inside, the .p7s that belongs beside any "
    "other file, or the original in its own media type.",
    "content": binary(
        "application/pdf",
        "application/pkcs7-signature",
        "application/vnd.etsi.asic-e+zip",
        "application/octet-stream",
    ),
}


@router.get(
    "/v1/uses/{use}",
    operation_id="getUse",
    summary="A use as it stands on record",
    responses=problems(HTTPStatus.NOT_FOUND),
)
def get_use(service: UseCases, caller: Caller, use: UseName) -> RecordOut:
    """A use with its statement, its approval record and its proof."""
    return RecordOut.of(RecordAccess(service, caller).use(use))


@router.get(
    "/v1/uses/{use}/evidence",
    operation_id="getEvidence",
    summary="The evidence file of a use",
    response_class=Response,
    responses={200: _EVIDENCE, **problems(HTTPStatus.NOT_FOUND)},
)
def get_evidence(service: UseCases, caller: Caller, use: UseName) -> Response:
    """All that is needed to check the use offline, with its anchor once there is one."""
    evidence = RecordAccess(service, caller).evidence(use)
    name = evidence_filename(evidence.statement.id)
    headers = {"Content-Disposition": attachment(name), **NO_STORE}
    return Response(evidence.encode(), headers=headers, media_type=JSON)


@router.get(
    "/v1/uses/{use}/document",
    operation_id="getDocument",
    summary="The sealed document of a use again",
    response_class=Response,
    responses={200: _DOCUMENT, **problems(HTTPStatus.NOT_FOUND)},
)
def get_document(
    service: UseCases,
    caller: Caller,
    use: UseName,
    original: Annotated[
        bool, Query(description="The document as it was handed in, where such are stored.")
    ] = False,
) -> Response:
    """The sealed document while it is kept, or the detached signature, with the newest receipt."""
    desk = RecordAccess(service, caller)
    if original:
        data, media_type = desk.original(use)
        headers = {"Content-Disposition": attachment(use), **NO_STORE}
        return Response(data, headers=headers, media_type=media_type)
    return document_response(desk.document(use), "")


@router.delete(
    "/v1/uses/{use}/document",
    operation_id="forgetDocument",
    summary="Say that the sealed document has arrived, or is not to be stored any longer",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=problems(HTTPStatus.NOT_FOUND),
)
def forget_document(service: UseCases, caller: Caller, use: UseName) -> Response:
    """Forget whatever is kept or stored (encrypted) of the document; the use stays on record."""
    found = use_named(service, caller, Capability.FORGET_DOCUMENTS, use)
    service.sealing.forget(found.use.id)
    return Response(status_code=HTTPStatus.NO_CONTENT)
