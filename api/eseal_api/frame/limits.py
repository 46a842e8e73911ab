"""How large a request may be, checked while it is read."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from eseal.config import Settings

KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20

JSON_BYTES = 1 * MEBIBYTE
"""An evidence file with a long chain is some 30 KiB; a node refuses larger transactions."""
JSON_BYTES_PER_USE = 4 * KIBIBYTE
"""A digest, a media type and a purpose of 500 characters, each written as ``\\uXXXX``."""
FORM_BYTES = 2 * MEBIBYTE
"""What a form may hold beside its document: signature, evidence, fields, boundaries."""
_DIGITS = frozenset(b"0123456789")


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body of each kind of request, in bytes."""

    form: int
    batch: int
    files: int
    other: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that go with the settings."""
        batch = max(JSON_BYTES, settings.max_batch * JSON_BYTES_PER_USE)
        head = FORM_BYTES + settings.max_batch_files * KIBIBYTE
        return cls(
            form=settings.max_upload_bytes + FORM_BYTES,
            batch=batch,
            files=settings.max_batch_bytes + head,
            other=JSON_BYTES,
        )

    def limit_of(self, scope: Scope) -> int:
        """The limit for this request."""
        if scope["path"].endswith("/documents:batch"):
            return self.files
        if scope["path"].endswith(":batch"):
            return self.batch
        for name, value in scope["headers"]:
            if name == b"content-type":
                form = value.lower().startswith(b"multipart/form-data")
                return self.form if form else self.other
        return self.other


class BodyLimit:
    """ASGI middleware: reading more than the limit raises 413, before it is held in memory."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a ``receive`` that counts."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        limit = self._limits.limit_of(scope)
        announced = _announced(scope)
        read = 0

        async def counted() -> Message:
            nonlocal read
            if announced > limit:
                raise _too_large(limit, announced)
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit, read)
            return message

        await self._app(scope, counted, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value and _DIGITS.issuperset(value) else 0
    return 0


def _too_large(limit: int, got: int) -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"expected a request body of at most {limit} bytes, got {got} or more",
    )
