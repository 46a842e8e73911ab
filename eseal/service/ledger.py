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
from eseal.log.checkpoint import log_id
from eseal.store.transactions import DatabaseJournal

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3 import Web3

    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.contract_setup import ContractSetup
    from eseal.ledger.deployment import Deployment
    from eseal.ledger.endpoint import Endpoint
    from eseal.ledger.protocol import LedgerReader
    from eseal.ledger.transactions import CallCheck
    from eseal.ledger.web3_ledger import Web3Ledger
    from eseal.store.database import Database
    from eseal.store.instance import Instance

GENESIS_WEI = 10**24
"""A million ether each for administrator and operator of an embedded chain: never runs out."""


@dataclass(frozen=True, slots=True)
class LedgerConnection:
    """An open ledger.

    Attributes:
        ledger: reads and writes; of several endpoints the first that answers.
        reader: reads what a verdict, a statement or the log's own state rests on: of several
            endpoints it believes only a quorum.
        close: gives the connection back.
        rpc: answers read-only JSON-RPC for strangers, or ``None`` with a node elsewhere.
        endpoints: the nodes elsewhere.
    """

    ledger: Web3Ledger
    reader: LedgerReader
    close: Callable[[], None]
    rpc: Callable[[bytes], bytes] | None
    endpoints: tuple[Endpoint, ...] = ()


def connect(  # noqa: PLR0913  # a ledger, a journal, an account and what it may sign
    settings: Settings,
    database: Database,
    deployment: Deployment,
    secret: bytes,
    check: CallCheck,
    *,
    exclusive: bool = False,
) -> LedgerConnection:
    """Connect as the operator.

    Args:
        settings: which ledger.
        database: keeps the journal of transactions.
        deployment: which contracts.
        secret: the operator's secp256k1 key, 32 bytes.
        check: says what the operator's account may sign.
        exclusive: whether this process must own an embedded ledger, as one that serves must.

    Raises:
        ConfigurationError: not the ledger the instance was set up on, or it is locked.
        LedgerUnreachableError: the node does not answer.
    """
    from eseal.ledger.web3_ledger import Web3Ledger

    account, finality = _account(secret), Finality.parse(settings.ledger_finality)

    def writer(w3: Web3) -> Web3Ledger:
        return Web3Ledger(
            w3,
            deployment,
            finality,
            account,
            settings.ledger_final_timeout,
            journal=DatabaseJournal(database, deployment.chain_id, account.address),
            check=check,
            resend_after=settings.ledger_resend_after,
        )

    if settings.ledger_url is not None:
        return _connect_endpoints(settings, deployment, finality, writer)
    node = open_node(settings.data_dir, exclusive=exclusive)
    try:
        ledger = writer(node.web3())
        ledger.check()
    except BaseException:
        node.close()
        raise
    return LedgerConnection(ledger, ledger, node.close, _read_only(node))


def check_role(connection: LedgerConnection, instance: Instance) -> None:
    """Check that the operator's key may anchor and register seals for this issuer.

    Raises:
        ConfigurationError: it may not, or the log is not this instance's.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    operator = connection.ledger.operator
    if not connection.ledger.is_operator(instance.issuer_id, operator):
        raise ConfigurationError(
            f"this instance's key {operator} is not an operator of issuer "
            f"{instance.issuer_id.hex()} on the ledger: have the registry's administrator add it "
            "(eseal init does, if the administrator's key is this instance's own)"
        )
    log = connection.reader.log(log_id(instance.origin))
    if log is None or log.issuer != instance.issuer_id:
        raise ConfigurationError(
            f"the ledger has no log {instance.origin} of this issuer: run eseal init to open it"
        )


def set_up(
    settings: Settings, database: Database, instance: Instance, keys: SoftwareKeyStore
) -> Deployment:
    """Put the contracts on the ledger, admit the issuer, open the log; write the deployment record.

    Safe to run again.

    Raises:
        ConfigurationError: the accounts cannot pay, or the ledger holds something else.
        LedgerError: the ledger refuses or cannot be asked.
    """
    from eseal.ledger.deployment_record import write_record

    admin = _account(keys.ethereum_secret(instance.admin_key_id))
    operator = _account(keys.ethereum_secret(instance.operator_key_id))
    funded: dict[str, int] = {account.address: GENESIS_WEI for account in (admin, operator)}
    node, w3 = _open(settings, funded)
    try:
        if node is None:
            _check_funds(w3, admin, operator)
        setup = contract_setup(settings, database, w3)
        deployment = setup.deploy(admin)
        setup.admit_issuer(deployment, admin, instance.issuer_id, operator.address)
        public_key = raw_public_key(keys.public_key(instance.log_key_id))
        setup.open_log(deployment, operator, instance.issuer_id, instance.origin, public_key)
        write_record(settings.data_dir, w3, deployment, admin.address)
    finally:
        if node is not None:
            node.close()
    return deployment


def contract_setup(settings: Settings, database: Database, w3: Web3) -> ContractSetup:
    """The steps that put contracts, issuer and log on a ledger, journalled in the database."""
    from eseal.ledger.contract_setup import ContractSetup

    def journal(chain_id: int, account: str) -> DatabaseJournal:
        return DatabaseJournal(database, chain_id, account)

    return ContractSetup(
        w3,
        Finality.parse(settings.ledger_finality),
        settings.ledger_final_timeout,
        journal=journal,
        resend_after=settings.ledger_resend_after,
    )


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


def _connect_endpoints(
    settings: Settings,
    deployment: Deployment,
    finality: Finality,
    writer: Callable[[Web3], Web3Ledger],
) -> LedgerConnection:
    from eseal.ledger.readers import open_endpoints, reader_of, web3_of

    endpoints = open_endpoints(settings.ledger_urls)
    reader = reader_of(endpoints, deployment, finality, settings.ledger_quorum)
    reader.check()
    return LedgerConnection(writer(web3_of(endpoints)), reader, lambda: None, None, endpoints)


def _open(settings: Settings, funded: dict[str, int]) -> tuple[LocalNode | None, Web3]:
    if settings.ledger_url is None:
        node = open_node(settings.data_dir, funded=funded)
        return node, node.web3()
    from eseal.ledger.readers import open_endpoints, web3_of

    return None, web3_of(open_endpoints(settings.ledger_urls))


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
