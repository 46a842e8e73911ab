"""``INSERT … ON CONFLICT DO UPDATE``, which SQLAlchemy spells per database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write ``rows``; those whose primary key exists replace what was there."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.c if column.name not in keys]
    if connection.dialect.name == "postgresql":
        ours = postgresql.insert(table)
        changed = {name: ours.excluded[name] for name in others}
        connection.execute(ours.on_conflict_do_update(index_elements=keys, set_=changed), rows)
    else:
        theirs = sqlite.insert(table)
        changed = {name: theirs.excluded[name] for name in others}
        connection.execute(theirs.on_conflict_do_update(index_elements=keys, set_=changed), rows)
