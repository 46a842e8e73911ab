"""The commands, put together."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from eseal.cli.company import companies, declare, impressions, longterm, records, seals, stop, watch
from eseal.cli.company.disclosing import DisclosingCommand
from eseal.cli.frame.command import Command, Root, State
from eseal.cli.operator import (
    authority,
    ca,
    instance,
    keys,
    ledger,
    monitor,
    recovery,
    tokens,
    witness,
)
from eseal.cli.sealing import apply
from eseal.cli.verifying import examine, trust, verify
from eseal.words import Language

app = typer.Typer(
    name="eseal",
    cls=Root,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eseal {version('eseal')}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            envvar="ESEAL_DATA_DIR",
            file_okay=False,
            help="Where the instance lives (default: ./eseal-data).",
        ),
    ] = None,
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="Language of verdicts and refusals (default: the locale's)."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which this is."),
    ] = False,
) -> None:
    """Company seals whose every use is on the record."""
    ctx.obj = State(data_dir, lang)


app.command(cls=Command)(instance.init)
app.command(cls=Command)(instance.migrate)
app.command(cls=Command)(instance.serve)
app.command(cls=Command)(instance.status)
app.command(cls=Command)(instance.demo)
app.add_typer(ca.app, name="ca")
app.add_typer(authority.app, name="authority")
app.add_typer(companies.app, name="company")
app.add_typer(seals.app, name="seal")
seals.app.command(cls=DisclosingCommand)(impressions.show)
seals.app.command(cls=Command)(impressions.impression)
app.add_typer(declare.app, name="use")
seals.app.command(cls=Command)(declare.dispute)
app.command(cls=Command)(apply.apply)
app.command(cls=Command)(longterm.extend)
app.command(cls=DisclosingCommand)(longterm.document)
app.command(cls=Command)(examine.examine)
app.command(cls=Command)(records.anchor)
app.command(cls=Command)(verify.verify)
app.command(cls=DisclosingCommand)(records.evidence)
app.command(cls=DisclosingCommand)(records.history)
app.command(cls=Command)(records.audit)
app.command(cls=Command)(recovery.recover)
app.command(cls=Command)(monitor.monitor)
app.command(cls=Command)(watch.watch)
app.add_typer(trust.app, name="trust")
app.add_typer(witness.app, name="witness")
app.add_typer(tokens.app, name="token")
app.add_typer(keys.app, name="keys")
app.add_typer(ledger.app, name="ledger")
app.add_typer(stop.app, name="stop")
