"""The newest final block, which every statement names as its lower bound in time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

from eseal.errors import ClockError, LedgerUnreachableError
from eseal.model.statement import BlockReference
from eseal.verify.checks.time_checks import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from eseal.ledger.facts import Block
    from eseal.ledger.protocol import LedgerReader
    from eseal.service.instance.clock_watch import ClockWatch

MAX_AGE_SECONDS = 2.0
"""Asking the ledger more often would narrow the window by less than a block's own spacing."""
MAX_CLOCK_LAG_SECONDS = CLOCK_TOLERANCE // 2
"""Half of what a verifier allows: what is sealed just before still verifies."""
MAX_CLOCK_LEAD_SECONDS = CLOCK_TOLERANCE // 2
"""The same in the other direction."""

_log = structlog.get_logger(__name__)


class FinalBlock:
    """Remembers the newest final block. Safe to call from several threads.

    While the ledger cannot be asked, the last known block goes on serving: the window it opens is
    wider, and still true.
    """

    def __init__(self, ledger: LedgerReader, watch: ClockWatch) -> None:
        self._ledger = ledger
        self._watch = watch
        self._lock = threading.Lock()
        self._block: Block | None = None
        self._asked = 0.0

    @property
    def reference(self) -> BlockReference:
        """The block as a statement names it.

        Raises:
            LedgerUnreachableError: no block has been seen since the start.
        """
        block = self._block
        if block is None:
            raise LedgerUnreachableError("no block of the ledger is known yet")
        registry = bytes.fromhex(self._ledger.seal_registry.removeprefix("0x"))
        return BlockReference(self._ledger.chain_id, block.number, block.hash, registry)

    def check_clock(self, now: datetime) -> None:
        """Refuse to state a time that a verifier would call back-dated or post-dated.

        Raises:
            ClockError: ``now`` lies well before the known block; or the clock is known to be well
                ahead, and no new block says that it is right after all.
        """
        block = self._block
        behind = 0 if block is None else block.timestamp - int(now.timestamp())
        if block is not None and behind > MAX_CLOCK_LAG_SECONDS:
            raise ClockError(
                f"this machine's clock is {behind} s behind block {block.number} of the ledger; "
                "set the clock: nothing is sealed with a wrong time"
            )
        ahead = self._watch.ahead(now)
        if ahead > MAX_CLOCK_LEAD_SECONDS and not self._is_fresh(now):
            raise ClockError(
                f"this machine's clock is {ahead:.0f} s ahead of the ledger's time, or was set "
                "forward since the last use; set the clock, or, if it is right now, remove "
                f"{self._watch.path}: nothing is sealed with a wrong time"
            )
        self._watch.confirm(now)

    def learn(self, sent: datetime, now: datetime, block: Block) -> None:
        """Take note of a block that holds a transaction of ours, sent when the clock said ``sent``.

        Such a block is younger than the transaction, whatever the chain.
        """
        self._watch.learn(sent, now, block)

    def _is_fresh(self, now: datetime) -> bool:
        """Whether the newest final block was made about now."""
        self.refresh(at_once=True)
        block = self._block
        return block is not None and now.timestamp() - block.timestamp <= MAX_CLOCK_LEAD_SECONDS

    def refresh(self, *, at_once: bool = False) -> None:
        """Ask for a newer block if the known one is old, or ``at_once``.

        Raises:
            LedgerUnreachableError: the ledger does not answer and no block is known.
        """
        with self._lock:
            moment = time.monotonic()
            fresh = self._block is not None and moment - self._asked < MAX_AGE_SECONDS
            if fresh and not at_once:
                return
            try:
                self._block = self._ledger.final_block()
            except LedgerUnreachableError as error:
                if self._block is None:
                    raise
                _log.warning("ledger_unreachable", error=str(error), block=self._block.number)
            self._asked = moment

    def at_least(self, numbers: Iterable[int]) -> None:
        """Make sure the known block is no older than any of ``numbers``.

        A seal that became active in a block must not be used with a statement that names an
        earlier one: it was not active then.

        Raises:
            LedgerUnreachableError: the ledger does not give so new a block.
        """
        wanted = max(numbers, default=0)
        if self._block is None or self._block.number < wanted:
            self.refresh(at_once=True)
        if self._block is None or self._block.number < wanted:
            raise LedgerUnreachableError(f"the ledger has not reached block {wanted} here yet")
