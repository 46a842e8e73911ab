"""Many files in one request: each sealed for itself, or all of them as one container."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from eseal.documents.asic import MEDIA_TYPE
from eseal.errors import (
    ESealError,
    InvalidInputError,
    TooLargeError,
)
from eseal_api.asking.idempotency import key_of, under
from eseal_api.asking.names import NamedSeal
from eseal_api.frame.bodies import FORM, Form, only, read_form
from eseal_api.frame.host import Host, host_of
from eseal_api.frame.openapi import (
    IDEMPOTENCY_PARAMETER,
    SECURED,
    PlainRoute,
    binary,
    body_of,
    path_parameter,
    problems,
)
from eseal_api.frame.problems import problem_of
from eseal_api.frame.responses import raw_json
from eseal_api.routes.uses import authorise, document_response
from eseal_api.schemas.orders import ContainerForm, DocumentsForm, as_written
from eseal_api.schemas.uses import DocumentsOut

if TYPE_CHECKING:
    from eseal.model.actor import Actor
    from eseal.service.record.sequencer import Idempotency
    from eseal.service.sealing.delivery import Pending

router = APIRouter(tags=["uses"], route_class=PlainRoute)

PREPARED_AT_ONCE = 32
"""Files handed in before the first of them is waited for: they share commits."""
PREPARED_BYTES = 32 << 20
"""The same in bytes, so that a batch of large files takes no more memory than one of them."""
_NAME_CHARS = 200
"""Of a file's name, this much stands in the answer."""

