"""Putting the contracts on a chain, step by step.

Each step looks first what is there: running it again, or after an interruption, is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_canonical_address, to_checksum_address

from eseal.errors import ConfigurationError, LedgerError, LedgerRejectedError
from eseal.ledger.contracts.addresses import created_address
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, WORD, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Receipt
from eseal.ledger.sending.memory_journal import MemoryJournal
from eseal.ledger.sending.sender import FINAL_TIMEOUT, RESEND_AFTER, Sender
from eseal.ledger.sending.transactions import TransactionJournal
from eseal.ledger.wire.connection import Connection, NodeRefusedError
from eseal.ledger.wire.finality import Finality
from eseal.log.checkpoint import log_id

if TYPE_CHECKING:
    from web3 import Web3

REGISTRY_NONCE, LEDGER_NONCE = 0, 1
"""A new administrator's first two transactions create the contracts, so their addresses are known
beforehand and an interrupted set-up is found again."""
ADMIN_DELAY = 0
"""Seconds before a change of administrator takes effect; it can be raised on chain later
(OpenZeppelin AccessControlDefaultAdminRules)."""


def _in_memory(_chain_id: int, _account: str) -> TransactionJournal:
    return MemoryJournal()


class ContractSetup:
    """The steps, on one node. Every one raises ``LedgerUnreachableError`` when it cannot ask."""

    def __init__(
        self,
        w3: Web3,
        finality: Finality,
        timeout: float = FINAL_TIMEOUT,
        *,
        journal: Callable[[int, str], TransactionJournal] = _in_memory,
        resend_after: float = RESEND_AFTER,
    ) -> None:
        """Set up through ``w3``; each step waits until its transaction is final.

        Args:
            w3: the node.
            finality: when a block counts as final.
            timeout: seconds to wait for it.
            journal: the journal of an account (chain id, checksummed address).
            resend_after: seconds without a block until a transaction offers more.
        """
        self._w3 = w3
        self._finality = finality
        self._connection = Connection(w3)
        self._timeout = timeout
        self._journal = journal
        self._resend_after = resend_after

    def deploy(self, admin: LocalAccount, *, admin_delay: int = ADMIN_DELAY) -> Deployment:
        """Create ``SealRegistry`` and ``UsageLedger``, or find those ``admin`` created before.

        Args:
            admin: who becomes the registry's administrator; must be able to pay.
            admin_delay: seconds before a change of administrator takes effect.

        Raises:
            ConfigurationError: ``admin`` has sent other transactions, and no contracts of ours.
            LedgerRejectedError: a constructor reverted.
        """
        chain_id = self._connection.quantity("eth_chainId")
        sender = self._sender(chain_id, admin)
        sent = self._connection.quantity("eth_getTransactionCount", admin.address, "latest")
        registry = _created(admin, REGISTRY_NONCE)
        ledger = _created(admin, LEDGER_NONCE)
        if sent <= REGISTRY_NONCE:
            _create(sender, SEAL_REGISTRY, (admin_delay, admin.address))
        if sent <= LEDGER_NONCE and self._connection.has_code(registry):
            _create(sender, USAGE_LEDGER, (registry,))
        if not _is_ours(self._connection, registry, ledger):
            raise ConfigurationError(
                f"the account {admin.address} has sent other transactions before: "
                "deploy from a new account, or use the deployment file of the contracts it made"
            )
        block = first_block_with_code(self._connection, ledger)
        return Deployment(chain_id, registry, ledger, block)

    def admit_issuer(
        self, deployment: Deployment, admin: LocalAccount, issuer: bytes, operator: str
    ) -> Receipt | None:
        """Admit an issuer with its first operator, or add an operator to an admitted one.

        Args:
            deployment: the contracts.
            admin: the registry's administrator.
            issuer: the issuer's id, 32 bytes.
            operator: address of the account that will anchor and register seals.

        Returns:
            The receipt, or ``None`` if there was nothing to do.

        Raises:
            LedgerRejectedError: ``admin`` is not the administrator, or the issuer was retired.
        """
        functions = load_artifact(SEAL_REGISTRY).functions
        registry, arguments = deployment.seal_registry, (issuer, operator)
        if self._connection.call(registry, functions["isOperator"], *arguments)[0]:
            return None
        sender = self._sender(deployment.chain_id, admin)
        try:
            data = functions["admitIssuer"].encode_call(arguments)
            return sender.send(registry, data, "admit_issuer").receipt
        except LedgerRejectedError as error:
            if error.error_name != "IssuerAlreadyAdmitted":
                raise
        data = functions["addOperator"].encode_call(arguments)
        return sender.send(registry, data, "add_operator").receipt

    def open_log(
        self,
        deployment: Deployment,
        operator: LocalAccount,
        issuer: bytes,
        origin: str,
        public_key: bytes,
    ) -> Receipt | None:
        """Open the log of an issuer.

        Args:
            deployment: the contracts.
            operator: an operator of the issuer.
            issuer: the issuer's id, 32 bytes.
            origin: the log's origin line (C2SP tlog-checkpoint).
            public_key: the log's Ed25519 key, 32 bytes.

        Returns:
            The receipt, or ``None`` if this very log is open already.

        Raises:
            ConfigurationError: the issuer's one log is open with another origin or key.
            LedgerRejectedError: ``operator`` is not one of the issuer's.
        """
        functions = load_artifact(USAGE_LEDGER).functions
        wanted = log_id(issuer, origin)
        ledger = deployment.usage_ledger
        (opened,) = self._connection.call(ledger, functions["logIdOf"], issuer)
        if opened == wanted and self._connection.call(ledger, functions["logOf"], wanted)[1] == (
            public_key
        ):
            return None
        if opened != bytes(WORD):
            raise ConfigurationError(
                f"this issuer's log 0x{opened.hex()} is already open with another origin or key, "
                "and an issuer has one log: restore the instance it belongs to, or have the "
                "administrator give it this key (eseal ledger succeed)"
            )
        sender = self._sender(deployment.chain_id, operator)
        data = functions["openLog"].encode_call((issuer, origin, public_key))
        return sender.send(ledger, data, "open_log").receipt

    def _sender(self, chain_id: int, account: LocalAccount) -> Sender:
        return Sender(
            self._w3,
            chain_id,
            account,
            self._finality,
            self._timeout,
            journal=self._journal(chain_id, account.address),
            resend_after=self._resend_after,
        )


def first_block_with_code(connection: Connection, address: str) -> int:
    """The height from which a contract exists, by bisection over the state of past blocks.

    The newest height if the node has dropped old state.

    Raises:
        LedgerUnreachableError: the node cannot be asked.
    """
    low, high = 0, connection.quantity("eth_blockNumber")
    try:
        while low < high:
            middle = (low + high) // 2
            if connection.has_code(address, at=hex(middle)):
                high = middle
            else:
                low = middle + 1
    except NodeRefusedError:  # old state is gone; nothing was anchored before the set-up is done
        return connection.quantity("eth_blockNumber")
    return low


def registry_address(admin: LocalAccount) -> str:
    """Checksummed address of the registry ``admin`` makes, or has made, with ``deploy``."""
    return _created(admin, REGISTRY_NONCE)


def _created(creator: LocalAccount, nonce: int) -> str:
    return to_checksum_address(created_address(to_canonical_address(creator.address), nonce))


def _create(sender: Sender, name: str, arguments: Sequence[object]) -> None:
    sender.send(None, load_artifact(name).encode_creation(arguments), "deploy")


def _is_ours(connection: Connection, registry: str, ledger: str) -> bool:
    """Whether ``ledger`` is a usage ledger that works with ``registry``."""
    function = load_artifact(USAGE_LEDGER).functions["registry"]
    if not connection.has_code(registry) or not connection.has_code(ledger):
        return False
    try:
        answer: str = connection.call(ledger, function)[0]
    except LedgerError:
        return False
    return to_checksum_address(answer) == registry
