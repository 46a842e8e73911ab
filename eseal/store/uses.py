"""Uses, disclosures and kept documents, as rows."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)

from eseal.errors import NotFoundError
from eseal.model.use import Use
from eseal.store.bound_rows import rows_of
from eseal.store.rows import insert_rows
from eseal.store.tables import (
    SEGMENT_USES,
    USE_SEGMENT,
    disclosures,
    documents,
    seals,
    uses,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_COLUMNS = (
    uses.c.id,
    uses.c.seal_id,
    uses.c.seq,
    uses.c.log_index,
    uses.c.statement,
    uses.c.signature,
    uses.c.authorization,
)
_EARLIER = uses.alias("earlier")
_NEWEST = select(func.max(_EARLIER.c.seq)).where(_EARLIER.c.seal_id == seals.c.id)
_LAST_OF = (
    select(*_COLUMNS)
    .join(seals, uses.c.seal_id == seals.c.id)
    .where(
        seals.c.id.in_(bindparam("seal_ids", expanding=True)),
        uses.c.seq == _NEWEST.scalar_subquery(),
    )
)
"""Asked in every commit, and dearer to put together than to answer: so it is put together once."""
_NEWEST_SEGMENT = select(func.coalesce(func.max(uses.c.log_index), 0) // SEGMENT_USES)
ROWS_PER_READ = 4096
"""An auditor's step through the uses: a few megabytes in memory at a time."""


class UseRepository:
    """Uses within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_many(self, new: Iterable[tuple[Use, bytes]]) -> None:
        """Keep new uses, each with the digest its statement names."""
        rows = [
            (
                use.id,
                use.seal_id,
                use.seq,
                use.log_index,
                digest,
                use.statement,
                use.signature,
                use.authorization,
            )
            for use, digest in new
        ]
        insert_rows(self._connection, uses, rows)

    def get(self, use_id: str) -> Use:
        """The use with this id.

        Raises:
            NotFoundError: there is none.
        """
        query = select(*_COLUMNS).where(self._any_segment(), uses.c.id == use_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"no use {use_id!r}")
        return Use(*row)

    def at(self, indexes: Sequence[int]) -> dict[int, Use]:
        """The uses whose leaves stand at these indexes of the log; others are left out."""
        found: dict[int, Use] = {}
        for start in range(0, len(indexes), ROWS_PER_READ):
            part = uses.c.log_index.in_(indexes[start : start + ROWS_PER_READ])
            rows = self._connection.execute(select(*_COLUMNS).where(part))
            found |= {row.log_index: Use(*row) for row in rows}
        return found

    def last_of(self, seal_ids: Iterable[str]) -> dict[str, Use]:
        """The newest use of each seal that has one, by seal id.

        One look into the index per seal: grouping would read every use the seals ever had.
        """
        found = self._connection.execute(_LAST_OF, {"seal_ids": list(seal_ids)})
        return {row.seal_id: Use(*row) for row in found}

    def of_seal(self, seal_id: str, *, after: int = 0, limit: int | None = None) -> list[Use]:
        """The uses of one seal with a ``seq`` above ``after``, in order."""
        query = select(*_COLUMNS).where(uses.c.seal_id == seal_id, uses.c.seq > after)
        rows = self._connection.execute(query.order_by(uses.c.seq).limit(limit))
        return [Use(*row) for row in rows]

    def of_company(
        self, company_id: str, *, after: int = -1, limit: int | None = None
    ) -> list[Use]:
        """The uses of a company's seals with a log index above ``after``, in order."""
        query = select(*_COLUMNS).join(seals, uses.c.seal_id == seals.c.id)
        query = query.where(seals.c.company_id == company_id, uses.c.log_index > after)
        rows = self._connection.execute(query.order_by(uses.c.log_index).limit(limit))
        return [Use(*row) for row in rows]

    def by_digest(self, digest: bytes, *, limit: int) -> list[Use]:
        """The uses that sealed these bytes, newest first."""
        query = select(*_COLUMNS).where(self._any_segment(), uses.c.digest == digest)
        rows = self._connection.execute(query.order_by(uses.c.log_index.desc()).limit(limit))
        return [Use(*row) for row in rows]

    def waiting_since(self, index: int) -> str | None:
        """When the first leaf from ``index`` on was made, RFC 3339; ``None`` if there is none."""
        made = select(uses.c.log_index, uses.c.statement.label("record"), literal("sealed_at"))
        looked = select(disclosures.c.log_index, disclosures.c.record, literal("at"))
        both = union_all(
            *(
                select(each.subquery())
                for each in (
                    made.where(uses.c.log_index >= index).order_by(uses.c.log_index).limit(1),
                    looked.where(disclosures.c.log_index >= index)
                    .order_by(disclosures.c.log_index)
                    .limit(1),
                )
            )
        )
        found = self._connection.execute(both).all()
        if not found:
            return None
        _, record, member = min(found, key=itemgetter(0))
        text: str = orjson.loads(record)[member]
        return text

    def iterate(self) -> Iterator[tuple[Use, bytes]]:
        """All uses with their indexed digest, by log index, a few megabytes at a time."""
        after = -1
        while True:
            query = select(*_COLUMNS, uses.c.digest).where(uses.c.log_index > after)
            rows = self._connection.execute(query.order_by(uses.c.log_index).limit(ROWS_PER_READ))
            batch: list[Any] = list(rows)
            if not batch:
                return
            yield from ((Use(*row[:-1]), row.digest) for row in batch)
            after = batch[-1].log_index

    def count(self) -> int:
        """How many uses are on record."""
        return self._connection.execute(select(func.count()).select_from(uses)).scalar_one()

    def _any_segment(self) -> ColumnElement[bool]:
        """All segments there are: what a look-up by id or digest needs to use its index."""
        newest = self._connection.execute(_NEWEST_SEGMENT).scalar_one()
        return USE_SEGMENT.in_(range(newest + 1))

    def add_disclosure(self, log_index: int, record: bytes) -> None:
        """Keep the record of a look into a company's history."""
        values = {"log_index": log_index, "record": record}
        self._connection.execute(insert(disclosures).values(values))

    def disclosures(self) -> dict[int, bytes]:
        """All disclosure records by log index."""
        rows = self._connection.execute(select(disclosures).order_by(disclosures.c.log_index))
        return {row.log_index: row.record for row in rows}

    def keep_document(self, use_id: str, ciphertext: bytes, expires_at: datetime) -> None:
        """Keep the encrypted sealed bytes of a use until ``expires_at``."""
        values = {"use_id": use_id, "ciphertext": ciphertext, "expires_at": expires_at}
        values |= rows_of(self._connection).reboxed(documents, values)
        self._connection.execute(insert(documents).values(values))

    def kept_document(self, use_id: str) -> bytes | None:
        """The encrypted sealed bytes of a use, or ``None`` if they are not kept (any more)."""
        query = select(documents.c.ciphertext).where(documents.c.use_id == use_id)
        ciphertext: bytes | None = self._connection.execute(query).scalar_one_or_none()
        return ciphertext

    def drop_documents(self, *, expired_at: datetime) -> int:
        """Forget all kept documents that have expired; how many."""
        expired = delete(documents).where(documents.c.expires_at <= expired_at)
        return self._connection.execute(expired).rowcount

    def drop_kept(self, use_ids: Sequence[str]) -> None:
        """Forget the kept documents of these uses."""
        self._connection.execute(delete(documents).where(documents.c.use_id.in_(use_ids)))
