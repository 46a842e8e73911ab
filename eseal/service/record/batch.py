"""One commit's worth of uses and records: numbered, signed, and appended to the log.

Uses of one seal wait for each other from :meth:`Batch.load` on, since each takes a ticket of one
book; those of different seals are signed at the same time by different processes. Only
:meth:`Batch.write` needs the log for itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from eseal.errors import (
    ConflictError,
    LedgerBehindError,
    NotFoundError,
    NoVolumeError,
    SealNotActiveError,
)
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import encode_leaves
from eseal.log.rfc9162 import leaf_hash
from eseal.model.book import tag
from eseal.model.commitment import Kind, commitment
from eseal.model.records import Declaration, Span, signed_message
from eseal.model.seal import SealState
from eseal.model.statement import Statement, format_time, new_nonces
from eseal.model.use import Use
from eseal.service.record.drafts import (
    DeclarationDraft,
    Draft,
    Entry,
    RecordDraft,
    Slot,
    UseDraft,
)
from eseal.store.repositories.books import BookRepository, Shelf
from eseal.store.repositories.documents import DocumentRepository
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.store.repositories.records import RecordRepository, StoredRecord
from eseal.store.repositories.seals import LockedSeal, SealRepository
from eseal.store.repositories.uses import UseIndex, UseRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from eseal.log.tiles import TileReader
    from eseal.model.book import Ticket
    from eseal.service.instance.context import Context, SealSigner


MAX_SPANS = 48
"""Declarations about times that a seal may have: whoever verifies one of its uses looks at all."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit brought.

    Attributes:
        checkpoint: covers all entries.
        tiles: those that changed, by level and index.
    """

    checkpoint: StoredCheckpoint
    tiles: dict[tuple[int, int], bytes]


class _SignedUse(NamedTuple):
    draft: UseDraft
    statement: bytes
    signature: bytes
    committed: bytes
    tag: bytes
    attributes: bytes

    def placed(self, log_index: int) -> Use:
        draft = self.draft
        return Use(
            draft.use_id,
            draft.seal_id,
            log_index,
            self.statement,
            self.signature,
            draft.authorization,
        )


class _SignedRecord(NamedTuple):
    kind: Kind
    content: bytes
    signature: bytes
    committed: bytes
    tag: bytes
    company_id: str | None = None
    seal_id: str | None = None
    use_id: str | None = None
    attributes: bytes | None = None

    def placed(self, log_index: int) -> StoredRecord:
        about = (self.company_id, self.seal_id, self.use_id)
        return StoredRecord(log_index, self.kind, self.content, self.signature, *about)


def _bare(about: str | Span) -> str | Span:
    """What is spoken about, whoever of the line speaks."""
    return about if isinstance(about, str) else replace(about, seal=None)


class Batch:
    """Collects uses and records for one transaction."""

    def __init__(self, context: Context, connection: Connection) -> None:
        self._context = context
        self._connection = connection
        self._books = BookRepository(connection)
        self._states: dict[str, LockedSeal] = {}
        self._shelves: dict[str, Shelf] = {}
        self._taken: set[str] = set()
        self._users: dict[str, SealSigner] = {}
        self._signed: list[_SignedUse | _SignedRecord] = []
        self._slots: list[Slot] = []
        self._nonces: list[bytes] = []
        self._now = context.now().replace(microsecond=0)

    def load(self, drafts: Sequence[Draft]) -> None:
        """Lock every seal the drafts name, and its book; read where both stand."""
        seal_ids = [draft.seal_id for draft in drafts if not isinstance(draft, RecordDraft)]
        if not seal_ids:
            return
        self._nonces = new_nonces(len(seal_ids))
        self._states = SealRepository(self._connection).lock(set(seal_ids))
        self._shelves = self._books.lock(self._states)
        self._context.blocks.check_clock(self._now)
        self._not_before = self._context.blocks.reference

    def add(self, draft: Draft) -> Slot:
        """Number and sign; a draft whose seal cannot be used is refused, and leaves no gap.

        Returns:
            Its slot; :meth:`write` puts the entry there.
        """
        try:
            signed = self._sign(draft)
        except (NotFoundError, ConflictError, NoVolumeError, LedgerBehindError) as error:
            return Slot(refused=error)
        slot = Slot(attributes=signed.attributes)
        self._signed.append(signed)
        self._slots.append(slot)
        return slot

    def _sign(self, draft: Draft) -> _SignedUse | _SignedRecord:
        if isinstance(draft, UseDraft):
            return self._use(draft)
        if isinstance(draft, DeclarationDraft):
            return self._declaration(draft)
        committed = commitment(draft.kind, draft.content, draft.signature)
        return _SignedRecord(*draft[:3], committed, *draft[3:])

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self._signed

    @property
    def tags(self) -> list[bytes]:
        """What the new leaves will show, 32 bytes each."""
        return [each.tag for each in self._signed]

    def write(self, log: LogRepository, first: int, tiles: TileReader) -> Written:
        """Write all that was added, and the checkpoint that covers it.

        Args:
            log: locked, so that nobody else appends.
            first: its size: the index of the first new leaf.
            tiles: what it holds.
        """
        leaves = encode_leaves(first, [(each.committed, each.tag) for each in self._signed])
        appended = tree.append(tiles, first, [leaf_hash(leaf) for leaf in leaves])
        stored = StoredCheckpoint(appended.size, appended.root, self._note(appended))
        log.append(first, leaves, appended.tiles, stored, self._now)
        entries = [each.placed(index) for index, each in enumerate(self._signed, first)]
        self._keep_uses(entries)
        records = RecordRepository(self._connection)
        for slot, entry in zip(self._slots, entries, strict=True):
            slot.entry = entry
            if isinstance(entry, StoredRecord):
                records.add(entry)
        taken = {seal_id: self._shelves[seal_id].next for seal_id in self._taken}
        self._books.go_on(taken)
        return Written(stored, dict(appended.tiles))

    def _keep_uses(self, entries: Sequence[Entry]) -> None:
        uses = UseRepository(self._connection)
        made = []
        for entry, signed in zip(entries, self._signed, strict=True):
            if isinstance(entry, Use) and isinstance(signed, _SignedUse):
                made.append((entry, UseIndex(signed.draft.digest, signed.tag)))
                self._keep_documents(uses, signed.draft)
        uses.add_many(made)

    def _keep_documents(self, uses: UseRepository, draft: UseDraft) -> None:
        if draft.kept is not None and draft.kept_until is not None:
            uses.keep_document(draft.use_id, draft.kept, draft.kept_until)
        for document in draft.stored:
            DocumentRepository(self._connection).add(document)

    def _use(self, draft: UseDraft) -> _SignedUse:
        signer = self._users.get(draft.seal_id) or self._user(draft.seal_id)
        if draft.company_id not in (None, self._states[draft.seal_id].company_id):
            raise NotFoundError(f"no seal {draft.seal_id!r}")
        ticket = self._tear(draft.seal_id, signer)
        statement = Statement(
            id=draft.use_id,
            seal=signer.handle,
            ticket=ticket,
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
        committed = signer.commitment(Kind.USE, encoded, signature)
        shown = tag(signer.handle, ticket)
        return _SignedUse(draft, encoded, signature, committed, shown, attributes)

    def _declaration(self, draft: DeclarationDraft) -> _SignedRecord:
        """An owner may speak about a seal in any state: most of all when it was stopped."""
        self._state(draft.seal_id)
        self._check_unsaid(draft)
        signer = self._context.signer(draft.seal_id)
        ticket = self._tear(draft.seal_id, signer)
        content = Declaration(
            id=draft.id,
            seal=signer.handle,
            ticket=ticket,
            about=draft.about,
            word=draft.word,
            not_before=self._not_before,
            declared_at=self._now,
            nonce=self._nonces.pop(),
            reason=draft.reason,
        ).encode()
        signature = signer.sign(signed_message(Kind.DECLARATION, content))
        return _SignedRecord(
            Kind.DECLARATION,
            content,
            signature,
            signer.commitment(Kind.DECLARATION, content, signature),
            tag(signer.handle, ticket),
            seal_id=draft.about_seal,
            use_id=draft.use_id,
        )

    def _check_unsaid(self, draft: DeclarationDraft) -> None:
        """Raise if the same was declared before; the seal's row is locked, so nobody does now.

        Raises:
            ConflictError: it was, or the seal has as many declarations about times as it may.
        """
        records = RecordRepository(self._connection)
        if draft.use_id is None:
            said = records.of_seal(draft.about_seal, Kind.DECLARATION, without_use=True)
        else:
            said = records.of_use(draft.use_id)
        said += [
            each.placed(0)
            for each in self._signed
            if isinstance(each, _SignedRecord)
            and (each.seal_id, each.use_id) == (draft.about_seal, draft.use_id)
        ]
        for each in said:
            known = Declaration.parse(each.content)
            if (_bare(known.about), known.word) == (_bare(draft.about), draft.word):
                when = format_time(known.declared_at)
                raise ConflictError(f"the same was declared before, at {when}: {known.word}")
        if draft.use_id is None and len(said) >= MAX_SPANS:
            raise ConflictError(
                f"seal {draft.about_seal} has {MAX_SPANS} declarations about times already"
            )

    def _tear(self, seal_id: str, signer: SealSigner) -> Ticket:
        """The next ticket of a seal's book, from a volume that the statement's block knows.

        Raises:
            NoVolumeError: the ledger does not have that volume yet.
        """
        shelf = self._shelves[seal_id]
        opened_at = shelf.open.get(shelf.next >> shelf.depth)
        if opened_at is None or opened_at > self._not_before.number:
            raise NoVolumeError(
                f"the book of seal {seal_id} has no ticket left: its volume "
                f"{shelf.next >> shelf.depth} is on its way to the ledger; try again in a moment"
            )
        ticket = signer.book.ticket(shelf.next)
        shelf.next += 1
        self._taken.add(seal_id)
        return ticket

    def _user(self, seal_id: str) -> SealSigner:
        """The seal made ready to sign uses.

        Raises:
            NotFoundError: there is none.
            SealNotActiveError: it cannot be used.
            LedgerBehindError: it can from a block on that is not known here yet.
        """
        state = self._state(seal_id)
        if state is not SealState.ACTIVE:
            raise SealNotActiveError(f"seal {seal_id} is {state}, not active")
        since = self._states[seal_id].block
        if since > self._not_before.number:
            raise LedgerBehindError(
                f"seal {seal_id} is active since block {since} of the ledger, which is not final "
                "here yet; try again in a moment"
            )
        signer = self._context.signer(seal_id)
        if signer.not_after < self._now:
            raise SealNotActiveError(f"seal {seal_id} expired at {signer.not_after}")
        self._check_chain(seal_id, signer)
        self._users[seal_id] = signer
        return signer

    def _check_chain(self, seal_id: str, signer: SealSigner) -> None:
        """Raise if what stands above a seal has ended: nobody would believe another use.

        Raises:
            SealNotActiveError: it has.
        """
        if signer.chain_until < self._now:
            raise SealNotActiveError(
                f"a certificate above that of seal {seal_id} expired at {signer.chain_until}: "
                "issue the seal anew"
            )
        ended = None if signer.root is None else self._context.roots.ended(signer.root)
        if ended is not None:
            raise SealNotActiveError(
                f"the root certificate above seal {seal_id} has ended on the ledger at {ended}: "
                "issue the seal anew"
            )

    def _state(self, seal_id: str) -> SealState:
        found = self._states.get(seal_id)
        if found is None:
            raise NotFoundError(f"no seal {seal_id!r}")
        return found.state

    def _note(self, appended: tree.Appended) -> bytes:
        checkpoint = Checkpoint(self._context.instance.origin, appended.size, appended.root)
        return sign_checkpoint(checkpoint, self._context.sign_head, self._context.log_public_key)
