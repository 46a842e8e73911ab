"""Whether a commit can be lost that was reported as durable: how PostgreSQL replicates.

A standby that follows asynchronously lacks the newest commits when it takes over: their uses were
released and are not on record. So none may follow so, unless the operator says that he accepts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import UnsafeReplicationError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SETTINGS = "SELECT current_setting('fsync'), current_setting('synchronous_standby_names')"
_FOLLOWERS = "SELECT count(*), count(*) FILTER (WHERE {}) FROM pg_stat_replication"
_HARMLESS = "state = 'backup' OR sync_state IN ('sync', 'quorum', 'potential')"
"""A backup that is being taken never takes over. Who may not see a state sees null."""
ACCEPTED = "ESEAL_ACCEPTED_LOSS=asynchronous-standby"


def check_replication(connection: Connection, *, accepts_loss: bool) -> None:
    """Check that what is committed stays, also when a standby takes over.

    Rests on what the server says of itself, asked in this transaction: a standby that is not
    connected now is not seen.

    Args:
        connection: a transaction on PostgreSQL.
        accepts_loss: whether the operator accepts that a standby lacks the newest commits.

    Raises:
        UnsafeReplicationError: it may be lost.
    """
    fsync, names = connection.exec_driver_sql(_SETTINGS).one()
    if fsync != "on":
        raise UnsafeReplicationError(
            "PostgreSQL runs with fsync=off: a commit is not on the disk when it says so; set "
            "fsync=on"
        )
    if accepts_loss:
        return
    followers, harmless = connection.exec_driver_sql(_FOLLOWERS.format(_HARMLESS)).one()
    if followers > harmless:
        why = (
            "it names none (synchronous_standby_names is empty)"
            if not names
            else f"they are not, or not seen to be, among the synchronous ones ({names})"
        )
        raise UnsafeReplicationError(
            f"{followers - harmless} standbys follow PostgreSQL asynchronously: {why}. One that "
            "takes over would lack uses that were released. Make them synchronous (and let eseal's "
            f"role see it: GRANT pg_monitor), or accept the loss: {ACCEPTED}"
        )
