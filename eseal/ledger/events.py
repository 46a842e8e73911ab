"""What the registry says happened to a company and its seals."""

from __future__ import annotations

from dataclasses import dataclass

from eseal.ledger.facts import Block, Status, StopFlags
from eseal.model.seal import Reason


@dataclass(frozen=True, slots=True)
class SubjectEvent:
    """An event about a company.

    Attributes:
        subject: whose, 32 bytes.
        block: the block that holds it.
        transaction: the transaction's hash, 32 bytes.
        position: of the event in its block, so that two of one transaction are told apart.
    """

    subject: bytes
    block: Block
    transaction: bytes
    position: int


@dataclass(frozen=True, slots=True)
class CompanyRegistered(SubjectEvent):
    """The company was registered; ``founders`` and their account as in ``NewCompany``."""

    vrf_key: bytes
    founders: bytes | None
    founders_account: str | None


@dataclass(frozen=True, slots=True)
class FoundersChanged(SubjectEvent):
    """Other founders are in force, as in ``NewCompany``."""

    founders: bytes | None
    founders_account: str | None


@dataclass(frozen=True, slots=True)
class CompanyContinued(SubjectEvent):
    """An authority says that the company goes on as ``new_subject``, 32 bytes."""

    new_subject: bytes


@dataclass(frozen=True, slots=True)
class SealRegistered(SubjectEvent):
    """A seal of the company was registered, as in ``SealRegistration``."""

    handle: bytes
    issuer: bytes
    not_before: int
    not_after: int
    depth: int


@dataclass(frozen=True, slots=True)
class VolumeOpened(SubjectEvent):
    """A volume of a seal's book was opened, as in ``NewVolume``."""

    handle: bytes
    number: int
    root: bytes


@dataclass(frozen=True, slots=True)
class SealStatusChanged(SubjectEvent):
    """A stop was set or lifted, or the seal revoked; ``flags`` are all that are on it now."""

    handle: bytes
    status: Status
    reason: Reason
    flags: StopFlags


@dataclass(frozen=True, slots=True)
class StopSet(SubjectEvent):
    """The next stop code of a seal must hash to ``stop_hash``, 32 bytes."""

    handle: bytes
    stop_hash: bytes
