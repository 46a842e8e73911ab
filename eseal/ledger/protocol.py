"""What the rest of the house asks of a ledger, whatever node serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Protocol

from eseal.model.seal import Reason

if TYPE_CHECKING:
    from eseal.ledger.changes import Change
    from eseal.ledger.events import SealStatusChanged, SubjectEvent


class Status(IntEnum):
    """A seal's status on the ledger. The numbers are those of ``ISealRegistry.Status``."""

    UNKNOWN = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3
    NOT_YET_VALID = 4
    EXPIRED = 5
    ISSUER_RETIRED = 6


class StopFlags(IntFlag):
    """Whose stops are on a seal; it is active only without any. Nobody lifts another's."""

    NONE = 0
    OWNER = 1
    """The company itself, by a stop code that the issuer does not know."""
    ISSUER = 2
    REGULATOR = 4


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Attributes:
        number: height.
        hash: 32 bytes.
        timestamp: Unix seconds, as the block states it.
    """

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Head:
    """A log's head: its size in leaves and its RFC 9162 root, 32 bytes."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head accepted by the contract.

    Attributes:
        log_id: SHA-256(issuer ‖ origin), 32 bytes.
        head: what was accepted.
        block: the block that holds the transaction: the upper bound of the time of every leaf.
        transaction: the transaction's hash, 32 bytes.
        epoch: how often the log's administrator had disowned heads of it by then.
    """

    log_id: bytes
    head: Head
    block: Block
    transaction: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class Period:
    """A span of ledger time, Unix seconds: from ``start`` until just before ``until``, if any."""

    start: int
    until: int | None

    def holds(self, time: int) -> bool:
        """Whether ``time`` (Unix seconds) lies in it."""
        return self.start <= time and (self.until is None or time < self.until)


@dataclass(frozen=True, slots=True)
class LogRegistration:
    """A log the contract knows: the only one its issuer ever has.

    Attributes:
        log_id: SHA-256(issuer ‖ origin), 32 bytes.
        issuer: the issuer's id, 32 bytes.
        keys: each Ed25519 key the log has had, 32 bytes, with the size of the head at which it
            took over; 0 for the first. Oldest first.
        epoch: how often the administrator has disowned heads of it.
    """

    log_id: bytes
    issuer: bytes
    keys: tuple[tuple[int, bytes], ...]
    epoch: int

    @property
    def public_key(self) -> bytes:
        """The newest key, 32 bytes."""
        return self.keys[-1][1]

    def signers(self, size: int) -> tuple[bytes, ...]:
        """The keys that may sign a head of this size, newest first.

        A key may sign what came before it again; a key that has been followed, nothing beyond the
        size at which it was: whoever stole it cannot go on with the log.
        """
        ends = [start for start, _ in self.keys[1:]]
        old = [key for (_, key), end in zip(self.keys, ends, strict=False) if size <= end]
        return (self.public_key, *reversed(old))


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """A key of an authority that gives companies their subjects.

    Attributes:
        vrf_key: its VRF public key (RFC 9381), 32 bytes.
        authority: the authority's id, 32 bytes.
        attest_key: the Ed25519 key that signs subject proofs beside it, 32 bytes.
        period: when it is in force.
    """

    vrf_key: bytes
    authority: bytes
    attest_key: bytes
    period: Period


@dataclass(frozen=True, slots=True)
class NewCompany:
    """A company to register; the registry computes its subject.

    Attributes:
        output: what the authority's random function gives for it, its first 32 bytes.
        vrf_key: the authority's key under which that is so, 32 bytes.
        founders: hash of its founders' document, 32 bytes, or ``None``.
        founders_account: checksummed address that may change them, or ``None``.
    """

    output: bytes
    vrf_key: bytes
    founders: bytes | None
    founders_account: str | None


@dataclass(frozen=True, slots=True)
class CompanyRegistration:
    """A company the registry knows.

    Attributes:
        subject: its pseudonym, SHA-256(VRF key ‖ output), 32 bytes.
        vrf_key: the authority's key under which it has that subject, 32 bytes.
        founders: hash of its founders' document, 32 bytes, or ``None``.
        founders_account: checksummed address that may change them, or ``None``.
        registered_at: timestamp of the block that registered it, Unix seconds.
    """

    subject: bytes
    vrf_key: bytes
    founders: bytes | None
    founders_account: str | None
    registered_at: int


@dataclass(frozen=True, slots=True)
class NewSeal:
    """A seal to register; the registry computes its handle.

    Attributes:
        certificate: SHA-256 of its certificate, 32 bytes.
        subject: the registered company whose seal it is, 32 bytes.
        not_before: Unix seconds.
        not_after: Unix seconds.
        depth: a volume of its book holds 2^depth tickets; 4 to 24.
        volume_root: Merkle root of volume 0, 32 bytes.
        stop_hash: the end of the company's chain of stop codes, 32 bytes, or ``None``.
    """

    certificate: bytes
    subject: bytes
    not_before: int
    not_after: int
    depth: int
    volume_root: bytes
    stop_hash: bytes | None


@dataclass(frozen=True, slots=True)
class SealRegistration:
    """A seal the registry knows.

    Attributes:
        handle: SHA-256(issuer ‖ SHA-256(certificate)), 32 bytes.
        issuer: the issuer's id, 32 bytes.
        subject: the company whose seal it is, 32 bytes.
        not_before: Unix seconds.
        not_after: Unix seconds.
        registered_at: timestamp of the block that registered it, Unix seconds.
        depth: a volume of its book holds 2^depth tickets.
        volumes: how many volumes are open.
    """

    handle: bytes
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    registered_at: int
    depth: int
    volumes: int


@dataclass(frozen=True, slots=True)
class NewVolume:
    """A volume to open: of which seal, the next number of its book, its Merkle root (32 bytes)."""

    handle: bytes
    number: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Volume(NewVolume):
    """An open volume, and the height of the block that opened it."""

    block_number: int


@dataclass(frozen=True, slots=True)
class StatusAt:
    """A seal's status at a moment.

    Attributes:
        status: the status then.
        reason: why: that of the change that led to it.
        since: timestamp of the change that led to it, Unix seconds; 0 when unknown.
        flags: whose stops were on it then.
    """

    status: Status
    reason: Reason
    since: int
    flags: StopFlags


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that is in a final block."""

    transaction: bytes
    block: Block
    gas_used: int


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
