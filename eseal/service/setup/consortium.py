"""One instance among several on the same contracts: joining them, and administering them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.errors import ConfigurationError, NotAdmittedError
from eseal.ledger.wire.finality import Finality
from eseal.service.instance.ledger import account_of, contract_setup, log_key, opened, root_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.setup.administration import Administration, Office
    from eseal.store.database import Database
    from eseal.store.repositories.instance import Instance


@dataclass(frozen=True, slots=True)
class Accounts:
    """What an instance is called on a ledger, whether the ledger has heard of it or not.

    Attributes:
        issuer: its id, 32 bytes.
        root: SHA-256 of its root certificate's DER, 32 bytes.
        operator: checksummed address of the account that anchors for it.
        administrator: checksummed address of its own administrator's key.
    """

    issuer: bytes
    root: bytes
    operator: str
    administrator: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Where an instance stands in its consortium.

    Attributes:
        accounts: what it is called there.
        admitted: whether the operator may act for the issuer, under its root certificate.
        deployment: the contracts.
        office: who administers them.
    """

    accounts: Accounts
    admitted: bool
    deployment: Deployment
    office: Office


def accounts_of(instance: Instance, keys: SoftwareKeyStore) -> Accounts:
    """What the instance is called on a ledger; asks none."""
    return Accounts(
        issuer=instance.issuer_id,
        root=root_hash(instance),
        operator=account_of(keys, instance.operator_key_id).address,
        administrator=account_of(keys, instance.admin_key_id).address,
    )


def join(
    settings: Settings,
    database: Database,
    instance: Instance,
    keys: SoftwareKeyStore,
    deployment: Deployment,
) -> None:
    """Open the instance's log on contracts that others administer. Safe to run again.

    Raises:
        ConfigurationError: the ledger is the embedded one, another chain, or holds no such
            contracts; or the operator cannot pay.
        NotAdmittedError: the administrator has not admitted this issuer yet; says what to hand in.
        LedgerError: the ledger refuses or cannot be asked.
    """
    from eseal.ledger.reading.web3_reader import Web3Reader
    from eseal.ledger.setup.administration import Administration

    if settings.ledger_url is None:
        raise ConfigurationError(
            "to join a consortium set ESEAL_LEDGER_URL to one of its nodes; "
            "the embedded ledger has only one issuer"
        )
    operator = account_of(keys, instance.operator_key_id)
    finality = Finality.parse(settings.ledger_finality)
    with opened(settings, operator) as w3:
        Web3Reader(w3, deployment, finality).check()
        administration = Administration(w3, deployment, finality, operator)
        if not _admitted(administration, instance, operator.address):
            issuer, root = instance.issuer_id.hex(), root_hash(instance).hex()
            raise NotAdmittedError(
                f"not admitted yet: hand issuer {issuer}, operator {operator.address} and root "
                f"{root} to the administrator {administration.office().administrator}, "
                "who runs: eseal ledger admit-issuer ISSUER --operator OPERATOR and eseal ledger "
                "add-root ISSUER ROOT; then run eseal init --join again"
            )
        setup = contract_setup(settings, database, w3)
        public_key = log_key(keys, instance)
        setup.open_log(deployment, operator, instance.issuer_id, instance.origin, public_key)


@contextlib.contextmanager
def administration(
    settings: Settings, instance: Instance, keys: SoftwareKeyStore, deployment: Deployment
) -> Iterator[Administration]:
    """The registry's administration, with this instance's administrator key.

    Raises:
        ConfigurationError: another chain, or no such contracts.
        LedgerUnreachableError: the node does not answer.
    """
    from eseal.ledger.reading.web3_reader import Web3Reader
    from eseal.ledger.setup.administration import Administration

    account = account_of(keys, instance.admin_key_id)
    finality = Finality.parse(settings.ledger_finality)
    with opened(settings) as w3:
        Web3Reader(w3, deployment, finality).check()
        yield Administration(w3, deployment, finality, account)


def membership(
    instance: Instance,
    keys: SoftwareKeyStore,
    deployment: Deployment,
    ledger: Administration,
) -> Membership:
    """Where this instance stands.

    Raises:
        LedgerUnreachableError: the node does not answer.
    """
    accounts = accounts_of(instance, keys)
    return Membership(
        accounts=accounts,
        admitted=_admitted(ledger, instance, accounts.operator),
        deployment=deployment,
        office=ledger.office(),
    )


def _admitted(ledger: Administration, instance: Instance, operator: str) -> bool:
    admitted = ledger.is_operator(instance.issuer_id, operator)
    return admitted and ledger.has_root(instance.issuer_id, root_hash(instance))
