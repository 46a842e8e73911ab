"""``eseal ca``: the built-in certification authority."""

from __future__ import annotations

import typer

from eseal.cli.framework import AsJson, Command, state_of
from eseal.cli.output import console, print_fields, print_json

app = typer.Typer(help="The built-in certification authority.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep ``reissue`` a command of its own while it is the only one."""


@app.command(cls=Command)
def reissue(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Give the issuing CA a new certificate for the same key, naming today's addresses."""
    from eseal.pki.addresses import Addresses
    from eseal.pki.names import serial_number

    with state_of(ctx).service() as service:
        made = service.ca.reissue()
        addresses = Addresses.of_root(service.context.settings.certificate_url or "")
    fields = {
        "serial": f"{serial_number(made.certificate):x}",
        "crl": addresses.crl,
        "issuer": addresses.issuer,
        "seals": made.seals,
    }
    if as_json:
        print_json(fields)
        return
    print_fields(fields)
    console().print("\nStart a running service again: until then it hands out the old one.")
