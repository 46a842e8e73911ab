"""What a watch can find, and what a round found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ALL_WELL = 0
ALARM = 1
UNDECIDED = 3
"""Exit codes, as those of ``eseal monitor``. 2 is wrong usage."""


class Severity(StrEnum):
    """Whether a person has to look."""

    ALARM = "alarm"
    NOTICE = "notice"


class AlarmKind(StrEnum):
    """What was found. A name, once given, never changes its meaning."""

    # about the uses
    HIDDEN_USE = "hidden_use"
    """A leaf of the company's book that no history opens."""
    WRONG_OPENING = "wrong_opening"
    """What a history shows for a leaf is not what the leaf commits to, or is not sealed."""
    UNRECOGNISED_USE = "unrecognised_use"
    """An opened use of a document that the company's own list does not hold."""
    TORN_TWICE = "torn_twice"
    """Two leaves of one ticket that commit to different things."""
    DISOWNED_USE = "disowned_use"
    """A leaf found under a disowned head that the log does not hold any more."""
    # about the company
    UNKNOWN_SEAL = "unknown_seal"
    """A seal stands under the company's name that its watch file does not hold."""
    SEAL_DIFFERS = "seal_differs"
    """The ledger holds a seal of the file with another issuer, company or depth, or not at all."""
    FOREIGN_VOLUME = "foreign_volume"
    """A volume that the book's key does not make: its tickets are somebody else's."""
    VOLUMES_AHEAD = "volumes_ahead"
    """More volumes are open than uses can have come to."""
    VOLUMES_LEFT = "volumes_left"
    """Volumes were not made for too long: their tickets are not looked for."""
    UNPROVEN_SUBJECT = "unproven_subject"
    """A proof of the file is not the word of an authority one trusts: the watch looks elsewhere."""
    CONTINUED = "continued"
    """An authority says that the company goes on under a name the file does not hold."""
    NEW_AUTHORITY_KEY = "new_authority_key"
    """An authority has a key under which the company has another name, not held by the file."""
    FOUNDERS_CHANGED = "founders_changed"
    """Others are its founders now than its newest proof says."""
    STATUS_CHANGED = "status_changed"
    """A seal was stopped, resumed or revoked."""
    STOP_CHANGED = "stop_changed"
    """A seal got another end of its chain of stop codes."""
    VOLUME_OPENED = "volume_opened"
    """A volume was opened, and is the company's own."""
    # about issuers, logs and ledger
    WRONG_LEAVES = "wrong_leaves"
    """The leaves that a log or mirror shows do not make the head on the ledger."""
    LEAVES_WITHHELD = "leaves_withheld"
    """Leaves under a head on the ledger can be read nowhere."""
    LEAVES_LEFT = "leaves_left"
    """For too long a log was not read up to its newest head, or no history came to its end, whether
    the watch gets on or not."""
    HEAD_FAR_AHEAD = "head_far_ahead"
    """A head covers more leaves than can have come since the one before it: they are not read."""
    HEAD_STALLED = "head_stalled"
    """A log shows leaves that have waited too long for a head on the ledger."""
    LEDGER_REWRITTEN = "ledger_rewritten"
    """The ledger no longer holds a head it held."""
    HEAD_DISOWNED = "head_disowned"
    """The administrator disowned heads of an issuer's log."""
    LOG_SUCCEEDED = "log_succeeded"
    """An issuer's log has another key."""
    FOREIGN_ROOT = "foreign_root"
    """An issuer has a root certificate that the trust file does not hold."""
    FOREIGN_AUTHORITY = "foreign_authority"
    """The company's register has an authority's key that the trust file does not hold."""
    ISSUER_CHANGED = "issuer_changed"
    """An issuer's roots, operators or standing changed."""
    AUTHORITY_CHANGED = "authority_changed"
    """Authorities, their keys, accounts or registers changed."""
    ROLES_CHANGED = "roles_changed"
    """Administrators or regulators of the contracts changed."""

    @property
    def severity(self) -> Severity:
        """Whether a person has to look."""
        return Severity.NOTICE if self is AlarmKind.VOLUME_OPENED else Severity.ALARM


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found.

    Attributes:
        kind: what.
        key: what tells it from every other finding of its kind: the same in every round.
        message: one sentence with the figures.
        company: the company's name, or ``None`` where it concerns all.
    """

    kind: AlarmKind
    key: str
    message: str
    company: str | None = None

    @property
    def name(self) -> str:
        """Kind and key: by this it is known in later rounds."""
        return f"{self.kind.value}:{self.key}"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "alarm": self.kind.value,
            "severity": self.kind.severity.value,
            "key": self.key,
            "company": self.company,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class LogProgress:
    """How far a log was read: its id (32 bytes), leaves read, leaves under the ledger's head."""

    log_id: bytes
    read: int
    anchored: int


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found.

    Attributes:
        findings: all that stands, and the events since the round before.
        new: those that were not told before.
        undecided: what could not be asked, in sentences.
        logs: how far each log was read.
        found: leaves of the watched books.
        opened: of these, leaves that a history opened.
        time: when, Unix seconds.
        unmatched: accepted names that no finding of this round has.
    """

    findings: tuple[Finding, ...]
    new: tuple[Finding, ...]
    undecided: tuple[str, ...]
    logs: tuple[LogProgress, ...]
    found: int
    opened: int
    time: int
    unmatched: tuple[str, ...] = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings at which a person has to look."""
        return tuple(one for one in self.findings if one.kind.severity is Severity.ALARM)

    @property
    def exit_code(self) -> int:
        """0 all well, 1 an alarm, 3 something could not be asked."""
        if self.alarms:
            return ALARM
        return UNDECIDED if self.undecided else ALL_WELL

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        new = {one.name for one in self.new}
        return {
            "time": self.time,
            "well": self.exit_code == ALL_WELL,
            "findings": [one.to_dict() | {"new": one.name in new} for one in self.findings],
            "undecided": list(self.undecided),
            "logs": [
                {"log_id": log.log_id.hex(), "read": log.read, "anchored": log.anchored}
                for log in self.logs
            ],
            "found": self.found,
            "opened": self.opened,
        }


class Gathered:
    """What a round has found so far."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, str | None], Finding] = {}
        self.undecided: list[str] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, each once."""
        return tuple(self._findings.values())

    def add(self, kind: AlarmKind, key: bytes | str, message: str, company: str | None) -> None:
        """Note a finding, unless it is noted already."""
        found = Finding(kind, key.hex() if isinstance(key, bytes) else key, message, company)
        self._findings.setdefault((found.name, company), found)
