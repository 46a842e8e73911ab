"""Writing to the contracts on any Ethereum node, and connecting to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from eth_account.signers.local import LocalAccount

from eseal.ledger.connection import connect_http
from eseal.ledger.deployment import Deployment
from eseal.ledger.finality import Finality
from eseal.ledger.protocol import Head, NewSeal, Receipt
from eseal.ledger.sender import FINAL_TIMEOUT, RESEND_AFTER, Sender
from eseal.ledger.transactions import CallCheck, TransactionJournal
from eseal.ledger.web3_reader import Web3Reader
from eseal.model.seal import Reason

if TYPE_CHECKING:
    from web3 import Web3


class Web3Ledger(Web3Reader):
    """:class:`~eseal.ledger.protocol.Ledger` over JSON-RPC, signed by a local account."""

    def __init__(  # noqa: PLR0913  # a node, contracts, an account, a rule and their patience
        self,
        w3: Web3,
        deployment: Deployment,
        finality: Finality,
        account: LocalAccount,
        timeout: float = FINAL_TIMEOUT,
        *,
        journal: TransactionJournal | None = None,
        check: CallCheck | None = None,
        resend_after: float = RESEND_AFTER,
    ) -> None:
        """Write as ``account``.

        Args:
            w3: the node.
            deployment: which contracts.
            finality: when a block counts as final.
            account: signs and pays.
            timeout: seconds after which a write no longer waits for finality.
            journal: where transactions are on record; only this process's memory if ``None``.
            check: asked before anything is signed.
            resend_after: seconds without a block until a transaction offers more.
        """
        super().__init__(w3, deployment, finality)
        self._sender = Sender(
            w3,
            deployment.chain_id,
            account,
            finality,
            timeout,
            journal=journal,
            check=check,
            resend_after=resend_after,
        )

    @property
    def operator(self) -> str:
        """Checksummed address of the account that sends the transactions."""
        return self._sender.address

    def carry_on(self) -> int:
        """See transactions through that are on record and not final; how many there were.

        Raises:
            TransactionPendingError: one of them is still not final in time.
            LedgerBehindError: the node has less history than is on record.
            LedgerUnreachableError: the node could not be asked.
        """
        return self._sender.carry_on()

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
            TransactionPendingError: not known to be final; :meth:`carry_on` goes on with it.
            LedgerUnreachableError: the node could not be asked, or refused it.
        """
        function = self._ledger_functions["advance"]
        data = function.encode_call((log_id, old_size, new.size, new.root, list(proof)))
        return self._sender.send(self.usage_ledger, data, "advance").receipt

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
        return self._sender.send(self.seal_registry, data, "register_seals").receipt

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
        return self._sender.send(self.seal_registry, data, function).receipt


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
