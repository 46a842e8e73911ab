"""Whether a stored checkpoint is one that this log signed: what an append and an anchor start from.

The database may say anything; the log's key signs what this instance appended, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import CorruptionError, ESealError
from eseal.log import tree
from eseal.log.checkpoint import parse_checkpoint, verify_checkpoint
from eseal.log.rfc9162 import verify_consistency

if TYPE_CHECKING:
    from eseal.store.repositories.log import LogRepository, StoredCheckpoint


def check_signed(checkpoint: StoredCheckpoint, origin: str, public_key: bytes) -> None:
    """Check that the log signed this very size and root.

    Args:
        checkpoint: as it is stored; that of an empty log needs no signature.
        origin: the log's.
        public_key: its Ed25519 key, 32 bytes.

    Raises:
        CorruptionError: it did not.
    """
    if not checkpoint.size:
        return
    try:
        signed = parse_checkpoint(checkpoint.note)
        verify_checkpoint(signed, public_key)
    except ESealError as error:
        raise CorruptionError(f"the newest checkpoint is not signed by this log: {error}") from None
    head = signed.checkpoint
    if (head.origin, head.size, head.root) != (origin, checkpoint.size, checkpoint.root):
        raise CorruptionError(
            f"the newest checkpoint is stored as {checkpoint.size} leaves with root "
            f"{checkpoint.root.hex()}, but this log signed {head.size} with {head.root.hex()}"
        )


def root_of(log: LogRepository, size: int) -> bytes:
    """The root of the first ``size`` leaves, 32 bytes, as the tiles say.

    Raises:
        CorruptionError: tiles are missing or not whole.
    """
    try:
        return tree.root(log, size)
    except ESealError as error:
        raise CorruptionError(f"the database lacks tiles of its log: {error}") from None


def root_under(log: LogRepository, checkpoint: StoredCheckpoint, size: int) -> bytes:
    """The root of the first ``size`` leaves, proven to be under a checkpoint that was signed.

    Raises:
        CorruptionError: the log is shorter, or its tiles are not what the checkpoint stands for.
    """
    if not 0 < size <= checkpoint.size:
        raise CorruptionError(f"a head of {size} leaves, but this log signed {checkpoint.size}")
    root = root_of(log, size)
    try:
        proof = tree.consistency(log, size, checkpoint.size)
        verify_consistency(size, checkpoint.size, root, checkpoint.root, proof)
    except ESealError as error:
        raise CorruptionError(f"the log's tiles are not those that it signed: {error}") from None
    return root
