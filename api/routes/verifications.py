"""Verification, for anybody: a verdict on whatever is handed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.bodies import FORM, JSON, Form, decode_base64, kind_of, only, read_form, read_json
from api.host import host_of
from api.openapi import PlainRoute, form, problems, reference
from api.orders import parse_digest
from api.responses import json_response
from api.schemas.verifications import DigestVerificationIn, ReportOut
from eseal.documents.evidence import Evidence
from eseal.errors import InvalidFormatError, TooLargeError
from eseal.service.service import Service
from eseal.verify import Report

router = APIRouter(tags=["verification"], route_class=PlainRoute)

MAX_SIDE_FILE_BYTES = 1 << 20
"""Signatures and evidence files are tens of kilobytes."""

_FILES = {"file", "signature", "evidence"}
_FILE = {"type": "string", "format": "binary"}
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
    summary="Verify a document, or the digest of one that stays where it is",
    response_model=ReportOut,
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

    No account is needed. Nothing that is handed in is kept.
    """
    host = host_of(request)
    if kind_of(request) == FORM:
        async with read_form(request, files=_FILES, fields=set[str]()) as parts:
            report = await host.serve_stranger(_verify_form, host.service, parts)
    else:
        asked = await read_json(request)
        report = await host.serve_stranger(_verify_digest, host.service, asked)
    host.metrics.verdicts.labels(report.indication.value, report.finding.value).inc()
    return json_response(report.to_dict())


def _verify_form(service: Service, parts: Form) -> Report:
    signature = _side_file(parts, "signature")
    evidence = _evidence(_side_file(parts, "evidence"))
    if "file" not in parts.files:
        return _evidence_alone(service, evidence, signature)
    limit = service.context.settings.max_upload_bytes
    data = parts.files["file"].file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(f"file: expected at most {limit} bytes, got more", field="file")
    return service.verification.document(data, signature=signature, evidence=evidence)


def _verify_digest(service: Service, asked: dict[str, Any]) -> Report:
    only(asked, frozenset({"digest", "signature", "evidence"}), "body")
    signature = None
    if asked.get("signature") is not None:
        signature = decode_base64(asked["signature"], "signature")
    given = asked.get("evidence")
    evidence = None if given is None else _evidence(orjson.dumps(given))
    if asked.get("digest") is None:
        return _evidence_alone(service, evidence, signature)
    digest = parse_digest(asked["digest"])
    return service.verification.digest(digest, signature=signature, evidence=evidence)


def _evidence_alone(service: Service, evidence: Evidence | None, signature: bytes | None) -> Report:
    if evidence is None or signature is not None:
        raise InvalidFormatError(
            "expected a document (file) or its digest, or an evidence file alone, got neither",
            field="file",
        )
    return service.verification.evidence(evidence)


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
