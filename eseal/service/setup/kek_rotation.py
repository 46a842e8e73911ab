"""Changing the key-encryption key while the service runs.

From one commit on everything is written under the new key; then what stands under the old one is
written again, some rows at a time; then the old key is given up. Every step can be cut off anywhere
and is carried on by running it again: what is still under the old key says what is left to do.
Processes that read the keys from files learn of the new one by themselves; others say that they
must be started again with it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import LargeBinary, and_, func, select, tuple_

from eseal.errors import ConfigurationError, CorruptionError
from eseal.keys.kek import (
    KEK_VARIABLE,
    NEXT_VARIABLE,
    create_kek_file,
    next_kek_path,
    sync_directory,
)
from eseal.store.binding.bound_rows import rows_of
from eseal.store.binding.row_keys import PREFIX_BYTES
from eseal.store.row_check import check_rows
from eseal.store.schema.bound import MAC, boxes_of, is_bound
from eseal.store.schema.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Row, Table

    from eseal.config import Settings
    from eseal.keys.kek import KeyEncryptionKey
    from eseal.keys.ring import KeyRing
    from eseal.store.database import Database

PAGE: Final = 200
"""Rows written again in one transaction: others wait for it some ten milliseconds."""
_BOX_FINGERPRINT: Final = (2, 8)
"""Where a box names its key: from which byte on, counted from 1, and how many (keys.vault)."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of a change.

    Attributes:
        fingerprint: of the key in force now, 8 bytes.
        rows: how many rows were written again this time.
        old_key: where the old key file lies now; ``None`` if it was in the environment.
    """

    fingerprint: bytes
    rows: int
    old_key: Path | None


def prepare_next_key(settings: Settings) -> None:
    """See that there is a next key: from the environment, or a new file beside the present one.

    Raises:
        ConfigurationError: the key is in the environment, and the next one is not.
    """
    if settings.kek_next is not None:
        return
    if settings.kek is not None:
        raise ConfigurationError(
            f"the key-encryption key is in {KEK_VARIABLE}: put the next one, 32 random bytes in "
            f"base64, in {NEXT_VARIABLE}, start all services again with both, then run this again"
        )
    if not next_kek_path(settings.kek_path).exists():
        create_kek_file(next_kek_path(settings.kek_path))


def rotate(
    settings: Settings,
    database: Database,
    ring: KeyRing,
    progress: Callable[[str, int], object] = lambda _table, _rows: None,
) -> Rotated:
    """Change the key-encryption key, or carry a change on; see :func:`prepare_next_key` first.

    Args:
        settings: the instance's.
        database: bound with ``ring``.
        ring: the present and the next key.
        progress: hears each table's name and how many rows of it were written again.

    Raises:
        ForeignRowError: a row is not this instance's; nothing of it is written again.
        CorruptionError: rows are foreign, or stand under the old key still; it is not given up.
    """
    new = ring.keys[-1]
    with database.write() as connection:
        database.binding.begin_change(connection, new)
    total = 0
    for table in metadata.sorted_tables:
        if is_bound(table) or boxes_of(table):
            count = _rewrite(database, table, new)
            progress(table.name, count)
            total += count
    found = check_rows(database)
    if found:
        raise CorruptionError(
            f"the old key is not given up, because rows are foreign: {found[0]}; run: eseal audit"
        )
    with database.write() as connection:
        for table in metadata.sorted_tables:
            if (is_bound(table) or boxes_of(table)) and _page(connection, table, new, None):
                raise CorruptionError(f"rows of {table.name} stand under the old key still")
        database.binding.end_change(connection)
    return Rotated(new.fingerprint, total, _put_in_place(settings, ring, new))


def _rewrite(database: Database, table: Table, new: KeyEncryptionKey) -> int:
    """Write what stands under another key again; how many rows."""
    count, last = 0, None
    while True:
        with database.write() as connection:
            page = _page(connection, table, new, last)
            rows = rows_of(connection)
            for row in page:
                rows.rewrite(table, _is(table, row))
            if not page:
                rows.rewrite_sum(table)
        if not page:
            return count
        count, last = count + len(page), page[-1]


def _page(
    connection: Connection, table: Table, new: KeyEncryptionKey, last: Row[Any] | None
) -> list[Row[Any]]:
    """Keys of rows under another key, in their order, from behind ``last`` on."""
    keys = [*table.primary_key]
    query = select(*keys).where(_is_old(table, new)).order_by(*keys).limit(PAGE)
    if last is not None:
        query = query.where(tuple_(*keys) > tuple_(*last))
    return list(connection.execute(query))


def _is_old(table: Table, new: KeyEncryptionKey) -> ColumnElement[bool]:
    if is_bound(table):  # what is encrypted in a bound row changes with its MAC
        column, first, length = table.c[MAC], 1, PREFIX_BYTES
    else:
        (name,) = boxes_of(table)
        column, (first, length) = table.c[name], _BOX_FINGERPRINT
    return func.substr(column, first, length, type_=LargeBinary) != new.fingerprint[:length]


def _is(table: Table, row: Row[Any]) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(table.primary_key, row, strict=True)))


def _put_in_place(settings: Settings, ring: KeyRing, new: KeyEncryptionKey) -> Path | None:
    """Put the new key file in the place of the old one, which is kept under another name."""
    path, following = settings.kek_path, next_kek_path(settings.kek_path)
    if settings.kek is not None or not following.exists():
        return None
    ring.reload()
    old = next(key for key in ring.keys if key.fingerprint != new.fingerprint)
    kept = path.with_name(f"{path.name}.{old.fingerprint.hex()}")
    if not kept.exists():
        os.link(path, kept)
    following.replace(path)
    sync_directory(path.parent)
    ring.reload()
    return kept
