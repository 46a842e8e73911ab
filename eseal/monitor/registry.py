"""What the ledger says about a log's standing: whose it is, and what administrators changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eseal.ledger.changes import Change, ChangeKind
from eseal.log.checkpoint import SignedCheckpoint, signer_of
from eseal.monitor.alarms import AlarmError, AlarmKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eseal.ledger.facts import LogRegistration
    from eseal.ledger.protocol import LedgerReader

_KINDS = {
    ChangeKind.HEAD_DISOWNED: AlarmKind.HEAD_DISOWNED,
    ChangeKind.LOG_SUCCEEDED: AlarmKind.LOG_SUCCEEDED,
    ChangeKind.LOG_OPENED: AlarmKind.FOREIGN_LOG,
    ChangeKind.ISSUER_ADMITTED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.ISSUER_RETIRED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.OPERATOR_ADDED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.OPERATOR_REMOVED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.ROOT_ADDED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.ROOT_ENDED: AlarmKind.ISSUER_CHANGED,
    ChangeKind.SCHEME_SET: AlarmKind.AUTHORITY_CHANGED,
    ChangeKind.AUTHORITY_ACCOUNT_SET: AlarmKind.AUTHORITY_CHANGED,
    ChangeKind.AUTHORITY_KEY_ADDED: AlarmKind.AUTHORITY_CHANGED,
    ChangeKind.AUTHORITY_KEY_ENDED: AlarmKind.AUTHORITY_CHANGED,
}
"""All others are about the contracts' roles."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says of the log.

    Attributes:
        log: its registration.
        block: height of a block that was final before anything else was asked.
        changes: what administrators and operators ever changed, in order.
    """

    log: LogRegistration
    block: int
    changes: Sequence[Change]

    def news(self, since: int) -> Iterator[tuple[AlarmKind, str]]:
        """What changed behind a height: the kind of alarm, and a sentence."""
        for change in self.changes:
            others = change.log_id not in {None, self.log.log_id}
            if change.block.number <= since or (
                others and change.kind is not ChangeKind.LOG_OPENED
            ):
                continue
            yield _KINDS.get(change.kind, AlarmKind.ROLES_CHANGED), _told(change)


def ask_standing(
    ledger: LedgerReader, shown: SignedCheckpoint, issuer: bytes | None
) -> Standing | None:
    """Find the log on the ledger; ``None`` if it does not know one of this name.

    Several issuers may call their logs alike; then it is the one that signed the checkpoint. Nobody
    shows that a key is his when he opens a log under it: where it could be several, none is chosen.

    Args:
        ledger: read access.
        shown: what the log shows.
        issuer: whose log it is, 32 bytes, where that is known.

    Raises:
        LedgerUnreachableError: it cannot be asked.
        AlarmError: logs of several issuers have this name and the key that signed.
    """
    block = ledger.final_block().number
    changes = ledger.changes(0)
    found = [
        log
        for change in changes
        if change.kind is ChangeKind.LOG_OPENED
        and change.get("origin") == shown.checkpoint.origin
        and issuer in {None, change.issuer}
        and change.log_id is not None
        and (log := ledger.log(change.log_id)) is not None
    ]
    if not found:
        return None
    signers = [log for log in found if signed_by(shown, log) is not None]
    if len(signers) > 1:
        issuers = " and ".join(log.issuer.hex() for log in signers)
        raise AlarmError(
            AlarmKind.FOREIGN_LOG,
            f"the issuers {issuers} have opened logs of this name and key: give --issuer",
        )
    return Standing((signers or found)[0], block, changes)


def signed_by(shown: SignedCheckpoint, log: LogRegistration) -> bytes | None:
    """The key of the log's that signed this head and may, 32 bytes; ``None`` if none did."""
    return signer_of(shown, log.signers(shown.checkpoint.size))


def _told(change: Change) -> str:
    when = datetime.fromtimestamp(change.block.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = (
        f"{name} {'0x' + value.hex() if isinstance(value, bytes) else value}"
        for name, value in change.values
    )
    return f"{change.kind.value} at {when}: {', '.join(values)}"
