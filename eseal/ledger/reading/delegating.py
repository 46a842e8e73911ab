"""What every reader that asks other readers is: a reader of the same contracts."""

from __future__ import annotations

from eseal.ledger.protocol import LedgerReader


class DelegatingReader:
    """A reader in front of another one, or of several of the same contracts."""

    def __init__(self, contracts: LedgerReader) -> None:
        """Be of the contracts of this reader; they are asked for with every check of a seal."""
        self.chain_id = contracts.chain_id
        self.seal_registry = contracts.seal_registry
        self.usage_ledger = contracts.usage_ledger
