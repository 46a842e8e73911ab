"""The log's next key: taken up once the ledger says that it signs.

The administrator's ``succeed`` is what counts, not what stands here: an instance goes on with its
old key until the ledger names the next one, and with no other than the next one it made itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.service.heads import check_signed
from eseal.service.ledger import log_key, raw_public_key
from eseal.store.instance import InstanceRepository
from eseal.store.log import LogRepository, StoredCheckpoint

if TYPE_CHECKING:
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.protocol import LedgerReader
    from eseal.store.database import Database
    from eseal.store.instance import Instance

_log = structlog.get_logger(__name__)


def follow_succession(
    database: Database, instance: Instance, keys: SoftwareKeyStore, reader: LedgerReader
) -> Instance:
    """The instance with the key its log has on the ledger: the next one, if that took over.

    Heads that the old key signed beyond the one at which it was followed count no more: they are
    signed again, after they were found to be ours.

    Raises:
        CorruptionError: the newest checkpoint is not signed by the old key: it is not our log.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    following = instance.next_log_key_id
    if following is None:
        return instance
    log = reader.log(instance.log_id)
    public_key = raw_public_key(keys.public_key(following))
    if log is None or log.public_key != public_key:
        return instance
    taken_over = log.keys[-1][0]

    def signed(size: int, root: bytes) -> bytes:
        head = Checkpoint(instance.origin, size, root)
        return sign_checkpoint(head, lambda text: keys.sign(following, text), public_key)

    with database.write() as connection:
        ours = LogRepository(connection)
        newest = ours.checkpoint(lock=True)
        check_signed(newest, instance.origin, log_key(keys, instance))
        if newest.size:
            again = StoredCheckpoint(newest.size, newest.root, signed(newest.size, newest.root))
            ours.set_checkpoint(again, datetime.now(UTC))
        for anchor in ours.anchors(taken_over + 1):
            ours.remove_anchor(anchor)
            ours.add_anchor(replace(anchor, note=signed(anchor.size, anchor.root)))
        ours.drop_cosigned()
        InstanceRepository(connection).change(log_key_id=following, next_log_key_id=None)
        instance = InstanceRepository(connection).get()
    _log.warning("log_key_succeeded", from_size=taken_over, public_key=public_key.hex())
    return instance
