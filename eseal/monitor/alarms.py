"""What can be wrong with a log, and what a round found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eseal.log.checkpoint import SignedCheckpoint

ALL_WELL = 0
ALARM = 1
UNDECIDED = 3
"""Exit codes, as those of ``eseal verify``: passed, failed, could not say. 2 is wrong usage."""


class AlarmKind(StrEnum):
    """What is wrong. A name, once given, never changes its meaning."""

    SPLIT_VIEW = "split_view"
    """The log signed two heads of which neither extends the other."""
    LOG_SHRUNK = "log_shrunk"
    """It shows a smaller head than before and cannot show that this begins the larger one."""
    WRONG_ROOT = "wrong_root"
    """The leaves it shows do not make the head it signed."""
    BAD_LEAF = "bad_leaf"
    """A leaf is not one, or names another place than its own."""
    WRONG_KEY = "wrong_key"
    """The head is not signed with the log's key."""
    OTHER_LOG = "other_log"
    """Another log stands at the URL than before."""
    UNKNOWN_LOG = "unknown_log"
    """The ledger does not know the log."""
    ANCHOR_MISMATCH = "anchor_mismatch"
    """The ledger holds another root at some size than the log's leaves make."""
    LEDGER_AHEAD = "ledger_ahead"
    """The ledger holds a head of more leaves than the log shows."""
    HEAD_FAR_AHEAD = "head_far_ahead"
    """A head covers more leaves than can have come since the one before it: they are not read."""
    LEDGER_REWRITTEN = "ledger_rewritten"
    """The ledger no longer holds a head it held."""
    ANCHOR_STALLED = "anchor_stalled"
    """Leaves have waited too long for a head on the ledger."""
    TORN_TWICE = "torn_twice"
    """Two leaves show one tag and commit to different things: a ticket was torn twice."""
    DISOWNED_UNSERVED = "disowned_unserved"
    """Leaves under a head that was disowned are not served any more, so nobody can find them."""
    HEAD_DISOWNED = "head_disowned"
    """The administrator disowned heads of the log. Like all below: told once."""
    LOG_SUCCEEDED = "log_succeeded"
    """The log has another key."""
    FOREIGN_LOG = "foreign_log"
    """Another issuer opened a log."""
    ISSUER_CHANGED = "issuer_changed"
    """An issuer's roots, operators or standing changed."""
    AUTHORITY_CHANGED = "authority_changed"
    """Authorities, their keys, accounts or registers changed."""
    ROLES_CHANGED = "roles_changed"
    """Administrators or regulators of the contracts changed."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person has to look at.

    Attributes:
        kind: what is wrong.
        message: one sentence with the figures.
        evidence: names of the files in the state directory that prove it.
        key: what tells it from others of its kind, where several can stand at once.
    """

    kind: AlarmKind
    message: str
    evidence: tuple[str, ...] = ()
    key: str = ""

    @property
    def name(self) -> str:
        """Kind and key: by this it is accepted."""
        return f"{self.kind.value}:{self.key}" if self.key else self.kind.value

    def to_dict(self) -> dict[str, Any]:
        """``alarm, message, evidence``, JSON-ready."""
        return {
            "alarm": self.kind.value,
            "key": self.key,
            "message": self.message,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found.

    Attributes:
        alarms: what is wrong.
        undecided: what could not be asked, in sentences.
        origin: the log's name, or ``None`` if it was not reached.
        size: leaves under the newest head that was rebuilt.
        root: that head's root, 32 bytes.
        anchored: leaves under the newest head on the ledger, or ``None`` if it was not reached.
        compared: leaves under the newest head on the ledger that was compared.
        log_key: the log's verifier key, or ``None`` where it is not known.
        time: when, Unix seconds.
        unmatched: accepted names that no alarm of this round has.
    """

    alarms: tuple[Alarm, ...]
    undecided: tuple[str, ...]
    origin: str | None
    size: int
    root: bytes
    anchored: int | None
    compared: int
    log_key: str | None
    time: int
    unmatched: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all well, 1 an alarm, 3 something could not be asked."""
        if self.alarms:
            return ALARM
        return UNDECIDED if self.undecided else ALL_WELL

    @property
    def pending(self) -> int:
        """Leaves that no head on the ledger covers; 0 where the ledger was not reached."""
        return 0 if self.anchored is None else max(0, self.size - self.anchored)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "time": self.time,
            "well": self.exit_code == ALL_WELL,
            "origin": self.origin,
            "log_key": self.log_key,
            "size": self.size,
            "root": self.root.hex(),
            "anchored": self.anchored,
            "compared": self.compared,
            "alarms": [alarm.to_dict() for alarm in self.alarms],
            "undecided": list(self.undecided),
        }


class AlarmError(Exception):
    """Something that ends a round: what follows would build on it."""

    def __init__(self, kind: AlarmKind, message: str, held: SignedCheckpoint | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.held = held
