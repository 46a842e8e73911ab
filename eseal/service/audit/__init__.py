"""The audit: log × database × ledger, whole. Names every disagreement.

The log is recomputed from its leaves; every head on the ledger, every tile, the newest checkpoint,
every use with its signature, every company's subject, and every seal's status is compared with what
the others say. Rows that carry authority must be those that this instance wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import CorruptionError
from eseal.ledger.facts import Anchor, Head, Status
from eseal.model.seal import Seal, SealState, seal_handle
from eseal.service.audit.companies import CompanyAudit
from eseal.service.audit.documents import DocumentAudit
from eseal.service.audit.log import LogAudit, Tell
from eseal.service.audit.report import AuditReport, Disagreement
from eseal.service.audit.tickets import TicketAudit
from eseal.service.audit.uses import UseAudit
from eseal.store.repositories.log import LogRepository, StoredAnchor
from eseal.store.repositories.records import RecordRepository
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.uses import UseRepository
from eseal.store.row_check import rows_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.service.instance.context import Context

__all__ = ["Audit", "AuditReport", "Disagreement"]

SEALS_PER_READ = 1000

_STATUS = {
    SealState.PENDING: (Status.UNKNOWN,),
    SealState.ACTIVE: (Status.ACTIVE, Status.NOT_YET_VALID, Status.EXPIRED),
    SealState.SUSPENDED: (Status.SUSPENDED, Status.EXPIRED),
    SealState.REVOKED: (Status.REVOKED,),
}
"""What the ledger may say of a seal in each state."""

_NONE = (0, 0, 0, 0, 0)


class Audit:
    """Compares all that is on record."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self) -> AuditReport:
        """Audit everything.

        The database is read in one transaction, so uses may go on meanwhile.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked.
        """
        found: list[Disagreement] = []

        def tell(kind: str, message: str) -> None:
            found.append(Disagreement(kind, message))

        try:
            counts = self._compare(tell)
        except CorruptionError as error:
            tell("value_malformed", f"{error}; what comes behind it was not compared")
            counts = _NONE
        leaves, uses, seals, anchors, pending = counts
        return AuditReport(
            leaves=leaves,
            uses=uses,
            seals=seals,
            anchors=anchors,
            pending=pending,
            disagreements=tuple(found),
        )

    def _compare(self, tell: Tell) -> tuple[int, int, int, int, int]:
        """Compare all; the numbers of the report."""
        ledger = self._context.connection.reader
        this_log = self._context.instance.log_id
        # What is remembered of the database is asked before the transaction begins to see.
        floors = self._context.database.binding.floors.seen()
        released = self._context.released.head()
        with self._context.database.read(checked=False) as connection:
            for row in rows_in(connection, floors):
                tell("foreign_row", f"this instance did not write it so: {row}")
            log = LogRepository(connection)
            # The ledger is asked after the transaction began to see: it may be ahead, not behind.
            stored = log.anchors()
            size = log.checkpoint().size
            on_ledger = [a for a in ledger.anchors(this_log) if a.head.size <= size]
            newest = ledger.head(this_log)
            if newest.size > size and not self._grew(size):
                tell(
                    "log_behind_ledger",
                    f"the ledger's head has {newest.size} leaves, the log {size}",
                )
            sizes = [a.head.size for a in on_ledger]
            audit = LogAudit(log, sizes if released is None else [*sizes, released.size], tell)
            repository = UseRepository(connection)
            tickets = TicketAudit(self._context, connection, tell)
            records = RecordRepository(connection).iterate()
            uses = UseAudit(self._context, repository.iterate(), records, tickets, tell)
            for leaf in audit.leaves():
                uses.check(leaf)
            uses.finish(connection)
            audit.check_checkpoint(self._context.log_public_key, self._context.instance.origin)
            _compare_anchors(audit.roots, stored, on_ledger, tell)
            _compare_released(audit.roots, released, size, tell)
            companies = CompanyAudit(ledger, tell)
            companies.run(connection)
            seals = self._check_seals(connection, companies, tell)
            DocumentAudit(self._context, tell).run(connection)
        anchored = max((a.head.size for a in on_ledger), default=0)
        return audit.size, uses.count, seals, len(on_ledger), audit.size - anchored

    def _grew(self, size: int) -> bool:
        """Whether the log has grown beyond ``size`` while we looked."""
        with self._context.database.read() as connection:
            return LogRepository(connection).checkpoint().size > size

    def _check_seals(self, connection: Connection, companies: CompanyAudit, tell: Tell) -> int:
        repository = SealRepository(connection)
        on_their_way = {change.seal_id for change in repository.unconfirmed()}
        count, after = 0, ""
        while page := repository.page(limit=SEALS_PER_READ, after=after):
            for seal in page:
                if seal.id not in on_their_way:
                    self._check_seal(seal, companies, tell)
            count += len(page)
            after = page[-1].id
        for seal_id in repository.misnumbered():
            tell("seal_differs", f"seal {seal_id}: its serial number is not its certificate's")
        return count

    def _check_seal(self, seal: Seal, companies: CompanyAudit, tell: Tell) -> None:
        ledger = self._context.connection.reader
        registered = ledger.seal(seal.handle)
        if registered is None:
            tell("seal_unregistered", f"seal {seal.id} is {seal.state} here, unknown to the ledger")
            return
        if seal.handle != seal_handle(self._context.issuer_id, seal.certificate):
            tell("seal_differs", f"seal {seal.id}: its handle is not that of its certificate")
        companies.check_seal(seal, registered.subject)
        if registered.issuer != self._context.issuer_id:
            tell("seal_differs", f"seal {seal.id} is registered by another issuer")
        validity = (int(seal.not_before.timestamp()), int(seal.not_after.timestamp()))
        if (registered.not_before, registered.not_after) != validity:
            tell("seal_differs", f"seal {seal.id}: its validity here is not the ledger's")
        now = ledger.final_block().timestamp
        status = ledger.status_at(seal.handle, now).status
        if status not in _STATUS[seal.state]:
            tell(
                "seal_differs",
                f"seal {seal.id} is {seal.state} here, {status.name.lower()} on the ledger",
            )


def _compare_released(
    roots: dict[int, bytes], released: Head | None, size: int, tell: Tell
) -> None:
    if released is not None and released.size > size:
        tell(
            "released_lost",
            f"a head of {released.size} leaves was released, the database holds {size}: the "
            f"records of leaves {size} to {released.size - 1} are lost",
        )
    elif released is not None and roots.get(released.size, released.root) != released.root:
        tell("root_differs", f"at {released.size} leaves another root was released")


def _compare_anchors(
    roots: dict[int, bytes], stored: list[StoredAnchor], on_ledger: list[Anchor], tell: Tell
) -> None:
    by_size = {anchor.head.size: anchor for anchor in on_ledger}
    for size, anchor in by_size.items():
        ours = roots.get(size)
        if ours is None:
            tell("anchor_beyond_log", f"the ledger holds a head of {size} leaves, the log does not")
        elif ours != anchor.head.root:
            tell(
                "root_differs",
                f"at {size} leaves the ledger holds root {anchor.head.root.hex()}, "
                f"the leaves give {ours.hex()}",
            )
    for kept in stored:
        known = by_size.get(kept.size)
        if known is None:
            tell("anchor_unknown", f"the anchor at {kept.size} leaves is not on the ledger")
        elif (kept.root, kept.block_hash, kept.transaction) != (
            known.head.root,
            known.block.hash,
            known.transaction,
        ):
            tell("anchor_differs", f"the anchor at {kept.size} leaves is not the ledger's")
