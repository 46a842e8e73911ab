"""Certificates of the built-in time-stamp authority and OCSP responder, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.tables import responders


class Role(StrEnum):
    """What a certificate's holder does."""

    TSA = "tsa"
    OCSP = "ocsp"


@dataclass(frozen=True, slots=True)
class StoredResponder:
    """One certificate (DER) and the name of its key in the key store."""

    role: Role
    key_id: str
    certificate: bytes
    created_at: datetime


class ResponderRepository:
    """The responders' certificates within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._rows = rows_of(connection)

    def newest(self, role: Role) -> StoredResponder | None:
        """The last one made for this role, or ``None``."""
        query = select(responders).where(responders.c.role == role.value)
        row = self._rows.one(query.order_by(responders.c.id.desc()).limit(1), responders)
        if row is None:
            return None
        return StoredResponder(role, row.key_id, row.certificate, row.created_at)

    def certificates(self) -> list[bytes]:
        """Every certificate there ever was, DER, oldest first."""
        query = select(responders).order_by(responders.c.id)
        return [row.certificate for row in self._rows.all(query, responders)]

    def add(self, new: StoredResponder) -> None:
        """Keep a certificate."""
        values = {
            "role": new.role.value,
            "key_id": new.key_id,
            "certificate": new.certificate,
            "created_at": new.created_at,
        }
        self._rows.insert(responders, values)
