"""The log's next key: taken up once the ledger says that it signs.

The administrator's ``succeed`` is what counts, not what stands here: an instance goes on with its
old key until the ledger names the next one, and with no other than the next one it made itself.
Whoever stole the old key and writes to the database gets nothing signed by the new one: the newest
head must hold what was released and what the ledger has, and no leaf that was not appended here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from eseal.errors import CorruptionError
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.service.instance.heads import check_signed, root_under
from eseal.service.instance.ledger import log_key, raw_public_key
from eseal.service.instance.released_head import check_holds
from eseal.service.record.anchoring import check_extends
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.instance import InstanceRepository
from eseal.store.repositories.log import LogRepository, StoredCheckpoint

if TYPE_CHECKING:
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.facts import Head
    from eseal.ledger.protocol import LedgerReader
    from eseal.service.instance.released_head import ReleasedHead
    from eseal.store.database import Database
    from eseal.store.repositories.instance import Instance

_log = structlog.get_logger(__name__)


def follow_succession(
    database: Database,
    instance: Instance,
    keys: SoftwareKeyStore,
    reader: LedgerReader,
    released: ReleasedHead,
) -> Instance:
    """The instance with the key its log has on the ledger: the next one, if that took over.

    Heads that the old key signed beyond the one at which it was followed count no more: they are
    signed again, after they were found to be ours. If they are not, the old key stays, so that the
    audit can say what is wrong and a loss be recovered from; it signs nothing on such a log either.

    Raises:
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

    standing = reader.head(instance.log_id)
    with database.write() as connection:
        ours = LogRepository(connection)
        newest = ours.checkpoint(lock=True)
        try:
            check_signed(newest, instance.origin, log_key(keys, instance))
            _check_ours(ours, newest, standing, released.head())
            rows_of(connection).check_log()
        except CorruptionError as error:
            _log.critical("log_key_not_succeeded", error=str(error))
            return instance
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


def _check_ours(
    ours: LogRepository, newest: StoredCheckpoint, standing: Head, released: Head | None
) -> None:
    """Check that a head extends the ledger's and the one that was released, with all its tiles.

    Raises:
        CorruptionError: it does not.
    """
    check_holds(ours, newest, released)
    check_extends(ours, standing, newest)
    known = {standing.size, newest.size} | ({released.size} if released else set())
    for size in known - {0}:
        root_under(ours, newest, size)
