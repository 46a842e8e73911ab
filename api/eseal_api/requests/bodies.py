"""Reading requests by hand: JSON on the hot path, forms with a document in them."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from eseal.errors import InvalidFormatError
from eseal.model.json_values import loads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

JSON = "application/json"
FORM = "multipart/form-data"
MAX_FIELD_BYTES = 64 * 1024
"""Of a form field that is not a file: the longest is a purpose or a place on a page."""
MAX_PARTS = 16
"""Fields or files in a form; ours have at most three."""
_SHOWN_CHARS = 80


class Fields(Protocol):
    """The fields of a form beside its files."""

    def text(self, name: str) -> str | None:
        """A field; an empty one counts as left out."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form that was read.

    Attributes:
        files: the files by field name.
        fields: the other fields by name.
    """

    files: dict[str, UploadFile]
    fields: dict[str, str]

    def text(self, name: str) -> str | None:
        """A field that is not a file; an empty one counts as left out."""
        return self.fields.get(name) or None


def kind_of(request: Request) -> str:
    """``JSON`` or ``FORM``: what the request's body says it is.

    Raises:
        HTTPException: 415, it says something else.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in {JSON, FORM}:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"expected {JSON} or {FORM}, got {given[:_SHOWN_CHARS]!r}",
        )
    return given


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the request's body.

    Raises:
        InvalidFormatError: it is not one.
        HTTPException: 413, it is too large.
    """
    body = await request.body()
    try:
        value = loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidFormatError(f"body: expected JSON, got something else ({error})") from None
    if not isinstance(value, dict):
        raise InvalidFormatError(f"body: expected a JSON object, got {type(value).__name__}")
    return value


@asynccontextmanager
async def read_form(request: Request, *, files: set[str], fields: set[str]) -> AsyncIterator[Form]:
    """The form in the request's body; large files go to the disk while they arrive.

    The files are closed, and gone, when the context ends.

    Args:
        request: the request.
        files: the names a file may have.
        fields: the names another field may have.

    Raises:
        InvalidFormatError: not a form, or one with other or repeated parts.
        HTTPException: 413, it is too large.
    """
    try:
        form = await request.form(
            max_files=MAX_PARTS, max_fields=MAX_PARTS, max_part_size=MAX_FIELD_BYTES
        )
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:
            raise
        raise InvalidFormatError(f"body: expected multipart/form-data: {error.detail}") from None
    try:
        yield _sorted(form, files, fields)
    finally:
        await form.close()


def only(value: dict[str, Any], allowed: frozenset[str], where: str) -> None:
    """Raise if an object holds other members than these.

    Raises:
        InvalidFormatError: it does.
    """
    if not value.keys() <= allowed:
        unknown = min(value.keys() - allowed)
        raise InvalidFormatError(
            f"{where}: expected only {', '.join(sorted(allowed))}, got {unknown[:_SHOWN_CHARS]!r}",
            field=unknown[:_SHOWN_CHARS],
        )


def decode_base64(text: object, field: str) -> bytes:
    """The bytes base64 stands for (RFC 4648 section 4).

    Raises:
        InvalidFormatError: it is not base64.
    """
    try:
        return base64.b64decode(text if isinstance(text, str) else "-", validate=True)
    except ValueError:  # binascii.Error is one, and so is what letters beyond ASCII raise
        raise InvalidFormatError(
            f"{field}: expected base64 without blanks, got {repr(text)[:_SHOWN_CHARS]}",
            field=field,
        ) from None


def _sorted(form: FormData, files: set[str], fields: set[str]) -> Form:
    read = Form({}, {})
    for name, value in form.multi_items():
        if name in read.files or name in read.fields:
            raise InvalidFormatError(f"{name}: expected once, got twice", field=name)
        if isinstance(value, UploadFile) and name in files:
            read.files[name] = value
        elif isinstance(value, str) and name in fields:
            read.fields[name] = value
        elif isinstance(value, str) and name in files:
            raise InvalidFormatError(f"{name}: expected a file, got a field", field=name)
        else:
            expected = ", ".join(sorted(files | fields))
            raise InvalidFormatError(
                f"body: expected only the parts {expected}, got {name[:_SHOWN_CHARS]!r}",
                field=name[:_SHOWN_CHARS],
            )
    return read
