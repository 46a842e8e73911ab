"""What the operator's account may sign: calls that follow from checked rows, and no others.

A call that is about to be signed is made again from what this instance has on record, and must
come out the same, byte for byte. So whatever stands in the journal of transactions, the account
registers only seals of ours under certificates of ours, tells only of changes that were asked for,
and anchors only heads that the log signed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eseal.errors import ESealError, InvalidFormatError, NotFoundError
from eseal.ledger.artifacts import SEAL_REGISTRY, SELECTOR_BYTES, USAGE_LEDGER, load_artifact
from eseal.log import tree
from eseal.log.checkpoint import log_id
from eseal.model.seal import SealState
from eseal.pki.chain import verify_path
from eseal.pki.der import load_certificate
from eseal.service.heads import check_signed, root_under
from eseal.store.log import LogRepository
from eseal.store.seals import SealRepository
from eseal.store.tables import transactions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.keys.protocol import KeyStore
    from eseal.ledger.deployment import Deployment
    from eseal.ledger.transactions import Order
    from eseal.model.seal import Seal
    from eseal.store.database import Database
    from eseal.store.instance import Instance

_Arguments: TypeAlias = tuple[Any, ...]
_Rebuild: TypeAlias = Callable[["Connection", _Arguments], _Arguments]
_ASKED_FOR = {
    "suspend": SealState.SUSPENDED,
    "resume": SealState.ACTIVE,
    "revoke": SealState.REVOKED,
}


class OperatorCalls:
    """A ``CallCheck`` for the operator of one instance.

    Args:
        database: the instance's, bound.
        keys: its keys.
        instance: who it is.
        deployment: its contracts.
        log_public_key: its log's Ed25519 key, 32 bytes.
    """

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        instance: Instance,
        deployment: Deployment,
        log_public_key: bytes,
    ) -> None:
        self._database = database
        self._keys = keys
        self._instance = instance
        self._log_public_key = log_public_key
        registry, ledger = (
            (SEAL_REGISTRY, deployment.seal_registry),
            (
                USAGE_LEDGER,
                deployment.usage_ledger,
            ),
        )
        self._kinds: dict[str, tuple[tuple[str, str], str, _Rebuild]] = {
            "advance": (ledger, "advance", self._advance),
            "open_log": (ledger, "openLog", self._open_log),
            "register_seals": (registry, "registerSeals", self._register_seals),
        }
        for name, state in _ASKED_FOR.items():
            self._kinds[name] = (registry, name, self._change_to(state))

    def __call__(self, order: Order) -> None:
        """Check a call that is about to be signed.

        Raises:
            ForeignRowError: it does not follow from what is on record.
        """
        why = self._wrong(order)
        if why:
            raise self._database.binding.foreign(transactions, order.kind, why)

    def _wrong(self, order: Order) -> str:
        known = self._kinds.get(order.kind)
        if known is None:
            return "the operator's account makes no such calls"
        (contract, address), name, rebuild = known
        function = load_artifact(contract).functions[name]
        if order.to != address or not order.data.startswith(function.selector):
            return f"expected a call of {name} at {address}"
        try:
            arguments = function.decode_arguments(order.data[SELECTOR_BYTES:])
            with self._database.read() as connection:
                rebuilt = function.encode_call(rebuild(connection, arguments))
        except ESealError as error:
            return str(error)
        return "" if rebuilt == order.data else "its call does not follow from what is on record"

    def _advance(self, connection: Connection, arguments: _Arguments) -> _Arguments:
        _, old_size, new_size, _, _ = arguments
        log = LogRepository(connection)
        checkpoint = log.checkpoint()
        check_signed(checkpoint, self._instance.origin, self._log_public_key)
        root = root_under(log, checkpoint, new_size)
        proof = list(tree.consistency(log, old_size, new_size))
        return log_id(self._instance.origin), old_size, new_size, root, proof

    def _open_log(self, _connection: Connection, _arguments: _Arguments) -> _Arguments:
        return self._instance.issuer_id, self._instance.origin, self._log_public_key

    def _register_seals(self, connection: Connection, arguments: _Arguments) -> _Arguments:
        _, handles, _, _ = arguments
        found = [SealRepository(connection).by_handle(handle) for handle in handles]
        for seal in found:
            check_certificate(seal, self._keys.public_key(seal.key_id))
        return (
            self._instance.issuer_id,
            [seal.handle for seal in found],
            [int(seal.not_before.timestamp()) for seal in found],
            [int(seal.not_after.timestamp()) for seal in found],
        )

    @staticmethod
    def _change_to(state: SealState) -> _Rebuild:
        def rebuild(connection: Connection, arguments: _Arguments) -> _Arguments:
            handle, reason = arguments
            seals = SealRepository(connection)
            seal = seals.by_handle(handle)
            asked = {int(c.reason) for c in seals.changes(seal.id) if c.state is state}
            if reason not in asked:
                raise NotFoundError(f"nobody asked that seal {seal.id} become {state}")
            return seal.handle, reason

        return rebuild


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
