"""What this instance's accounts may sign: calls that follow from checked rows, and no others.

A call that is about to be signed is made again from what this instance has on record, and must
come out the same, byte for byte. So whatever stands in the journal of transactions, the accounts
register only companies that their authority signed and seals of ours under certificates of ours,
open only volumes of their books, tell only of changes that were asked for and are not on the ledger
yet, and anchor only heads that the log signed over leaves that this instance appended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eseal.authority.word.attestation import subject_of
from eseal.errors import (
    ConflictError,
    CorruptionError,
    InvalidFormatError,
    InvalidInputError,
    LedgerRejectedError,
    NotFoundError,
    ProofError,
)
from eseal.ledger.contracts.artifacts import (
    SEAL_REGISTRY,
    SELECTOR_BYTES,
    USAGE_LEDGER,
    load_artifact,
)
from eseal.ledger.facts import Head, NewVolume
from eseal.ledger.sending.calls import Calls
from eseal.log import tree
from eseal.model.seal import Party, Reason, SealState, handle_of
from eseal.pki.chain import verify_path
from eseal.pki.der import load_certificate
from eseal.service.instance.heads import check_signed, root_under
from eseal.service.instance.ledger import log_key
from eseal.service.seals.registrations import new_company
from eseal.service.seals.settling import issuers, registration_of, stops_after
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.books import BookRepository
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.seals import SealRepository
from eseal.store.schema.tables import transactions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.sending.transactions import Order
    from eseal.model.seal import Seal
    from eseal.store.database import Database
    from eseal.store.repositories.instance import Instance

_Rebuild: TypeAlias = Callable[["Connection", tuple[Any, ...]], "Order"]
_DENIALS = (InvalidInputError, NotFoundError, ConflictError, ProofError, CorruptionError)
"""What says that a call does not follow from the record. Anything else, as a database that is
gone for a moment, says nothing about the call: it is refused, and nobody is accused."""
_STOPS = frozenset({SealState.SUSPENDED, SealState.ACTIVE})
_ASKED = {"suspend": _STOPS, "resume": _STOPS, "revoke": frozenset({SealState.REVOKED})}
"""What changes of seals lead to each call: a stop is set or lifted with the reason of the change
that asked for either."""


class SigningPolicy:
    """A ``CallCheck`` for the accounts of one instance.

    Args:
        database: the instance's, bound.
        keys: its keys.
        instance: who it is.
        deployment: its contracts.
    """

    def __init__(
        self,
        database: Database,
        keys: SoftwareKeyStore,
        instance: Instance,
        deployment: Deployment,
    ) -> None:
        self._database = database
        self._keys = keys
        self.follow(instance)
        self._regulator: tuple[str, Callable[[], bool]] | None = None
        self._calls = Calls(deployment)
        self._kinds: dict[str, tuple[str, _Rebuild]] = {
            "advance": ("advance", self._advance),
            "open_log": ("openLog", self._open_log),
            "register_companies": ("registerCompanies", self._register_companies),
            "register_seals": ("registerSeals", self._register_seals),
            "open_volumes": ("openVolumes", self._open_volumes),
            **{name: (name, self._change(name)) for name in _ASKED},
            "set_stop": ("setStop", self._set_stop),
        }
        # An owner's code is its own right: any account may send it, and the contract checks it.
        for kind, name in (
            ("stop_by_owner", "stopByOwner"),
            ("resume_by_owner", "resumeByOwner"),
            ("announce_stop", "announceStop"),
            ("replace_stop", "replaceStop"),
        ):
            self._kinds[kind] = (name, self._relay(name))

    def follow(self, instance: Instance) -> None:
        """Take the instance as it is now, with the key its log has."""
        self._instance = instance
        self._log_public_key = log_key(self._keys, instance)

    def know_regulator(self, account: str, regulates: Callable[[], bool]) -> None:
        """Take an account for regulators' stops, and who says whether it may set them now."""
        self._regulator = account, regulates

    def __call__(self, order: Order, account: str, *, begun: bool) -> None:
        """See ``CallCheck``. A change of a seal is wanted while it waits for the ledger.

        Raises:
            ForeignRowError: it does not follow from what is on record.
            LedgerRejectedError: it was asked for once, and is not wanted now.
            LedgerUnreachableError: whether it is wanted, only the ledger can tell.
            DatabaseUnreachableError: what is on record cannot be read now.
        """
        why = self._wrong(order)
        if why:
            raise self._database.binding.foreign(transactions, order.kind, why)
        if order.kind in _ASKED and not begun and not self._is_wanted(order, account):
            raise LedgerRejectedError(
                f"the change of a seal by {order.kind!r} was asked for once and is not wanted now; "
                "it is not signed"
            )

    def _is_wanted(self, order: Order, account: str) -> bool:
        """Whether a change that waits leads to this very call, as ``Settling`` makes it."""
        function = load_artifact(SEAL_REGISTRY).functions[order.kind]
        handle, reason = function.decode_arguments(order.data[SELECTOR_BYTES:])
        with self._database.read() as connection:
            seals = SealRepository(connection)
            changes = seals.changes(seals.by_handle(handle).id)
        waiting = [c for c in changes if c.block_number is None and c.reason == reason]
        asked = [c for c in waiting if c.state in _ASKED[order.kind]]
        if order.kind == "revoke":
            return bool(asked)
        parties = self._parties(account)
        stays = {bool(stops_after(changes, one) & parties) for one in asked}
        return (order.kind == "suspend") in stays

    def _parties(self, account: str) -> Party:
        """Whose stops an account sets and lifts."""
        regulator, regulates = self._regulator or ("", lambda: False)
        return Party.REGULATOR if account == regulator else issuers(regulates())

    def _wrong(self, order: Order) -> str:
        known = self._kinds.get(order.kind)
        if known is None:
            return "this instance's accounts make no such calls"
        name, rebuild = known
        registry, ledger = (load_artifact(one).functions for one in (SEAL_REGISTRY, USAGE_LEDGER))
        function = registry.get(name) or ledger[name]
        if not order.data.startswith(function.selector):
            return f"expected a call of {name}"
        try:
            arguments = function.decode_arguments(order.data[SELECTOR_BYTES:])
            with self._database.read() as connection:
                rebuilt = rebuild(connection, arguments)
        except _DENIALS as error:
            return str(error)
        return "" if rebuilt == order else "its call does not follow from what is on record"

    def _advance(self, connection: Connection, arguments: tuple[Any, ...]) -> Order:
        _, old_size, new_size, _, _ = arguments
        rows_of(connection).check_log()
        log = LogRepository(connection)
        checkpoint = log.checkpoint()
        check_signed(checkpoint, self._instance.origin, self._log_public_key)
        head = Head(new_size, root_under(log, checkpoint, new_size))
        proof = tree.consistency(log, old_size, new_size)
        return self._calls.advance(self._instance.log_id, old_size, head, proof)

    def _open_log(self, _connection: Connection, _arguments: tuple[Any, ...]) -> Order:
        opening = (self._instance.issuer_id, self._instance.origin, self._log_public_key)
        return self._calls.of("openLog", *opening)

    def _register_companies(self, connection: Connection, arguments: tuple[Any, ...]) -> Order:
        companies = CompanyRepository(connection)
        found = [companies.by_subject(subject_of(key, out)) for out, key, *_ in arguments[0]]
        signatures = [company.registration for company in found]
        return self._calls.register_companies([new_company(one) for one in found], signatures)

    def _register_seals(self, connection: Connection, arguments: tuple[Any, ...]) -> Order:
        seals = SealRepository(connection)
        issuer = self._instance.issuer_id
        found = [seals.by_handle(handle_of(issuer, certified)) for certified, *_ in arguments[1]]
        for seal in found:
            check_certificate(seal, self._keys.public_key(seal.key_id))
        new = [registration_of(connection, seal) for seal in found]
        return self._calls.register_seals(issuer, new)

    def _open_volumes(self, connection: Connection, arguments: tuple[Any, ...]) -> Order:
        seals, books = SealRepository(connection), BookRepository(connection)
        opened = []
        for handle, number, _ in arguments[0]:
            seal = seals.by_handle(handle)
            roots = {volume.number: volume.root for volume in books.volumes(seal.id)}
            if number not in roots:
                raise NotFoundError(f"the book of seal {seal.id} has no volume {number}")
            opened.append(NewVolume(seal.handle, number, roots[number]))
        return self._calls.open_volumes(opened)

    def _set_stop(self, connection: Connection, arguments: tuple[Any, ...]) -> Order:
        seal = SealRepository(connection).by_handle(arguments[0])
        if seal.stop_hash is None:
            raise NotFoundError(f"nobody gave seal {seal.id} a chain of stop codes")
        return self._calls.set_stop(seal.handle, seal.stop_hash)

    def _change(self, name: str) -> _Rebuild:
        def rebuild(connection: Connection, arguments: tuple[Any, ...]) -> Order:
            handle, reason = arguments
            seals = SealRepository(connection)
            seal = seals.by_handle(handle)
            asked = {int(c.reason) for c in seals.changes(seal.id) if c.state in _ASKED[name]}
            if reason not in asked:
                raise NotFoundError(f"nobody asked for this change of seal {seal.id}")
            return self._calls.of(name, seal.handle, int(Reason(reason)))

        return rebuild

    def _relay(self, name: str) -> _Rebuild:
        return lambda _connection, arguments: self._calls.of(name, *arguments)


def check_certificate(seal: Seal, public_key: bytes) -> None:
    """Check that a seal's certificate is for a key of ours, under the chain it was issued with.

    Args:
        seal: as it is on record.
        public_key: SubjectPublicKeyInfo of its key in the key store, DER.

    Raises:
        InvalidFormatError: a certificate does not parse, or is for another key.
        ProofError: its chain does not hold.
    """
    path = [load_certificate(der) for der in (seal.certificate, *seal.chain)]
    certified = path[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certified != public_key:
        raise InvalidFormatError(f"seal {seal.id}: its certificate is for another key than its own")
    verify_path((seal.certificate, *seal.chain), max(each.not_valid_before_utc for each in path))
