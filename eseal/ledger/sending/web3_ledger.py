"""Writing to the contracts on any Ethereum node, and connecting to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from eth_account.signers.local import LocalAccount

from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Head, NewCompany, NewSeal, NewVolume, Receipt
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.sending.calls import Calls
from eseal.ledger.sending.sender import FINAL_TIMEOUT, RESEND_AFTER, Sender
from eseal.ledger.sending.transactions import CallCheck, Order, TransactionJournal
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
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
        self._calls = Calls(deployment)
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
        return self._send(self._calls.advance(log_id, old_size, new, proof))

    def register_companies(
        self, companies: Sequence[NewCompany], signatures: Sequence[bytes]
    ) -> Receipt:
        """Register companies in one transaction, each signed (EIP-712) by its authority."""
        return self._send(self._calls.register_companies(companies, signatures))

    def register_seals(self, issuer: bytes, seals: Sequence[NewSeal]) -> Receipt:
        """Register seals in one transaction, each with volume 0 of its book."""
        return self._send(self._calls.register_seals(issuer, seals))

    def open_volumes(self, volumes: Sequence[NewVolume]) -> Receipt:
        """Open volumes in one transaction, each the next one of its book."""
        return self._send(self._calls.open_volumes(volumes))

    def suspend(self, handle: bytes, reason: Reason) -> Receipt:
        """Set the issuer's stop (a regulator's account: the regulator's)."""
        return self._send(self._calls.suspend(handle, reason))

    def resume(self, handle: bytes, reason: Reason) -> Receipt:
        """Lift the issuer's stop (a regulator's account: the regulator's)."""
        return self._send(self._calls.resume(handle, reason))

    def revoke(self, handle: bytes, reason: Reason) -> Receipt:
        """Revoke a seal, finally."""
        return self._send(self._calls.revoke(handle, reason))

    def set_stop(self, handle: bytes, stop_hash: bytes) -> Receipt:
        """Put the end of the owner's chain of stop codes on a seal that has none."""
        return self._send(self._calls.set_stop(handle, stop_hash))

    def stop_by_owner(self, handle: bytes, code: bytes) -> Receipt:
        """Set the owner's stop. ``code``, 32 bytes, is used up by it; any account may send it."""
        return self._send(self._calls.stop_by_owner(handle, code))

    def resume_by_owner(self, handle: bytes, code: bytes) -> Receipt:
        """Lift the owner's stop. ``code``, 32 bytes, is used up by it; any account may send it."""
        return self._send(self._calls.resume_by_owner(handle, code))

    def announce_stop(self, handle: bytes, commitment: bytes) -> Receipt:
        """Bind a later :meth:`replace_stop`: SHA-256(handle ‖ code ‖ new stop hash), 32 bytes."""
        return self._send(self._calls.announce_stop(handle, commitment))

    def replace_stop(self, handle: bytes, code: bytes, stop_hash: bytes) -> Receipt:
        """Begin another chain of stop codes; announced in an earlier block."""
        return self._send(self._calls.replace_stop(handle, code, stop_hash))

    def _send(self, order: Order) -> Receipt:
        return self._sender.send(order.to, order.data, order.kind).receipt


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
