"""Writing to the contracts on any Ethereum node, and connecting to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from eth_account.signers.local import LocalAccount

from eseal.ledger.connection import connect_http
from eseal.ledger.deployment import Deployment
from eseal.ledger.finality import Finality
from eseal.ledger.protocol import Head, NewSeal, Receipt
from eseal.ledger.sender import FINAL_TIMEOUT, Sender
from eseal.ledger.web3_reader import Web3Reader
from eseal.model.seal import Reason

if TYPE_CHECKING:
    from web3 import Web3


class Web3Ledger(Web3Reader):
    """:class:`~eseal.ledger.protocol.Ledger` over JSON-RPC, signed by a local account."""

    def __init__(
        self,
        w3: Web3,
        deployment: Deployment,
        finality: Finality,
        account: LocalAccount,
        timeout: float = FINAL_TIMEOUT,
    ) -> None:
        """Write as ``account``; a write gives up ``timeout`` seconds after it was sent."""
        super().__init__(w3, deployment, finality)
        self._sender = Sender(w3, deployment.chain_id, account, finality, timeout)

    @property
    def operator(self) -> str:
        """Checksummed address of the account that sends the transactions."""
        return self._sender.address

    def advance(self, log_id: bytes, old_size: int, new: Head, proof: Sequence[bytes]) -> Receipt:
        """Offer ``new`` as extension of the head at ``old_size``.

        Args:
            log_id: 32 bytes.
            old_size: size of the head being extended.
            new: the new head.
            proof: RFC 9162 section 2.1.4 consistency proof, 32 bytes each.

        Raises:
            StaleHeadError: ``old_size`` is not the size of the contract's head.
            LedgerRejectedError: the contract reverted otherwise.
            LedgerUnreachableError: not known to be final; it may still come.
        """
        function = self._ledger_functions["advance"]
        data = function.encode_call((log_id, old_size, new.size, new.root, list(proof)))
        return self._sender.send(self.usage_ledger, data).receipt

    def register_seals(self, issuer: bytes, seals: Sequence[NewSeal]) -> Receipt:
        """Register seals in one transaction."""
        function = self._registry_functions["registerSeals"]
        data = function.encode_call(
            (
                issuer,
                [seal.handle for seal in seals],
                [seal.not_before for seal in seals],
                [seal.not_after for seal in seals],
            )
        )
        return self._sender.send(self.seal_registry, data).receipt

    def suspend(self, handle: bytes, reason: Reason) -> Receipt:
        """Suspend an active seal."""
        return self._change_status("suspend", handle, reason)

    def resume(self, handle: bytes, reason: Reason) -> Receipt:
        """Make a suspended seal active again."""
        return self._change_status("resume", handle, reason)

    def revoke(self, handle: bytes, reason: Reason) -> Receipt:
        """Revoke a seal, finally."""
        return self._change_status("revoke", handle, reason)

    def _change_status(self, function: str, handle: bytes, reason: Reason) -> Receipt:
        data = self._registry_functions[function].encode_call((handle, int(reason)))
        return self._sender.send(self.seal_registry, data).receipt


@overload
def connect(url: str, finality: Finality, deployment: Deployment) -> Web3Reader: ...


@overload
def connect(
    url: str, finality: Finality, deployment: Deployment, account: LocalAccount
) -> Web3Ledger: ...


def connect(
    url: str, finality: Finality, deployment: Deployment, account: LocalAccount | None = None
) -> Web3Reader:
    """Connect to a JSON-RPC node and check that it serves this deployment.

    Args:
        url: ``http://`` or ``https://``.
        finality: when a block counts as final on that network.
        deployment: which contracts.
        account: who writes; without one the ledger can only be read.

    Raises:
        ConfigurationError: not such a URL, another chain, or no contracts at the addresses.
        LedgerUnreachableError: the node could not be asked.
    """
    w3 = connect_http(url)
    reader = (
        Web3Reader(w3, deployment, finality)
        if account is None
        else Web3Ledger(w3, deployment, finality, account)
    )
    reader.check()
    return reader
