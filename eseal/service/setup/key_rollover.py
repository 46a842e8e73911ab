"""New keys for an instance: its log's, its root certificate's, its operator's account.

Each is made here first and counts once the ledger knows it, which is the administrator's to say.
With contracts of its own the instance's administrator key says it at once; in a consortium a call
tells what to hand in, and the next one goes on. Each call can be cut off anywhere and run again.
Running services go on with the old keys, which stay good until they are taken away, and take the
new ones up when they are started again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.errors import ConfigurationError
from eseal.ledger.sending.funding import is_poor, share
from eseal.pki.ca import Authority, CertificateAuthority
from eseal.service.instance.ledger import account_of, is_own, opened, raw_public_key
from eseal.service.instance.trust import trust_of
from eseal.service.setup.bootstrap import CA_HEAD_START, open_context, stored
from eseal.service.setup.consortium import administration
from eseal.store.repositories.instance import InstanceRepository
from eseal.store.repositories.seals import SealRepository
from eseal.suites import KeyAlgorithm

if TYPE_CHECKING:
    from eseal.config import Settings
    from eseal.service.setup.bootstrap import Stored


@dataclass(frozen=True, slots=True)
class NextLogKey:
    """The key that waits to follow the log's.

    Attributes:
        log_id: the log's name on the ledger, 32 bytes.
        public_key: Ed25519, 32 bytes.
    """

    log_id: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class RenewedRoot:
    """What came of renewing the root.

    Attributes:
        issuer: the issuer's id on the ledger, 32 bytes.
        old: SHA-256 of the root certificate that seals were issued under.
        new: the same of the one they are issued under next.
        in_force: whether the ledger knows the new one, so that seals are issued under it now.
        standing: seals under the old one that still stand, by their ids.
    """

    issuer: bytes
    old: bytes
    new: bytes
    in_force: bool
    standing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewOperator:
    """What came of replacing the operator's account.

    Attributes:
        issuer: the issuer's id on the ledger, 32 bytes.
        old: address of the account so far.
        new: address of the one that follows.
        in_force: whether the ledger has admitted the new one, so that it acts from now on.
        removed: whether the old one's right was taken, too.
    """

    issuer: bytes
    old: str
    new: str
    in_force: bool
    removed: bool


def new_log_key(settings: Settings) -> NextLogKey:
    """Make the key that is to follow the log's, or tell of the one that waits.

    Raises:
        ConfigurationError: there is no instance, or something must be changed first.
    """
    with stored(settings) as found:
        key_id = found.instance.next_log_key_id
        if key_id is None:
            key_id = found.keys.generate(KeyAlgorithm.ED25519)
            _change(found, next_log_key_id=key_id)
        public_key = raw_public_key(found.keys.public_key(key_id))
        return NextLogKey(found.instance.log_id, public_key)


def renew_root(settings: Settings) -> RenewedRoot:
    """Make a new root certificate, or issue under the one that waits, once the ledger knows it.

    The issuing CA keeps its name and key and gets a certificate under the new root. Seals keep the
    chain they were issued with; those that are to be used after the old root has ended must be
    issued anew before.

    Raises:
        ConfigurationError: there is no instance, or something must be changed first.
        LedgerError: the ledger refuses or cannot be asked.
    """
    with stored(settings) as found:
        root = _next_root(found, settings)
        new = sha256(root.certificate).digest()
        issuer = found.instance.issuer_id
        with administration(settings, found.instance, found.keys, found.deployment) as ledger:
            if is_own(found.deployment, found.instance, found.keys):
                ledger.add_root(issuer, new)
            in_force = ledger.has_root(issuer, new)
        old = found.instance.root_certificate
        if in_force:
            _issue_under(found, settings, root)
        renewed = RenewedRoot(
            issuer, sha256(old).digest(), new, in_force, _standing_under(found, old)
        )
    if in_force:
        with stored(settings) as found:  # as it is now: trust both roots
            trust = trust_of(settings, found.instance, found.keys, found.deployment)
        trust.write(settings.trust_path)
    return renewed


def new_operator(settings: Settings, *, remove_old: bool) -> NewOperator:
    """Make a new account for the operator, or act by the one that waits, once it is admitted.

    What the old account has sent is seen through before, unless it may not act any more.

    Args:
        settings: which instance.
        remove_old: take the old account's right on the ledger, with contracts of our own.

    Raises:
        ConfigurationError: there is no instance, or the new account has nothing to pay fees with.
        TransactionPendingError: something the old account sent is not final yet; run it again.
        LedgerError: the ledger refuses or cannot be asked.
    """
    with stored(settings) as found:
        made = _offer_operator(found, settings)
    if not made.in_force:
        return made
    if not made.removed:
        context = open_context(settings)
        try:
            context.ledger.carry_on()
        finally:
            context.close()
    with stored(settings) as found:
        following = found.instance.next_operator_key_id
        own = is_own(found.deployment, found.instance, found.keys)
        _change(found, operator_key_id=following, next_operator_key_id=None)
        if own and remove_old and not made.removed:
            with administration(settings, found.instance, found.keys, found.deployment) as ledger:
                ledger.remove_operator(made.issuer, made.old)
            made = replace(made, removed=True)
    return made


def _offer_operator(found: Stored, settings: Settings) -> NewOperator:
    """See that there is a next operator's account, and that it is admitted where we can say so."""
    instance, keys = found.instance, found.keys
    key_id = instance.next_operator_key_id
    if key_id is None:
        key_id = keys.generate(KeyAlgorithm.SECP256K1)
        _change(found, next_operator_key_id=key_id)
    old, new = (account_of(keys, each).address for each in (instance.operator_key_id, key_id))
    issuer, own = instance.issuer_id, is_own(found.deployment, instance, keys)
    with administration(settings, instance, keys, found.deployment) as ledger:
        if own:
            ledger.admit_issuer(issuer, new)
        in_force, old_acts = (ledger.is_operator(issuer, each) for each in (new, old))
    if in_force:
        see_funds(found, settings, new, "the operator's new account")
    return NewOperator(issuer, old, new, in_force, removed=not old_acts)


