"""The ledger of an instance: embedded in the data directory, or a node somewhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from eseal.errors import ConfigurationError
from eseal.ledger.finality import Finality
from eseal.ledger.ipc import LocalNode, open_node

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3 import Web3

    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.deployment import Deployment
    from eseal.ledger.web3_ledger import Web3Ledger
    from eseal.store.instance import Instance

GENESIS_WEI = 10**24
"""A million ether each for administrator and operator of an embedded chain: never runs out."""


@dataclass(frozen=True, slots=True)
class LedgerConnection:
    """An open ledger.

    Attributes:
        ledger: reads and writes.
        close: gives the connection back.
        rpc: answers read-only JSON-RPC for strangers, or ``None`` with a node elsewhere.
    """

    ledger: Web3Ledger
    close: Callable[[], None]
    rpc: Callable[[bytes], bytes] | None


def connect(
    settings: Settings, deployment: Deployment, secret: bytes, *, exclusive: bool = False
) -> LedgerConnection:
    """Connect as the operator.

    Args:
        settings: which ledger.
        deployment: which contracts.
        secret: the operator's secp256k1 key, 32 bytes.
        exclusive: whether this process must own an embedded ledger, as one that serves must.

    Raises:
        ConfigurationError: not the ledger the instance was set up on, or it is locked.
        LedgerUnreachableError: the node does not answer.
    """
    from eseal.ledger.web3_ledger import Web3Ledger

    node, w3 = _open(settings, exclusive=exclusive)
    try:
        finality = Finality.parse(settings.ledger_finality)
        ledger = Web3Ledger(w3, deployment, finality, _account(secret))
        ledger.check()
    except BaseException:
        if node is not None:
            node.close()
        raise
    if node is None:
        return LedgerConnection(ledger, lambda: None, None)
    return LedgerConnection(ledger, node.close, _read_only(node))


def set_up(settings: Settings, instance: Instance, keys: SoftwareKeyStore) -> Deployment:
    """Put the contracts on the ledger, admit the issuer, open the log. Safe to run again.

    Raises:
        ConfigurationError: the accounts cannot pay, or the ledger holds something else.
        LedgerError: the ledger refuses or cannot be asked.
    """
    from eseal.ledger.contract_setup import ContractSetup

    admin = _account(keys.ethereum_secret(instance.admin_key_id))
    operator = _account(keys.ethereum_secret(instance.operator_key_id))
    finality = Finality.parse(settings.ledger_finality)
    funded: dict[str, int] = {account.address: GENESIS_WEI for account in (admin, operator)}
    node, w3 = _open(settings, funded)
    try:
        if node is None:
            _check_funds(w3, admin, operator)
        setup = ContractSetup(w3, finality)
        deployment = setup.deploy(admin)
        setup.admit_issuer(deployment, admin, instance.issuer_id, operator.address)
        public_key = raw_public_key(keys.public_key(instance.log_key_id))
        setup.open_log(deployment, operator, instance.issuer_id, instance.origin, public_key)
    finally:
        if node is not None:
            node.close()
    return deployment


def raw_public_key(spki: bytes) -> bytes:
    """The 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410)."""
    key = load_der_public_key(spki)
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError("the log's key is not an Ed25519 key")
    return key.public_bytes_raw()


def _account(secret: bytes) -> LocalAccount:
    from eth_account import Account

    account: LocalAccount = Account.from_key(secret)
    return account


def _open(
    settings: Settings, funded: dict[str, int] | None = None, *, exclusive: bool = False
) -> tuple[LocalNode | None, Web3]:
    if settings.ledger_url is None:
        node = open_node(settings.data_dir, funded=funded, exclusive=exclusive)
        return node, node.web3()
    from eseal.ledger.connection import connect_http

    return None, connect_http(settings.ledger_url)


def _check_funds(w3: Web3, *accounts: LocalAccount) -> None:
    """On a network with fees the accounts need funds first: say which, instead of failing later."""
    from eseal.ledger.connection import Connection

    connection = Connection(w3)
    if connection.quantity("eth_gasPrice") == 0:
        return
    poor = [
        account.address
        for account in accounts
        if connection.quantity("eth_getBalance", account.address, "latest") == 0
    ]
    if poor:
        raise ConfigurationError(
            f"send some of the network's currency to {' and '.join(poor)} "
            "(this instance's accounts), then run eseal init again"
        )


def _read_only(node: LocalNode) -> Callable[[bytes], bytes] | None:
    owned = node.owned
    if owned is None:
        return None
    from eseal.ledger.rpc import RpcDispatcher

    return RpcDispatcher.read_only(owned).handle


@contextlib.contextmanager
def opened(settings: Settings, *payers: LocalAccount) -> Iterator[Web3]:
    """The ledger's node, for a few transactions.

    Args:
        settings: which ledger.
        payers: accounts that must have funds, on a network with fees.

    Raises:
        ConfigurationError: the ledger cannot be used, or an account cannot pay.
        LedgerUnreachableError: the node does not answer.
    """
    node, w3 = _open(settings, {})
    try:
        if node is None and payers:
            _check_funds(w3, *payers)
        yield w3
    finally:
        if node is not None:
            node.close()
