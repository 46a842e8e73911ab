"""Seals certified by another authority: a request out, a certificate in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from eseal.model.actor import Capability
from eseal.service.people.permissions import permit
from eseal.service.record_access import company_named
from eseal_api.asking.idempotency import Key, once, under
from eseal_api.frame.bodies import JsonRoute
from eseal_api.frame.host import Caller, UseCases
from eseal_api.frame.openapi import problems
from eseal_api.frame.responses import raw_json
from eseal_api.schemas.common import decode
from eseal_api.schemas.companies import (
    CertificateIn,
    CertificateRequestOut,
    SealIn,
    SealOut,
)

router = APIRouter(tags=["seals"], route_class=JsonRoute)

RequestName = Annotated[
    str,
    Path(
        description="A certificate request's id.",
        min_length=1,
        max_length=200,
    ),
]


@router.post(
    "/v1/certificate-requests",
    operation_id="requestCertificate",
    summary="Make a seal key and a request for another authority to certify it",
    status_code=HTTPStatus.CREATED,
    response_model=CertificateRequestOut,
    responses=problems(HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
def request_certificate(
    request: Request, service: UseCases, caller: Caller, asked: SealIn, key: Key = None
) -> Response:
    """Make a key and its PKCS#10 request (DER in base64)."""
    permit(caller, Capability.ISSUE_SEALS)

    def act() -> CertificateRequestOut:
        company = company_named(service, caller, Capability.ISSUE_SEALS, asked.company)
        made = service.onboarding.request_certificate(company, asked.order(), actor=caller)
        return CertificateRequestOut.of(made)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)


@router.post(
    "/v1/certificate-requests/{certificate_request}/certificate",
    operation_id="importCertificate",
    summary="Hand in the certificate made for a request",
    status_code=HTTPStatus.CREATED,
    response_model=SealOut,
    responses=problems(
        HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    ),
)
def import_certificate(  # noqa: PLR0913, PLR0917  # FastAPI takes a request apart into parameters
    request: Request,
    service: UseCases,
    caller: Caller,
    certificate_request: RequestName,
    asked: CertificateIn,
    key: Key = None,
) -> Response:
    """Make the seal. It is active when this answers with 201."""
    permit(caller, Capability.ISSUE_SEALS)
    certificate = decode(asked.certificate, "certificate")
    chain = [decode(one, "chain") for one in asked.chain]

    def act() -> SealOut:
        seal = service.onboarding.import_certificate(
            certificate_request, certificate, chain, actor=caller
        )
        return SealOut.of(seal, seal.state)

    idempotency = under(key, caller, request, asked.model_dump(mode="json"))
    return raw_json(once(service, idempotency, act), HTTPStatus.CREATED)
