"""What a company gets to watch its seals alone, and what opens the leaves it finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eseal.errors import ConflictError
from eseal.model.commitment import Kind
from eseal.model.seal import SealState
from eseal.model.subject import SubjectProof
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.records import RecordRepository, StoredRecord
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.uses import UseRepository
from eseal.watch.file import WatchedSeal, WatchFile
from eseal.watch.history.openings import Opening

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.model.seal import Seal
    from eseal.model.use import Use
    from eseal.service.instance.context import Context

MAX_OPENINGS = 1000
"""Most openings in one answer: five megabytes."""
SEALS_PER_READ = 1000


class WatchFiles:
    """Makes watch files and opens leaves. Safe to call from several threads."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def watch_file(self, company_id: str) -> WatchFile:
        """All that a company needs to find the uses of its seals without asking us.

        Raises:
            NotFoundError: there is no such company.
            ConflictError: none of its seals is on the ledger yet: there is nothing to watch.
        """
        with self._context.database.read() as connection:
            company = CompanyRepository(connection).get(company_id)
            seals = self._seals(connection, company_id)
        if not seals:
            raise ConflictError(
                f"company {company_id} has no seal on the ledger yet: ask again when it has"
            )
        texts = [seal.subject_proof for seal in seals] + [company.subject_proof]
        proofs = {text: SubjectProof.parse(text) for text in texts}
        watched = [
            WatchedSeal(
                self._context.issuer_id,
                seal.certificate,
                self._context.books.book(seal.id).depth,
                self._context.books.key(seal.id),
            )
            for seal in seals
        ]
        ordered = sorted(proofs.values(), key=lambda proof: proof.valid_from)
        return WatchFile(tuple(ordered), tuple(watched))

    def openings(self, company_id: str, *, after: int, limit: int) -> Sequence[Opening]:
        """What the leaves of a company's books commit to, in the log's order.

        Args:
            company_id: the company.
            after: the log index to begin with: one more than that of the last one seen.
            limit: how many at most.
        """
        limit = min(limit, MAX_OPENINGS)
        with self._context.database.read() as connection:
            uses = UseRepository(connection).of_company(company_id, after=after - 1, limit=limit)
            records = [
                record
                for seal in self._seals(connection, company_id)
                for record in RecordRepository(connection).of_seal(
                    seal.id, Kind.DECLARATION, after=after - 1, limit=limit
                )
            ]
        found: list[Use | StoredRecord] = [*uses, *records]
        found.sort(key=lambda each: each.log_index)
        return [opening_of(self._context, each) for each in found[:limit]]

    def _seals(self, connection: Connection, company_id: str) -> list[Seal]:
        """Every seal of a company that the ledger has, whatever became of it."""
        found: list[Seal] = []
        after = ""
        while page := SealRepository(connection).page(
            company_id=company_id, limit=SEALS_PER_READ, after=after
        ):
            found += page
            after = page[-1].id
        return [seal for seal in found if seal.state is not SealState.PENDING]


def opening_of(context: Context, record: Use | StoredRecord) -> Opening:
    """What the leaf of a record of a seal commits to."""
    if isinstance(record, StoredRecord):
        return Opening(record.log_index, record.kind, record.content, record.signature)
    cms = context.cms_of(record, receipt=None)
    return Opening(record.log_index, Kind.USE, record.statement, cms)
