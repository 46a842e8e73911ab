"""One commit's worth of uses: numbered, chained, signed, and appended to the log.

Uses of one seal wait for each other from :meth:`Batch.load` on; those of different seals are signed
at the same time by different processes. Only :meth:`Batch.write` needs the log for itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from eseal.errors import ESealError, NotFoundError, SealNotActiveError
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import LeafType, encode_leaves
from eseal.log.rfc9162 import leaf_hash
from eseal.model.seal import SealState
from eseal.model.statement import FIRST_PREV, Statement, commitment, new_nonces
from eseal.model.use import Use
from eseal.store.documents import DocumentRepository, StoredDocument
from eseal.store.log import LogRepository, StoredCheckpoint
from eseal.store.seals import SealRepository
from eseal.store.uses import UseRepository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from eseal.log.tiles import TileReader
    from eseal.service.context import Context, SealSigner


class UseDraft(NamedTuple):
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
        stored: documents stored beyond delivery; their files are durable.
        source: SHA-256 of the file handed in, where it was written anew, or ``None``.
    """

    use_id: str
    seal_id: str
    digest: bytes
    media_type: str
    purpose: str | None
    authorization: bytes
    kept: bytes | None = None
    kept_until: datetime | None = None
    stored: tuple[StoredDocument, ...] = ()
    source: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit brought.

    Attributes:
        uses: in the order in which they were added.
        note: the signed checkpoint that covers them.
        tiles: those that changed, by level and index.
    """

    uses: list[Use]
    note: bytes
    tiles: dict[tuple[int, int], bytes]


@dataclass(slots=True)
class _Chain:
    """Where the uses of one seal stand."""

    signer: SealSigner
    seq: int
    prev: bytes


class _Signed(NamedTuple):
    draft: UseDraft
    seq: int
    statement: bytes
    signature: bytes
    committed: bytes

    def use(self, log_index: int) -> Use:
        draft = self.draft
        return Use(
            draft.use_id,
            draft.seal_id,
            self.seq,
            log_index,
            self.statement,
            self.signature,
            draft.authorization,
        )


class Batch:
    """Collects uses and disclosures for one transaction."""

    def __init__(self, context: Context, connection: Connection) -> None:
        self._context = context
        self._connection = connection
        self._states: dict[str, tuple[SealState, int]] = {}
        self._last: dict[str, tuple[int, bytes]] = {}
        self._chains: dict[str, _Chain] = {}
        self._signed: list[_Signed] = []
        self._disclosures: list[bytes] = []
        self._nonces: list[bytes] = []
        self._now = context.now().replace(microsecond=0)
        self.attributes: dict[str, bytes] = {}

    def load(self, drafts: Iterable[UseDraft]) -> None:
        """Lock every seal the drafts name; read its state and its newest use."""
        seal_ids = [draft.seal_id for draft in drafts]
        if not seal_ids:
            return
        self._nonces = new_nonces(len(seal_ids))
        self._states = SealRepository(self._connection).lock(set(seal_ids))
        for seal_id, use in UseRepository(self._connection).last_of(self._states).items():
            self._last[seal_id] = (use.seq, commitment(use.statement, use.signature))
        self._context.blocks.at_least(block for _, block in self._states.values())
        self._context.blocks.check_clock(self._now)
        self._not_before = self._context.blocks.reference

    def add(self, draft: UseDraft) -> int | ESealError:
        """Number and sign one use; an error, if its seal cannot be used, leaves no gap.

        Returns:
            Its place in what :meth:`write` gives back.
        """
        chain = self._chains.get(draft.seal_id) or self._chain(draft.seal_id)
        if isinstance(chain, ESealError):
            return chain
        signer = chain.signer
        statement = Statement(
            id=draft.use_id,
            seal=signer.handle,
            seq=chain.seq + 1,
            prev=chain.prev,
            digest=draft.digest,
            media_type=draft.media_type,
            authorization=hashlib.sha256(draft.authorization).digest(),
            not_before=self._not_before,
            sealed_at=self._now,
            nonce=self._nonces.pop(),
            purpose=draft.purpose,
            source=draft.source,
        )
        encoded = statement.encode()
        attributes = signer.attributes(statement, encoded)
        signature = signer.sign(attributes)
        self.attributes[draft.use_id] = attributes
        chain.seq += 1
        chain.prev = commitment(encoded, signature)
        self._signed.append(_Signed(draft, chain.seq, encoded, signature, chain.prev))
        return len(self._signed) - 1

    def disclose(self, record: bytes) -> None:
        """Put a disclosure on the log."""
        self._disclosures.append(record)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self._signed and not self._disclosures

    def write(self, log: LogRepository, first: int, tiles: TileReader) -> Written:
        """Write all that was added, and the checkpoint that covers it.

        Args:
            log: locked, so that nobody else appends.
            first: its size: the index of the first new leaf.
            tiles: what it holds.
        """
        leaves = encode_leaves(LeafType.USE, first, [signed.committed for signed in self._signed])
        disclosures = list(enumerate(self._disclosures, first + len(leaves)))
        looks = [hashlib.sha256(record).digest() for record in self._disclosures]
        leaves += encode_leaves(LeafType.DISCLOSURE, first + len(leaves), looks)
        appended = tree.append(tiles, first, [leaf_hash(leaf) for leaf in leaves])
        note = self._sign(appended)
        stored = StoredCheckpoint(appended.size, appended.root, note)
        log.append(first, leaves, appended.tiles, stored, self._now)
        made = [signed.use(index) for index, signed in enumerate(self._signed, first)]
        uses = UseRepository(self._connection)
        uses.add_many(
            (use, signed.draft.digest) for use, signed in zip(made, self._signed, strict=True)
        )
        for index, record in disclosures:
            uses.add_disclosure(index, record)
        for draft in (signed.draft for signed in self._signed):
            if draft.kept is not None and draft.kept_until is not None:
                uses.keep_document(draft.use_id, draft.kept, draft.kept_until)
            for document in draft.stored:
                DocumentRepository(self._connection).add(document)
        return Written(made, note, dict(appended.tiles))

    def _chain(self, seal_id: str) -> _Chain | ESealError:
        """The uses of a seal as far as they go, or why it cannot be used."""
        found = self._states.get(seal_id)
        if found is None:
            return NotFoundError(f"no seal {seal_id!r}")
        state, _ = found
        if state is not SealState.ACTIVE:
            return SealNotActiveError(f"seal {seal_id} is {state}, not active")
        signer = self._context.signer(seal_id)
        if signer.not_after < self._now:
            return SealNotActiveError(f"seal {seal_id} expired at {signer.not_after}")
        seq, prev = self._last.get(seal_id, (0, FIRST_PREV))
        chain = self._chains[seal_id] = _Chain(signer, seq, prev)
        return chain

    def _sign(self, appended: tree.Appended) -> bytes:
        checkpoint = Checkpoint(self._context.instance.origin, appended.size, appended.root)
        return sign_checkpoint(checkpoint, self._context.sign_head, self._context.log_public_key)
