"""Watch files and openings."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from eseal.model.json_values import MAX_UNSIGNED_32
from eseal.watch.envelope import MIN_PASSPHRASE_CHARS
from eseal.watch.history.openings import Opening, opening_members
from eseal_api.schemas.common import Answer, Base64, Count, Hash, Moment
from eseal_api.schemas.reading import Asked, Secret


class WatchFileIn(Secret):
    """Who can open the watch file: who knows a passphrase, or who holds a key."""

    passphrase: Annotated[
        str | None,
        Field(description=f"At least {MIN_PASSPHRASE_CHARS} characters."),
    ] = None
    recipient: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-f]{64}$", description="An X25519 public key, 32 bytes in hex digits."
        ),
    ] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.passphrase is None) == (self.recipient is None):
            raise ValueError("expected either a passphrase or a recipient")
        return self


class OpeningOut(Answer):
    """What a leaf of the company's books commits to."""

    log_index: Count
    kind: Literal["use", "declaration", "roster"]
    content: Annotated[str, Field(description="Canonical JSON, exactly as the leaf commits to it.")]
    signature: Annotated[
        Base64,
        Field(description="Of a use: the seal signature (CMS). Else the signature value."),
    ]

    @classmethod
    def of(cls, opening: Opening) -> Self:
        """The form of this opening."""
        return cls.model_validate(opening_members(opening))


class OpeningsOut(Answer):
    """A page of openings, in the log's order."""

    log_id: Annotated[Hash, Field(description="The log on the ledger.")]
    openings: list[OpeningOut]
    next: Annotated[
        Count | None, Field(description="`after` of the next page; null when this is the last.")
    ]


class TicketsIn(Asked):
    """A period of a seal, by the ledger's time, and from which volume on."""

    since: Annotated[Moment, Field(description="Its beginning.")]
    until: Annotated[Moment, Field(description="Its end, over by now and not of it any more.")]
    first_volume: Annotated[
        int,
        Field(
            ge=0,
            le=MAX_UNSIGNED_32,
            description="Leave out the volumes before this one.",
        ),
    ] = 0
