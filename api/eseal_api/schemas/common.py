"""Forms that several requests and answers share."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from eseal.errors import InvalidFormatError
from eseal.excerpts import EXCERPT_CHARS, value_excerpt
from eseal.model.json_values import MAX_INTEGER
from eseal.model.statement import format_time
from eseal.service.oversight.paging import MAX_PAGE
from eseal_api.schemas.reading import WRITTEN, Asked

USUAL_PAGE = 100
EXAMPLE_ID = "k5sjx3bqo7fhz2ktc4nmvwd2ue"
EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLE_TIME = "2026-11-22T16:45:00Z"
_YEAR = re.compile(r"[0-9]{4}-")


class Answer(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Id = Annotated[
    str,
    Field(
        pattern="^[a-z2-7]{26}$",
        description="Random identifier: 128 bits in base32.",
        examples=[EXAMPLE_ID],
    ),
]
Hash = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256, 64 hex digits.",
        examples=[EXAMPLE_HASH],
    ),
]
BlockHash = Annotated[
    str,
    Field(pattern="^0x[0-9a-f]{64}$", description="32 bytes in hex.", examples=["0x" + "5e" * 32]),
]
Address = Annotated[
    str,
    Field(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="Address of a contract.",
        examples=["0x5FbDB2315678afecb367f032d93F642f64180aa3"],
    ),
]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Base64 = Annotated[
    str,
    Field(
        description="Base64 (RFC 4648 section 4).", json_schema_extra={"contentEncoding": "base64"}
    ),
]


def _in_utc(moment: datetime) -> datetime:
    """The same in UTC; near the ends of the calendar a zone may lead out of it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time from year 1 to 9999 in UTC") from None


def _written(moment: object) -> object:
    """A time as RFC 3339 writes it: a number, or one in a text, is none."""
    if isinstance(moment, datetime) or (isinstance(moment, str) and _YEAR.match(moment)):
        return moment
    raise ValueError(f"expected a time such as {EXAMPLE_TIME}")


Moment = Annotated[
    AwareDatetime,
    WRITTEN,
    BeforeValidator(_written),
    AfterValidator(_in_utc),
    PlainSerializer(format_time, return_type=str),
    Field(
        description="RFC 3339, UTC, whole seconds.",
        examples=[EXAMPLE_TIME],
        json_schema_extra={"format": "date-time"},
    ),
]
CompanyName = Annotated[
    str,
    Path(
        description="A company's id or registration id.",
        examples=[EXAMPLE_ID],
        min_length=1,
        max_length=200,
    ),
]
SealName = Annotated[
    str,
    Path(
        description="A seal's id or handle.",
        examples=[EXAMPLE_ID],
        min_length=1,
        max_length=200,
    ),
]
HandlePath = Annotated[
    str,
    Path(description="A seal's handle.", pattern="^[0-9a-f]{64}$", examples=[EXAMPLE_HASH]),
]
UseName = Annotated[
    str,
    Path(description="A use's id.", examples=[EXAMPLE_ID], min_length=1, max_length=200),
]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most entries to return.")]
AfterId = Annotated[
    str,
    Query(max_length=26, pattern="^[a-z2-7]*$", description="Go on behind this id."),
]
AfterNumber = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Go on where `next` said.")]


class Problem(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:eseal:problem:seal_not_active",
                    "title": "The seal cannot be used now",
                    "status": 409,
                    "detail": f"seal {EXAMPLE_ID} is suspended, not active",
                }
            ]
        },
    )

    type: Annotated[str, Field(pattern="^urn:eseal:problem:[a-z_]+$")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    field: Annotated[str | None, Field(description="The offending input field.")] = None
    reasons: Annotated[
        list[str] | None, Field(description="Why a document must not be sealed, as codes.")
    ] = None


class Digest(Asked):
    """The digest of a document."""

    alg: Annotated[Literal["sha-256"], Field(description="The only one there is.")]
    value: Annotated[
        str,
        Field(
            pattern="^[0-9a-fA-F]{64}$",
            description="64 hex digits: of a detached seal, the digest of the whole file.",
            examples=[EXAMPLE_HASH],
        ),
    ]

    def decoded(self) -> bytes:
        """The 32 bytes."""
        return bytes.fromhex(self.value)


def decode(text: object, field: str) -> bytes:
    """The bytes base64 stands for (RFC 4648 section 4).

    Raises:
        InvalidFormatError: it is not base64.
    """
    try:
        return base64.b64decode(text if isinstance(text, str) else "-", validate=True)
    except ValueError:  # binascii.Error is one, and so is what letters beyond ASCII raise
        raise InvalidFormatError(
            f"{field}: expected base64 without blanks, got {value_excerpt(text, EXCERPT_CHARS)}",
            field=field,
        ) from None


def encode(data: bytes) -> str:
    """Base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")
