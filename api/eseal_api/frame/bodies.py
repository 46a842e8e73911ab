"""How a body comes in: JSON, or a form with documents in it. What it holds, the models read."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from fastapi.routing import APIRoute
from pydantic import BaseModel
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from eseal.errors import ESealError, InvalidFormatError, TooLargeError
from eseal.excerpts import EXCERPT_CHARS, excerpt
from eseal.model.json_values import count_values
from eseal_api.schemas.reading import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from starlette.datastructures import FormData
    from starlette.responses import Response

JSON = "application/json"
FORM = "multipart/form-data"
JSON_VALUES = 1 << 16
"""In the JSON of a request; each costs some 150 bytes of memory. Evidence has a few hundred."""
JSON_VALUES_PER_USE = 16
"""In a batch: twice as many as a use has with all its members."""
MAX_FIELD_BYTES = 64 * 1024
"""Of a form field that is not a file: the longest is a purpose or a place on a page."""
MAX_PARTS = 16
"""Fields, or files where there is one of each name; ours have at most nine."""
FILE = "file"
"""What every file's part is called in a form with many."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Form(Generic[_Model]):
    """A multipart form that was read.

    Attributes:
        asked: what it holds.
        texts: the fields that are no files, as they were written; without empty ones.
    """

    asked: _Model
    texts: dict[str, str]


def kind_of(request: Request) -> str:
    """``JSON`` or ``FORM``: what the request's body says it is.

    Raises:
        HTTPException: 415, it says something else.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in {JSON, FORM}:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"expected {JSON} or {FORM}, got {excerpt(given)}",
        )
    return given


def only(kind: str, request: Request) -> None:
    """Raise if the body is of the other kind.

    Raises:
        InvalidFormatError: it is.
        HTTPException: 415, it is of neither.
    """
    if (given := kind_of(request)) != kind:
        raise InvalidFormatError(f"body: expected {kind}, got {given}")


async def read_json(request: Request, uses: int = 0) -> dict[str, Any]:
    """The JSON object in the request's body.

    Args:
        request: the request.
        uses: of a batch, as many as it may hold.

    Raises:
        InvalidFormatError: it is not one.
        TooLargeError: it has too many values.
        HTTPException: 413, it is too large.
    """
    value = from_body(await request.body(), max(JSON_VALUES, uses * JSON_VALUES_PER_USE))
    if not isinstance(value, dict):
        raise InvalidFormatError(f"body: expected a JSON object, got {type(value).__name__}")
    return value


def from_body(body: bytes, most: int = JSON_VALUES) -> Any:
    """The JSON in a body (RFC 8259), which is read so for every route.

    Args:
        body: all of it.
        most: values it may hold.

    Raises:
        InvalidFormatError: it is none.
        TooLargeError: it has more values.
    """
    if (count := count_values(body, most)) > most:
        raise TooLargeError(f"body: expected at most {most} JSON values, got {count} or more")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidFormatError(f"body: expected JSON, got something else ({error})") from None


class _JsonRequest(Request):
    async def json(self) -> Any:
        return from_body(await self.body())


class JsonRoute(APIRoute):
    """A route that FastAPI takes a request apart for: its JSON is read as all other JSON is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's, with our request; what that says of its JSON stands, and is no 400."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_by_us(request: Request) -> Response:
            try:
                return await handle(_JsonRequest(request.scope, request.receive))
            except HTTPException as error:
                if isinstance(error.__cause__, ESealError):
                    raise error.__cause__ from None
                raise

        return read_by_us


@asynccontextmanager
async def read_form(
    request: Request, model: type[_Model], *, most: int | None = None
) -> AsyncIterator[Form[_Model]]:
    """The form in the request's body; large files go to the disk while they arrive.

    The files are closed, and gone, when the context ends.

    Args:
        request: the request.
        model: what it is expected to hold.
        most: files called ``FILE``, at most, where there may be several.

    Raises:
        TooLargeError: there are more files.
        InvalidInputError: not a form, or one with other or repeated parts.
        HTTPException: 413, it is too large.
    """
    _check_charset(request)
    try:
        form = await request.form(
            max_files=most or MAX_PARTS, max_fields=MAX_PARTS, max_part_size=MAX_FIELD_BYTES
        )
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:
            raise
        if most is not None and "files" in str(error.detail).lower():
            raise TooLargeError(
                f"file: expected at most {most} files, got more", field=FILE
            ) from None
        raise InvalidFormatError(f"body: expected multipart/form-data: {error.detail}") from None
    try:
        parts = _parts(form, FILE if most is not None else None)
        known = model.model_fields
        parts = {name: part for name, part in parts.items() if part != "" or name not in known}
        texts = {name: part for name, part in parts.items() if isinstance(part, str)}
        yield Form(await run_in_threadpool(read, model, parts), texts)
    finally:
        await form.close()


def _check_charset(request: Request) -> None:
    """Raise if the form says to be in anything but UTF-8, as RFC 7578 section 5.1.2 has it.

    Some of Python's codecs raise what no reader of forms expects, or make half characters.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    if (charset := options.get(b"charset", b"utf-8").decode("latin-1")).lower() != "utf-8":
        raise InvalidFormatError(f"body: expected a form in utf-8, got {excerpt(charset)}")


def _parts(form: FormData, many: str | None) -> dict[str, Any]:
    """The parts by name; of the one that there may be many of, a list."""
    parts: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name == many:
            parts.setdefault(name, []).append(value)
        elif name in parts:
            shown = name[:EXCERPT_CHARS]
            raise InvalidFormatError(f"{shown}: expected once, got twice", field=shown)
        else:
            parts[name] = value
    return parts
