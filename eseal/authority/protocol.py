"""What the rest of the house asks of an authority, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from eseal.model.subject import SubjectProof

NO_HASH = bytes(32)
"""``foundersHash`` on the ledger where the authority vouches for no founders."""
NO_ACCOUNT = "0x" + "00" * 20
"""``foundersAccount`` on the ledger where there is none."""
REGISTRATION_SIGNATURE_BYTES = 65
"""r, s and v of a secp256k1 signature (EIP-712)."""


@dataclass(frozen=True, slots=True)
class Attested:
    """What an authority gives for a company.

    Attributes:
        proof: subject, id and name, as they travel with every seal.
        founders_account: the ledger account that may change the founders, checksummed;
            ``NO_ACCOUNT`` if there is none.
        signature: the authority's EIP-712 signature with which anybody may register the company,
            65 bytes.
    """

    proof: SubjectProof
    founders_account: str
    signature: bytes

    @property
    def founders_hash(self) -> bytes:
        """The founders' hash as the ledger has it, 32 bytes; zero if there is none."""
        return self.proof.founders or NO_HASH


class SubjectAuthority(Protocol):
    """Proves subjects. Safe to call from several threads."""

    def prove(
        self,
        identifier: str,
        name: str,
        founders: bytes | None = None,
        founders_account: str = NO_ACCOUNT,
    ) -> Attested:
        """The subject of a registration id, with its proof; the same subject whenever asked.

        Args:
            identifier: the company's primary registration id, in normal form.
            name: its legal name, NFC.
            founders: hash of its founding document, 32 bytes.
            founders_account: the account that may change the founders.

        Raises:
            AuthorityUnreachableError: it does not answer now; worth trying again.
            AuthorityRefusedError: it says no, and why.
            AuthorityAnswerError: what it answered does not prove what was asked.
        """
        ...
