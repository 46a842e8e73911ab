"""Going on after a loss: the database is behind what was released, and no newer one is left.

What was torn in the lost commits is not known any more, so no ticket of any volume that was open
may be torn again: every book goes on with a fresh volume. A mark on the log tells everybody that
leaves were lost, and how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from eseal.durable import replace_file
from eseal.errors import ConfigurationError, ConflictError, CorruptionError, ForeignRowError
from eseal.ledger.facts import Head
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import Mark, MarkEvent, signed_message
from eseal.model.statement import new_nonce
from eseal.service.instance.released_head import check_holds
from eseal.service.record.anchoring import check_extends
from eseal.service.record.batch import Batch
from eseal.service.record.drafts import RecordDraft
from eseal.service.record.given_up import document_of, given_up, path_of
from eseal.store.repositories.books import BookRepository, StoredBook
from eseal.store.repositories.halts import HaltRepository
from eseal.store.repositories.log import LogRepository
from eseal.store.row_check import check_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from eseal.service.instance.context import Context
    from eseal.store.repositories.log import StoredCheckpoint
    from eseal.witness.client import Cosigned, Witnesses

BOOKS_PER_READ = 1000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loss:
    """What the database lacks of what was released.

    Attributes:
        released: the highest head that was released, or cosigned by a witness.
        database: the head the database holds.
        message: the same in words; names the witness, where it is one that says so.
        cosigned: heads that witnesses show and the database does not hold.
    """

    released: Head
    database: Head
    message: str
    cosigned: tuple[Cosigned, ...] = ()

    @property
    def leaves(self) -> range:
        """Indexes of the leaves that are gone, as far as their number can be told."""
        return range(self.database.size, self.released.size)


@dataclass(frozen=True, slots=True)
class Recovered:
    """How the log goes on.

    Attributes:
        loss: what was lost.
        mark: index of the leaf that tells of it.
        document: what the mark's hash is of; kept beside the released head.
        books: how many go on with a fresh volume.
    """

    loss: Loss
    mark: int
    document: Path
    books: int


class Recovery:
    """Finds losses, and goes on after them when somebody says so."""

    def __init__(self, context: Context, witnesses: Witnesses | None = None) -> None:
        self._context = context
        self._witnesses = witnesses

    def loss(self) -> Loss | None:
        """What the database lacks, or ``None`` if it holds all that was released and cosigned.

        Raises:
            CorruptionError: the file of the released head is damaged.
        """
        return self._loss(self._cosigned())

    def go_on(self) -> Recovered:
        """Go on from the database as it is. All other processes on it must be stopped.

        Raises:
            ConflictError: nothing was lost.
            ConfigurationError: the ledger holds what was lost; its administrator must act first.
            LedgerUnreachableError: the ledger cannot be asked.
            CorruptionError: the ledger holds a volume that is not of our books.
        """
        context, cosigned = self._context, self._cosigned()
        if self._loss(cosigned) is None:
            raise ConflictError("the database holds all that was released: nothing was lost")
        context.blocks.refresh()
        context.database.binding.floors.forget()  # its rows are older than what was seen, too
        with context.database.write() as connection:
            log = LogRepository(connection)
            checkpoint = log.checkpoint(lock=True)
            loss = _loss(context.released.head(), cosigned, log, checkpoint)
            if loss is None:  # another process was faster
                raise ConflictError("the database holds all that was released: nothing was lost")
            self._check_ledger(log, checkpoint)
            books = self._take_fresh_volumes(connection)
            document = document_of(loss.released, loss.database, loss.cosigned, context.now())
            batch = Batch(context, connection)
            batch.add(self._mark(document))
            written = batch.write(log, checkpoint.size, log)
            HaltRepository(connection).clear()
            path = path_of(context.released.path, checkpoint.size)
            replace_file(path, document)
        context.released.replace(Head(written.checkpoint.size, written.checkpoint.root))
        _log.warning("went_on_after_loss", lost=len(loss.leaves), books=books)
        return Recovered(loss, checkpoint.size, path, books)

    def resume(self) -> bool:
        """Let all processes seal again after one has stopped them, where the reason is gone.

        Returns:
            Whether they had stopped.

        Raises:
            CorruptionError: the database still lacks what was released, or rows are foreign.
            LedgerUnreachableError: the ledger cannot be asked.
        """
        context = self._context
        if (loss := self._loss(self._cosigned())) is not None:
            raise CorruptionError(loss.message)
        head = context.connection.reader.head(context.instance.log_id)
        if found := check_rows(context.database):
            raise ForeignRowError(
                f"the database holds what this instance did not write: {found[0]}"
            )
        with context.database.write() as connection:
            log = LogRepository(connection)
            check_extends(log, head, log.checkpoint())
            return HaltRepository(connection).clear()

    def _check_ledger(self, log: LogRepository, checkpoint: StoredCheckpoint) -> None:
        head = self._context.connection.reader.head(self._context.instance.log_id)
        try:
            check_extends(log, head, checkpoint)
        except CorruptionError as error:
            raise ConfigurationError(
                f"{error}; have the registry's administrator disown the ledger's head first, down "
                f"to a size this database holds: eseal ledger disown --size {checkpoint.size}"
            ) from None

    def _take_fresh_volumes(self, connection: Connection) -> int:
        books = BookRepository(connection)
        count, after = 0, ""
        while page := books.page(after=after, limit=BOOKS_PER_READ):
            books.lock(book.seal_id for book in page)
            books.go_on({book.seal_id: self._fresh(books, book) << book.depth for book in page})
            count += len(page)
            after = page[-1].seal_id
        return count

    def _fresh(self, books: BookRepository, book: StoredBook) -> int:
        """The first volume of a book that was open nowhere; those the database lost come back."""
        handle = self._context.signer(book.seal_id).handle
        known = {volume.number: volume for volume in books.volumes(book.seal_id)}
        number = 0
        while (opened := self._context.ledger.volume(handle, number)) is not None:
            root = self._context.books.tree(book.seal_id, number).root
            if opened.root != root:
                raise CorruptionError(
                    f"the ledger holds another volume {number} of seal {book.seal_id} than its book"
                )
            if number not in known:
                books.add_volume(book.seal_id, number, root)
            books.opened(book.seal_id, number, opened.block_number)
            number += 1
        return number

    def _loss(self, cosigned: Sequence[Cosigned]) -> Loss | None:
        released = self._context.released.head()
        with self._context.database.read() as connection:
            log = LogRepository(connection)
            return _loss(released, cosigned, log, log.checkpoint())

    def _cosigned(self) -> list[Cosigned]:
        """What witnesses show now, but for what was given up already."""
        context = self._context
        log = None if self._witnesses is None else context.reader.log(context.instance.log_id)
        if self._witnesses is None or log is None:
            return []
        with context.database.read() as connection:
            known = given_up(context.released.path, connection, log)
        shown = self._witnesses.newest(context.instance.origin, log.signers)
        return [one for one in shown if one.head not in known]

    def _mark(self, document: bytes) -> RecordDraft:
        content = Mark(
            id=new_id(),
            event=MarkEvent.RESTORE,
            body=sha256(document).digest(),
            at=self._context.now(),
            nonce=new_nonce(),
        ).encode()
        signature = self._context.sign_head(signed_message(Kind.MARK, content))
        return RecordDraft(Kind.MARK, content, signature, new_nonce())


def _loss(
    released: Head | None, cosigned: Sequence[Cosigned], log: LogRepository, at: StoredCheckpoint
) -> Loss | None:
    lacking: list[tuple[Head, str]] = []
    missed: list[Cosigned] = []
    for head, witness in ((released, None), *((one.head, one) for one in cosigned)):
        try:
            check_holds(log, at, head)
        except CorruptionError as error:
            if head is None:
                raise
            lacking.append((head, str(error) if witness is None else f"{witness}: {error}"))
            missed += [] if witness is None else [witness]
    if not lacking:
        return None
    highest = max((head for head, _ in lacking), key=lambda head: head.size)
    return Loss(highest, at.head, "; ".join(said for _, said in lacking), tuple(missed))
