"""The instance's own row, and its wrapped keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, true

from eseal.authority.word.keys import KeyNames
from eseal.errors import NotFoundError, NotInitialisedError
from eseal.keys.protocol import WrappedKey
from eseal.log.checkpoint import log_id
from eseal.store.binding.bound_rows import rows_of
from eseal.store.database import Database
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import former_roots, instance, keys
from eseal.suites import KeyAlgorithm

NOT_INITIALISED = (
    "there is no instance in this data directory; for a new one run: eseal init; "
    "if there was one, restore its database"
)
_MEMBERS = tuple(name for name in content_names(instance) if name != "id")


@dataclass(frozen=True, slots=True)
class Instance:
    """Who this issuer is.

    Attributes:
        name: the issuer's name.
        origin: the log's origin (C2SP tlog-checkpoint).
        regulator_key_id: the account of a regulator's stops, for trying out: only where the
            registry's administrator grants it the role, as with contracts of one's own.
        authority_vrf_key_id: with the next two, the keys of the built-in authority.
        deployment: JSON of :class:`~eseal.ledger.contracts.deployment.Deployment`, ``None`` until
            it is deployed.
        next_log_key_id: with the others that are ``next``, what waits until the ledger knows it.
    """

    name: str
    origin: str
    log_key_id: str
    operator_key_id: str
    admin_key_id: str
    regulator_key_id: str
    authority_vrf_key_id: str
    authority_attest_key_id: str
    authority_account_key_id: str
    root_key_id: str
    root_certificate: bytes
    issuing_key_id: str
    issuing_certificate: bytes
    deployment: str | None
    created_at: datetime
    next_log_key_id: str | None = None
    next_operator_key_id: str | None = None
    next_root_key_id: str | None = None
    next_root_certificate: bytes | None = None

    @property
    def issuer_id(self) -> bytes:
        """The issuer's opaque id on the ledger, 32 bytes: a hash of its name and log."""
        return hashlib.sha256(f"eseal issuer\n{self.name}\n{self.origin}\n".encode()).digest()

    @property
    def authority_keys(self) -> KeyNames:
        """What the built-in authority's keys are called in the key store."""
        return KeyNames(
            self.authority_vrf_key_id, self.authority_attest_key_id, self.authority_account_key_id
        )

    @property
    def log_id(self) -> bytes:
        """The name of its log on the ledger, 32 bytes."""
        return log_id(self.issuer_id, self.origin)


class InstanceRepository:
    """The instance within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._rows = rows_of(connection)

    def get(self) -> Instance:
        """The instance.

        Raises:
            NotInitialisedError: there is none yet.
        """
        row = self._rows.one(select(instance), instance)
        if row is None:
            raise NotInitialisedError(NOT_INITIALISED)
        return Instance(**{name: getattr(row, name) for name in _MEMBERS})

    def add(self, new: Instance) -> None:
        """Keep the instance, once."""
        values = {name: getattr(new, name) for name in _MEMBERS}
        self._rows.insert(instance, values | {"id": 1})

    def set_deployment(self, deployment: str | None) -> None:
        """Record where the contracts are; ``None`` while they are nowhere."""
        self._rows.update(instance, true(), {"deployment": deployment})

    def change(self, **values: str | bytes | None) -> None:
        """Change members of the instance: its keys and certificates."""
        self._rows.update(instance, true(), values)

    def add_former_root(self, certificate: bytes, key_id: str) -> None:
        """Keep a root (DER) that another one follows."""
        self._rows.insert(former_roots, {"certificate": certificate, "key_id": key_id})

    def former_roots(self) -> list[tuple[bytes, str]]:
        """The roots before the present one, oldest first: DER, and the key's name."""
        rows = self._rows.all(select(former_roots).order_by(former_roots.c.id), former_roots)
        return [(row.certificate, row.key_id) for row in rows]

    def set_issuing_certificate(self, certificate: bytes) -> None:
        """Replace the issuing CA's certificate (DER)."""
        self._rows.update(instance, true(), {"issuing_certificate": certificate})


class DatabaseKeyRepository:
    """Wrapped keys in the database: a ``KeyRepository``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: WrappedKey) -> None:
        """Keep ``key``; durable when this returns."""
        with self._database.write() as connection:
            values = {
                "id": key.id,
                "algorithm": key.algorithm.value,
                "public_key": key.public_key,
                "wrapped": key.wrapped,
            }
            rows_of(connection).insert(keys, values)

    def get(self, key_id: str) -> WrappedKey:
        """The key of this name.

        Raises:
            NotFoundError: there is none.
        """
        found = self._one(select(keys).where(keys.c.id == key_id))
        if found is None:
            raise NotFoundError(f"no key {key_id!r}")
        return found

    def any(self) -> WrappedKey | None:
        """Some stored key, or ``None``."""
        return self._one(select(keys).limit(1))

    def _one(self, query: Select[Any]) -> WrappedKey | None:
        with self._database.read() as connection:
            row = rows_of(connection).one(query, keys)
        if row is None:
            return None
        return WrappedKey(row.id, KeyAlgorithm(row.algorithm), row.public_key, row.wrapped)