def see_funds(found: Stored, settings: Settings, account: str, whose: str) -> None:
    """See that an account can pay: on the embedded ledger the administrator's gives it some.

    Args:
        found: the instance.
        settings: which ledger.
        account: its address.
        whose: what to call it.

    Raises:
        ConfigurationError: on a ledger elsewhere it has nothing.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    with opened(settings) as w3:
        if not is_poor(w3, account):
            return
        if settings.ledger_url is not None:
            raise ConfigurationError(
                f"send some of the network's currency to {account} ({whose}), then run this again"
            )
        giver = account_of(found.keys, found.instance.admin_key_id)
        share(w3, found.deployment.chain_id, giver, account)


def _change(found: Stored, **values: str | bytes | None) -> None:
    with found.database.write() as connection:
        InstanceRepository(connection).change(**values)


def _next_root(found: Stored, settings: Settings) -> Authority:
    """The root that waits; made now if there is none."""
    instance = found.instance
    if instance.next_root_key_id is not None and instance.next_root_certificate is not None:
        return Authority(instance.next_root_certificate, instance.next_root_key_id)
    root = _authority(found, settings).next_root(datetime.now(UTC) - CA_HEAD_START)
    _change(found, next_root_key_id=root.key_id, next_root_certificate=root.certificate)
    return root


def _issue_under(found: Stored, settings: Settings, root: Authority) -> None:
    """Put a root and an issuing certificate under it in the place of the old ones."""
    made, before = _authority(found, settings).under(root), found.instance
    with found.database.write() as connection:
        instances = InstanceRepository(connection)
        instances.add_former_root(before.root_certificate, before.root_key_id)
        instances.change(
            root_key_id=root.key_id,
            root_certificate=root.certificate,
            issuing_certificate=made.issuing.certificate,
            next_root_key_id=None,
            next_root_certificate=None,
        )


def _authority(found: Stored, settings: Settings) -> CertificateAuthority:
    instance = found.instance
    return CertificateAuthority(
        found.keys,
        Authority(instance.root_certificate, instance.root_key_id),
        Authority(instance.issuing_certificate, instance.issuing_key_id),
        public_url=settings.certificate_url,
    )


def _standing_under(found: Stored, root: bytes) -> tuple[str, ...]:
    with found.database.read() as connection:
        seals = SealRepository(connection).standing()
    return tuple(seal.id for seal in seals if seal.chain and seal.chain[-1] == root)
