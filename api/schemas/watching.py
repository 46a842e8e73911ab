"""Watch files and openings."""

from __future__ import annotations

import base64
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.schemas.common import Answer, Asked, Base64, Count, Hash
from eseal.service.watch_files import LeafOpening
from eseal.watch.envelope import MIN_PASSPHRASE_CHARS


class WatchFileIn(Asked):
    """Who can open the watch file: who knows a passphrase, or who holds a key."""

    passphrase: Annotated[
        str | None,
        # its length is not checked here: an error of this form shows what came
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
    def of(cls, opening: LeafOpening) -> Self:
        """The form of this opening."""
        return cls.model_validate(
            {
                "log_index": opening.log_index,
                "kind": opening.kind.name.lower(),
                "content": opening.content.decode(),
                "signature": base64.b64encode(opening.signature).decode("ascii"),
            }
        )


class OpeningsOut(Answer):
    """A page of openings, in the log's order."""

    log_id: Annotated[Hash, Field(description="The log on the ledger.")]
    openings: list[OpeningOut]
    next: Annotated[
        Count | None, Field(description="`after` of the next page; null when this is the last.")
    ]
