"""The uses and the other records against their leaves, their signatures and their tickets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from eseal.documents.cms import decode, verify_signature
from eseal.errors import ESealError, ForeignRowError, InvalidFormatError
from eseal.model.book import tag
from eseal.model.commitment import Kind, commitment
from eseal.model.records import Declaration, Disclosure
from eseal.model.statement import Statement
from eseal.service.audit.keys import KeyAudit
from eseal.service.audit.log import Tell
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.log.leaf import Leaf
    from eseal.model.seal import Seal
    from eseal.model.use import Use
    from eseal.service.audit.tickets import TicketAudit
    from eseal.service.instance.context import Context
    from eseal.store.repositories.records import StoredRecord

Row = TypeVar("Row")


class Walk(Generic[Row]):
    """Takes rows in the order of the log, side by side with its leaves."""

    def __init__(self, rows: Iterator[tuple[int, Row]], what: str, tell: Tell) -> None:
        """Prepare.

        Args:
            rows: with the index of their leaf, in order.
            what: what they are called.
            tell: hears of rows without a leaf.
        """
        self._rows = rows
        self._what = what
        self._tell = tell
        self._next = next(rows, None)
        self.count = 0

    def at(self, index: int) -> Row | None:
        """The row of the leaf at ``index``, or ``None``; rows before it have no leaf."""
        while self._next is not None and self._next[0] <= index:
            found, row = self._next
            self._next = next(self._rows, None)
            self.count += 1
            if found == index:
                return row
            self._tell("leaf_missing", f"the {self._what} recorded at {found} has no such leaf")
        return None

    def finish(self) -> None:
        """Tell of rows behind the last leaf."""
        while self._next is not None:
            self.at(self._next[0])
            self._tell("leaf_missing", f"a {self._what} is recorded behind the last leaf")


class UseAudit:
    """Compares uses and other records with their leaves."""

    def __init__(
        self,
        context: Context,
        uses: Iterator[Use],
        records: Iterator[StoredRecord],
        tickets: TicketAudit,
        tell: Tell,
    ) -> None:
        """Prepare.

        Args:
            context: the instance, for its seals.
            uses: all uses, in the order of the log.
            records: all other records, in the order of the log.
            tickets: sees every ticket.
            tell: hears of each disagreement.
        """
        self._context = context
        self._uses = Walk(((use.log_index, use) for use in uses), "use", tell)
        self._records = Walk(((each.log_index, each) for each in records), "record", tell)
        self._tickets = tickets
        self._keys = KeyAudit(tell)
        self._tell = tell

    @property
    def count(self) -> int:
        """Uses seen so far."""
        return self._uses.count

    def check(self, leaf: Leaf) -> None:
        """Find what the database has for this leaf and compare."""
        use, record = self._uses.at(leaf.index), self._records.at(leaf.index)
        if use is not None:
            self._check_use(leaf, use)
        elif record is not None:
            self._check_record(leaf, record)
        else:
            self._tell(
                "use_missing", f"leaf {leaf.index} is of a record the database does not hold"
            )

    def finish(self, connection: Connection) -> None:
        """Tell of rows behind the last leaf, and of uses that are not found as they should be."""
        self._uses.finish()
        self._records.finish()
        self._keys.finish(connection)

    def _check_use(self, leaf: Leaf, use: Use) -> None:
        try:
            statement = Statement.parse(use.statement)
        except InvalidFormatError as error:
            self._tell("statement_malformed", f"use {use.id}: {error}")
            return
        self._keys.expect(leaf.index, use.id, statement.digest, leaf.tag)
        try:
            signer = self._context.signer(use.seal_id)
            committed = signer.commitment(Kind.USE, use.statement, use.signature)
        except ForeignRowError:  # of the seal; told already
            return
        except ESealError as error:
            self._tell("signature_invalid", f"use {use.id}: {error}")
            return
        if committed != leaf.commitment:
            self._tell("leaf_differs", f"use {use.id} is not what leaf {leaf.index} commits to")
        if tag(signer.handle, statement.ticket) != leaf.tag:
            self._tell("leaf_differs", f"use {use.id} has another ticket than leaf {leaf.index}")
        self._check_fields(use, statement, signer.handle)
        what = f"use {use.id}"
        block = statement.not_before.number
        self._tickets.check(use.seal_id, statement.ticket, block, what)
        try:
            verify_signature(decode(self._context.cms_of(use, None)))
        except ForeignRowError:  # of its book; told already
            return
        except ESealError as error:
            self._tell("signature_invalid", f"use {use.id}: {error}")

    def _check_fields(self, use: Use, statement: Statement, handle: bytes) -> None:
        pairs = {
            "id": (use.id, statement.id),
            "seal": (handle.hex(), statement.seal.hex()),
            "authorization": (
                hashlib.sha256(use.authorization).hexdigest(),
                statement.authorization.hex(),
            ),
        }
        for name, (stored, stated) in pairs.items():
            if stored != stated:
                self._tell(
                    "use_differs",
                    f"use {use.id}: the database says {name} {stored}, its statement {stated}",
                )

    def _check_record(self, leaf: Leaf, record: StoredRecord) -> None:
        what = f"the {record.kind.name.lower()} at {leaf.index}"
        try:
            if record.kind is Kind.DECLARATION:
                committed = self._declared(leaf, record, what)
            else:
                self._check_company(record, what)
                committed = commitment(record.kind, record.content, record.signature)
        except ForeignRowError:  # of the seal; told already
            return
        except ESealError as error:
            self._tell("record_malformed", f"{what}: {error}")
            return
        if committed != leaf.commitment:
            self._tell("leaf_differs", f"{what} is not what its leaf commits to")

    def _check_company(self, record: StoredRecord, what: str) -> None:
        """A disclosure that names a company must be shown to that one."""
        if record.kind is Kind.DISCLOSURE:
            named = Disclosure.parse(record.content).company
            if named != record.company_id:
                self._tell("record_differs", f"{what} names another company than the database")

    def _declared(self, leaf: Leaf, record: StoredRecord, what: str) -> bytes:
        declaration = Declaration.parse(record.content)
        about, speaker = self._seals_of(record, declaration)
        if _line(about) != _line(speaker) or not _is_about(record, declaration, about.handle):
            self._tell("record_differs", f"{what} is about something else than the database says")
        signer = self._context.signer(speaker.id)
        if tag(signer.handle, declaration.ticket) != leaf.tag:
            self._tell("leaf_differs", f"{what} has another ticket than its leaf")
        block = declaration.not_before.number
        self._tickets.check(speaker.id, declaration.ticket, block, what)
        return signer.commitment(record.kind, record.content, record.signature)

    def _seals_of(self, record: StoredRecord, declaration: Declaration) -> tuple[Seal, Seal]:
        """The seal that a declaration is about, and the one that speaks."""
        with self._context.database.read() as connection:
            seals = SealRepository(connection)
            return seals.get(record.seal_id or ""), seals.by_handle(declaration.seal)


def _line(seal: Seal) -> tuple[str, str, str]:
    return seal.company_id, seal.type.value, seal.label


def _is_about(record: StoredRecord, declaration: Declaration, handle: bytes) -> bool:
    """Whether a declaration speaks of what its row is found by."""
    about = declaration.about
    if isinstance(about, str):
        return record.use_id == about
    return record.use_id is None and (about.seal or declaration.seal) == handle
