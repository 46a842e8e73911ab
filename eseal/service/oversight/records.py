"""What stands on record about a use: its evidence and its history."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.documents.evidence import Evidence, EvidenceAnchor
from eseal.errors import NotFoundError
from eseal.model.ids import check_id
from eseal.model.statement import Statement
from eseal.service.instance.receipts import receipt_at
from eseal.service.oversight.paging import MAX_PAGE, page_size
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.log import LogRepository, StoredAnchor
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.uses import UseRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.model.use import Use
    from eseal.service.instance.context import Context

SAME_DOCUMENT_LIMIT = 16
"""Uses of one document that are looked at where nothing else than the document is shown."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One use in a history.

    Attributes:
        use: what is on record.
        company_id: whose seal it was.
        statement: the use's statement.
        receipt: C2SP tlog-proof at the earliest anchored head, else at the newest checkpoint.
        anchor: the anchor that covers it, or ``None`` while pending.
    """

    use: Use
    company_id: str
    statement: Statement
    receipt: bytes
    anchor: StoredAnchor | None


class Records:
    """Reads what is on record. Who is shown what of it: see :mod:`eseal.service.record_access`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def use(self, use_id: str) -> HistoryEntry:
        """One use.

        Raises:
            NotFoundError: there is none.
        """
        check_id(use_id)
        with self._context.database.read() as connection:
            return self._entry(connection, UseRepository(connection).get(use_id))

    def history(
        self,
        *,
        seal_id: str | None = None,
        company_id: str | None = None,
        after: int = 0,
        limit: int = MAX_PAGE,
    ) -> Sequence[HistoryEntry]:
        """The uses of one seal or of one company, oldest first, each with its proof.

        Args:
            seal_id: the seal, or
            company_id: the company.
            after: the log index to begin with: one more than that of the last use seen.
            limit: how many at most.

        Raises:
            NotFoundError: there is no such seal or company.
        """
        limit = page_size(limit)
        with self._context.database.read() as connection:
            uses = UseRepository(connection)
            if seal_id is not None:
                SealRepository(connection).get(seal_id)
                found = uses.of_seal(seal_id, after=after - 1, limit=limit)
            elif company_id is not None:
                CompanyRepository(connection).get(company_id)
                found = uses.of_company(company_id, after=after - 1, limit=limit)
            else:
                raise NotFoundError("a history is of a seal or of a company; neither was named")
            return [self._entry(connection, use) for use in found]

    def evidence(self, use_id: str) -> Evidence:
        """All that is needed to check a use without us.

        Raises:
            NotFoundError: there is no such use.
        """
        check_id(use_id)
        with self._context.database.read() as connection:
            return self._evidence(connection, UseRepository(connection).get(use_id))

    def evidence_of_digest(self, digest: bytes) -> Sequence[Evidence]:
        """The evidence of every use that sealed these bytes, oldest first, a few at most.

        So what is said of a document that was sealed once is said for good, whoever seals it later.
        """
        with self._context.database.read() as connection:
            found = UseRepository(connection).by_digest(digest, limit=SAME_DOCUMENT_LIMIT)
            return [self._evidence(connection, use) for use in found]

    def first_of_digest(self, digest: bytes) -> tuple[Statement, StoredAnchor | None] | None:
        """The first use that sealed these bytes, and what anchors it, or ``None``."""
        with self._context.database.read() as connection:
            found = UseRepository(connection).by_digest(digest, limit=1)
            if not found:
                return None
            anchor = LogRepository(connection).anchor_covering(found[0].log_index)
            return self._context.statement_of(found[0]), anchor

    def evidence_for(self, digest: bytes, use_id: str | None) -> Sequence[Evidence]:
        """The evidence on record for a sealed content: a :class:`eseal.verify.RecordSource`.

        A receipt can be cut out of a sealed document without breaking the seal; the record stays.

        Args:
            digest: SHA-256 of what was sealed, 32 bytes.
            use_id: the use its statement names, or ``None`` if that cannot be read.
        """
        if use_id is not None:
            with suppress(NotFoundError):
                return [self.evidence(use_id)]
        return self.evidence_of_digest(digest)

    def _entry(self, connection: Connection, use: Use) -> HistoryEntry:
        seal = SealRepository(connection).get(use.seal_id)
        statement = self._context.statement_of(use)
        anchor, receipt = self._proof(connection, use)
        return HistoryEntry(use, seal.company_id, statement, receipt, anchor)

    def _evidence(self, connection: Connection, use: Use) -> Evidence:
        anchor, receipt = self._proof(connection, use)
        seal = SealRepository(connection).get(use.seal_id)
        return Evidence(
            statement=self._context.statement_of(use),
            cms=self._context.cms_of(use, receipt),
            chain=seal.chain,
            issuer=self._context.issuer_id,
            receipt=receipt,
            origin=self._context.instance.origin,
            public_key=self._context.log_public_key,
            anchor=None if anchor is None else self._anchor(anchor),
        )

    @staticmethod
    def _proof(connection: Connection, use: Use) -> tuple[StoredAnchor | None, bytes]:
        log = LogRepository(connection)
        anchor = log.anchor_covering(use.log_index)
        note = anchor.note if anchor else log.checkpoint().note
        return anchor, receipt_at(log, note, use.log_index)

    def _anchor(self, anchor: StoredAnchor) -> EvidenceAnchor:
        return EvidenceAnchor(
            chain_id=self._context.ledger.chain_id,
            contract=self._context.ledger.usage_ledger,
            log_id=self._context.instance.log_id,
            epoch=anchor.epoch,
            size=anchor.size,
            root=anchor.root,
            block_number=anchor.block_number,
            block_hash=anchor.block_hash,
            block_timestamp=anchor.block_time,
            transaction=anchor.transaction,
        )
