"""Bearer tokens and idempotency keys, as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, text

from eseal.errors import NotFoundError
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import idempotency, tokens

_LOCK = text("SELECT pg_advisory_xact_lock(:name)")


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A bearer token as it rests.

    Attributes:
        hash: SHA-256 of the secret part, 32 bytes.
        scope: ``company``, ``regulator`` or ``operator``.
        company_id: whose token it is, with scope ``company``.
        order_number: the order under which it looks, with scope ``regulator``, or ``None``.
        notice_after: until when that order keeps looks from the companies, or ``None``.
    """

    id: str
    hash: bytes
    scope: str
    company_id: str | None
    label: str
    created_at: datetime
    revoked_at: datetime | None = None
    order_number: str | None = None
    notice_after: datetime | None = None


class TokenRepository:
    """Tokens within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._rows = rows_of(connection)

    def add(self, token: StoredToken) -> None:
        """Keep a new token."""
        values = {name: getattr(token, name) for name in content_names(tokens)}
        self._rows.insert(tokens, values)

    def get(self, token_id: str) -> StoredToken:
        """The token with this id.

        Raises:
            NotFoundError: there is none.
        """
        row = self._rows.one(select(tokens).where(tokens.c.id == token_id), tokens)
        if row is None:
            raise NotFoundError(f"no token {token_id!r}")
        return _token(row)

    def all(self) -> list[StoredToken]:
        """All tokens, oldest first."""
        query = select(tokens).order_by(tokens.c.created_at)
        return [_token(row) for row in self._rows.all(query, tokens)]

    def revoke(self, token_id: str, at: datetime) -> None:
        """Make a token worthless from now on."""
        self._rows.update(tokens, tokens.c.id == token_id, {"revoked_at": at})


class IdempotencyRepository:
    """What was answered under each Idempotency-Key, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = rows_of(connection)

    def get(self, principal: str, key: str) -> tuple[bytes, str] | None:
        """The request's hash and the outcome recorded under the key, or ``None``."""
        query = select(idempotency).where(_named(principal, key))
        row = self._rows.one(query, idempotency)
        return None if row is None else (row.request_hash, row.outcome)

    def lock(self, keys: Collection[tuple[str, str]]) -> None:
        """Let nobody else use these (principal, key) until the transaction ends."""
        if keys and self._connection.dialect.name == "postgresql":
            # Sorted as numbers, so that no two commits wait for each other.
            names = sorted(
                int.from_bytes(hashlib.sha256("\n".join(key).encode()).digest()[:8], signed=True)
                for key in keys
            )
            self._connection.execute(_LOCK, [{"name": name} for name in names])

    def add(
        self, principal: str, key: str, request_hash: bytes, outcome: str, at: datetime
    ) -> None:
        """Record the outcome in the transaction that brought it about."""
        values = {
            "principal": principal,
            "key": key,
            "request_hash": request_hash,
            "outcome": outcome,
            "created_at": at,
        }
        self._rows.insert(idempotency, values)

    def set_outcome(self, principal: str, key: str, outcome: str) -> None:
        """Put the outcome under a key that was added before its request was carried out."""
        self._rows.update(idempotency, _named(principal, key), {"outcome": outcome})

    def drop(self, principal: str, key: str) -> None:
        """Free a key."""
        self._rows.delete(idempotency, _named(principal, key))

    def forget_before(self, moment: datetime) -> int:
        """Drop keys older than ``moment``; how many."""
        return self._rows.delete(idempotency, idempotency.c.created_at < moment)


def _named(principal: str, key: str) -> ColumnElement[bool]:
    return (idempotency.c.principal == principal) & (idempotency.c.key == key)


def _token(row: Row[Any]) -> StoredToken:
    return StoredToken(**{name: getattr(row, name) for name in content_names(tokens)})
