"""Applying a seal over HTTP: to a digest, to a batch of digests, to a document."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from eseal.errors import (
    ESealError,
    InvalidInputError,
    NotFoundError,
    TooLargeError,
)
from eseal.model.actor import Actor, Capability
from eseal.model.level import Level
from eseal.service.people.permissions import permit
from eseal.service.record.sequencer import Recorded
from eseal.service.record_access import check_owner, not_found
from eseal.service.sealing.applying import DigestOrder, SealedDocument, SealedUse
from eseal.service.sealing.levels import level_of
from eseal_api.asking.idempotency import key_of, under
from eseal_api.asking.names import NamedSeal
from eseal_api.frame.batch_answers import Item, join_results
from eseal_api.frame.bodies import FORM, JSON, Form, kind_of, only, read_form, read_json
from eseal_api.frame.host import LARGE_BATCH, Host, host_of
from eseal_api.frame.openapi import (
    IDEMPOTENCY_PARAMETER,
    SECURED,
    PlainRoute,
    binary,
    body_of,
    path_parameter,
    problems,
    reference,
)
from eseal_api.frame.problems import problem_of
from eseal_api.frame.responses import (
    NO_STORE,
    NOTES,
    attachment,
    json_response,
    notes_header,
    sealed_name,
)
from eseal_api.schemas.orders import BatchIn, DocumentForm, SingleUseIn, as_written
from eseal_api.schemas.reading import read
from eseal_api.schemas.recorded_uses import result_json, use_json
from eseal_api.schemas.uses import BatchOut, UseOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eseal.service.record.sequencer import Idempotency

router = APIRouter(tags=["uses"], route_class=PlainRoute)

RESULTS_PER_PART = 256
"""Results of a batch made into JSON at once, some 1.5 MB: what another batch waits for at most."""

_SEAL = path_parameter("seal", "A seal's id or handle.")
_HEADERS = {
    "Eseal-Use-Id": {
        "description": "The use's id.",
        "schema": {"type": "string", "pattern": "^[a-z2-7]{26}$"},
    },
    "Location": {"description": "The use on record.", "schema": {"type": "string"}},
    NOTES: {
        "description": "Of a PDF, where a choice was made or a place lies over something printed: "
        "sentences that say so, as a list of display strings (RFC 9651). A batch has them as JSON.",
        "schema": {"type": "string"},
        "example": "%\"sealed in the place made for 'Buyer'\"",
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.CREATED): {
        "description": "On record. JSON for a digest; for a document its sealed bytes: a PDF "
        "with the seal inside, or the .p7s that belongs beside any other file.",
        "headers": _HEADERS,
        "content": {
            JSON: {"schema": reference(UseOut)},
            **binary("application/pdf", "application/pkcs7-signature"),
        },
    },
    **problems(
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
}


@router.post(
    "/v1/seals/{seal}/uses",  # noqa: FAST003  # a plain route
    operation_id="applySeal",
    summary="Apply a seal to a document, or to its digest alone",
    status_code=HTTPStatus.CREATED,
    response_model=UseOut,
    responses=_ANSWERS,
    openapi_extra={
        "security": SECURED,
        "parameters": [_SEAL, IDEMPOTENCY_PARAMETER],
        "requestBody": body_of({JSON: SingleUseIn, FORM: DocumentForm}),
    },
)
async def apply_seal(request: Request) -> Response:
    """Apply a seal. Answers only once the use is durably on record."""
    host = host_of(request)
    principal, seal = await authorise(host, request)
    if kind_of(request) == FORM:
        return await _seal_document(host, request, principal, seal)
    body = await read_json(request)
    asked = read(SingleUseIn, body)
    body.pop("wait", None)  # who asks again may wait, or not
    idempotency = under(key_of(request), principal, request, body)
    (outcome,) = await _record(host, seal, [asked.order()], principal, idempotency)
    if not isinstance(outcome, Recorded):
        host.metrics.refusals.labels("single", outcome.code).inc()
        raise outcome
    host.metrics.uses.labels("single").inc()
    sealing = host.service.sealing
    anchored = asked.wait is not None
    finish = sealing.finish_anchored if anchored else sealing.finish
    # For authorities, or for the ledger: not in the event loop.
    waits = anchored or level_of(outcome.use) is not Level.B_B
    sealed = await run_in_threadpool(finish, outcome) if waits else finish(outcome)
    return json_response(use_json(sealed), HTTPStatus.CREATED, _headers(sealed))


@router.post(
    "/v1/seals/{seal}/uses:batch",  # noqa: FAST003  # a plain route
    operation_id="applySealToBatch",
    summary="Apply a seal to many digests",
    response_model=BatchOut,
    responses=problems(
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
    openapi_extra={
        "security": SECURED,
        "parameters": [_SEAL, IDEMPOTENCY_PARAMETER],
        "requestBody": body_of({JSON: BatchIn}),
    },
)
async def apply_seal_to_batch(request: Request) -> Response:
    """Apply a seal to many digests in one commit. A bad one does not stop the others."""
    host = host_of(request)
    principal, seal = await authorise(host, request)
    only(JSON, request)
    most = host.service.context.settings.max_batch
    body = await read_json(request, most)
    items = (await run_in_threadpool(read, BatchIn, body, context=most)).uses
    orders = [item for item in items if isinstance(item, DigestOrder)]
    idempotency = under(key_of(request), principal, request, body)
    async with host.batch_turn(len(orders)):
        outcomes: list[Recorded | ESealError] = []
        if orders:
            outcomes = await _record(host, seal, orders, principal, idempotency)
    return _batch_response(host, seal, items, outcomes)


async def authorise(host: Host, request: Request) -> tuple[Actor, NamedSeal]:
    """Who asks, and the seal, which must be their own company's.

    Raises:
        NotFoundError: there is no such seal, or it is another company's.
    """
    principal = await host.tokens.principal(request.headers.get("authorization"))
    permit(principal, Capability.USE_SEALS)
    name: str = request.path_params["seal"]
    seal = host.seals.known(name)
    try:
        if seal is None:
            seal = await run_in_threadpool(host.seals.find, name)
    except NotFoundError:
        raise not_found("seal", name) from None
    check_owner(principal, seal.company_id, "seal", name)
    return principal, seal


async def _record(
    host: Host,
    seal: NamedSeal,
    orders: list[DigestOrder],
    principal: Actor,
    idempotency: Idempotency | None,
) -> list[Recorded | ESealError]:
    started = time.perf_counter()
    future = host.service.sealing.submit_digests(
        seal.id, orders, actor=principal, idempotency=idempotency
    )
    outcomes = await asyncio.wrap_future(future)
    host.metrics.commit_seconds.observe(time.perf_counter() - started)
    return outcomes


async def _seal_document(
    host: Host, request: Request, principal: Actor, seal: NamedSeal
) -> Response:
    try:
        async with read_form(request, DocumentForm) as form:
            return await run_in_threadpool(_seal_form, host, request, principal, seal, form)
    except ESealError as error:
        host.metrics.refusals.labels("document", error.code).inc()
        if isinstance(error, InvalidInputError) and error.field == "document":
            error.field = "file"  # as the form calls it
        raise


def _seal_form(
    host: Host, request: Request, principal: Actor, seal: NamedSeal, form: Form[DocumentForm]
) -> Response:
    upload = form.asked.file
    limit = host.service.context.settings.max_upload_bytes
    data = upload.file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(f"file: expected at most {limit} bytes, got more", field="file")
    name = upload.filename or ""
    form.asked.check_kind(data, name)
    asked = [name, *as_written(form.texts), hashlib.sha256(data).hexdigest()]
    pending = host.service.sealing.submit_document(
        seal.id,
        data,
        form.asked.order(anchored=form.asked.wait is not None),
        filename=name,
        actor=principal,
        idempotency=under(key_of(request), principal, request, asked),
    )
    sealed = pending.result()
    host.metrics.uses.labels("document").inc()
    return document_response(sealed, name, HTTPStatus.CREATED, notes=pending.notes)


def _batch_response(
    host: Host,
    seal: NamedSeal,
    items: list[DigestOrder | InvalidInputError],
    outcomes: list[Recorded | ESealError],
) -> Response:
    following = iter(outcomes)
    ordered = [item if isinstance(item, ESealError) else next(following) for item in items]
    refused = Counter(outcome.code for outcome in ordered if isinstance(outcome, ESealError))
    host.metrics.uses.labels("batch").inc(len(items) - refused.total())
    for code, count in refused.items():
        host.metrics.refusals.labels("batch", code).inc(count)
    return StreamingResponse(_batch_parts(host, seal, ordered), headers=NO_STORE, media_type=JSON)


def _batch_parts(
    host: Host, seal: NamedSeal, outcomes: list[Recorded | ESealError]
) -> Iterator[bytes]:
    """The answer in parts, each made when the one before is on its way: batches are tens of MB."""
    parts = host.service.context.signer(seal.id).parts
    make = host.answers.results if len(outcomes) >= LARGE_BATCH else join_results
    before = b'{"results":['
    while outcomes:
        some = [_item(host, outcome) for outcome in outcomes[:RESULTS_PER_PART]]
        del outcomes[:RESULTS_PER_PART]
        yield before
        yield make(parts, some)
        before = b","
    yield b"]}"


def _item(host: Host, outcome: Recorded | ESealError) -> Item:
    if isinstance(outcome, ESealError):
        return orjson.dumps({"problem": problem_of(outcome).to_dict()})
    use = outcome.use
    if level_of(use) is not Level.B_B:
        sealed = host.service.sealing.try_finish(outcome)
        if isinstance(sealed, ESealError):
            return orjson.dumps({"problem": problem_of(sealed).to_dict()})
        return result_json(sealed)
    attributes = outcome.attributes or host.service.context.attributes_of(use)
    return (use.id, use.seal_id, use.log_index, attributes, use.signature, outcome.receipts)


def document_response(
    sealed: SealedDocument,
    name: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    notes: Sequence[str] = (),
) -> Response:
    """A sealed document as a download.

    Args:
        sealed: what to deliver.
        name: what its sender called the document; may be empty.
        status: of the answer.
        notes: what whoever seals should know of the choices made, in words.
    """
    filename = sealed_name(name or sealed.use.id, sealed.suffix)
    headers = {"Content-Disposition": attachment(filename), "Cache-Control": "no-store"}
    headers |= _headers(sealed) | notes_header(notes)
    return Response(sealed.data, status, headers=headers, media_type=sealed.media_type)


def _headers(sealed: SealedUse | SealedDocument) -> dict[str, str]:
    use_id = sealed.use.id
    return {"Eseal-Use-Id": use_id, "Location": f"/v1/uses/{use_id}"}
