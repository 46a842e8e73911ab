"""The ledger of an instance: embedded in the data directory, or a node somewhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from eseal.authority.word.keys import AuthorityKeys
from eseal.config import BUILT_IN
from eseal.errors import ConfigurationError
from eseal.ledger.node.ipc import LocalNode, open_node
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.finality import Finality
from eseal.model.scheme_id import scheme_id
from eseal.model.schemes import PRIMARY_PREFIXES
from eseal.store.repositories.transactions import DatabaseJournal

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3 import Web3

    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.protocol import LedgerReader
    from eseal.ledger.sending.transactions import CallCheck
    from eseal.ledger.sending.web3_ledger import Web3Ledger
    from eseal.ledger.setup.contract_setup import ContractSetup
    from eseal.ledger.wire.endpoint import Endpoint
    from eseal.store.database import Database
    from eseal.store.repositories.instance import Instance

GENESIS_WEI = 10**24
"""A million ether each for administrator and operator of an embedded chain: never runs out."""


STEPS_AT_ONCE = 64
"""Steps of the set-up side by side: each is a transaction and waits for its block, which they
share."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who writes to the ledger: the issuer's operator, and an account for a regulator's stops."""

    operator: LocalAccount
    regulator: LocalAccount


@dataclass(frozen=True, slots=True)
class LedgerConnection:
    """An open ledger.

    Attributes:
        ledger: reads and writes; of several endpoints the first that answers.
        regulator: the same, as the instance's own account for a regulator's stops.
        reader: reads what a verdict, a statement or the log's own state rests on: of several
            endpoints it believes only a quorum.
        close: gives the connection back.
        rpc: answers read-only JSON-RPC for strangers, or ``None`` with a node elsewhere.
        endpoints: the nodes elsewhere.
    """

    ledger: Web3Ledger
    regulator: Web3Ledger
    reader: LedgerReader
    close: Callable[[], None]
    rpc: Callable[[bytes], bytes] | None
    endpoints: tuple[Endpoint, ...] = ()

    def regulates(self) -> bool:
        """Whether the administrator of the registry lets this instance set regulators' stops."""
        return self.regulator.is_regulator(self.regulator.operator)


def connect(  # noqa: PLR0913  # a ledger, a journal, an account and what it may sign
    settings: Settings,
    database: Database,
    deployment: Deployment,
    accounts: Accounts,
    check: CallCheck,
    *,
    exclusive: bool = False,
) -> LedgerConnection:
    """Connect as the operator, and as a regulator.

    Args:
        settings: which ledger.
        database: keeps the journal of transactions.
        deployment: which contracts.
        accounts: who writes.
        check: says what these accounts may sign.
        exclusive: whether this process must own an embedded ledger, as one that serves must.

    Raises:
        ConfigurationError: not the ledger the instance was set up on, or it is locked.
        LedgerUnreachableError: the node does not answer.
    """
    from eseal.ledger.sending.web3_ledger import Web3Ledger

    finality = Finality.parse(settings.ledger_finality)

    def writer(w3: Web3, account: LocalAccount) -> Web3Ledger:
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
        return _connect_endpoints(settings, deployment, finality, accounts, writer)
    node = open_node(settings.data_dir, exclusive=exclusive)
    try:
        w3 = node.web3()
        ledger, regulator = writer(w3, accounts.operator), writer(w3, accounts.regulator)
        ledger.check()
    except BaseException:
        node.close()
        raise
    return LedgerConnection(ledger, regulator, ledger, node.close, _read_only(node))


