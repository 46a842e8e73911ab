"""Uses: what is on record, and what became of what was asked for."""

from __future__ import annotations

from typing import Annotated, Any, Self

import orjson
from pydantic import ConfigDict, Field

from eseal.service.oversight.records import HistoryEntry
from eseal.store.repositories.log import StoredAnchor
from eseal_api.schemas.common import (
    EXAMPLE_HASH,
    EXAMPLE_ID,
    Answer,
    Base64,
    BlockHash,
    Count,
    Digest,
    Hash,
    Id,
    Problem,
)
from eseal_api.schemas.companies import ChangeOut
from eseal_api.schemas.orders import EXAMPLE_USE

EXAMPLE_RECORDED: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "seal": EXAMPLE_ID,
    "log_index": 1204,
    "statement": {
        "v": 2,
        "id": EXAMPLE_ID,
        "seal": EXAMPLE_HASH,
        "ticket": {"volume": 0, "position": 7310, "value": EXAMPLE_HASH},
        **EXAMPLE_USE,
        "authorization": EXAMPLE_HASH,
        "not_before": {"chain_id": 1337, "number": 88, "hash": "0x" + EXAMPLE_HASH},
        "sealed_at": "2026-11-22T16:45:00Z",
        "nonce": EXAMPLE_HASH,
    },
    "cms": "MIIG...",
    "receipt": "c2sp.org/tlog-proof@v1\nindex 1204\n...",
}


class DocumentOut(Answer):
    """What became of one document of a batch: a use, or a problem."""

    file: Annotated[str, Field(description="The file's name, as it was sent.")]
    use: Id | None = None
    document: Annotated[
        str | None, Field(description="Where the sealed document can be fetched.")
    ] = None
    notes: Annotated[
        list[str] | None,
        Field(description="What to know of the choices made, e.g. which place was taken."),
    ] = None
    problem: Problem | None = None


class DocumentsOut(Answer):
    """A result per file, in the order of the files."""

    results: list[DocumentOut]


class StatementOut(Answer):
    """The signed statement of a use (RFC 8785 canonical JSON when signed)."""

    model_config = ConfigDict(extra="allow")

    v: int
    id: Id
    seal: Annotated[Hash, Field(description="The seal's handle.")]
    ticket: Annotated[
        dict[str, Any],
        Field(description="Torn from the seal's book: `volume`, `position`, `value`."),
    ]
    digest: Digest
    media_type: str
    purpose: str | None = None
    authorization: Hash
    not_before: dict[str, Any]
    sealed_at: str
    nonce: Hash


class UseOut(Answer):
    """A use that is durably on record, and its seal."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_RECORDED]})

    id: Id
    seal: Id
    log_index: Count
    statement: StatementOut
    cms: Annotated[Base64, Field(description="The seal signature: the content of a .p7s.")]
    receipt: Annotated[str, Field(description="C2SP tlog-proof: the proof of record.")]


class BatchUseOut(Answer):
    """A use of a batch: statement and receipt stand inside the seal signature."""

    id: Id
    seal: Id
    log_index: Count
    cms: Annotated[Base64, Field(description="The seal signature: the content of a .p7s.")]


class BatchItemOut(Answer):
    """What became of one use of a batch: `use` or `problem`."""

    use: BatchUseOut | None = None
    problem: Problem | None = None


class BatchOut(Answer):
    """What became of each use of a batch, in the order in which they were asked for."""

    results: list[BatchItemOut]


class AnchorOut(Answer):
    """A head of the log that is on the ledger."""

    size: Count
    root: Hash
    block: dict[str, Any]
    transaction: BlockHash

    @classmethod
    def of(cls, anchor: StoredAnchor) -> Self:
        """The form of this anchor."""
        return cls(
            size=anchor.size,
            root=anchor.root.hex(),
            block={
                "number": anchor.block_number,
                "hash": "0x" + anchor.block_hash.hex(),
                "timestamp": anchor.block_time,
            },
            transaction="0x" + anchor.transaction.hex(),
        )


class RecordOut(Answer):
    """A use as it stands on record."""

    id: Id
    company: Id
    seal: Id
    log_index: Count
    statement: StatementOut
    authorization: Annotated[
        str, Field(description="The approval record, exactly as the statement's hash covers it.")
    ]
    receipt: Annotated[str, Field(description="C2SP tlog-proof, at the anchor where there is one.")]
    anchor: Annotated[AnchorOut | None, Field(description="Null until the next anchor.")]

    @classmethod
    def of(cls, entry: HistoryEntry) -> Self:
        """The form of this use."""
        use = entry.use
        return cls(
            id=use.id,
            company=entry.company_id,
            seal=use.seal_id,
            log_index=use.log_index,
            statement=StatementOut.model_validate(orjson.loads(use.statement)),
            authorization=use.authorization.decode(),
            receipt=entry.receipt.decode(),
            anchor=None if entry.anchor is None else AnchorOut.of(entry.anchor),
        )


class HistoryOut(Answer):
    """A page of uses, oldest first, each with its proof."""

    uses: list[RecordOut]
    next: Annotated[
        Count | None, Field(description="`after` of the next page; null when this is the last.")
    ]


class SealHistoryOut(HistoryOut):
    """The life of a seal: every change of its status, and a page of its uses."""

    changes: list[ChangeOut]
