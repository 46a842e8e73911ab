"""Uses and kept documents, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from eseal.errors import NotFoundError
from eseal.model.statement import Statement
from eseal.model.use import Use
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.use_keys import KeyKind, UseKeyRepository, keys_of
from eseal.store.schema.rows import insert_rows
from eseal.store.schema.tables import documents, seals, uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COLUMNS = (
    uses.c.id,
    uses.c.seal_id,
    uses.c.log_index,
    uses.c.statement,
    uses.c.signature,
    uses.c.authorization,
)
ROWS_PER_READ = 4096
"""An auditor's step through the uses: a few megabytes in memory at a time."""


class UseIndex(NamedTuple):
    """By what a use is found; all of it follows from its statement.

    Attributes:
        digest: SHA-256 of what was sealed, 32 bytes.
        tag: its ticket's tag, as its leaf shows it, 32 bytes.
    """

    digest: bytes
    tag: bytes


class UseRepository:
    """Uses within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_many(self, new: Sequence[tuple[Use, UseIndex]]) -> None:
        """Keep new uses, each with what it is found by."""
        insert_rows(self._connection, uses, [use for use, _ in new])
        UseKeyRepository(self._connection).add(
            (use.log_index, keys_of(use.id, *index)) for use, index in new
        )

    def get(self, use_id: str) -> Use:
        """The use with this id.

        Raises:
            NotFoundError: there is none.
        """
        places = UseKeyRepository(self._connection).places(KeyKind.ID, use_id.encode())
        query = select(*_COLUMNS).where(uses.c.log_index.in_(places), uses.c.id == use_id)
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

    def of_seal(self, seal_id: str, *, after: int = -1, limit: int | None = None) -> list[Use]:
        """The uses of one seal with a log index above ``after``, in order."""
        query = select(*_COLUMNS).where(uses.c.seal_id == seal_id, uses.c.log_index > after)
        rows = self._connection.execute(query.order_by(uses.c.log_index).limit(limit))
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
        """The uses that sealed these bytes, oldest first."""
        found = self._by(KeyKind.DIGEST, digest, limit)
        return [use for use in found if Statement.parse(use.statement).digest == digest]

    def by_tag(self, tag: bytes) -> list[Use]:
        """The uses whose leaves show this tag, oldest first: one, unless a ticket was torn twice.

        Those whose keys are the same are among them, if ever there are: the caller knows the seal.
        """
        return self._by(KeyKind.TAG, tag, None)

    def first_from(self, index: int) -> Use | None:
        """The first use whose leaf stands at ``index`` or behind it."""
        query = select(*_COLUMNS).where(uses.c.log_index >= index)
        row = self._connection.execute(query.order_by(uses.c.log_index).limit(1)).one_or_none()
        return None if row is None else Use(*row)

    def iterate(self) -> Iterator[Use]:
        """All uses by log index, a few megabytes at a time."""
        after = -1
        while True:
            query = select(*_COLUMNS).where(uses.c.log_index > after)
            rows = self._connection.execute(query.order_by(uses.c.log_index).limit(ROWS_PER_READ))
            batch = [Use(*row) for row in rows]
            if not batch:
                return
            yield from batch
            after = batch[-1].log_index

    def count(self) -> int:
        """How many uses are on record."""
        return self._connection.execute(select(func.count()).select_from(uses)).scalar_one()

    def _by(self, kind: KeyKind, value: bytes, limit: int | None) -> list[Use]:
        places = UseKeyRepository(self._connection).places(kind, value)
        query = select(*_COLUMNS).where(uses.c.log_index.in_(places))
        rows = self._connection.execute(query.order_by(uses.c.log_index).limit(limit))
        return [Use(*row) for row in rows]

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
