"""``eseal ca``: the built-in certification authority."""

from __future__ import annotations

import typer

from eseal.cli.frame.command import AsJson, Command, quiet, state_of
from eseal.cli.frame.output import console, print_fields, print_json

app = typer.Typer(help="The built-in certification authority.", no_args_is_help=True)


@app.command(cls=Command)
def reissue(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Give the issuing CA a new certificate for the same key, naming today's addresses."""
    from eseal.pki.names import serial_number
    from eseal.pki.public_urls import PublicUrls

    with state_of(ctx).service() as service:
        made = service.ca.reissue()
        url, root = service.context.settings.certificate_url, service.ca.chain[-1]
        addresses = PublicUrls.of_root(url or "", root)
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


@app.command(name="renew-root", cls=Command)
def renew_root(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make a new root certificate, put it on the ledger, and issue under it from then on.

    Seals keep the root they were issued under. It stays good until eseal ledger end-root ends it:
    issue those that are to be used afterwards anew before. Uses proven before stay good.
    """
    from eseal.service.setup.key_rollover import renew_root as renew

    quiet()
    made = renew(state_of(ctx).settings())
    fields = {
        "issuer": made.issuer.hex(),
        "root": made.new.hex(),
        "old_root": made.old.hex(),
        "in_force": made.in_force,
        "seals_under_the_old": list(made.standing),
    }
    if as_json:
        print_json(fields)
        return
    print_fields(fields | {"seals_under_the_old": len(made.standing)})
    issuer, root, old = made.issuer.hex(), made.new.hex(), made.old.hex()
    if made.in_force:
        text = (
            "start the services again, give verifiers the new trust.json, issue the seals under "
            f"the old root anew, and then run: eseal ledger end-root {issuer} {old}"
        )
    else:
        text = (
            f"have the administrator run: eseal ledger add-root {issuer} {root}\n"
            "then run this again"
        )
    console().print(f"\n{text}", soft_wrap=True)
