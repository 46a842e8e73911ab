"""The owner's word about uses, and who looked at the owner's records."""

from __future__ import annotations

from typing import Annotated, Any, Self

import orjson
from pydantic import ConfigDict, Field

from eseal.model.records import MAX_REASON_CHARS, Word
from eseal.service.oversight.disclosures import Disclosed
from eseal.store.repositories.records import StoredRecord
from eseal_api.schemas.common import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    Answer,
    Base64,
    Count,
    Id,
    Moment,
    encode,
)
from eseal_api.schemas.reading import WRITTEN, Asked

Why = Annotated[
    str | None,
    Field(
        max_length=MAX_REASON_CHARS,
        description="In the company's words: one line, shown to whoever verifies.",
    ),
]
Signature = Annotated[
    Base64, Field(description="Over the kind's label and the record as canonical JSON (RFC 8785).")
]
LogIndex = Annotated[Count, Field(description="Index of its leaf.")]
Next = Annotated[
    Count | None, Field(description="`after` of the next page; null when this is the last.")
]


class DeclarationIn(Asked):
    """What the owner of a seal says about one of its uses."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"word": "rescinded", "reason": "ended by both parties"}]}
    )

    word: Annotated[Word, WRITTEN]
    reason: Why = None


class DisputeIn(Asked):
    """The owner of a seal disputes its uses of a time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": EXAMPLE_TIME, "reason": "the key was stolen"}]}
    )

    since: Annotated[Moment, Field(description="The first moment, in the seal's life.")]
    until: Annotated[
        Moment | None, Field(description="The last one; left out while it goes on.")
    ] = None
    reason: Why = None


class DeclarationRecordOut(Answer):
    """The signed content of a declaration: with `reason` where one was given."""

    model_config = ConfigDict(extra="allow")

    id: Id
    word: Word
    about: Annotated[
        dict[str, str], Field(description="`use`, or `since` and maybe `until` and `seal`.")
    ]
    declared_at: Moment


class DeclarationOut(Answer):
    """A declaration as it stands on the log."""

    log_index: LogIndex
    record: DeclarationRecordOut
    signature: Signature

    @classmethod
    def of(cls, record: StoredRecord) -> Self:
        """The form of this declaration."""
        return cls.model_validate(
            {
                "log_index": record.log_index,
                "record": orjson.loads(record.content),
                "signature": encode(record.signature),
            }
        )


class DeclarationsOut(Answer):
    """Declarations in the log's order."""

    declarations: list[DeclarationOut]


class DisputesOut(DeclarationsOut):
    """A page of a seal's declarations about times."""

    next: Next


EXAMPLE_DISCLOSURE: dict[str, Any] = {
    "actor": f"regulator:{EXAMPLE_ID} (Market supervision)",
    "order": "2026-117",
    "what": f"history of seal {EXAMPLE_ID}",
    "at": EXAMPLE_TIME,
}


class DisclosureRecordOut(Answer):
    """The signed content of a disclosure.

    With `company` unless it was of several, `order` where there was one, and `notice_after` where
    that kept it from the company until then.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE_DISCLOSURE]})

    id: Id
    actor: Annotated[str, Field(description="Who looked.")]
    what: Annotated[str, Field(description="At what.")]
    at: Moment


class DisclosureOut(Answer):
    """A look at a company's records as it stands on the log."""

    log_index: LogIndex
    record: DisclosureRecordOut
    signature: Signature

    @classmethod
    def of(cls, disclosed: Disclosed) -> Self:
        """The form of this disclosure."""
        return cls.model_validate(
            {
                "log_index": disclosed.log_index,
                "record": orjson.loads(disclosed.disclosure.encode()),
                "signature": encode(disclosed.signature),
            }
        )


class DisclosuresOut(Answer):
    """A page of looks, in the log's order."""

    disclosures: list[DisclosureOut]
    next: Next
