"""What stands on the ledger, as values: blocks, logs, companies, seals, volumes, anchors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from eseal.model.seal import Reason


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
