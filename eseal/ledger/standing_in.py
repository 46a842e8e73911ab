"""What every reader that asks other readers is: a reader of the same contracts."""

from __future__ import annotations

from eseal.ledger.protocol import LedgerReader


class StandingIn:
    """A reader in front of another one, or of several of the same contracts."""

    def __init__(self, contracts: LedgerReader) -> None:
        """Be of the contracts of this reader."""
        self._contracts = contracts

    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
        return self._contracts.chain_id

    @property
    def seal_registry(self) -> str:
        """Checksummed address of ``SealRegistry``."""
        return self._contracts.seal_registry

    @property
    def usage_ledger(self) -> str:
        """Checksummed address of ``UsageLedger``."""
        return self._contracts.usage_ledger
