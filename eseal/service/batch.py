"""One commit's worth of uses: numbered, chained, signed, and appended to the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.errors import ESealError, NotFoundError, SealNotActiveError
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf, LeafType
from eseal.log.rfc9162 import leaf_hash
from eseal.model.seal import SealState
from eseal.model.statement import FIRST_PREV, Statement, commitment, new_nonces
from eseal.model.use import Use
from eseal.store.log import LogRepository, StoredCheckpoint
from eseal.store.seals import SealRepository
from eseal.store.uses import UseRepository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from eseal.log.tiles import TileReader
    from eseal.service.context import Context


@dataclass(frozen=True, slots=True)
class UseDraft:
    """A use that was authorised and waits to be numbered and signed.

    Attributes:
        use_id: its random identifier.
        seal_id: the seal to use.
        digest: SHA-256 of what is sealed, 32 bytes.
        media_type: IANA media type of the document.
        purpose: what the seal is used for, or ``None``.
        authorization: the approval record.
        kept: the encrypted document to keep for delivery, or ``None``.
        kept_until: when it is to be forgotten.
    """

    use_id: str
    seal_id: str
    digest: bytes
    media_type: str
    purpose: str | None
    authorization: bytes
    kept: bytes | None = None
    kept_until: datetime | None = None


class Batch:
    """Collects uses and disclosures for one transaction."""

    def __init__(
        self, context: Context, connection: Connection, checkpoint: StoredCheckpoint
    ) -> None:
        self._context = context
        self._connection = connection
        self._checkpoint = checkpoint
        self._states: dict[str, tuple[SealState, int]] = {}
        self._last: dict[str, tuple[int, bytes]] = {}
        self._uses: list[tuple[Use, UseDraft]] = []
        self._disclosures: list[tuple[int, bytes]] = []
        self._leaves: list[bytes] = []
        self._nonces: list[bytes] = []
        self._now = context.now().replace(microsecond=0)
        self.note = checkpoint.note
        self.attributes: dict[str, bytes] = {}

    def load(self, drafts: Iterable[UseDraft]) -> None:
        """Read the state and the newest use of every seal the drafts name."""
        seal_ids = [draft.seal_id for draft in drafts]
        if not seal_ids:
            return
        self._nonces = new_nonces(len(seal_ids))
        self._states = SealRepository(self._connection).states(set(seal_ids))
        for seal_id, use in UseRepository(self._connection).last_of(self._states).items():
            self._last[seal_id] = (use.seq, commitment(use.statement, use.signature))
        self._context.blocks.at_least(block for _, block in self._states.values())

    def add(self, draft: UseDraft) -> Use | ESealError:
        """Number and sign one use; an error, if its seal cannot be used, leaves no gap."""
        refusal = self._refusal(draft.seal_id)
        if refusal is not None:
            return refusal
        seq, prev = self._last.get(draft.seal_id, (0, FIRST_PREV))
        signer = self._context.signer(draft.seal_id)
        if signer.not_after < self._now:
            return SealNotActiveError(f"seal {draft.seal_id} expired at {signer.not_after}")
        statement = Statement(
            id=draft.use_id,
            seal=signer.handle,
            seq=seq + 1,
            prev=prev,
            digest=draft.digest,
            media_type=draft.media_type,
            authorization=hashlib.sha256(draft.authorization).digest(),
            not_before=self._context.blocks.reference,
            sealed_at=self._now,
            nonce=self._nonces.pop(),
            purpose=draft.purpose,
        )
        encoded = statement.encode()
        attributes = signer.attributes(statement, encoded)
        signature = signer.sign(attributes)
        self.attributes[draft.use_id] = attributes
        committed = commitment(encoded, signature)
        index = self._append(LeafType.USE, committed)
        self._last[draft.seal_id] = (seq + 1, committed)
        use = Use(
            draft.use_id,
            draft.seal_id,
            seq + 1,
            index,
            encoded,
            signature,
            draft.authorization,
        )
        self._uses.append((use, draft))
        return use

    def disclose(self, record: bytes) -> int:
        """Put a disclosure on the log; its index."""
        index = self._append(LeafType.DISCLOSURE, hashlib.sha256(record).digest())
        self._disclosures.append((index, record))
        return index

    def write(self, tiles: TileReader) -> tree.Appended | None:
        """Write all that was added, and the checkpoint that covers it; ``None`` if nothing was."""
        if not self._leaves:
            return None
        first = self._checkpoint.size
        hashes = [leaf_hash(leaf) for leaf in self._leaves]
        appended = tree.append(tiles, first, hashes)
        self.note = self._sign(appended)
        stored = StoredCheckpoint(appended.size, appended.root, self.note)
        LogRepository(self._connection).append(
            first, self._leaves, appended.tiles, stored, self._now
        )
        uses = UseRepository(self._connection)
        uses.add_many((use, draft.digest) for use, draft in self._uses)
        for index, record in self._disclosures:
            uses.add_disclosure(index, record)
        for use, draft in self._uses:
            if draft.kept is not None and draft.kept_until is not None:
                uses.keep_document(use.id, draft.kept, draft.kept_until)
        return appended

    def _refusal(self, seal_id: str) -> ESealError | None:
        found = self._states.get(seal_id)
        if found is None:
            return NotFoundError(f"no seal {seal_id!r}")
        state, _ = found
        if state is not SealState.ACTIVE:
            return SealNotActiveError(f"seal {seal_id} is {state}, not active")
        return None

    def _append(self, kind: LeafType, committed: bytes) -> int:
        index = self._checkpoint.size + len(self._leaves)
        self._leaves.append(Leaf(kind, index, committed).encode())
        return index

    def _sign(self, appended: tree.Appended) -> bytes:
        checkpoint = Checkpoint(self._context.instance.origin, appended.size, appended.root)
        return sign_checkpoint(checkpoint, self._context.sign_head, self._context.log_public_key)