_SEAL = path_parameter("seal", "A seal's id or handle.")
_PROBLEMS = problems(
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a batch asks for, the same for each file."""

    host: Host
    seal: NamedSeal
    actor: Actor
    form: DocumentsForm
    idempotency: Idempotency | None


@router.post(
    "/v1/seals/{seal}/documents:batch",  # noqa: FAST003  # a plain route
    operation_id="applySealToDocuments",
    summary="Apply a seal to many documents",
    response_model=DocumentsOut,
    responses=_PROBLEMS,
    openapi_extra={
        "security": SECURED,
        "parameters": [_SEAL, IDEMPOTENCY_PARAMETER],
        "requestBody": body_of({FORM: DocumentsForm}),
    },
)
async def apply_seal_to_documents(request: Request) -> Response:
    """Apply a seal to many documents; a bad one does not stop the others.

    The answer names the use of each, and where its sealed document can be fetched.
    """
    host = host_of(request)
    principal, seal = await authorise(host, request)
    only(FORM, request)
    limits = host.service.context.settings
    async with read_form(request, DocumentsForm, most=limits.max_batch_files) as form:
        asked = _asked(host, request, principal, seal, form)
        return await run_in_threadpool(_seal_each, asked, form.asked.file)


@router.post(
    "/v1/seals/{seal}/containers",  # noqa: FAST003  # a plain route
    operation_id="sealContainer",
    summary="Seal files as one: an ASiC-E container",
    status_code=HTTPStatus.CREATED,
    response_class=Response,
    responses={
        int(HTTPStatus.CREATED): {
            "description": "On record: the sealed container.",
            "content": binary(MEDIA_TYPE),
        },
        **_PROBLEMS,
    },
    openapi_extra={
        "security": SECURED,
        "parameters": [_SEAL, IDEMPOTENCY_PARAMETER],
        "requestBody": body_of({FORM: ContainerForm}),
    },
)
async def seal_container(request: Request) -> Response:
    """Seal all files as one. A single file that is a container already gets one more seal."""
    host = host_of(request)
    principal, seal = await authorise(host, request)
    only(FORM, request)
    most = host.service.context.settings.max_batch_files
    try:
        async with read_form(request, ContainerForm, most=most) as form:
            return await run_in_threadpool(_seal_container, host, request, principal, seal, form)
    except ESealError as error:
        host.metrics.refusals.labels("container", error.code).inc()
        raise


def _asked(
    host: Host, request: Request, principal: Actor, seal: NamedSeal, form: Form[DocumentsForm]
) -> _Asked:
    settings = host.service.context.settings
    total = sum(upload.size or 0 for upload in form.asked.file)
    if total > settings.max_batch_bytes:
        raise TooLargeError(
            f"file: expected at most {settings.max_batch_bytes} bytes in all, got {total}",
            field="file",
        )
    return _Asked(
        host=host,
        seal=seal,
        actor=principal,
        form=form.asked,
        idempotency=under(key_of(request), principal, request, as_written(form.texts)),
    )


def _seal_each(asked: _Asked, files: list[UploadFile]) -> Response:
    """Hand the files in one after the other; wait for the oldest once enough are on their way."""
    results: list[bytes] = []
    waiting: deque[tuple[str, Pending | ESealError]] = deque()
    size = 0
    for number, upload in enumerate(files):
        waiting.append((upload.filename or "", _submit(asked, upload, number)))
        size += upload.size or 0
        if len(waiting) >= PREPARED_AT_ONCE or size >= PREPARED_BYTES:
            results += [_result(asked, *one) for one in waiting]
            waiting.clear()
            size = 0
    results += [_result(asked, *one) for one in waiting]
    return raw_json(b'{"results":[%b]}' % b",".join(results))


def _submit(asked: _Asked, upload: UploadFile, number: int) -> Pending | ESealError:
    limit = asked.host.service.context.settings.max_upload_bytes
    name = upload.filename or ""
    data = upload.file.read(limit + 1)
    try:
        if len(data) > limit:
            raise TooLargeError(f"file: expected at most {limit} bytes, got more", field="file")
        asked.form.check_kind(data, name)
        return asked.host.service.sealing.submit_document(
            asked.seal.id,
            data,
            asked.form.order(),
            filename=name,
            actor=asked.actor,
            idempotency=_of_file(asked.idempotency, number, name, data),
        )
    except ESealError as error:
        return error


def _of_file(
    idempotency: Idempotency | None, number: int, name: str, data: bytes
) -> Idempotency | None:
    """Each file has a key of its own, so that a retry seals only what was not reached before."""
    if idempotency is None:
        return None
    key = hashlib.sha256(f"{idempotency.key}\0{number}".encode()).hexdigest()
    parts = (idempotency.request_hash, name.encode(), hashlib.sha256(data).digest())
    request_hash = hashlib.sha256(b"\0".join(parts)).digest()
    return replace(idempotency, key=f"documents:{key}", request_hash=request_hash)


def _result(asked: _Asked, name: str, pending: Pending | ESealError) -> bytes:
    metrics = asked.host.metrics
    shown: dict[str, Any] = {"file": name[:_NAME_CHARS]}
    try:
        if isinstance(pending, ESealError):
            raise pending
        use_id = pending.recorded().use.id
    except ESealError as error:
        if isinstance(error, InvalidInputError) and error.field == "document":
            error.field = "file"  # as the form calls it
        metrics.refusals.labels("document", error.code).inc()
        return orjson.dumps({**shown, "problem": problem_of(error).to_dict()})
    metrics.uses.labels("document").inc()
    shown |= {"use": use_id, "document": f"/v1/uses/{use_id}/document"}
    return orjson.dumps({**shown, "notes": pending.notes})


def _seal_container(
    host: Host, request: Request, principal: Actor, seal: NamedSeal, form: Form[ContainerForm]
) -> Response:
    uploads, asked = form.asked.file, form.asked
    limit = host.service.context.settings.max_upload_bytes
    if sum(upload.size or 0 for upload in uploads) > limit:
        raise TooLargeError(f"file: expected at most {limit} bytes in all, got more", field="file")
    files = [(upload.filename or "", upload.file.read()) for upload in uploads]
    written = [
        as_written(form.texts),
        [[name, hashlib.sha256(data).hexdigest()] for name, data in files],
    ]
    sealed = host.service.containers.seal(
        seal.id,
        files,
        actor=principal,
        purpose=asked.purpose,
        level=asked.level,
        idempotency=under(key_of(request), principal, request, written),
        anchored=asked.wait is not None,
    )
    host.metrics.uses.labels("container").inc()
    return document_response(sealed, "", HTTPStatus.CREATED)
