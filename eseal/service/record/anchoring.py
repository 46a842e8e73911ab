"""Anchoring: the log's newest head goes to the ledger.

Every round starts from what is on record: anchors that a re-organisation removed are forgotten, and
transactions on their way are seen through. Then the ledger is asked where it stands, and the newest
head is proven from there. A process killed between any two steps leaves a state the next round
carries on from, and the contract refuses a head it already has, so none is anchored twice.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from eseal.errors import (
    AnchorDueError,
    CorruptionError,
    LedgerBehindError,
    StaleHeadError,
)
from eseal.ledger.facts import Anchor, Head
from eseal.log import tree
from eseal.monitor.anchors import MOST_LEAVES
from eseal.service.instance.heads import root_of, root_under
from eseal.service.instance.released_head import check_holds
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.log import LogRepository, StoredAnchor, StoredCheckpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.service.instance.context import Context
    from eseal.witness.client import Witnesses

ATTEMPTS = 3
"""Another process of ours may advance the head between our question and our transaction."""
POLL_SECONDS = 0.25
"""How often the loop looks whether enough new leaves have come to anchor before the interval."""

COVER_SECONDS = 60
"""For how long whoever seals waits for the ledger at most: a dozen rounds as they are set."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Anchored:
    """A head that is on the ledger.

    Attributes:
        anchor: the head, its block and transaction.
        gas_used: what it cost; 0 if it was there already.
        new_leaves: leaves since the head before.
    """

    anchor: Anchor
    gas_used: int
    new_leaves: int


