"""Forms with many files."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from eseal.errors import InvalidFormatError, TooLargeError
from eseal_api.requests.bodies import MAX_FIELD_BYTES, MAX_PARTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

FILE = "file"
"""What every file's part is called."""
_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True)
class FilesForm:
    """A form that was read.

    Attributes:
        files: the files, in their order.
        fields: the other fields by name.
    """

    files: list[UploadFile] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A field that is not a file; an empty one counts as left out."""
        return self.fields.get(name) or None


@asynccontextmanager
async def read_files(request: Request, *, fields: set[str], most: int) -> AsyncIterator[FilesForm]:
    """The form in the request's body; large files go to the disk while they arrive.

    The files are closed, and gone, when the context ends.

    Args:
        request: the request.
        fields: the names another field may have.
        most: files, at most.

    Raises:
        TooLargeError: there are more files.
        InvalidFormatError: not a form, without a file, or with other or repeated parts.
        HTTPException: 413, it is too large.
    """
    try:
        form = await request.form(
            max_files=most, max_fields=MAX_PARTS, max_part_size=MAX_FIELD_BYTES
        )
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:
            raise
        if "files" in str(error.detail).lower():
            raise TooLargeError(
                f"file: expected at most {most} files, got more", field="file"
            ) from None
        raise InvalidFormatError(f"body: expected multipart/form-data: {error.detail}") from None
    try:
        read = FilesForm()
        for name, value in form.multi_items():
            _take(read, name, value, fields)
        if not read.files:
            raise InvalidFormatError("file: expected at least one document, got none", field=FILE)
        yield read
    finally:
        await form.close()


def _take(read: FilesForm, name: str, value: UploadFile | str, fields: set[str]) -> None:
    if isinstance(value, UploadFile) and name == FILE:
        read.files.append(value)
    elif isinstance(value, str) and name in fields and name not in read.fields:
        read.fields[name] = value
    else:
        expected = ", ".join(sorted({FILE} | fields))
        raise InvalidFormatError(
            f"body: expected only {expected}, each field once, got {name[:_SHOWN_CHARS]!r}",
            field=name[:_SHOWN_CHARS],
        )
