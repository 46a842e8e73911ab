"""What the rest of the house asks of an authority, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from eseal.authority.word.messages import Ask, Attested


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What belongs to a VRF key, as somebody whom we believe says: the ledger, or a file of ours.

    Attributes:
        attest_key: the Ed25519 key that signs proofs beside it, 32 bytes.
        account: checksummed address of the account that signs registrations, or ``None`` if not
            known (or a contract's: then only the ledger can check its signatures).
    """

    attest_key: bytes
    account: str | None


KeysOf: TypeAlias = Callable[[bytes], KnownKeys]
"""Gives what belongs to a VRF key (32 bytes); raises ``AuthorityAnswerError`` if it is none we
believe."""


class SubjectAuthority(Protocol):
    """Proves subjects. Safe to call from several threads."""

    def prove(self, ask: Ask) -> Attested:
        """The subject of a registration id, with its proof; the same subject whenever asked.

        Raises:
            AuthorityUnreachableError: it does not answer now; worth trying again.
            AuthorityRefusedError: it says no, and why.
            AuthorityAnswerError: what it answered does not prove what was asked.
            InvalidInputError: this cannot be asked.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
