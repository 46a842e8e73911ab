"""What is checked, and what it is checked against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from eseal.documents import asic
from eseal.documents.pdf import Form
from eseal.errors import LedgerUnreachableError
from eseal.verify.inputs.stamps import Stamps
from eseal.verify.verdict.report import Basis, Places

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.documents.evidence import Evidence
    from eseal.ledger.facts import Anchor, Block
    from eseal.ledger.protocol import LedgerReader
    from eseal.log.tiles import TileReader
    from eseal.verify.inputs.policy import Policy
    from eseal.verify.inputs.trust import Trust


class LogSource(Protocol):
    """Where the tiles of logs are read from. Nothing it returns is believed without a root."""

    def tiles(self, origin: str) -> TileReader | None:
        """The tiles of the log of this origin, or ``None`` if they are not to be had here.

        The reader raises ``NotFoundError`` for a tile the log does not have (yet).
        """
        ...


class RecordSource(Protocol):
    """Where the evidence of uses is kept. It is believed no more than any evidence file.

    Unsigned parts of a seal can be cut or spoilt by anybody; whoever has the record heals them.
    """

    def evidence_for(self, digest: bytes, use_id: str | None) -> Sequence[Evidence]:
        """The evidence on record for a sealed content, the likeliest first, a few at most.

        Args:
            digest: SHA-256 of what was sealed, 32 bytes. Who can name it has the document.
            use_id: the use its statement names, or ``None`` if that cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Torn:
    """A leaf that shows a certain tag, as whoever was asked knows it.

    Attributes:
        log_index: index of the leaf, from 0.
        commitment: what it commits to, 32 bytes.
        open: gives the seal signature of the use that it records, DER; ``None`` if it is not known.
    """

    log_index: int
    commitment: bytes
    open: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration of a seal's owner.

    Attributes:
        log_index: index of its leaf, from 0.
        content: its canonical JSON.
        signature: of the speaking seal's key over that.
        certificate: of the seal that speaks, DER, where that is another one of its line than the
            one that was used; it need not be there where it is the same.
    """

    log_index: int
    content: bytes
    signature: bytes
    certificate: bytes | None = None


class HistorySource(Protocol):
    """Who holds the records of a log, and so can say what happened beside one use.

    What it shows is believed as far as it is signed; that it hides nothing, nobody can show: the
    owner's watch and the monitors look for that.
    """

    def torn(self, log_id: bytes, tag: bytes) -> Sequence[Torn] | None:
        """The leaves that show a tag, or ``None`` if the log is not held here."""
        ...

    def declared(self, log_id: bytes, handle: bytes, use_id: str) -> Sequence[Declared] | None:
        """The declarations about a use of a seal, or about spans, the oldest first, or ``None``."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One seal signature, and what it is said to seal.

    Attributes:
        cms: DER of the ContentInfo.
        digest: SHA-256 of what lies under the seal, 32 bytes; ``None`` without a document.
        field: the PDF signature field, or ``None`` for a detached seal.
        form: the form of the PDF it stands in; ``None`` unless in a PDF.
        detail: what was seen of that form, in words without a full stop, or ``""``.
        signed_length: length in bytes of the revision it sealed; ``None`` unless in a PDF.
        party: label of its place in the PDF, if it fills one that stood there before, or ``None``.
        dictionary: the texts in its signature dictionary, which viewers show, by their keys (ISO
            32000-1 table 252); ``None`` unless in a PDF in our form.
        is_pdf: whether the file that ``digest`` is of as a whole looks like a PDF; ``None`` if only
            the digest is known, or it is of a part of a file.
        stamps: document time-stamps that cover it: token, and SHA-256 of what that covers.
        hidden: what its PDF held that could show something else elsewhere or later, in words.
        unseen: why that could not be found out, or ``""``.
        by_evidence: whether it is known from an evidence file alone.
        files: what it covers in a container, or ``None`` outside one.
        where: name of its signature in a container, or ``""``.
        outside: whether it stands in a PDF behind what is in our form, or in a container that
            another seal covers and this one does not: anybody can have put it there, so it decides
            nothing about a file that has a seal inside.
        found: what stands in the file in place of ``cms``, where that is the one on record.
    """

    cms: bytes
    digest: bytes | None
    field: str | None = None
    form: Form | None = None
    detail: str = ""
    signed_length: int | None = None
    party: str | None = None
    dictionary: Mapping[str, str] | None = None
    is_pdf: bool | None = None
    stamps: tuple[tuple[bytes, bytes], ...] = ()
    hidden: tuple[str, ...] = ()
    unseen: str = ""
    by_evidence: bool = False
    files: asic.CoveredFiles | None = None
    where: str = ""
    outside: bool = False
    found: bytes | None = None

    @property
    def in_file(self) -> bytes:
        """What stands in the file as this seal signature."""
        return self.cms if self.found is None else self.found

    def beside(self, forged: Sequence[Candidate]) -> Candidate:
        """The same seal in a container into which somebody put others that are not genuine."""
        if self.files is None:
            return self
        names = (*self.files.beside, *(each.where for each in forged))
        return replace(self, files=replace(self.files, beside=names))

    def on_record(self, cms: bytes) -> Candidate:
        """The same seal by the signature on record."""
        return replace(self, cms=cms, found=self.in_file)


@dataclass(frozen=True, slots=True)
class Stranger:
    """A signature that is no seal: it carries no statement.

    Attributes:
        cms: what should be the DER of a ContentInfo.
        digest: gives the hash of what it covers for the name of a hash algorithm, or ``None`` if
            that is not at hand.
        field: the PDF signature field, or ``None`` outside a PDF.
        subfilter: how the PDF says that it is to be read, e.g. ``adbe.pkcs7.detached``, or
            ``None``.
    """

    cms: bytes
    digest: Callable[[str], bytes | None]
    field: str | None = None
    subfilter: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in a file.

    Attributes:
        seals: the seals, in the order in which they stand in it.
        strangers: the other signatures.
        places: the places for seals in a PDF, or ``None`` where it has none.
        form: the form of a PDF, or ``None``.
        detail: what was seen of it, in words without a full stop, or ``""``.
    """

    seals: tuple[Candidate, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    places: Places | None = None
    form: Form | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a verifier has to check a seal against.

    Attributes:
        evidence: an evidence file, or ``None``.
        ledger: read access to the ledger, or ``None``: then nothing can pass.
        logs: where tiles can be read, or ``None``.
        records: where evidence is on record, or ``None``.
        history: who holds the log's records, or ``None``.
        trust: which ledger, roots and authorities count.
        now: the time of the check, UTC.
        policy: what is demanded beyond the ledger's word.
        set_aside: why an evidence file that was given is not looked at, or ``None``.
        stamps: reads the time-stamps of the file.
    """

    evidence: Evidence | None
    ledger: LedgerReader | None
    logs: LogSource | None
    records: RecordSource | None
    history: HistorySource | None
    trust: Trust
    now: datetime
    policy: Policy
    set_aside: str | None = None
    stamps: Stamps = field(default_factory=Stamps)

    def without_evidence(self, why: str | None) -> Sources:
        """The same with the evidence set aside; ``why`` is a sentence, ``None`` to say nothing."""
        return replace(self, evidence=None, set_aside=why)

    def trusted_ledger(self) -> LedgerReader:
        """The ledger, if it is the one the verifier trusts.

        Raises:
            LedgerUnreachableError: there is none, or it is another: then the one that counts has
                not been asked.
        """
        if self.ledger is None:
            raise LedgerUnreachableError("No ledger was given to ask.")
        self.trust.check_ledger(self.ledger)
        return self.ledger

    def basis_of(self, block: Block) -> Basis:
        """A check's basis: this block, how final it is and how old."""
        return Basis(block=block, finality=self._finality, age=self._age(block))

    def basis_of_anchor(self, anchor: Anchor, log_index: int | None = None) -> Basis:
        """A check's basis: this anchor, and the leaf that was looked for under it."""
        return Basis(
            log_index=log_index,
            head_size=anchor.head.size,
            root=anchor.head.root,
            transaction=anchor.transaction,
            block=anchor.block,
            finality=self._finality,
            age=self._age(anchor.block),
        )

    @property
    def _finality(self) -> str | None:
        """The ledger's finality rule, where the reader names one."""
        rule = getattr(self.ledger, "finality", None)
        return None if rule is None else str(rule)

    def _age(self, block: Block) -> int:
        # A block may be stamped slightly ahead of this machine's clock.
        return max(0, int(self.now.timestamp()) - block.timestamp)
