"""An instance of which a part is lost: told apart from one that was never made.

Whoever lost a file and is told to make a new instance loses the rest as well: other keys, another
chain, another trust file, under which every document sealed so far is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select

from eseal.errors import NotInitialisedError
from eseal.ledger.node.ipc import DATABASE_NAME
from eseal.service.instance.trust import trusts
from eseal.store.repositories.instance import NOT_INITIALISED
from eseal.store.schema.tables import instance

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.config import Settings
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.store.database import Database


def check_made(settings: Settings, database: Database) -> None:
    """Check that the database holds an instance.

    Raises:
        NotInitialisedError: none; says to restore it, if there are traces of one.
    """
    if not _holds_instance(database):
        raise missing(settings)


def check_new(settings: Settings, database: Database, joining: Deployment | None) -> None:
    """Check that an instance may be made here: there is one already, or no trace of any.

    Args:
        settings: where.
        database: its database.
        joining: the contracts it is to join; a trust file may name these.

    Raises:
        NotInitialisedError: the database is lost or empty, and other files of its instance stand.
    """
    if not _holds_instance(database) and _traces(settings, joining):
        raise missing(settings, joining)


def missing(settings: Settings, joining: Deployment | None = None) -> NotInitialisedError:
    """What to say where a database holds no instance."""
    found = _traces(settings, joining)
    if not found:
        return NotInitialisedError(f"{settings.data_dir.absolute()}: {NOT_INITIALISED}")
    return NotInitialisedError(
        "the database of this instance is lost or empty, while other files of it are here "
        f"({', '.join(each.name for each in found)}): restore the newest database beside them; "
        "for a new instance choose another --data-dir"
    )


def _holds_instance(database: Database) -> bool:
    with database.read(checked=False) as connection:
        if not inspect(connection).has_table(instance.name):
            return False
        return bool(connection.execute(select(func.count()).select_from(instance)).scalar_one())


def _traces(settings: Settings, joining: Deployment | None) -> list[Path]:
    """Files that only come after an instance's row."""
    ledger = [settings.data_dir / DATABASE_NAME] if settings.ledger_url is None else []
    found = [path for path in (*ledger, settings.released_path) if path.exists()]
    if not trusts(settings, joining):
        found.append(settings.trust_path)
    return found
