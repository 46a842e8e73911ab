"""Seals: their types, the states they go through, and the reasons for a change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum

HANDLE_BYTES = 32
"""A handle is a SHA-256 digest."""


class SealType(StrEnum):
    """What a seal is for."""

    OFFICIAL = "official"
    """公章"""
    CONTRACT = "contract"
    """合同专用章"""
    FINANCE = "finance"
    """财务专用章"""
    INVOICE = "invoice"
    """发票专用章"""
    LEGAL_REPRESENTATIVE = "legal_representative"
    """法定代表人章"""
    PERSONNEL = "personnel"
    """人事专用章"""
    CUSTOMS = "customs"
    """报关专用章"""
    OTHER = "other"


class SealState(StrEnum):
    """Where a seal stands. ``pending → active ⇄ suspended → revoked``; ``expired`` by time."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Party(IntFlag):
    """Who can stop a seal. Several may at once, and nobody lifts another's stop."""

    NONE = 0
    OWNER = 1
    """Its company, by a stop code, without asking the issuer."""
    ISSUER = 2
    """The issuer's operator."""
    REGULATOR = 4
    COMPANY = 8
    """Its company, through the issuer's service: on the ledger that is the issuer's stop."""

    @property
    def words(self) -> str:
        """For a sentence: ``its company and a regulator``."""
        return " and ".join(_PARTY_WORDS[party] for party in self)


_PARTY_WORDS = {
    Party.OWNER: "its company (by a stop code)",
    Party.ISSUER: "the operator",
    Party.REGULATOR: "a regulator",
    Party.COMPANY: "its company",
}


class Reason(IntEnum):
    """Why a seal's status changed. The numbers are those of ``ISealRegistry.Reason``."""

    NONE = 0
    RENAME = 1
    DISSOLUTION = 2
    LICENCE_REVOKED = 3
    BANKRUPTCY = 4
    SPLIT = 5
    MERGER = 6
    KEY_COMPROMISE = 7
    LOSS = 8
    SUPERSEDED = 9
    BY_ORDER = 10
    OWNER_STOP = 11

    @property
    def slug(self) -> str:
        """The name in code, API and text, e.g. ``key_compromise``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Seal:
    """One certificate, key and impression of one type.

    Attributes:
        id: random identifier.
        company_id: the company whose seal it is.
        type: what it is for.
        label: tells seals of one type apart, e.g. ``"no. 2"``; may be empty.
        physical_code: the code of the physical seal it corresponds to, or ``None``.
        handle: the seal's name on the ledger, 32 bytes: see :func:`seal_handle`.
        certificate: DER (X.509).
        chain: the issuing certificates, DER, leaf's issuer first, root last.
        subject_proof: the proof with which it was registered: who the company is on the ledger.
        key_id: the name of its key in the key store.
        not_before: start of the certificate's validity, UTC.
        not_after: end of the certificate's validity, UTC.
        state: the last state the ledger confirmed.
        reason: why it is in this state.
        created_at: when it was put on record, UTC.
        stop_hash: the end of its owner's chain of stop codes, 32 bytes, or ``None`` if the company
            gave none.
    """

    id: str
    company_id: str
    type: SealType
    label: str
    physical_code: str | None
    handle: bytes
    certificate: bytes
    chain: tuple[bytes, ...]
    subject_proof: bytes
    key_id: str
    not_before: datetime
    not_after: datetime
    state: SealState
    reason: Reason
    created_at: datetime
    stop_hash: bytes | None = None

    def state_at(self, moment: datetime) -> SealState:
        """The state at ``moment``: an active or suspended seal past its end is expired."""
        if moment > self.not_after and self.state in (SealState.ACTIVE, SealState.SUSPENDED):
            return SealState.EXPIRED
        return self.state


def seal_handle(issuer: bytes, certificate: bytes) -> bytes:
    """The name of a seal on the ledger, which nobody can take for another issuer, 32 bytes.

    Args:
        issuer: the issuer's name on the ledger, 32 bytes.
        certificate: DER (X.509).
    """
    return handle_of(issuer, hashlib.sha256(certificate).digest())


def handle_of(issuer: bytes, certified: bytes) -> bytes:
    """A handle as the contract computes it, 32 bytes: what it is told is a hash, no certificate.

    Args:
        issuer: the issuer's name on the ledger, 32 bytes.
        certified: SHA-256 of what the handle names, 32 bytes.
    """
    return hashlib.sha256(issuer + certified).digest()
