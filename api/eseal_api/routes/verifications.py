"""Verification, for anybody: a verdict on whatever is handed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from eseal.documents.evidence import Evidence
from eseal.documents.pdf import sealed_revision
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError
from eseal.model.statement import DIGEST_ALGORITHM, format_time
from eseal.service.oversight.verification import OnRecord, Verified
from eseal.service.sealing.delivery import PDF
from eseal.service.service import Service
from eseal.verify import Report
from eseal_api.frame.bodies import FORM, JSON, kind_of, only, read_form, read_json
from eseal_api.frame.host import Host, host_of
from eseal_api.frame.openapi import PlainRoute, binary, body_of, problems
from eseal_api.frame.responses import json_response
from eseal_api.schemas.common import Digest
from eseal_api.schemas.reading import as_json, read
from eseal_api.schemas.verifications import (
    DigestVerificationIn,
    ExtractForm,
    OnRecordOut,
    ReportOut,
    VerificationForm,
)

router = APIRouter(tags=["verification"], route_class=PlainRoute)

MAX_SIDE_FILE_BYTES = 1 << 20
"""Signatures and evidence files are tens of kilobytes."""


@router.post(
    "/v1/verifications",
    operation_id="verify",
    summary="Verify a document, or one that stays where it is by its digest and its signature",
    response_model=ReportOut | OnRecordOut,
    responses=problems(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, secured=False
    ),
    openapi_extra={
        "requestBody": body_of({JSON: DigestVerificationIn, FORM: VerificationForm}),
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
        async with read_form(request, VerificationForm) as form:
            answer = await host.verify_for_stranger(verify_form, host.service, form.asked)
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
        "requestBody": body_of({FORM: ExtractForm}),
    },
)
async def extract(request: Request) -> Response:
    """Take the sealed PDF out of a file to which another program has added something.

    No account is needed. What comes back is the beginning of the file, byte for byte; whether its
    seals are genuine is for a verification of it to say.
    """
    host = host_of(request)
    only(FORM, request)
    async with read_form(request, ExtractForm) as form:
        data = await host.verify_for_stranger(_extracted, host.service, form.asked.file)
    return Response(
        data, media_type=PDF, headers={"Content-Disposition": 'attachment; filename="sealed.pdf"'}
    )


def _extracted(service: Service, file: UploadFile) -> bytes:
    try:
        return sealed_revision(_read_file(service, file))
    except InvalidInputError as error:
        error.field = "file"  # as it is called in the form
        raise


def verify_form(
    service: Service, form: VerificationForm, digest: str | None = None
) -> Verified | OnRecord | None:
    """Verify what a form holds: a document, with what lay beside it.

    Args:
        service: verifies.
        form: what was handed in.
        digest: SHA-256 of the document in hex, where that stayed where it is.

    Returns:
        The verdict; of a bare digest, what is on record.

    Raises:
        InvalidFormatError: it holds neither, nor an evidence file alone; or a part is not what it
            should be.
        TooLargeError: a part is.
    """
    signature = _side_file(form.signature, "signature")
    evidence = _evidence(_side_file(form.evidence, "evidence"))
    if form.file is None and digest is not None:
        asked = {"alg": DIGEST_ALGORITHM, "value": digest}
        named = read(Digest, asked, above="digest").decoded()
        return _by_digest(service, named, signature, evidence)
    if form.file is None:
        return _evidence_alone(service, evidence, signature)
    data = _read_file(service, form.file)
    verification = service.verification
    report = verification.document(data, signature=signature, evidence=evidence)
    return verification.with_evidence(report)


def _read_file(service: Service, file: UploadFile) -> bytes:
    limit = service.context.settings.max_upload_bytes
    data = file.file.read(limit + 1)
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


def _verify_digest(service: Service, body: dict[str, Any]) -> Verified | OnRecord | None:
    asked = read(DigestVerificationIn, body)
    evidence = None if asked.evidence is None else _evidence(as_json(asked.evidence))
    if asked.digest is None:
        return _evidence_alone(service, evidence, asked.signature)
    return _by_digest(service, asked.digest.decoded(), asked.signature, evidence)


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


def _side_file(upload: UploadFile | None, name: str) -> bytes | None:
    if upload is None:
        return None
    data = upload.file.read(MAX_SIDE_FILE_BYTES + 1)
    if len(data) > MAX_SIDE_FILE_BYTES:
        raise TooLargeError(
            f"{name}: expected at most {MAX_SIDE_FILE_BYTES} bytes, got more", field=name
        )
    return data
