"""What this instance's log holds beside one use: a ``HistorySource`` of :mod:`eseal.verify`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eseal.errors import NotFoundError
from eseal.model.book import tag as tag_of
from eseal.model.commitment import Kind
from eseal.model.records import Declaration
from eseal.store.repositories.records import RecordRepository
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.uses import UseRepository
from eseal.verify import Declared, Torn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.model.use import Use
    from eseal.service.instance.context import Context
    from eseal.store.repositories.records import StoredRecord

MOST_DECLARATIONS = 1000
"""Of a seal, about spans of time; a company that has more needs another seal."""


class LocalHistory:
    """The uses and declarations on record here."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def torn(self, log_id: bytes, tag: bytes) -> Sequence[Torn] | None:
        """The uses whose leaves show a tag, or ``None`` if the log is not this instance's."""
        if log_id != self._context.instance.log_id:
            return None
        with self._context.database.read() as connection:
            found = UseRepository(connection).by_tag(tag)
        return [self._torn(use) for use in found if self._tag(use) == tag]

    def declared(self, log_id: bytes, handle: bytes, use_id: str) -> Sequence[Declared] | None:
        """The declarations about a use of a seal, or about spans of time, the oldest first."""
        if log_id != self._context.instance.log_id:
            return None
        with self._context.database.read() as connection:
            records = RecordRepository(connection)
            try:
                seal = SealRepository(connection).by_handle(handle)
            except NotFoundError:
                return []
            about = records.of_use(use_id)
            about += records.of_seal(
                seal.id, Kind.DECLARATION, limit=MOST_DECLARATIONS, without_use=True
            )
            declarations = [each for each in about if each.kind is Kind.DECLARATION]
            declarations.sort(key=lambda each: each.log_index)
            return [_declared(each, SealRepository(connection)) for each in declarations]

    def _tag(self, use: Use) -> bytes:
        statement = self._context.statement_of(use)
        return tag_of(statement.seal, statement.ticket)

    def _torn(self, use: Use) -> Torn:
        signer = self._context.signer(use.seal_id)
        committed = signer.commitment(Kind.USE, use.statement, use.signature)
        return Torn(use.log_index, committed, partial(self._context.cms_of, use, None))


def _declared(record: StoredRecord, seals: SealRepository) -> Declared:
    speaker = seals.by_handle(Declaration.parse(record.content).seal)
    return Declared(record.log_index, record.content, record.signature, speaker.certificate)
