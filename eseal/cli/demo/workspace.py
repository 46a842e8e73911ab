"""The demo's directory, its settings and its sample files."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.errors import ConfigurationError

if TYPE_CHECKING:
    from eseal.config import Settings

MARKER = ".eseal-demo"
"""A directory that holds this file was made by the demo and may be removed by it."""
PATIENCE = 1.0
"""Seconds to wait for an earlier demo that is just ending."""
ELSEWHERE = ("database_url", "ledger_url", "kek", "kek_file", "public_url", "pki_url")
"""Settings that lead out of the demo's directory: the demo must not touch a real instance."""


def fresh_directory(directory: Path) -> None:
    """Make an empty demo directory, in place of an earlier one.

    Raises:
        ConfigurationError: there is something else, or a service still runs on an earlier one.
    """
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).is_file():
            raise ConfigurationError(
                f"{directory} is not a demo directory of ours; choose another --data-dir, "
                "or remove it yourself"
            )
        _check_idle(directory)
        shutil.rmtree(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / MARKER).write_text("made by eseal demo; removed by its next run\n")


def demo_settings(settings: Settings, directory: Path) -> Settings:
    """The same settings, but with everything inside the demo's directory."""
    defaults = {name: type(settings).model_fields[name].default for name in ELSEWHERE}
    return settings.model_copy(
        update=defaults | {"data_dir": directory, "ledger_finality": "immediate"}
    )


def sample(name: str) -> bytes:
    """A file shipped with the project."""
    return (files("eseal.cli") / "samples" / name).read_bytes()


def _check_idle(directory: Path) -> None:
    """Raise while a process uses the directory, ``eseal demo --serve`` for one."""
    from eseal.errors import LedgerLockedError
    from eseal.ledger.node.ipc import open_node

    if not (directory / "ledger.db").exists():
        return
    try:
        open_node(directory, exclusive=True, wait=PATIENCE).close()
    except LedgerLockedError as error:
        raise ConfigurationError(f"an earlier demo is still running: {error}") from None
