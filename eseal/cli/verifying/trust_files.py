"""What a verifier trusts: only what its user names, and said before anything rests on it.

A trust file decides every verdict. So none is taken from the document, nor from the directory a
command happens to run in: a forger's parcel may hold both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eseal.cli.frame.files import read_limited
from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.verify.inputs.certificates import title_of
from eseal.verify.inputs.trust import Trust

if TYPE_CHECKING:
    from eseal.cli.frame.command import State
    from eseal.verify.inputs.trust import TrustedAuthority
    from eseal.words import Words

TRUST_VARIABLE = "ESEAL_TRUST"
_FILE = "trust.json"


def user_trust() -> Path:
    """Where a user keeps a trust file for good (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".config"
    return home / "eseal" / _FILE


def find_trust(state: State, named: Path | None) -> tuple[Path, Trust] | None:
    """The trust file in force: named, of the environment, of a named data directory, the user's.

    Args:
        state: the global options; a data directory counts if an option or variable names it.
        named: what the command's option names, or ``None``.

    Raises:
        InvalidFormatError: it cannot be used.
        ConfigurationError: the variable names a file that is not there.
    """
    variable = os.environ.get(TRUST_VARIABLE)
    if named is None and variable:
        named = Path(variable)
        if not named.is_file():
            raise ConfigurationError(f"{TRUST_VARIABLE}: {named}: no such file")
    kept = [] if state.data_dir is None else [state.data_dir / _FILE]
    path = named or next((each for each in (*kept, user_trust()) if each.is_file()), None)
    return None if path is None else (path, read_trust(path))


def read_trust(path: Path) -> Trust:
    """A trust file.

    Raises:
        InvalidFormatError: it cannot be used; names the file.
    """
    try:
        return Trust.parse(read_limited(path))
    except InvalidFormatError as error:
        raise InvalidFormatError(f"{path}: {error}", field="trust") from None


def told(found: tuple[Path, Trust] | None, words: Words) -> str:
    """What is trusted, in a sentence."""
    if found is None:
        return words("report.notes.no_trust", place=user_trust())
    path, trust = found
    none = words("report.none")
    return words(
        "report.notes.trusting",
        file=path,
        registry=trust.seal_registry or none,
        ledger=trust.usage_ledger or none,
        chain=trust.chain_id or none,
        roots=", ".join(title_of(root) or "?" for root in trust.roots) or none,
        authorities=", ".join(map(_called, trust.authorities)) or none,
    )


def lacking(trust: Trust, words: Words) -> str | None:
    """What a trust file lacks so that any seal can pass, in a sentence; ``None`` if nothing."""
    there = {
        "contracts": trust.chain_id and trust.seal_registry and trust.usage_ledger,
        "roots": trust.roots,
        "authorities": trust.authorities,
    }
    missing = [words(f"report.lacking.{name}") for name, value in there.items() if not value]
    return words("report.notes.lacking", what="; ".join(missing)) if missing else None


def members(found: tuple[Path, Trust] | None) -> dict[str, Any] | None:
    """The same, JSON-ready; ``None`` if nothing is trusted."""
    if found is None:
        return None
    path, trust = found
    return {
        "file": str(path),
        "chain_id": trust.chain_id,
        "seal_registry": trust.seal_registry,
        "usage_ledger": trust.usage_ledger,
        "roots": [title_of(root) for root in trust.roots],
        "authorities": [
            {"vrf_key": key.vrf_key.hex(), "schemes": list(key.schemes), "name": key.name}
            for key in trust.authorities
        ],
    }


def _called(authority: TrustedAuthority) -> str:
    key = authority.vrf_key.hex()
    return key if authority.name is None else f"{authority.name} ({key})"
