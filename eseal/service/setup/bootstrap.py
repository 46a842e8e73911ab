"""Making an instance, and opening one."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from eseal.authority.word.keys import KeyNames
from eseal.errors import ConfigurationError, InvalidInputError, NotInitialisedError
from eseal.keys.kek import create_kek_file, load_keks
from eseal.keys.ring import KeyRing
from eseal.keys.software import SoftwareKeyStore
from eseal.keys.vault import Vault
from eseal.ledger.contracts.deployment import Deployment
from eseal.log.checkpoint import check_origin
from eseal.model.company import MAX_NAME_CHARS
from eseal.model.text import check_text
from eseal.pki.ca import CertificateAuthority
from eseal.service.instance.context import Context
from eseal.service.instance.ledger import (
    accounts_of,
    check_role,
    connect,
    is_own,
    log_key,
    set_up,
)
from eseal.service.instance.released_head import ReleasedHead
from eseal.service.instance.trust import trust_of
from eseal.service.setup.consortium import join
from eseal.service.setup.kek_rotation import prepare_next_key, rotate
from eseal.service.setup.log_key_succession import follow_succession
from eseal.service.setup.partial_instance import check_made, check_new, missing
from eseal.service.setup.signing_policy import SigningPolicy
from eseal.store import migrations
from eseal.store.database import Database
from eseal.store.repositories.instance import DatabaseKeyRepository, Instance, InstanceRepository
from eseal.suites import KeyAlgorithm
from eseal.verify.inputs.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eseal.config import Settings
    from eseal.service.setup.kek_rotation import Rotated


DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
"""SQLite gives the files it makes beside a database the database's own mode."""
DEFAULT_NAME = "eseal"
DEFAULT_COUNTRY = "CN"
CA_HEAD_START = timedelta(hours=1)
"""The CA is valid from a little before it is made, so that what it signs can be, too."""


def initialise(
    settings: Settings,
    *,
    name: str | None = None,
    origin: str | None = None,
    country: str = DEFAULT_COUNTRY,
    consortium: Trust | None = None,
) -> Instance:
    """Make an instance: keys, CA, database, contracts, log. Carries on where it was interrupted.

    Args:
        settings: where and on which ledger.
        name: the issuer's name; ``DEFAULT_NAME`` if ``None``. Never changes afterwards.
        origin: the log's origin; made up if ``None``. Never changes afterwards.
        country: ISO 3166-1 code of the issuer, for its CA.
        consortium: what others trust, to join their contracts instead of making new ones; once
            joined an instance stays with them, named or not.

    Raises:
        NotAdmittedError: the consortium has not admitted this issuer yet; says what to hand in.
        ConfigurationError: something must be changed first; the message says what.
        InvalidInputError: name, origin or country cannot be used.
        LedgerError: the ledger refuses or cannot be asked; run it again when it can.
    """
    if name is not None:
        check_text(name, field="name", max_chars=MAX_NAME_CHARS)
    if origin is not None:
        check_origin(origin)
    joining = None if consortium is None else consortium.deployment
    if consortium is not None and joining is None:
        raise InvalidInputError(
            "join: expected a trust file with chain_id, seal_registry and usage_ledger",
            field="join",
        )
    settings.data_dir.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    if settings.kek is None and not settings.kek_path.exists():
        create_kek_file(settings.kek_path)
    ring = _ring(settings)
    database = Database(settings.database)
    try:
        check_new(settings, database, joining)
        migrations.upgrade(database)
        database.bind(ring, settings.data_dir, create=True)
        keys = SoftwareKeyStore(DatabaseKeyRepository(database), ring)
        instance = _instance(database, keys, settings, name, origin, country)
        deployment = _contracts(settings, database, instance, keys, joining)
        with database.write() as connection:
            instances = InstanceRepository(connection)
            instances.set_deployment(deployment.encode().decode())
            instance = instances.get()
        trust = trust_of(settings, instance, keys, deployment, consortium)
    finally:
        database.close()
    trust.write(settings.trust_path)
    for file in settings.data_dir.glob("*.db*"):
        file.chmod(FILE_MODE)
    return instance


def open_context(settings: Settings, *, exclusive: bool = False) -> Context:
    """Open the instance in the settings' data directory.

    Args:
        settings: which one.
        exclusive: whether this process must own an embedded ledger, as one that serves must.

    Raises:
        ConfigurationError: something must be changed first; the message says what.
        LedgerUnreachableError: the configured node does not answer.
    """
    database = _existing(settings)
    try:
        ring = _bound(settings, database)
        with database.read() as connection:
            instance = InstanceRepository(connection).get()
        keys = SoftwareKeyStore(DatabaseKeyRepository(database), ring)
        deployment = _deployment(instance)
        calls = SigningPolicy(database, keys, instance, deployment)
        accounts = accounts_of(keys, instance)
        connected = connect(settings, database, deployment, accounts, calls, exclusive=exclusive)
        calls.know_regulator(accounts.regulator.address, connected.regulates)
        try:
            instance = follow_succession(
                database, instance, keys, connected.reader, ReleasedHead(settings.released_path)
            )
            calls.follow(instance)
            if exclusive:  # a service writes; who only reads the record needs no role
                check_role(connected, instance, log_key(keys, instance))
        except BaseException:
            connected.close()
            raise
    except BaseException:
        database.close()
        raise
    return Context(settings, database, keys, Vault(ring), instance, connected)