def check_role(connection: LedgerConnection, instance: Instance, public_key: bytes) -> None:
    """Check that the operator's key may anchor and register seals for this issuer.

    Raises:
        ConfigurationError: it may not, or the log is not this instance's, or has another key
            (``public_key`` is ours, 32 bytes) on the ledger.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    operator = connection.ledger.operator
    if not connection.ledger.is_operator(instance.issuer_id, operator):
        raise ConfigurationError(
            f"this instance's key {operator} is not an operator of issuer "
            f"{instance.issuer_id.hex()} on the ledger: have the registry's administrator add it "
            "(eseal init does, if the administrator's key is this instance's own)"
        )
    log = connection.reader.log(instance.log_id)
    if log is None or log.issuer != instance.issuer_id:
        raise ConfigurationError(
            f"the ledger has no log {instance.origin} of this issuer: run eseal init to open it"
        )
    if log.public_key != public_key:
        raise ConfigurationError(
            f"the ledger says that the log {instance.origin} signs with the key "
            f"{log.public_key.hex()} now, this instance has {public_key.hex()}: restore the "
            "instance that has it, or have the administrator run eseal ledger succeed"
        )


def set_up(
    settings: Settings,
    database: Database,
    instance: Instance,
    keys: SoftwareKeyStore,
    known: Deployment | None = None,
) -> Deployment:
    """Put the contracts on the ledger with all this issuer needs; write the deployment record.

    Its operator, its root certificate, the built-in authority for the registers of all countries
    (unless the settings name another one), an account for a regulator's stops, its log. Safe to run
    again.

    Args:
        settings: which ledger.
        database: keeps the journal of transactions.
        instance: whose contracts.
        keys: its keys.
        known: its contracts, once it has some: no others are ever made for it.

    Raises:
        ConfigurationError: the accounts cannot pay, the ledger holds something else, or it is not
            the one that has the known contracts.
        LedgerError: the ledger refuses or cannot be asked.
    """
    from eseal.ledger.setup.deployment_record import write_record

    admin, accounts = account_of(keys, instance.admin_key_id), accounts_of(keys, instance)
    payers = (admin, accounts.operator, accounts.regulator)
    funded: dict[str, int] = {account.address: GENESIS_WEI for account in payers}
    finality = Finality.parse(settings.ledger_finality)
    node, w3 = _open(settings, funded if known is None else None)
    try:
        if node is None:
            _check_funds(w3, *payers)
        setup = contract_setup(settings, database, w3)
        deployment = setup.deploy(admin) if known is None else known
        Web3Reader(w3, deployment, finality).check()
        setup.admit_issuer(deployment, admin, instance.issuer_id, accounts.operator.address)
        journal = DatabaseJournal(database, deployment.chain_id, admin.address)
        administration = Administration(w3, deployment, finality, admin, journal=journal)
        issuer, reader = instance.issuer_id, Web3Reader(w3, deployment, finality)
        if reader.log_of(issuer) is None:  # the last step; what was taken back later stays so
            steps: list[Callable[[], object]] = [
                partial(administration.add_root, issuer, root_hash(instance)),
                partial(administration.grant_regulator, accounts.regulator.address),
            ]
            if settings.authority == BUILT_IN:  # a register's authority is named once and for all
                built_in = AuthorityKeys(keys, instance.authority_keys)
                steps += _authority(administration, built_in, issuer)
            with ThreadPoolExecutor(STEPS_AT_ONCE) as together:
                list(together.map(lambda step: step(), steps))
        key = log_key(keys, instance)
        setup.open_log(deployment, accounts.operator, issuer, instance.origin, key)
        write_record(settings.data_dir, w3, deployment, admin.address)
    finally:
        if node is not None:
            node.close()
    return deployment


def _authority(
    administration: Administration, keys: AuthorityKeys, authority: bytes
) -> list[Callable[[], object]]:
    """The steps that make the built-in authority that of every register.

    Its id is the issuer's: whoever looks at the ledger sees that they are one.
    """
    return [
        partial(administration.set_authority_account, authority, keys.account),
        partial(administration.add_authority_key, authority, keys.vrf_key, keys.attest_key),
        partial(administration.set_schemes, map(scheme_id, PRIMARY_PREFIXES), authority),
    ]


def contract_setup(settings: Settings, database: Database, w3: Web3) -> ContractSetup:
    """The steps that put contracts, issuer and log on a ledger, journalled in the database."""
    from eseal.ledger.setup.contract_setup import ContractSetup

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


def log_key(keys: SoftwareKeyStore, instance: Instance) -> bytes:
    """The log's Ed25519 public key, 32 bytes."""
    return raw_public_key(keys.public_key(instance.log_key_id))


def root_hash(instance: Instance) -> bytes:
    """SHA-256 of the root certificate's DER: its name on the ledger, 32 bytes."""
    return sha256(instance.root_certificate).digest()


def accounts_of(keys: SoftwareKeyStore, instance: Instance) -> Accounts:
    """The accounts by which the instance writes."""
    return Accounts(
        operator=account_of(keys, instance.operator_key_id),
        regulator=account_of(keys, instance.regulator_key_id),
    )


def account_of(keys: SoftwareKeyStore, key_id: str) -> LocalAccount:
    """The account of a stored secp256k1 key."""
    from eth_account import Account

    account: LocalAccount = Account.from_key(keys.ethereum_secret(key_id))
    return account


def is_own(deployment: Deployment, instance: Instance, keys: SoftwareKeyStore) -> bool:
    """Whether these contracts are those this instance made itself."""
    from eseal.ledger.setup.contract_setup import registry_address

    return deployment.seal_registry == registry_address(account_of(keys, instance.admin_key_id))


def _connect_endpoints(
    settings: Settings,
    deployment: Deployment,
    finality: Finality,
    accounts: Accounts,
    writer: Callable[[Web3, LocalAccount], Web3Ledger],
) -> LedgerConnection:
    from eseal.ledger.reading.from_urls import open_endpoints, reader_of, web3_of

    endpoints = open_endpoints(settings.ledger_urls)
    reader = reader_of(endpoints, deployment, finality, settings.ledger_quorum)
    reader.check()
    w3 = web3_of(endpoints)
    operator, regulator = writer(w3, accounts.operator), writer(w3, accounts.regulator)
    return LedgerConnection(operator, regulator, reader, lambda: None, None, endpoints)


def _open(settings: Settings, funded: dict[str, int] | None) -> tuple[LocalNode | None, Web3]:
    if settings.ledger_url is None:
        node = open_node(settings.data_dir, funded=funded)
        return node, node.web3()
    from eseal.ledger.reading.from_urls import open_endpoints, web3_of

    return None, web3_of(open_endpoints(settings.ledger_urls))


def _check_funds(w3: Web3, *accounts: LocalAccount) -> None:
    """On a network with fees the accounts need funds first: say which, instead of failing later."""
    from eseal.ledger.wire.connection import Connection

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
    from eseal.ledger.node.rpc_dispatcher import RpcDispatcher

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
    node, w3 = _open(settings, None)
    try:
        if node is None and payers:
            _check_funds(w3, *payers)
        yield w3
    finally:
        if node is not None:
            node.close()
