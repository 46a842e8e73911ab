"""The public page of one use: where the QR code in an impression leads."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from eseal.errors import InvalidFormatError, NotFoundError
from eseal.model.statement import format_time
from eseal.service.sealing.appearance import USE_PATH
from eseal_api.frame.host import host_of
from eseal_api.frame.openapi import PlainRoute
from eseal_api.web.checking import answer
from eseal_api.web.pages import Moments, render, words_of

if TYPE_CHECKING:
    from eseal.service.oversight.records import HistoryEntry

router = APIRouter(route_class=PlainRoute, include_in_schema=False)
_PAGE = "use.html"


@router.get(USE_PATH + "{use_id}")
async def get_use_page(request: Request) -> Response:
    """That a use is on record, when, and whether the ledger holds it: no name, purpose or digest.

    Whoever has the document can have it compared; whoever has only the address learns nothing
    about anybody.
    """
    entry = await _entry(request)
    if entry is None:
        return render(request, "no_use.html", HTTPStatus.NOT_FOUND)
    record = _record(entry, Moments(words_of(request)))
    return render(request, _PAGE, result=None, use_id=entry.use.id, record=record)


@router.post(USE_PATH + "{use_id}")
async def post_use_page(request: Request) -> Response:
    """The same, with the verdict on a document, and whether that is the one of this use."""
    entry = await _entry(request)
    if entry is None:
        return render(request, "no_use.html", HTTPStatus.NOT_FOUND)
    record = _record(entry, Moments(words_of(request)))
    return await answer(request, _PAGE, use_id=entry.use.id, record=record)


async def _entry(request: Request) -> HistoryEntry | None:
    host = host_of(request)
    use_id: str = request.path_params["use_id"]
    try:
        entry: HistoryEntry = await host.serve_stranger(host.service.records.use, use_id)
    except (NotFoundError, InvalidFormatError):
        return None
    return entry


def _record(entry: HistoryEntry, moments: Moments) -> dict[str, object]:
    """What stands on record of a use, with its times as the page writes them."""
    anchor = entry.anchor
    anchored = None if anchor is None else datetime.fromtimestamp(anchor.block_time, UTC)
    return {
        "sealed_at": moments.marked(moments(format_time(entry.statement.sealed_at))),
        "block": None if anchor is None else anchor.block_number,
        "anchored_at": None if anchored is None else moments.marked(moments(format_time(anchored))),
    }
