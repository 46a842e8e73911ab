"""What is checked, and what it is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eseal.errors import LedgerUnreachableError
from eseal.verify.report import Basis

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.documents.evidence import Evidence
    from eseal.ledger.protocol import Anchor, Block, LedgerReader
    from eseal.log.tiles import TileReader
    from eseal.verify.policy import Policy
    from eseal.verify.trust import Trust


class LogSource(Protocol):
    """Where the tiles of logs are read from. Nothing it returns is believed without a root."""

    def tiles(self, origin: str) -> TileReader | None:
        """The tiles of the log of this origin, or ``None`` if they are not to be had here.

        The reader raises ``NotFoundError`` for a tile the log does not have (yet).
        """
        ...


@dataclass(frozen=True, slots=True)
class CoveredFiles:
    """The files of a container, as one of its seals sees them.

    Attributes:
        names: those it covers.
        altered: those of them that are not what it covers any more.
        missing: those of them that are gone.
        unlisted: files of the container that no seal covers.
    """

    names: tuple[str, ...]
    altered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One seal signature, and what it is said to seal.

    Attributes:
        cms: DER of the ContentInfo.
        digest: SHA-256 of what lies under the seal, 32 bytes; ``None`` without a document.
        field: the PDF signature field, or ``None`` for a detached seal.
        covers_file: whether nothing follows the sealed revision; ``None`` unless in a PDF.
        problem: what is wrong with the way the seal sits in its PDF, or ``None``.
        stamps: document time-stamps that cover it: token, and SHA-256 of what that covers.
        alterations: what was changed in its PDF afterwards and may not be, in words.
        additions: what was added to its PDF afterwards and may be, in words.
        hidden: what its PDF held that could show something else afterwards, in words.
        by_evidence: whether only an evidence file says that this seal belongs to the document.
        files: what it covers in a container, or ``None`` outside one.
    """

    cms: bytes
    digest: bytes | None
    field: str | None = None
    covers_file: bool | None = None
    problem: str | None = None
    stamps: tuple[tuple[bytes, bytes], ...] = ()
    alterations: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    by_evidence: bool = False
    files: CoveredFiles | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What a verifier has to check a seal against.

    Attributes:
        evidence: an evidence file, or ``None``.
        ledger: read access to the ledger, or ``None``: then nothing can pass.
        logs: where tiles can be read, or ``None``.
        trust: which ledger and which roots count.
        now: the time of the check, UTC.
        policy: what is demanded beyond the ledger's word.
    """

    evidence: Evidence | None
    ledger: LedgerReader | None
    logs: LogSource | None
    trust: Trust
    now: datetime
    policy: Policy

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
