"""``eseal trust``: whom a verifier trusts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import AsJson, Command, state_of
from eseal.cli.frame.output import print_json, printable
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from eseal.cli.frame.command import State
    from eseal.verify.inputs.trust import Trust

app = typer.Typer(help="Whom you trust when you verify.", no_args_is_help=True)


@app.command(cls=Command)
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show which trust file is in force here, and whom it names."""
    from eseal.cli.verifying.trust_files import find_trust

    state = state_of(ctx)
    _show(state, find_trust(state, None), as_json=as_json)


@app.command(cls=Command)
def add(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE…", exists=True, dir_okay=False, help="What another issuer publishes."
        ),
    ] = None,
    roots: Annotated[
        list[Path] | None,
        typer.Option(
            "--root",
            exists=True,
            dir_okay=False,
            help="A root certificate, of a time-stamp authority, say; PEM or DER.",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", dir_okay=False, help="Where to add it; default: the file in force."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Trust another issuer on the same contracts, too: its root and its authority; or a root alone.

    Compare its file with a second source before: whoever is in it can make seals that pass. The
    ledger says whose a root is, and which authority names the companies of a register. A root alone
    makes no seal pass; if nothing else in the file does, that is said.
    """
    from eseal.cli.frame.files import certificates
    from eseal.cli.verifying.trust_files import find_trust, lacking, read_trust, user_trust
    from eseal.verify.inputs.trust import Trust

    state = state_of(ctx)
    new = to is not None and not to.exists()
    path, trust = (None if new else find_trust(state, to)) or (to or user_trust(), Trust())
    published = [read_trust(file) for file in files or []]
    alone = [certificate for file in roots or [] for certificate in certificates(file)]
    if not published and not alone:
        raise InvalidInputError("expected a trust file, or --root FILE", field="files")
    for one in published:
        trust = trust.joined(one)
    added = trust.joined(Trust(roots=tuple(alone)))
    path.parent.mkdir(parents=True, exist_ok=True)
    added.write(path)
    _show(state, (path, added), as_json=as_json)
    if missing := lacking(trust, state.words):  # whether a root added alone is an issuer's, is open
        typer.echo(printable(missing), err=True)


def _show(state: State, found: tuple[Path, Trust] | None, *, as_json: bool) -> None:
    from eseal.cli.verifying.trust_files import members, told

    if as_json:
        print_json(members(found))
    else:
        typer.echo(printable(told(found, state.words)))
