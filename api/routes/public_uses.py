"""The public page of one use: where the QR code in an impression leads."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.host import host_of
from api.openapi import PlainRoute
from api.routes.web import render
from eseal.errors import InvalidFormatError, NotFoundError
from eseal.service.placing import USE_PATH

if TYPE_CHECKING:
    from eseal.service.records import HistoryEntry

router = APIRouter(route_class=PlainRoute, include_in_schema=False)


@router.get(USE_PATH + "{use_id}")
async def get_use_page(request: Request) -> Response:
    """That a use is on record, when, and whether the ledger holds it: no name, purpose or digest.

    Whoever has the document can have it compared; whoever has only the address learns nothing
    about anybody.
    """
    host = host_of(request)
    use_id: str = request.path_params["use_id"]
    try:
        entry: HistoryEntry = await host.serve_stranger(host.service.records.use, use_id)
    except (NotFoundError, InvalidFormatError):
        return render(request, "no_use.html", HTTPStatus.NOT_FOUND)
    anchor = entry.anchor
    return render(
        request,
        "use.html",
        use_id=entry.use.id,
        sealed_at=_moment(entry.statement.sealed_at),
        block=None if anchor is None else anchor.block_number,
        anchored_at=None
        if anchor is None
        else _moment(datetime.fromtimestamp(anchor.block_time, UTC)),
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
