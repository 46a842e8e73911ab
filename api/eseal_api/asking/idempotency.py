"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): which request a key stands for.

The same key with another request is refused with 422, as the draft says; while the first request
is being carried out, or if it was cut off, with 409.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated

from fastapi import Header

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt
from eseal.service.record.sequencer import Idempotency
from eseal_api.schemas.reading import as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from starlette.requests import Request

    from eseal.model.actor import Actor
    from eseal.service.service import Service

HEADER = "idempotency-key"

_KEY = re.compile(r"[!-~]{1,255}")

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,255}$",
        description="Makes a retry safe: the same key and request give the same answer.",
    ),
]
"""A route parameter: the header, where it was sent."""


def key_of(request: Request) -> str | None:
    """The key of a request to a plain route, or ``None``.

    Raises:
        InvalidFormatError: it is not of 1 to 255 visible ASCII characters.
    """
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidFormatError(
            f"Idempotency-Key: expected 1 to 255 visible ASCII characters, got {excerpt(key)}",
            field="Idempotency-Key",
        )
    return key


def under(key: str | None, principal: Actor, request: Request, asked: object) -> Idempotency | None:
    """The key with what was asked under it, or ``None`` without one.

    Args:
        key: the header's value.
        principal: who asked.
        request: method and path count as part of what was asked.
        asked: the rest, JSON-ready; the order of members does not matter.

    Raises:
        InvalidFormatError: that is nested too deeply.
    """
    if key is None:
        return None
    parts = (request.method.encode(), request.url.path.encode(), as_json(asked))
    return Idempotency(principal.name, key, hashlib.sha256(b"\0".join(parts)).digest())


def once(service: Service, idempotency: Idempotency | None, act: Callable[[], BaseModel]) -> bytes:
    """The JSON answer of a write that is not a use, carried out at most once under its key.

    Raises:
        IdempotencyConflictError: the key was used with another request.
        ConflictError: its first request is still being carried out, or was cut off.
    """
    return service.idempotent.run(idempotency, lambda: act().model_dump_json()).encode()
