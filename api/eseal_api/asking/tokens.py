"""Who is asking: bearer tokens over HTTP (RFC 6750)."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from eseal.errors import UnauthenticatedError
from eseal.model.actor import Actor

if TYPE_CHECKING:
    from eseal.service.people.permissions import Access

REMEMBERED_SECONDS = 2.0
"""A token that was revoked may go on working for so long; asking the database at every request
would cost a fifth of what one use costs."""
MAX_REMEMBERED = 4096
"""Tokens; far more than are in use at once, and under a megabyte."""
SCHEME_NAME = "token"
"""What the OpenAPI document calls the security scheme."""

_SCHEME = "bearer"


class Tokens:
    """Authenticates tokens, and remembers the good ones for a moment by their hash.

    Only the event loop's thread uses it.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._known: dict[bytes, tuple[float, Actor]] = {}

    async def principal(self, authorization: str | None) -> Actor:
        """Who sent this ``Authorization`` header.

        Raises:
            UnauthenticatedError: none, not ``Bearer``, or not a valid token.
        """
        if authorization is None:
            raise UnauthenticatedError(
                "expected the header Authorization: Bearer eseal_…, got none"
            )
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != _SCHEME:
            raise UnauthenticatedError("expected the header Authorization: Bearer eseal_…")
        token = token.strip()
        name = hashlib.sha256(token.encode()).digest()
        known = self._known.get(name)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        self._known.pop(name, None)
        principal = await run_in_threadpool(self._access.authenticate, token)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[name] = (time.monotonic() + REMEMBERED_SECONDS, principal)
        return principal
