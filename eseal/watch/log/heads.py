"""Which heads of a log there are to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.ledger.facts import Head, LogRegistration


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of one epoch of a log that are not read yet, and are to be.

    Attributes:
        epoch: which.
        heads: by size, each within reach of the one before.
        size: leaves under the last of them; where there is none, as many as are read.
        last: leaves under the epoch's last head on the ledger.
    """

    epoch: int
    heads: Sequence[Head]
    size: int
    last: int


@dataclass(frozen=True, slots=True)
class AnchoredLog:
    """A log as the ledger has it.

    Attributes:
        registration: it.
        block: height of a block that is final, asked for after the head.
        now: heads of its newest epoch.
        over: of those that were disowned.
    """

    registration: LogRegistration
    block: int
    now: Heads
    over: Sequence[Heads]

    @property
    def name(self) -> bytes:
        """Its id, 32 bytes."""
        return self.registration.log_id

    @property
    def leaves(self) -> int:
        """How many leaves there are to read under all heads."""
        return self.now.size + sum(one.size for one in self.over)
