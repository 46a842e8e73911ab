"""What the rest of the house asks of a ledger, whatever node serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.ledger.changes import Change
    from eseal.ledger.events import SealStatusChanged, SubjectEvent
    from eseal.ledger.facts import (
        Anchor,
        AuthorityKey,
        Block,
        CompanyRegistration,
        Head,
        LogRegistration,
        NewCompany,
        NewSeal,
        NewVolume,
        Period,
        Receipt,
        SealRegistration,
        StatusAt,
        Volume,
    )
    from eseal.model.seal import Reason


class LedgerReader(Protocol):
    """Read access to one pair of contracts on one chain. Safe to call from several threads.

    Every method raises ``LedgerUnreachableError`` when the node cannot be asked or does not answer
    as an Ethereum node does, and answers from final blocks only.
    """

    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
        ...

    @property
    def seal_registry(self) -> str:
        """Checksummed address of ``SealRegistry``."""
        ...

    @property
    def usage_ledger(self) -> str:
        """Checksummed address of ``UsageLedger``."""
        ...

    def final_block(self) -> Block:
        """The newest final block."""
        ...

    def block(self, number: int) -> Block | None:
        """The final block at this height, or ``None`` if there is none yet."""
        ...

    def log(self, log_id: bytes) -> LogRegistration | None:
        """The log with this id, or ``None`` if the contract does not know it."""
        ...

    def log_of(self, issuer: bytes) -> bytes | None:
        """The id of the issuer's one log, or ``None`` if it has opened none."""
        ...

    def head(self, log_id: bytes) -> Head:
        """The newest accepted head; size 0 and the empty tree's root before the first."""
        ...

    def root_at(self, log_id: bytes, size: int) -> bytes | None:
        """The accepted root in force at exactly ``size`` leaves, or ``None``."""
        ...

    def root_in(self, log_id: bytes, epoch: int, size: int) -> bytes | None:
        """The root accepted at just ``size`` leaves in an epoch, in force or not, or ``None``."""
        ...

    def was_disowned(self, log_id: bytes, size: int, root: bytes) -> bool:
        """Whether this head was accepted once and the administrator has disowned it since."""
        ...

    def anchor_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor in force of exactly ``size`` leaves, or ``None``."""
        ...

    def anchor_covering(self, log_id: bytes, index: int) -> Anchor | None:
        """The earliest anchor in force whose size is above ``index``, or ``None`` if none yet."""
        ...

    def anchors(self, log_id: bytes, epoch: int | None = None) -> Sequence[Anchor]:
        """All anchors in force, by size; of an epoch that is over, those in force at its end."""
        ...

    def issuer_root(self, issuer: bytes, root_hash: bytes) -> Period | None:
        """When a root certificate (SHA-256 of its DER) is the issuer's, or ``None`` if never."""
        ...

    def authority_key(self, vrf_key: bytes) -> AuthorityKey | None:
        """What the registry knows of a VRF key, or ``None``."""
        ...

    def scheme_authority(self, scheme: bytes) -> bytes | None:
        """The id of the authority for a scheme (SHA-256 of its prefix), or ``None``."""
        ...

    def company(self, subject: bytes) -> CompanyRegistration | None:
        """The company with this subject, or ``None`` if the registry does not know it."""
        ...

    def seal(self, handle: bytes) -> SealRegistration | None:
        """The seal with this handle, or ``None`` if the registry does not know it."""
        ...

    def volume(self, handle: bytes, number: int) -> Volume | None:
        """A volume of a seal's book, or ``None`` if it is not open."""
        ...

    def stop_hash(self, handle: bytes) -> bytes | None:
        """What the next stop code of a seal hashes to, or ``None`` if its owner set none."""
        ...

    def status_at(self, handle: bytes, time: int) -> StatusAt:
        """The seal's status at ``time`` (Unix seconds), from the registry's storage."""
        ...

    def events(self, subject: bytes) -> Sequence[SubjectEvent]:
        """All that happened to a company and its seals, in order of the chain."""
        ...

    def status_changes(self, first: int) -> Sequence[SealStatusChanged]:
        """The changes of every seal's status in final blocks from a height on."""
        ...

    def changes(self, first: int) -> Sequence[Change]:
        """What administrators and operators changed in final blocks from a height on."""
        ...


class Ledger(LedgerReader, Protocol):
    """A ledger one issuer's operator can write to. Writes return once final.

    Every write raises ``LedgerRejectedError`` when the contract reverts.
    """

    @property
    def operator(self) -> str:
        """Checksummed address of the account that sends the transactions."""
        ...

    def carry_on(self) -> int:
        """See transactions through that are on record and not final; how many there were.

        Those whose block a re-organisation removed are sent again.

        Raises:
            TransactionPendingError: one of them is still not final in time.
            LedgerBehindError: the node has less history than is on record.
        """
        ...

    def advance(self, log_id: bytes, old_size: int, new: Head, proof: Sequence[bytes]) -> Receipt:
        """Offer ``new`` as extension of the head at ``old_size``.

        Args:
            log_id: 32 bytes.
            old_size: size of the head being extended.
            new: the new head.
            proof: RFC 9162 section 2.1.4 consistency proof, 32 bytes each.

        Raises:
            StaleHeadError: ``old_size`` is not the size of the contract's head.
        """
        ...

    def register_companies(
        self, companies: Sequence[NewCompany], signatures: Sequence[bytes]
    ) -> Receipt:
        """Register companies in one transaction, each signed (EIP-712) by its authority."""
        ...

    def register_seals(self, issuer: bytes, seals: Sequence[NewSeal]) -> Receipt:
        """Register seals in one transaction, each with volume 0 of its book."""
        ...

    def open_volumes(self, volumes: Sequence[NewVolume]) -> Receipt:
        """Open volumes in one transaction, each the next one of its book."""
        ...

    def suspend(self, handle: bytes, reason: Reason) -> Receipt:
        """Set the issuer's stop (a regulator's account: the regulator's)."""
        ...

    def resume(self, handle: bytes, reason: Reason) -> Receipt:
        """Lift the issuer's stop (a regulator's account: the regulator's)."""
        ...

    def revoke(self, handle: bytes, reason: Reason) -> Receipt:
        """Revoke a seal, finally."""
        ...

    def set_stop(self, handle: bytes, stop_hash: bytes) -> Receipt:
        """Put the end of the owner's chain of stop codes on a seal that has none."""
        ...

    def stop_by_owner(self, handle: bytes, code: bytes) -> Receipt:
        """Set the owner's stop. ``code``, 32 bytes, is used up by it; any account may send it."""
        ...

    def resume_by_owner(self, handle: bytes, code: bytes) -> Receipt:
        """Lift the owner's stop. ``code``, 32 bytes, is used up by it; any account may send it."""
        ...

    def announce_stop(self, handle: bytes, commitment: bytes) -> Receipt:
        """Bind a later :meth:`replace_stop`: SHA-256(handle ‖ code ‖ new stop hash), 32 bytes."""
        ...

    def replace_stop(self, handle: bytes, code: bytes, stop_hash: bytes) -> Receipt:
        """Begin another chain of stop codes; announced in an earlier block."""
        ...