def rotate_key(settings: Settings, progress: Callable[[str, int], object]) -> Rotated:
    """Change the key-encryption key of an instance, or carry a change on.

    Args:
        settings: which one.
        progress: hears each table's name and how many rows of it were written again.

    Raises:
        ConfigurationError: something must be changed first; the message says what.
        CorruptionError: rows are foreign; the old key is not given up.
    """
    database = _existing(settings)
    try:
        migrations.check(database)
        prepare_next_key(settings)
        return rotate(settings, database, _bound(settings, database), progress)
    finally:
        database.close()


def migrate(settings: Settings) -> tuple[str, str]:
    """Bring an instance's database to this program's schema.

    Returns:
        The version it had, and the version it has now.

    Raises:
        NotInitialisedError: there is no instance.
        ConfigurationError: the schema is newer than this program.
    """
    database = _existing(settings)
    try:
        return migrations.upgrade_existing(database)
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class Stored:
    """An instance as it is stored, without a connection to its ledger.

    Attributes:
        instance: who it is.
        keys: its keys.
        database: what holds both, bound.
    """

    instance: Instance
    keys: SoftwareKeyStore
    database: Database

    @property
    def deployment(self) -> Deployment:
        """Its contracts.

        Raises:
            NotInitialisedError: it is on no ledger yet.
        """
        return _deployment(self.instance)


@contextlib.contextmanager
def stored(settings: Settings) -> Iterator[Stored]:
    """The instance in the settings' data directory, its ledger set up and reachable or not.

    Raises:
        ConfigurationError: something must be changed first; the message says what.
    """
    database = _existing(settings)
    try:
        ring = _bound(settings, database)
        with database.read() as connection:
            instance = InstanceRepository(connection).get()
        yield Stored(instance, SoftwareKeyStore(DatabaseKeyRepository(database), ring), database)
    finally:
        database.close()


def _existing(settings: Settings) -> Database:
    """The database, without making an empty one where there is none."""
    if settings.database_url is None and not (settings.data_dir / "eseal.db").exists():
        raise missing(settings)
    database = Database(settings.database)
    try:
        check_made(settings, database)
    except BaseException:
        database.close()
        raise
    return database


def _contracts(
    settings: Settings,
    database: Database,
    instance: Instance,
    keys: SoftwareKeyStore,
    consortium: Deployment | None,
) -> Deployment:
    """The contracts of this instance, with its log open: its own, or those it joined or joins."""
    known = None if instance.deployment is None else _deployment(instance)
    if known is not None and consortium not in (None, known):
        raise ConfigurationError(
            f"this instance is on the contracts {known.seal_registry} and "
            f"{known.usage_ledger} of chain {known.chain_id} for good; "
            "choose another --data-dir to join others"
        )
    joined = known or consortium
    if joined is None or is_own(joined, instance, keys):
        return set_up(settings, database, instance, keys, known)
    join(settings, database, instance, keys, joined)
    return joined


def _deployment(instance: Instance) -> Deployment:
    if instance.deployment is None:
        raise NotInitialisedError("the instance is not on the ledger yet; run again: eseal init")
    return Deployment.parse(instance.deployment.encode())


def _ring(settings: Settings) -> KeyRing:
    """The key-encryption key, and the next one while it is being changed."""
    given, following = (
        None if secret is None else secret.get_secret_value()
        for secret in (settings.kek, settings.kek_next)
    )
    return KeyRing(lambda: load_keks(given, following, settings.kek_path))


def _bound(settings: Settings, database: Database) -> KeyRing:
    """Check the schema, and give the database its key."""
    migrations.check(database)
    ring = _ring(settings)
    database.bind(ring, settings.data_dir)
    return ring


def _instance(  # noqa: PLR0913, PLR0917  # what an instance is made of
    database: Database,
    keys: SoftwareKeyStore,
    settings: Settings,
    name: str | None,
    origin: str | None,
    country: str,
) -> Instance:
    with database.read() as connection:
        try:
            found = InstanceRepository(connection).get()
        except NotInitialisedError:
            found = None
    if found is not None:
        _check_same(found, name, origin)
        return found
    name = name or DEFAULT_NAME
    now = datetime.now(UTC)
    built_in = KeyNames.generate(keys)
    ca = CertificateAuthority.create(
        keys,
        organization=name,
        country=country,
        now=now - CA_HEAD_START,
        public_url=settings.certificate_url,
    )
    made = Instance(
        name=name,
        origin=origin or f"eseal.invalid/{secrets.token_hex(8)}",
        log_key_id=keys.generate(KeyAlgorithm.ED25519),
        operator_key_id=keys.generate(KeyAlgorithm.SECP256K1),
        admin_key_id=keys.generate(KeyAlgorithm.SECP256K1),
        regulator_key_id=keys.generate(KeyAlgorithm.SECP256K1),
        authority_vrf_key_id=built_in.vrf,
        authority_attest_key_id=built_in.attest,
        authority_account_key_id=built_in.account,
        root_key_id=ca.root.key_id,
        root_certificate=ca.root.certificate,
        issuing_key_id=ca.issuing.key_id,
        issuing_certificate=ca.issuing.certificate,
        deployment=None,
        created_at=now,
    )
    with database.write() as connection:
        InstanceRepository(connection).add(made)
    return made


def _check_same(found: Instance, name: str | None, origin: str | None) -> None:
    if name not in (None, found.name) or origin not in (None, found.origin):
        raise ConfigurationError(
            f"this data directory holds the instance {found.name!r} with log {found.origin}; "
            "choose another --data-dir for another one"
        )
