"""``eseal init``, ``migrate``, ``serve``, ``status``, ``demo``: the instance as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eseal.cli.frame.command import REFUSED, AsJson, quiet, state_of
from eseal.cli.frame.files import read_limited
from eseal.cli.frame.output import console, print_fields, print_json


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Whether this instance can seal now, and if not, why: what /readyz says of a service.

    Ends with 1 if it cannot. Run it where the service runs: clock and disk are those of this
    machine.
    """
    with state_of(ctx).service() as service:
        service.compare()
        reasons = service.readiness.look()
    if as_json:
        found = [{"trouble": each.trouble.value, "words": each.words} for each in reasons]
        print_json({"ready": not reasons, "reasons": found})
    elif reasons:
        print_fields({each.trouble.value: each.words for each in reasons})
    else:
        console().print("ready")
    if reasons:
        raise typer.Exit(REFUSED)


def init(  # noqa: PLR0913, PLR0917  # one parameter per option
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option("--name", help="The issuer's name; final.")] = None,
    origin: Annotated[
        str | None,
        typer.Option("--origin", help="The log's name, such as seals.example.org/log; final."),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            "--country", metavar="CODE", help="The issuer's country (ISO 3166-1), in its CA; final."
        ),
    ] = None,
    join: Annotated[
        Path | None,
        typer.Option(
            "--join",
            metavar="TRUST_FILE",
            help="Join the consortium whose trust.json this is, instead of making new contracts.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a new instance in the data directory: keys, CA, database, contracts, log."""
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.setup.deployment_record import record_path
    from eseal.service.setup.bootstrap import DEFAULT_COUNTRY, initialise
    from eseal.verify.inputs.trust import Trust

    quiet()
    settings = state_of(ctx).settings()
    consortium = None if join is None else Trust.parse(read_limited(join))
    made = initialise(
        settings,
        name=name,
        origin=origin,
        country=country or DEFAULT_COUNTRY,
        consortium=consortium,
    )
    deployment = Deployment.parse((made.deployment or "").encode())
    fields = {
        "id": made.issuer_id.hex(),
        "name": made.name,
        "origin": made.origin,
        "chain_id": deployment.chain_id,
        "seal_registry": deployment.seal_registry,
        "usage_ledger": deployment.usage_ledger,
        "data_dir": str(settings.data_dir),
        "trust_file": str(settings.trust_path),
        "deployment_record": str(record_path(settings.data_dir, deployment.chain_id)),
    }
    if as_json:
        print_json(fields)
        return
    print_fields(fields)
    if settings.kek is None:
        console().print(
            f"\nKeep a copy of {settings.kek_path} apart from this directory: "
            "without it no stored key can be opened."
        )


def migrate(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database to this program's schema. Make a backup first; stop other processes."""
    from eseal.service.setup.bootstrap import migrate as bring_up_to_date

    before, after = bring_up_to_date(state_of(ctx).settings())
    if as_json:
        print_json({"from": before, "to": after})
    elif before == after:
        console().print(f"The database has schema {after} already; nothing was done.")
    else:
        console().print(f"The database was brought from schema {before} to {after}.")


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = None,
) -> None:
    """Run the service: API, log, portal and anchoring."""
    from eseal_api.servers.server import serve as run

    run(state_of(ctx).settings(host=host, port=port))


def demo(
    ctx: typer.Context,
    keep_serving: Annotated[
        bool, typer.Option("--serve", help="Leave the service running on the same data.")
    ] = False,
) -> None:
    """Seal, anchor and verify real files, then forge some, in ./demo-data (or --data-dir)."""
    from eseal.cli.demo import run_demo

    settings = state_of(ctx).settings()
    as_expected = run_demo(state_of(ctx).data_dir, settings, keep_serving=keep_serving)
    if not as_expected:
        raise typer.Exit(1)
