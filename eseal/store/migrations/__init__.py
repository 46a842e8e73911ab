"""Schema versions (Alembic). ``upgrade`` makes the newest of any older one, or of nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from eseal.errors import ConfigurationError, NotInitialisedError
from eseal.store.repositories.instance import NOT_INITIALISED

if TYPE_CHECKING:
    from eseal.store.database import Database


def upgrade(database: Database) -> None:
    """Bring the schema to the newest version, in one transaction.

    Raises:
        ConfigurationError: the schema is newer than this program.
    """
    config = _config()
    with database.write() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        _check_known(current, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def upgrade_existing(database: Database) -> tuple[str, str]:
    """Bring an instance's schema to the newest version; the version it had, and has.

    Raises:
        NotInitialisedError: there is no schema to upgrade.
        ConfigurationError: it is newer than this program.
    """
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        raise NotInitialisedError(NOT_INITIALISED)
    upgrade(database)
    return current, _newest(_config())


def check(database: Database) -> None:
    """Raise unless the schema is the newest.

    Raises:
        NotInitialisedError: there is no schema yet.
        ConfigurationError: it is older or newer than this program.
    """
    config = _config()
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        raise NotInitialisedError(NOT_INITIALISED)
    _check_known(current, config)
    newest = _newest(config)
    if current != newest:
        raise ConfigurationError(
            f"the database has schema {current}, this program needs {newest}; run: eseal migrate"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _newest(config: Config) -> str:
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _check_known(current: str | None, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise ConfigurationError(
            f"the database has schema {current}, which this program does not know; "
            "it was written by a newer eseal: use that one"
        )
