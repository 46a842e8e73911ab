"""The public log (C2SP tlog-tiles): checkpoint, tiles, entry bundles."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from eseal.errors import InvalidFormatError, NotFoundError
from eseal.log.tiles import (
    TILE_WIDTH,
    TileCoordinate,
    encode_entries,
    parse_entries_path,
    parse_tile_path,
)
from eseal.service.service import Service
from eseal.store.database import Database
from eseal.store.repositories.log import LogRepository
from eseal_api.frame.host import host_of
from eseal_api.frame.openapi import PlainRoute, binary, problems

router = APIRouter(tags=["log"], route_class=PlainRoute)

OCTETS = "application/octet-stream"
CHECKPOINT_TYPE = "text/plain; charset=utf-8"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A tile's content never changes: a partial one has its width in its name."""
FRESH = {"Cache-Control": "no-cache"}
"""The checkpoint is a new one after every use."""
COSIGNED_SECONDS = 60.0
"""Once no head was shown to witnesses for so long, the newest one is published without them: a log
that anchors no more must not look quiet."""
ENTRIES_PREFIX = "tile/entries/"

_PATH = {
    "name": "path",
    "in": "path",
    "required": True,
    "description": "tlog-tiles path, such as 0/x001/067 or 0/x001/067.p/8.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "As tlog-tiles lays it out.", "content": binary(OCTETS)}
}
_MISSING = problems(HTTPStatus.NOT_FOUND, secured=False)


@router.get(
    "/log/checkpoint",
    operation_id="getCheckpoint",
    summary="The newest checkpoint (C2SP tlog-checkpoint)",
    response_class=Response,
    responses={
        200: {
            "description": "A signed note.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **_MISSING,
    },
)
async def get_checkpoint(request: Request) -> Response:
    """The newest signed head of the log; 404 while the log is empty."""
    note = await run_in_threadpool(_checkpoint, host_of(request).service)
    return Response(note, headers=FRESH, media_type=CHECKPOINT_TYPE)


@router.get(
    "/log/tile/entries/{path:path}",  # noqa: FAST003  # a plain route
    operation_id="getEntries",
    summary="A bundle of log entries",
    response_class=Response,
    responses={**_FILE, **_MISSING},
    openapi_extra={"parameters": [_PATH]},
)
async def get_entries(request: Request) -> Response:
    """Up to 256 leaves, each behind its length (16 bits)."""
    database = host_of(request).service.context.database
    path = ENTRIES_PREFIX + request.path_params["path"]
    return await run_in_threadpool(_entries, database, path)


@router.get(
    "/log/tile/{path:path}",  # noqa: FAST003  # a plain route
    operation_id="getTile",
    summary="A tile of the Merkle tree",
    response_class=Response,
    responses={**_FILE, **_MISSING},
    openapi_extra={"parameters": [_PATH]},
)
async def get_tile(request: Request) -> Response:
    """Up to 256 hashes of the tree (RFC 9162), 32 bytes each."""
    database = host_of(request).service.context.database
    return await run_in_threadpool(_tile, database, "tile/" + request.path_params["path"])


def _checkpoint(service: Service) -> bytes:
    """The newest checkpoint that witnesses were shown, unless they are shown none any more."""
    with service.context.database.read() as connection:
        log = LogRepository(connection)
        newest, shown = log.checkpoint(), log.cosigned()
    if not newest.note:
        raise NotFoundError("the log is empty: there is no checkpoint yet")
    if shown is not None:
        cosigned, at = shown
        age = (service.context.now() - at).total_seconds()
        if cosigned.size == newest.size or age <= COSIGNED_SECONDS:
            return cosigned.note
    return newest.note


def _tile(database: Database, path: str) -> Response:
    try:
        tile = parse_tile_path(path)
    except InvalidFormatError as error:
        raise NotFoundError(str(error)) from None
    with database.read() as connection:
        body = LogRepository(connection).tile(tile.level, tile.index, tile.width)
    return Response(body, headers=FOREVER, media_type=OCTETS)


def _entries(database: Database, path: str) -> Response:
    try:
        tile = parse_entries_path(path)
    except InvalidFormatError as error:
        raise NotFoundError(str(error)) from None
    return Response(encode_entries(_leaves(database, tile)), headers=FOREVER, media_type=OCTETS)


def _leaves(database: Database, tile: TileCoordinate) -> list[bytes]:
    start = tile.index * TILE_WIDTH
    with database.read() as connection:
        log = LogRepository(connection)
        found = []
        if start + tile.width <= log.checkpoint().size:
            found = log.leaves(start, start + tile.width)
    if len(found) != tile.width:
        raise NotFoundError(f"the log holds no {tile.width} entries of bundle {tile.index}")
    return found
