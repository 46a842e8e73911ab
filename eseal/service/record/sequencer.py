"""The sequencer: many uses, one transaction, one checkpoint.

Requests that arrive while a commit is under way wait for the next one and share it (group commit).
Nothing is released before the commit that holds its use, leaf, tiles and checkpoint is durable.

Every process has a sequencer. Which of them appends is settled commit by commit by a lock of the
database, taken in this order by all: seals by id, Idempotency-Keys, the log.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import structlog

from eseal.errors import (
    ConflictError,
    CorruptionError,
    ESealError,
    IdempotencyConflictError,
    UnsafeReplicationError,
)
from eseal.log.receipt import TileReceipts, encode_receipt
from eseal.model.use import Use
from eseal.service.instance.receipts import ReceiptMaker
from eseal.service.instance.released_head import check_holds
from eseal.service.record.batch import Batch
from eseal.service.record.continuity import Continuity
from eseal.service.record.drafts import DeclarationDraft, Draft, RecordDraft, Slot, UseDraft
from eseal.service.record.given_up import given_up
from eseal.service.record.other_processes import Others
from eseal.service.record.outcomes import read_outcome, write_outcome
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.store.repositories.records import StoredRecord
from eseal.store.repositories.tokens import IdempotencyRepository
from eseal.store.repositories.uses import UseRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.service.instance.context import Context
    from eseal.witness.client import Witnesses

_log = structlog.get_logger(__name__)

MAX_USES_PER_COMMIT = 8192
"""Bounds the time a request can wait behind others, and the memory of one commit."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The Idempotency-Key of a request.

    Attributes:
        principal: who sent it; keys of different principals never meet.
        key: the header's value.
        request_hash: SHA-256 of what was asked for, 32 bytes.
    """

    principal: str
    key: str
    request_hash: bytes


class Recorded(NamedTuple):
    """A use that is durably on record.

    Attributes:
        use: what is on record.
        receipts: those of its tile.
        attributes: the signed attributes (DER) if it was signed just now, else ``None``.
    """

    use: Use
    receipts: TileReceipts
    attributes: bytes | None

    def receipt(self) -> bytes:
        """The receipt of the use: tlog-proof text, UTF-8."""
        return encode_receipt(self.receipts, self.use.log_index)


Outcome = Recorded | ESealError


@dataclass(slots=True)
class _Submission:
    drafts: Sequence[Draft]
    idempotency: Idempotency | None
    future: Future[list[Outcome | StoredRecord]] = field(default_factory=Future)
    slots: list[Slot] = field(default_factory=list)
    conflict: ESealError | None = None


class Sequencer:
    """Appends uses to the log from a thread of its own. Several processes may each have one."""

    def __init__(self, context: Context, witnesses: Witnesses | None = None) -> None:
        self._context = context
        self._witnesses = witnesses
        self._asked_back = witnesses is None
        self._receipts = ReceiptMaker(context.database)
        self._queue: queue.SimpleQueue[_Submission | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._queued = 0
        self._fatal: CorruptionError | None = None
        self._log_id = context.instance.log_id
        self._continuity = Continuity(context)
        self._told = False
        self._others = Others(context)
        self._compare_released()

    def submit(
        self, drafts: Sequence[UseDraft], idempotency: Idempotency | None = None
    ) -> Future[list[Outcome]]:
        """Queue uses; the future holds an outcome per draft once they are durable.

        The future raises ``IdempotencyConflictError`` when the key was used with another request.

        Raises:
            ConflictError: the service is shutting down.
            CorruptionError: stored state was found to contradict itself; sealing has stopped.
        """
        future = self._enqueue(_Submission(drafts, idempotency))
        return cast("Future[list[Outcome]]", future)  # of uses alone: no record among them

    def append(self, record: RecordDraft | DeclarationDraft) -> StoredRecord:
        """Put a record on the log; durable when this returns.

        Raises:
            NotFoundError: there is no such seal.
            NoVolumeError: its book has no ticket left until the ledger has its next volume.
            ConflictError: the service is shutting down.
            CorruptionError: stored state was found to contradict itself; nothing is written.
        """
        (outcome,) = self._enqueue(_Submission((record,), None)).result()
        if isinstance(outcome, ESealError):
            raise outcome
        return cast("StoredRecord", outcome)

    @property
    def queued(self) -> int:
        """Uses that were handed over and are not durable yet."""
        with self._lock:
            return self._queued

    @property
    def stopped(self) -> str | None:
        """Why nothing is sealed any more, or ``None``."""
        return None if self._fatal is None else str(self._fatal)

    def stop(self, error: CorruptionError) -> None:
        """Seal nothing more: a log that contradicts the ledger must not grow.

        Args:
            error: what was found; told to whoever asks for a seal.
        """
        if self._fatal is not None:
            return
        self._fatal = error
        _log.critical("sealing_stopped", error=str(error))

    def compare(self) -> None:
        """Stop sealing, without a commit, if the log lacks what was released; tell the others why.

        Raises:
            DatabaseUnreachableError: the database cannot be asked.
        """
        if self._fatal is None:
            try:
                with contextlib.suppress(UnsafeReplicationError):  # until it is put right
                    self._continuity.compare()
            except CorruptionError as error:
                self.stop(error)
        if self._fatal is not None and not self._told:
            self._told = self._continuity.tell(self._fatal)

    def ask_back(self) -> None:
        """Ask the witnesses, once, for what they have cosigned: seal nothing that is behind it.

        What they show is remembered as released, unless it was given up after a loss: that is no
        news. One that cannot be asked costs a warning.
        """
        if self._witnesses is None or self._asked_back:
            return
        context, origin = self._context, self._context.instance.origin
        log = context.reader.log(self._log_id)
        if log is None:
            return
        with context.database.read() as connection:
            lost = given_up(context.released.path, connection, log)
        for one in self._witnesses.newest(origin, log.signers):
            if one.head in lost:
                _log.warning("witness_holds_what_was_given_up", witness=one.witness, size=one.size)
                continue
            context.released.advance(one.head)
            with context.database.read() as connection:
                known = LogRepository(connection)
                try:
                    check_holds(known, known.checkpoint(), one.head)
                except CorruptionError as error:
                    self.stop(CorruptionError(f"{one}: {error}"))
        self._asked_back = True

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _compare_released(self) -> None:
        """Seal nothing on a database that is behind what was released."""
        released = self._context.released.head()
        with self._context.database.read() as connection:
            log = LogRepository(connection)
            try:
                check_holds(log, log.checkpoint(), released)
            except CorruptionError as error:
                self.stop(error)

    def _enqueue(self, submission: _Submission) -> Future[list[Outcome | StoredRecord]]:
        with self._lock:
            self._check_going()
            if self._closed:
                raise ConflictError("the service is shutting down; try again in a moment")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="eseal-sequencer", daemon=True
                )
                self._thread.start()
            self._queue.put(submission)
            self._queued += len(submission.drafts)
        return submission.future

    def _check_going(self) -> None:
        if self._fatal is not None:
            raise CorruptionError(f"sealing has stopped: {self._fatal}") from self._fatal

    def _run(self) -> None:
        going = True
        while going:
            following = self._queue.get()
            batch: list[_Submission] = []
            count = 0
            with contextlib.suppress(queue.Empty):
                while following is not None:
                    batch.append(following)
                    count += len(following.drafts)
                    if count >= MAX_USES_PER_COMMIT:
                        break
                    following = self._queue.get_nowait()
                else:
                    going = False
            if batch:
                self._commit(batch)

    def _commit(self, submissions: list[_Submission]) -> None:
        try:  # one that nobody waits for any more is left out; from here on none can be given up
            self._try([one for one in submissions if one.future.set_running_or_notify_cancel()])
        finally:
            with self._lock:
                self._queued -= sum(len(submission.drafts) for submission in submissions)

    def _try(self, submissions: list[_Submission]) -> None:
        try:
            self._context.blocks.refresh()
            self._continuity.prepare()
            self.ask_back()
            self._check_going()
            self._others.catch_up()
            with self._context.database.write(alone=False) as connection:
                checkpoint, tiles = self._record(connection, submissions)
            if checkpoint.note:
                if tiles is not None:
                    self._others.wrote(checkpoint)
                    self._context.released.advance(checkpoint.head)
                self._receipts.stand_at(checkpoint, tiles)
            for submission in submissions:
                self._answer(submission)
        except BaseException as error:  # noqa: BLE001  # every waiting request must hear of it
            if isinstance(error, CorruptionError):
                self.stop(error)
            for submission in submissions:
                if not submission.future.done():
                    submission.future.set_exception(error)

    def _record(
        self, connection: Connection, submissions: list[_Submission]
    ) -> tuple[StoredCheckpoint, dict[tuple[int, int], bytes] | None]:
        batch = Batch(self._context, connection)
        batch.load([draft for submission in submissions for draft in submission.drafts])
        keys = IdempotencyRepository(connection)
        keys.lock({(i.principal, i.key) for s in submissions if (i := s.idempotency) is not None})
        answered: dict[tuple[str, str], _Submission] = {}
        for submission in submissions:
            if not self._replay(connection, submission, keys, answered):
                self._add(batch, submission, answered)
        log = LogRepository(connection)
        if batch.empty:
            return log.checkpoint(), None
        checkpoint = log.checkpoint(lock=True)
        self._continuity.check(connection, checkpoint, self._context.released.head())
        self._others.read(log, checkpoint)
        self._others.check_new(batch.tags)
        written = batch.write(log, checkpoint.size, self._receipts.tiles(checkpoint, log))
        for submission in answered.values():
            self._remember(keys, submission)
        return written.checkpoint, written.tiles

    def _add(
        self, batch: Batch, submission: _Submission, answered: dict[tuple[str, str], _Submission]
    ) -> None:
        submission.slots = [batch.add(draft) for draft in submission.drafts]
        key = submission.idempotency
        if key is not None and any(slot.refused is None for slot in submission.slots):
            answered[key.principal, key.key] = submission

    @staticmethod
    def _replay(
        connection: Connection,
        submission: _Submission,
        keys: IdempotencyRepository,
        answered: dict[tuple[str, str], _Submission],
    ) -> bool:
        """Answer from the record if the key was used before; whether it was."""
        asked = submission.idempotency
        if asked is None:
            return False
        twin = answered.get((asked.principal, asked.key))
        if twin is not None and twin.idempotency is not None:
            known, outcome = twin.idempotency.request_hash, ""
        else:
            found = keys.get(asked.principal, asked.key)
            if found is None:
                return False
            known, outcome = found
        if known != asked.request_hash:  # then the outcome need not be one of uses
            submission.conflict = IdempotencyConflictError(
                f"the Idempotency-Key {asked.key!r} was used before with another request"
            )
        elif twin is not None:
            submission.slots = twin.slots
        else:
            submission.slots = read_outcome(outcome, UseRepository(connection))
        return True

    def _remember(self, keys: IdempotencyRepository, submission: _Submission) -> None:
        key = submission.idempotency
        if key is not None:
            outcome = write_outcome(submission.slots)
            keys.add(key.principal, key.key, key.request_hash, outcome, self._context.now())

    def _answer(self, submission: _Submission) -> None:
        if submission.conflict is not None:
            submission.future.set_exception(submission.conflict)
            return
        submission.future.set_result([self._outcome(slot) for slot in submission.slots])

    def _outcome(self, slot: Slot) -> Outcome | StoredRecord:
        outcome = slot.outcome
        if not isinstance(outcome, Use):
            return outcome
        return Recorded(outcome, self._receipts.receipts(outcome.log_index), slot.attributes)
