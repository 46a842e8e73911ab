"""The newest final block, which every statement names as its lower bound in time.

It is asked for in the background: a ledger that is slow, or silent, holds up no commit. What it
opens is a wider window, and still a true one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eseal.clock_watch import MOST_AHEAD_SECONDS
from eseal.errors import ClockError, LedgerUnreachableError
from eseal.model.statement import BlockReference
from eseal.service.instance.kept_fresh import FIRST_SECONDS, KeptFresh
from eseal.verify.checks.time_checks import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from eseal.clock_watch import ClockWatch
    from eseal.ledger.facts import Block
    from eseal.ledger.protocol import LedgerReader

MAX_AGE_SECONDS = 2.0
"""Asking the ledger more often would narrow the window by less than a block's own spacing."""
CLOCK_SECONDS = 30.0
"""How old the knowledge may be of what another machine's clock shows."""
MAX_CLOCK_LAG_SECONDS = CLOCK_TOLERANCE // 2
"""Half of what a verifier allows: what is sealed just before still verifies."""


class FinalBlock:
    """Remembers the newest final block. Safe to call from several threads.

    Args:
        ledger: whom to ask.
        watch: what is known of the clock.
        max_age: for so many seconds the last block goes on serving while the ledger is silent.
        ahead: by how many seconds this machine's clock is ahead of another machine's, if one is
            asked.
    """

    def __init__(
        self,
        ledger: LedgerReader,
        watch: ClockWatch,
        max_age: float,
        ahead: Callable[[], float] | None = None,
    ) -> None:
        self._ledger = ledger
        self._watch = watch
        self._max_age = max_age
        self._block = KeptFresh(ledger.final_block, MAX_AGE_SECONDS)
        self._ahead = KeptFresh(ahead or (lambda: 0.0), CLOCK_SECONDS)

    @property
    def reference(self) -> BlockReference:
        """The block as a statement names it.

        Raises:
            LedgerUnreachableError: no block has been seen since the start.
        """
        block = self._block.newest
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
        block = self._block.newest
        behind = 0 if block is None else block.timestamp - int(now.timestamp())
        if block is not None and behind > MAX_CLOCK_LAG_SECONDS:
            raise ClockError(
                f"this machine's clock is {behind} s behind block {block.number} of the ledger; "
                "set the clock: nothing is sealed with a wrong time"
            )
        if not self._is_fresh(now):
            self._watch.check(now)
            self._check_database()
        self._watch.confirm(now)

    def _check_database(self) -> None:
        """Refuse a clock that is ahead of the database's.

        Raises:
            ClockError: it is; or that one is behind, and no new block says so.
        """
        ahead = self._ahead.look(FIRST_SECONDS) or 0.0
        if ahead > MOST_AHEAD_SECONDS:
            raise ClockError(
                f"this machine's clock is {ahead:.0f} s ahead of the database's; set the one that "
                "is wrong: nothing is sealed with a wrong time"
            )

    def learn(self, sent: datetime, now: datetime, block: Block) -> None:
        """Take note of a block that holds a transaction of ours, sent when the clock said ``sent``.

        Such a block is younger than the transaction, whatever the chain.
        """
        self._watch.learn(sent, now, block.timestamp)

    def _is_fresh(self, now: datetime) -> bool:
        """Whether the newest final block was made about now."""
        block = self._block.look()
        return block is not None and now.timestamp() - block.timestamp <= MOST_AHEAD_SECONDS

    def refresh(self, *, at_once: bool = False) -> None:
        """See that the known block is no older than need be.

        Args:
            at_once: wait for the answer. Else only for that about the first block.

        Raises:
            LedgerUnreachableError: no block is known, or the ledger has been silent for too long.
        """
        if self._block.newest is None:
            self._block.ask()
        elif at_once:
            with suppress(LedgerUnreachableError):
                self._block.ask()
        else:
            self._block.look()
        age = self._block.age
        if age > self._max_age:
            raise LedgerUnreachableError(
                f"the ledger has told no block for {age:.0f} s; at most {self._max_age:.0f} s are "
                "allowed (ESEAL_LEDGER_SILENCE_LIMIT): nothing is sealed until it does"
            )
