"""What a relying party asks a certification authority: time-stamps, OCSP, CRLs, certificates."""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from eseal.errors import NotFoundError
from eseal.pki import ocsp, public_urls
from eseal.pki.revocation import CERTIFICATE_MEDIA_TYPE, CRL_MEDIA_TYPE
from eseal.pki.tsp import authority as tsa
from eseal.pki.tsp import request as tsq
from eseal_api.frame.host import host_of
from eseal_api.frame.openapi import PlainRoute, binary, problems

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(tags=["pki"], route_class=PlainRoute)

CRL_CACHE = {"Cache-Control": "public, max-age=60"}
"""A minute: the list is signed anew at every request, and a relying party asks once a day."""
CERTIFICATE_CACHE = {"Cache-Control": "public, max-age=86400"}
"""Both certificates stay the same for years."""
OCSP_CACHE = {"Cache-Control": "public, max-age=60, no-transform, must-revalidate"}
"""RFC 5019 section 6.2, and as short as the list's."""
NO_CACHE = {"Cache-Control": "no-store"}
"""A nonce makes an answer one request's own."""

_UNKNOWN_ROOT = problems(HTTPStatus.NOT_FOUND, secured=False)
_ROOT_NAMED = {
    "parameters": [
        {
            "name": "root",
            "in": "path",
            "required": True,
            "description": "SHA-256 of the certificate's DER, as the ledger names it.",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        }
    ]
}
_ROOT_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MALFORMED = problems(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, secured=False)


def _file(description: str, media_type: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": binary(media_type)},
        **problems(secured=False),
    }


def _body(media_type: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": binary(media_type)}}


@router.post(
    public_urls.TSA_PATH,
    operation_id="timeStamp",
    summary="Time-stamp a hash (RFC 3161)",
    response_class=Response,
    responses={**_file("A TimeStampResp, refusals included.", tsa.MEDIA_TYPE), **_MALFORMED},
    openapi_extra=_body(tsq.MEDIA_TYPE),
)
async def time_stamp(request: Request) -> Response:
    """The built-in time-stamp authority, for trying out: it says what the operator's clock says."""
    _expect(request, tsq.MEDIA_TYPE)
    host = host_of(request)
    body = await request.body()
    answer = await host.serve_stranger(host.service.responders.time_stamp, body)
    return Response(answer, headers=NO_CACHE, media_type=tsa.MEDIA_TYPE)


@router.post(
    public_urls.OCSP_PATH,
    operation_id="askOcsp",
    summary="Ask whether a certificate is revoked (RFC 6960)",
    response_class=Response,
    responses={**_file("An OCSPResponse, refusals included.", ocsp.MEDIA_TYPE), **_MALFORMED},
    openapi_extra=_body(ocsp.REQUEST_MEDIA_TYPE),
)
async def ask_ocsp(request: Request) -> Response:
    """Good, revoked (suspended is certificateHold) or unknown, as the ledger's states are."""
    _expect(request, ocsp.REQUEST_MEDIA_TYPE)
    return await _ocsp(request, await request.body(), NO_CACHE)


@router.get(
    public_urls.OCSP_PATH + "/{asked:path}",  # a plain route
    operation_id="getOcsp",
    summary="Ask the same by a URL that caches can hold (RFC 6960 appendix A.1)",
    response_class=Response,
    responses=_file("An OCSPResponse, refusals included.", ocsp.MEDIA_TYPE),
    openapi_extra={
        "parameters": [
            {
                "name": "asked",
                "in": "path",
                "required": True,
                "description": "The OCSPRequest (DER) in base64, percent-encoded.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 2000},
            }
        ]
    },
)
async def get_ocsp(request: Request) -> Response:
    """The request in base64 behind the path."""
    text = request.path_params["asked"]
    try:
        asked = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        asked = b""  # answered as any malformed request is
    return await _ocsp(request, asked, OCSP_CACHE)


@router.get(
    public_urls.CRL_PATH,
    operation_id="getCrl",
    summary="Revoked and suspended seals (RFC 5280)",
    response_class=Response,
    responses=_file("The list, DER.", CRL_MEDIA_TYPE),
)
async def get_crl(request: Request) -> Response:
    """The certificate revocation list of the built-in issuing CA."""
    return await _list(request, host_of(request).service.ca.crl)


@router.get(
    public_urls.ROOT_CRL_PATH,
    operation_id="getRootCrl",
    summary="Revoked issuing CAs (RFC 5280)",
    response_class=Response,
    responses={**_file("The list, DER.", CRL_MEDIA_TYPE), **_UNKNOWN_ROOT},
    openapi_extra=_ROOT_NAMED,
)
async def get_root_crl(request: Request) -> Response:
    """The list signed by a root: what says that the issuing CA is good.

    Of a root before the present one, too, as long as it has not expired.
    """
    name, ca = _root_named(request), host_of(request).service.ca
    return await _list(request, lambda: ca.root_crl(name))


@router.get(
    public_urls.ISSUING_PATH,
    operation_id="getIssuingCertificate",
    summary="The built-in issuing CA's certificate",
    response_class=Response,
    responses=_file("The certificate, DER.", CERTIFICATE_MEDIA_TYPE),
)
async def get_issuing_certificate(request: Request) -> Response:
    """The certificate above every seal of the built-in CA."""
    return _certificate(host_of(request).service.ca.chain[0])


@router.get(
    public_urls.ROOT_PATH,
    operation_id="getRootCertificateOf",
    summary="A root certificate of the built-in CA, the present one or one before",
    response_class=Response,
    responses={**_file("The certificate, DER.", CERTIFICATE_MEDIA_TYPE), **_UNKNOWN_ROOT},
    openapi_extra=_ROOT_NAMED,
)
async def get_root_certificate_of(request: Request) -> Response:
    """The root that certificates name, by SHA-256 of its DER."""
    return _certificate(host_of(request).service.ca.root(_root_named(request)))


@router.get(
    public_urls.NEWEST_ROOT_PATH,
    operation_id="getRootCertificate",
    summary="The built-in CA's root certificate",
    response_class=Response,
    responses=_file("The certificate, DER.", CERTIFICATE_MEDIA_TYPE),
)
async def get_root_certificate(request: Request) -> Response:
    """The root that new seals of the built-in CA chain up to.

    Compare it with one you got otherwise: whoever can change the log can change this answer.
    """
    return _certificate(host_of(request).service.ca.chain[-1])


def _root_named(request: Request) -> bytes:
    name: str = request.path_params["root"]
    if not _ROOT_NAME.fullmatch(name):
        raise NotFoundError(f"expected 64 hex digits in the place of the root, got {name[:80]!r}")
    return bytes.fromhex(name)


def _expect(request: Request, media_type: str) -> None:
    got = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if got != media_type:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {media_type}, got {got[:80]!r}"
        )


async def _ocsp(request: Request, asked: bytes, headers: dict[str, str]) -> Response:
    host = host_of(request)
    answer = await host.serve_stranger(host.service.responders.ocsp, asked)
    return Response(answer, headers=headers, media_type=ocsp.MEDIA_TYPE)


async def _list(request: Request, make: Callable[[], bytes]) -> Response:
    body = await host_of(request).serve_stranger(make)
    return Response(body, headers=CRL_CACHE, media_type=CRL_MEDIA_TYPE)


def _certificate(der: bytes) -> Response:
    return Response(der, headers=CERTIFICATE_CACHE, media_type=CERTIFICATE_MEDIA_TYPE)
