"""What waits for a commit, and what becomes of it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from eseal.errors import CorruptionError, ESealError
from eseal.model.commitment import Kind
from eseal.model.records import Span, Word
from eseal.model.use import Use
from eseal.store.repositories.documents import StoredDocument
from eseal.store.repositories.records import StoredRecord


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
        company_id: whose seal it must be, because who asks acts for one company alone; or ``None``.
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
    company_id: str | None = None


class RecordDraft(NamedTuple):
    """A record that is signed and waits for its leaf: a disclosure, a mark, a roster change.

    Attributes:
        kind: what it is.
        content: its canonical JSON.
        signature: over it, in its normal form.
        tag: what its leaf shows, 32 bytes: of its ticket, or random.
        company_id: whose records it is about, or ``None``.
    """

    kind: Kind
    content: bytes
    signature: bytes
    tag: bytes
    company_id: str | None = None


class DeclarationDraft(NamedTuple):
    """An owner's word that waits for a ticket and the seal's signature.

    Attributes:
        id: its random identifier.
        seal_id: the seal that speaks.
        about: the id of a use, or a span.
        word: what is said.
        reason: why, or ``None``.
        about_seal: whose uses it is about: the same seal, or an ended one of its line.
    """

    id: str
    seal_id: str
    about: str | Span
    word: Word
    reason: str | None
    about_seal: str

    @property
    def use_id(self) -> str | None:
        """The use it is about, or ``None`` of a span."""
        return self.about if isinstance(self.about, str) else None


Draft = UseDraft | RecordDraft | DeclarationDraft
Entry = Use | StoredRecord
"""What a draft becomes."""


@dataclass(slots=True)
class Slot:
    """The place of one draft in a commit, and what becomes of it there: one of the two.

    Attributes:
        refused: why its seal cannot be used; of such a draft nothing is written.
        entry: what stands on record, once it is written.
        attributes: of a use that was signed just now, the signed attributes (DER).
    """

    refused: ESealError | None = None
    entry: Entry | None = None
    attributes: bytes | None = None

    @property
    def outcome(self) -> Entry | ESealError:
        """What became of it, after :meth:`Batch.write`."""
        found = self.entry or self.refused
        if found is None:
            raise CorruptionError("a draft was neither refused nor written")
        return found
