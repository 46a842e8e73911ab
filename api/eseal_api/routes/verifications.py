"""Verification, for anybody: a verdict on whatever is handed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.documents.evidence import Evidence
from eseal.documents.pdf import sealed_revision
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError
from eseal.model.statement import DIGEST_ALGORITHM, format_time
from eseal.service.oversight.verification import OnRecord, Verified
from eseal.service.sealing.delivery import PDF
from eseal.service.service import Service
from eseal.verify import Report
from eseal_api.frame.host import Host, host_of
from eseal_api.frame.openapi import PlainRoute, binary, form, problems, reference
from eseal_api.frame.responses import json_response
from eseal_api.requests.bodies import (
    FORM,
    JSON,
    Form,
    decode_base64,
    kind_of,
    only,
    read_form,
    read_json,
)
from eseal_api.requests.orders import parse_digest
from eseal_api.schemas.verifications import DigestVerificationIn, OnRecordOut, ReportOut

router = APIRouter(tags=["verification"], route_class=PlainRoute)

MAX_SIDE_FILE_BYTES = 1 << 20
"""Signatures and evidence files are tens of kilobytes."""

_FILES = {"file", "signature", "evidence"}
_FILE = {"type": "string", "format": "binary"}
_FORM_FILE = {**_FILE, "description": "The PDF."}
_FORM = form(
    {
        "file": {**_FILE, "description": "The document; may be left out beside evidence."},
        "signature": {**_FILE, "description": "The .p7s that lay beside it."},
        "evidence": {**_FILE, "description": "The evidence file (*.eseal.json)."},
    },
    required=[],
)


@router.post(
    "/v1/verifications",
    operation_id="verify",
    summary="Verify a document, or one that stays where it is by its digest and its signature",
    response_model=ReportOut | OnRecordOut,
    responses=problems(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, secured=False
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": reference(DigestVerificationIn)}, FORM: _FORM},
        }
    },
)
async def verify(request: Request) -> Response:
    """Verify. Whatever the document is, the answer is a report: a forgery is a finding.

    No account is needed. Nothing that is handed in is kept. Who shows the document, its signature
    or its evidence gets the verdict, and with each seal the newest evidence of its use. Who only
    names a digest is told whether these bytes were sealed here, and in which window of time:
    digests can be guessed.
    """
    host = host_of(request)
    if kind_of(request) == FORM:
        async with read_form(request, files=_FILES, fields=set[str]()) as parts:
            answer = await host.verify_for_stranger(verify_form, host.service, parts)
    else:
        asked = await read_json(request)
        answer = await host.serve_stranger(_verify_digest, host.service, asked)
    if not isinstance(answer, Verified):
        return json_response(_on_record(answer))
    count_verdict(host, answer.report)
    return json_response(answer.to_dict())


def count_verdict(host: Host, report: Report) -> None:
    """Count a verdict that was given."""
    host.metrics.verdicts.labels(report.indication.value, report.finding.value).inc()


def _on_record(found: OnRecord | None) -> dict[str, Any]:
    if found is None:
        return {"on_record": False, "window": None}
    until = found.not_after
    window = {
        "not_before": format_time(found.not_before),
        "not_after": None if until is None else format_time(until),
    }
    return {"on_record": True, "window": window}


@router.post(
    "/v1/verifications/extract",
    operation_id="extractSealed",
    summary="Take the sealed PDF out of a file to which another program has added",
    response_class=Response,
    responses={
        int(HTTPStatus.OK): {
            "description": "The PDF as it was sealed.",
            "content": binary(PDF),
        },
        **problems(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, secured=False
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {FORM: form({"file": _FORM_FILE}, required=["file"])},
        }
    },
)
async def extract(request: Request) -> Response:
    """Take the sealed PDF out of a file to which another program has added something.

    No account is needed. What comes back is the beginning of the file, byte for byte; whether its
    seals are genuine is for a verification of it to say.
    """
    host = host_of(request)
    if kind_of(request) != FORM:
        raise InvalidFormatError(f"body: expected {FORM}, got JSON")
    async with read_form(request, files={"file"}, fields=set[str]()) as parts:
        data = await host.verify_for_stranger(_extracted, host.service, parts)
    return Response(
        data, media_type=PDF, headers={"Content-Disposition": 'attachment; filename="sealed.pdf"'}
    )


def _extracted(service: Service, parts: Form) -> bytes:
    if "file" not in parts.files:
        raise InvalidFormatError("file: expected a PDF, got nothing", field="file")
    try:
        return sealed_revision(_read_file(service, parts))
    except InvalidInputError as error:
        error.field = "file"  # as it is called in the form
        raise


def verify_form(service: Service, parts: Form) -> Verified | OnRecord | None:
    """Verify what a form holds: a document (``file``) or its digest, with what lay beside it.

    Returns:
        The verdict; of a bare digest, what is on record.

    Raises:
        InvalidFormatError: it holds neither, nor an evidence file alone; or a part is not what it
            should be.
        TooLargeError: a part is.
    """
    signature = _side_file(parts, "signature")
    evidence = _evidence(_side_file(parts, "evidence"))
    if "file" not in parts.files and (digest := parts.text("digest")) is not None:
        sealed = parse_digest({"alg": DIGEST_ALGORITHM, "value": digest})
        return _by_digest(service, sealed, signature, evidence)
    if "file" not in parts.files:
        return _evidence_alone(service, evidence, signature)
    data = _read_file(service, parts)
    verification = service.verification
    report = verification.document(data, signature=signature, evidence=evidence)
    return verification.with_evidence(report)


def _read_file(service: Service, parts: Form) -> bytes:
    limit = service.context.settings.max_upload_bytes
    data = parts.files["file"].file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(f"file: expected at most {limit} bytes, got more", field="file")
    return data


def _by_digest(
    service: Service, digest: bytes, signature: bytes | None, evidence: Evidence | None
) -> Verified | OnRecord | None:
    verification = service.verification
    if signature is None and evidence is None:
        return verification.on_record(digest)
    report = verification.digest(digest, signature=signature, evidence=evidence)
    return verification.with_evidence(report)


def _verify_digest(service: Service, asked: dict[str, Any]) -> Verified | OnRecord | None:
    only(asked, frozenset({"digest", "signature", "evidence"}), "body")
    signature = None
    if asked.get("signature") is not None:
        signature = decode_base64(asked["signature"], "signature")
    given = asked.get("evidence")
    evidence = None if given is None else _evidence(orjson.dumps(given))
    if asked.get("digest") is None:
        return _evidence_alone(service, evidence, signature)
    return _by_digest(service, parse_digest(asked["digest"]), signature, evidence)


def _evidence_alone(
    service: Service, evidence: Evidence | None, signature: bytes | None
) -> Verified:
    if evidence is None or signature is not None:
        raise InvalidFormatError(
            "expected a document (file) or its digest, or an evidence file alone, got neither",
            field="file",
        )
    return service.verification.with_evidence(service.verification.evidence(evidence))


def _evidence(data: bytes | None) -> Evidence | None:
    return None if data is None else Evidence.parse(data)


def _side_file(parts: Form, name: str) -> bytes | None:
    upload = parts.files.get(name)
    if upload is None:
        return None
    data = upload.file.read(MAX_SIDE_FILE_BYTES + 1)
    if len(data) > MAX_SIDE_FILE_BYTES:
        raise TooLargeError(
            f"{name}: expected at most {MAX_SIDE_FILE_BYTES} bytes, got more", field=name
        )
    return data
