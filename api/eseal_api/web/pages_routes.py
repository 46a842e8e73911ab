"""The public pages: the check, and how to check without us."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.errors import NotFoundError
from eseal_api.frame.openapi import PlainRoute
from eseal_api.web.checking import answer
from eseal_api.web.pages import assets, render

router = APIRouter(route_class=PlainRoute, include_in_schema=False)


@router.get("/")
async def get_page(request: Request) -> Response:
    """The check."""
    return render(request, "index.html", result=None, use_id=None)


@router.post("/")
async def post_page(request: Request) -> Response:
    """The check, made: of what a form holds. Nothing of it is kept."""
    return await answer(request, "index.html")


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
