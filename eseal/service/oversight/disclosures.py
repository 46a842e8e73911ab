"""Who looked into a company's records, besides the company: on the log before it is shown.

Nobody sees from outside which leaf is one: its tag is random, its content is known here and to the
company.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import Disclosure, signed_message
from eseal.model.statement import HASH_BYTES, new_nonce
from eseal.service.oversight.paging import MAX_PAGE, page_size
from eseal.service.record.drafts import RecordDraft
from eseal.store.repositories.records import RecordRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.model.actor import Actor
    from eseal.service.instance.context import Context
    from eseal.service.record.sequencer import Sequencer
    from eseal.store.repositories.records import StoredRecord


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A look that is on record.

    Attributes:
        log_index: the index of its leaf, from 0.
        disclosure: who looked at what.
        signature: of the log's key, over ``signed_message`` of the disclosure's canonical JSON.
    """

    log_index: int
    disclosure: Disclosure
    signature: bytes


class Disclosures:
    """Puts looks on record and shows them to those who were looked at."""

    def __init__(self, context: Context, sequencer: Sequencer) -> None:
        self._context = context
        self._sequencer = sequencer

    def record(self, viewer: Actor, what: str, company_id: str | None) -> None:
        """Put on the log that somebody looks at a company's records; durable when this returns.

        Args:
            viewer: who looks.
            what: at what, in words and ids; never content of the records.
            company_id: whose records they are; ``None`` for those of several at once.

        Raises:
            ConflictError: the service is shutting down.
            CorruptionError: nothing is written any more, so nothing is shown either.
        """
        order = viewer.order
        content = Disclosure(
            id=new_id(),
            actor=viewer.told,
            what=what,
            at=self._context.now(),
            nonce=new_nonce(),
            order=None if order is None else order.number,
            notice_after=None if order is None else order.notice_after,
            company=company_id,
        ).encode()
        signature = self._context.sign_head(signed_message(Kind.DISCLOSURE, content))
        shown = secrets.token_bytes(HASH_BYTES)
        self._sequencer.append(RecordDraft(Kind.DISCLOSURE, content, signature, shown, company_id))

    def of_company(
        self, company_id: str, *, after: int = 0, limit: int = MAX_PAGE
    ) -> list[Disclosed]:
        """Who looked at a company's records, or at those of all companies, in the log's order.

        What an order still keeps from the company is left out; it shows up in its place later, so
        whoever reads again reads from the beginning.

        Args:
            company_id: the company.
            after: the log index to begin with: one more than that of the last one seen.
            limit: how many at most.
        """
        limit, now = page_size(limit), self._context.now()
        found: list[Disclosed] = []
        for record in self._records(company_id, after - 1):
            disclosure = Disclosure.parse(record.content)
            due = disclosure.notice_after
            if due is None or due <= now:
                found.append(Disclosed(record.log_index, disclosure, record.signature))
            if len(found) == limit:
                break
        return found

    def _records(self, company_id: str, after: int) -> Iterator[StoredRecord]:
        while True:
            with self._context.database.read() as connection:
                page = RecordRepository(connection).disclosures(
                    company_id, after=after, limit=MAX_PAGE
                )
            yield from page
            if len(page) < MAX_PAGE:
                return
            after = page[-1].log_index
