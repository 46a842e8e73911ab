"""The public pages: the check, and how to check without us."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files

import jinja2
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.host import host_of
from api.openapi import PlainRoute
from eseal.errors import NotFoundError

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from anywhere else, nothing inline, nobody's frame."""
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_WEB = files("api") / "web"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file."""

    body: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """The static files by name, read once."""
    found = {}
    for entry in (_WEB / "static").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _MEDIA_TYPES:
            body = entry.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            found[entry.name] = Asset(body, _MEDIA_TYPES[suffix], etag)
    return found


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FunctionLoader(
        lambda name: (_WEB / "templates" / name).read_text(encoding="utf-8")
    )
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


@router.get("/")
async def get_page(request: Request) -> Response:
    """The check."""
    return render(request, "index.html")


@router.get("/how")
async def get_how(request: Request) -> Response:
    """How to check a sealed document without this service."""
    return render(request, "how.html")


@router.get("/static/{name}")  # noqa: FAST003  # a plain route
async def get_asset(request: Request) -> Response:
    """A static file."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        raise NotFoundError("no such file")
    headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


def render(
    request: Request, name: str, status: HTTPStatus = HTTPStatus.OK, **values: object
) -> Response:
    """A page.

    Args:
        request: what is answered.
        name: of its template.
        status: of the answer.
        values: what this template shows beyond what all do.
    """
    context = host_of(request).service.context
    html = (
        _templates()
        .get_template(name)
        .render(
            issuer=context.instance.name,
            origin=context.instance.origin,
            base=(context.settings.public_url or str(request.base_url)).rstrip("/"),
            max_mebibytes=context.settings.max_upload_bytes >> 20,
            **values,
        )
    )
    return Response(html, status, headers=_PAGE_HEADERS, media_type="text/html; charset=utf-8")
