"""What an audit tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two records that contradict each other.

    Attributes:
        kind: a slug, e.g. ``leaf_missing``; never changes its meaning.
        message: what says what, in one sentence.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit saw.

    Attributes:
        leaves: leaves in the log.
        uses: uses in the database.
        seals: seals in the database.
        anchors: heads on the ledger.
        pending: leaves not yet under a head on the ledger.
        disagreements: all that was found, empty if all is well.
    """

    leaves: int
    uses: int
    seals: int
    anchors: int
    pending: int
    disagreements: tuple[Disagreement, ...]
