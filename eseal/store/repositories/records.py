"""Records that have a leaf and are not uses, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import insert, select

from eseal.errors import CorruptionError
from eseal.model.commitment import Kind
from eseal.store.repositories.uses import UseRepository
from eseal.store.schema.tables import log_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Row

_TIMES = ("sealed_at", "declared_at", "at")
"""The members in which records of all kinds say when they were made."""
ROWS_PER_READ = 4096
"""An auditor's step through the records."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record on the log.

    Attributes:
        log_index: the index of its leaf, from 0.
        kind: what it is.
        content: its canonical JSON.
        signature: over it, as it was made.
        company_id: whose records it is about, or ``None``.
        seal_id: which seal it is about, or ``None``.
        use_id: which use it is about, or ``None``.
    """

    log_index: int
    kind: Kind
    content: bytes
    signature: bytes
    company_id: str | None = None
    seal_id: str | None = None
    use_id: str | None = None


class RecordRepository:
    """Records within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: StoredRecord) -> None:
        """Keep a new record."""
        values: dict[str, Any] = {name: getattr(record, name) for name in log_records.c.keys()}  # noqa: SIM118
        self._connection.execute(insert(log_records).values(values))

    def of_company(
        self, company_id: str, kind: Kind, *, after: int = -1, limit: int
    ) -> list[StoredRecord]:
        """The records of one kind about a company, with an index above ``after``, in order."""
        return self._page(log_records.c.company_id == company_id, kind, after, limit)

    def of_seal(
        self,
        seal_id: str,
        kind: Kind,
        *,
        after: int = -1,
        limit: int | None = None,
        without_use: bool = False,
    ) -> list[StoredRecord]:
        """The records of one kind about a seal, with an index above ``after``, in order.

        Args:
            seal_id: the seal.
            kind: of the records.
            after: the last index seen.
            limit: how many at most, or ``None``.
            without_use: leave out those about a single use.
        """
        about = log_records.c.seal_id == seal_id
        if without_use:
            about &= log_records.c.use_id.is_(None)
        return self._page(about, kind, after, limit)

    def disclosures(self, company_id: str, *, after: int, limit: int) -> list[StoredRecord]:
        """Looks at a company or at several, with an index above ``after``, in order."""
        about = log_records.c.company_id.is_(None) | (log_records.c.company_id == company_id)
        return self._page(about, Kind.DISCLOSURE, after, limit)

    def of_use(self, use_id: str) -> list[StoredRecord]:
        """The records about one use, in order."""
        query = select(log_records).where(log_records.c.use_id == use_id)
        rows = self._connection.execute(query.order_by(log_records.c.log_index))
        return [_record(row) for row in rows]

    def first_from(self, index: int) -> StoredRecord | None:
        """The first record whose leaf stands at ``index`` or behind it."""
        query = select(log_records).where(log_records.c.log_index >= index)
        row = self._connection.execute(
            query.order_by(log_records.c.log_index).limit(1)
        ).one_or_none()
        return None if row is None else _record(row)

    def iterate(self) -> Iterator[StoredRecord]:
        """All records by log index, a few megabytes at a time."""
        after = -1
        while True:
            query = select(log_records).where(log_records.c.log_index > after)
            query = query.order_by(log_records.c.log_index).limit(ROWS_PER_READ)
            found = [_record(row) for row in self._connection.execute(query)]
            if not found:
                return
            yield from found
            after = found[-1].log_index

    def _page(
        self, about: ColumnElement[bool], kind: Kind, after: int, limit: int | None
    ) -> list[StoredRecord]:
        query = select(log_records).where(
            about, log_records.c.kind == kind, log_records.c.log_index > after
        )
        rows = self._connection.execute(query.order_by(log_records.c.log_index).limit(limit))
        return [_record(row) for row in rows]


def _record(row: Row[Any]) -> StoredRecord:
    try:
        kind = Kind(row.kind)
    except ValueError:
        raise CorruptionError(
            f"record {row.log_index}: expected a kind of record, got {row.kind}; run: eseal audit"
        ) from None
    return StoredRecord(**{**row._mapping, "kind": kind})  # noqa: SLF001  # public accessor


def waiting_since(connection: Connection, index: int) -> str | None:
    """When the first leaf from ``index`` on was made, RFC 3339; ``None`` if there is none.

    Raises:
        CorruptionError: what is stored says no time.
    """
    use = UseRepository(connection).first_from(index)
    record = RecordRepository(connection).first_from(index)
    if use is not None and (record is None or use.log_index < record.log_index):
        content = use.statement
    elif record is not None:
        content = record.content
    else:
        return None
    try:
        members = orjson.loads(content)
        return str(next(members[name] for name in _TIMES if name in members))
    except (ValueError, TypeError, StopIteration):
        raise CorruptionError(
            f"a leaf from {index} on is of something that says no time; run: eseal audit"
        ) from None
