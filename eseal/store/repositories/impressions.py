"""Impressions of seals, as rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from eseal.errors import CorruptionError
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.bound import content_names
from eseal.store.schema.tables import impressions, seal_impressions

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoredImpression:
    """What was decided about the impression of one seal.

    Attributes:
        seal_id: whose it is.
        impression: SHA-256 of the uploaded content, 32 bytes, or ``None`` of a template.
        width: millimetres, of an upload.
        height: millimetres, of an upload.
        template: what was chosen about the template, JSON, or ``None`` of an upload.
        actor: who decided it.
        changed_at: when, UTC.
    """

    seal_id: str
    impression: bytes | None
    width: float | None
    height: float | None
    template: str | None
    actor: str
    changed_at: datetime


class ImpressionRepository:
    """Impressions within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = rows_of(connection)

    def keep(self, media_type: str, content: bytes) -> bytes:
        """Keep a content unless it is kept already; its SHA-256, 32 bytes."""
        digest = hashlib.sha256(content).digest()
        known = select(impressions.c.hash).where(impressions.c.hash == digest)
        if self._connection.execute(known).one_or_none() is None:
            values = {"hash": digest, "media_type": media_type, "content": content}
            self._connection.execute(insert(impressions).values(values))
        return digest

    def content(self, digest: bytes) -> tuple[str, bytes]:
        """The media type and the content of this SHA-256.

        Raises:
            CorruptionError: it is not there, or not what was stored.
        """
        query = select(impressions).where(impressions.c.hash == digest)
        row = self._connection.execute(query).one_or_none()
        if row is None or hashlib.sha256(row.content).digest() != digest:
            raise CorruptionError(
                f"the database holds another impression than {digest.hex()}, or none; "
                "restore it, or upload the image again"
            )
        return row.media_type, row.content

    def of_seal(self, seal_id: str) -> StoredImpression | None:
        """What was decided about a seal's impression, or ``None``."""
        query = select(seal_impressions).where(seal_impressions.c.seal_id == seal_id)
        row = self._rows.one(query, seal_impressions)
        if row is None:
            return None
        return StoredImpression(**{n: getattr(row, n) for n in content_names(seal_impressions)})

    def decide(self, decided: StoredImpression) -> None:
        """Put down what a seal's impression is from now on."""
        self.forget(decided.seal_id)
        values = {name: getattr(decided, name) for name in content_names(seal_impressions)}
        self._rows.insert(seal_impressions, values)

    def forget(self, seal_id: str) -> None:
        """Let the seal have the template of its type again."""
        self._rows.delete(seal_impressions, seal_impressions.c.seal_id == seal_id)