class Anchoring:
    """Publishes heads."""

    def __init__(self, context: Context, witnesses: Witnesses | None = None) -> None:
        """Publish the log of ``context``, each head cosigned by ``witnesses`` first."""
        self._context = context
        self._witnesses = witnesses
        self._lock = threading.Lock()
        self._log_id = context.instance.log_id
        self._epoch = 0
        self.looped = False

    def cover(self, index: int) -> None:
        """Wait until a head that holds this leaf is on the ledger.

        Where a loop publishes heads, its next round will; else it is published here.

        Raises:
            AnchorDueError: it is not by ``COVER_SECONDS``; the use is on record.
            LedgerError, CorruptionError: as :meth:`anchor`, where no loop runs.
        """
        until = time.monotonic() + COVER_SECONDS
        while not self._covers(index):
            if time.monotonic() >= until:
                raise AnchorDueError(
                    f"the use is on record as leaf {index}, but no head that holds it is on the "
                    f"ledger after {COVER_SECONDS} s"
                )
            if self.looped:
                time.sleep(POLL_SECONDS)
            else:
                self.anchor()

    def _covers(self, index: int) -> bool:
        with self._context.database.read() as connection:
            return LogRepository(connection).anchor_covering(index) is not None

    def pending(self) -> int:
        """Leaves that are in the log but not under an anchored head."""
        with self._context.database.read() as connection:
            log = LogRepository(connection)
            last = log.last_anchor()
            return log.checkpoint().size - (last.size if last else 0)

    def anchor(self) -> Anchored | None:
        """Publish the newest head; ``None`` if the ledger has it, or the log is empty.

        After a long silence of the ledger it goes there by steps, for who watches the log reads no
        head that lies too far ahead.

        Raises:
            TransactionPendingError: a transaction is not final yet; the next round carries it on.
            LedgerBehindError: the node has less history than this instance knows of.
            LedgerError: the ledger refuses or cannot be asked; nothing is lost, try again.
            CorruptionError: the ledger holds a head this log does not extend.
        """
        with self._lock:
            self._recheck()
            self._forget_disowned()
            with self._context.ledger_writes:
                self._context.ledger.carry_on()
            newest = None
            while (step := self._try_to_advance()) is not None:
                newest = step
                if step.new_leaves < MOST_LEAVES:
                    break
            return newest

    def _try_to_advance(self) -> Anchored | None:
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(StaleHeadError):
                return self._advance()
        return self._advance()

    def _advance(self) -> Anchored | None:
        current = self._context.connection.reader.head(self._log_id)
        released = self._context.released.head()
        with self._context.database.read() as connection:
            log = LogRepository(connection)
            checkpoint = log.checkpoint()
            last = log.last_anchor()
            check_extends(log, current, checkpoint)
            check_holds(log, checkpoint, released)
            rows_of(connection).check_log()
            if checkpoint.size - current.size > MOST_LEAVES:
                checkpoint = self._before(log, checkpoint, current.size + MOST_LEAVES)
            if current.size < checkpoint.size:
                proof = tree.consistency(log, current.size, checkpoint.size)
        if last is None or last.size < current.size:
            self._catch_up(last.size if last else 0, current.size)
        if current.size == checkpoint.size:
            return None
        note = self._cosigned(checkpoint)
        new = Head(checkpoint.size, checkpoint.root)
        sent = self._context.now()
        with self._context.ledger_writes:
            receipt = self._context.ledger.advance(self._log_id, current.size, new, proof)
        self._context.blocks.learn(sent, self._context.now(), receipt.block)
        anchor = Anchor(self._log_id, new, receipt.block, receipt.transaction, self._epoch)
        self._keep(anchor, note)
        _log.info("anchored", size=new.size, block=receipt.block.number, gas=receipt.gas_used)
        return Anchored(anchor, receipt.gas_used, new.size - current.size)

    def _before(
        self, log: LogRepository, checkpoint: StoredCheckpoint, size: int
    ) -> StoredCheckpoint:
        """An earlier head of this log, under the newest, and signed like it."""
        root = root_under(log, checkpoint, size)
        return StoredCheckpoint(size, root, self._context.note_at(Head(size, root)))

    def _cosigned(self, checkpoint: StoredCheckpoint) -> bytes:
        """The checkpoint with its witnesses' cosignatures, published before the ledger has it."""
        if self._witnesses is None:
            return checkpoint.note

        def prove(old_size: int) -> Sequence[bytes]:
            with self._context.database.read() as connection:
                return tree.consistency(LogRepository(connection), old_size, checkpoint.size)

        note = self._witnesses.cosign(checkpoint.note, checkpoint.size, prove)
        cosigned = StoredCheckpoint(checkpoint.size, checkpoint.root, note)
        with self._context.database.write() as connection:
            LogRepository(connection).set_cosigned(cosigned, self._context.now())
        return note

    def _recheck(self) -> None:
        """Forget anchors whose block is no longer on the chain.

        Blocks name their predecessors: if that of the newest anchor stands, all before it do. What
        is forgotten comes back from the ledger's events if its transaction is in another block.
        """
        while (last := self._last()) is not None:
            reader = self._context.connection.reader
            block = reader.block(last.block_number)
            if block is None:
                newest = reader.final_block().number
                raise LedgerBehindError(
                    f"the ledger node is behind: its newest final block is {newest}, but block "
                    f"{last.block_number} anchors this log; let it catch up, or restore its "
                    "newest state"
                )
            if block.hash == last.block_hash:
                return
            _log.warning("anchor_reorganised", size=last.size, block=last.block_number)
            with self._context.database.write() as connection:
                LogRepository(connection).remove_anchor(last)

    def _forget_disowned(self) -> None:
        """Forget anchors that the administrator has disowned; what they held is anchored again.

        The leaves stay where they are: the same tree is offered from the head that stands.
        """
        reader = self._context.connection.reader
        log = reader.log(self._log_id)
        if log is None:
            return
        if log.public_key != self._context.log_public_key:
            raise CorruptionError(
                f"the ledger says that this log signs with the key {log.public_key.hex()} now: "
                "start this service again, if the key is the one that eseal keys new-log-key made"
            )
        if log.epoch == self._epoch:
            return
        in_force = {(one.head.size, one.block.hash) for one in reader.anchors(self._log_id)}
        with self._context.database.write() as connection:
            known = LogRepository(connection)
            for anchor in known.anchors():
                if (anchor.size, anchor.block_hash) not in in_force:
                    _log.warning("anchor_disowned", size=anchor.size, block=anchor.block_number)
                    known.remove_anchor(anchor)
        self._epoch = log.epoch

    def _last(self) -> StoredAnchor | None:
        with self._context.database.read() as connection:
            return LogRepository(connection).last_anchor()

    def _catch_up(self, known: int, size: int) -> None:
        """Write down anchors that reached the ledger without our hearing of it."""
        for anchor in self._context.connection.reader.anchors(self._log_id):
            if known < anchor.head.size <= size:
                self._keep(anchor, self._context.note_at(anchor.head))

    def _keep(self, anchor: Anchor, note: bytes) -> None:
        stored = StoredAnchor(
            anchor.head.size,
            anchor.head.root,
            note,
            anchor.transaction,
            anchor.block.number,
            anchor.block.hash,
            anchor.block.timestamp,
            anchor.epoch,
        )
        with self._context.database.write() as connection:
            LogRepository(connection).add_anchor(stored)


def check_extends(log: LogRepository, current: Head, checkpoint: StoredCheckpoint) -> None:
    """Check that the log holds all the ledger's head stands for.

    Raises:
        CorruptionError: it is shorter than the ledger's head, or has another root there.
    """
    if current.size > checkpoint.size:
        raise CorruptionError(
            f"the ledger holds a head of {current.size} leaves, this log has only "
            f"{checkpoint.size}: the database is older than the ledger; nothing was done"
        )
    ours = checkpoint.root if current.size == checkpoint.size else root_of(log, current.size)
    if current.root != ours:
        raise CorruptionError(
            f"the ledger's head at {current.size} leaves has another root than this log; "
            "nothing was done; run: eseal audit"
        )
