"""``eseal ledger``: who may do what on the contracts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.framework import AsJson, Command, quiet, state_of
from eseal.cli.output import console, print_fields, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.ledger.administration import Administration
    from eseal.ledger.protocol import Receipt
    from eseal.service.consortium import Accounts, Membership

app = typer.Typer(help="Who may do what on the contracts.", no_args_is_help=True)

Issuer = Annotated[str, typer.Argument(metavar="ISSUER", help="Its id, 64 hex digits.")]
Operator = Annotated[str, typer.Option("--operator", help="Address of the account that anchors.")]
Account = Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the account, 0x….")]


@app.command(cls=Command)
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the contracts, who administers them, and whether this issuer is admitted."""
    with _opened(ctx) as (_, where):
        fields = _view(where)
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command(cls=Command)
def accounts(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what this instance is called on a ledger, before it is on one, too."""
    from eseal.service.consortium import accounts_of
    from eseal.service.instance import stored

    with stored(state_of(ctx).settings()) as found:
        fields = _accounts_view(accounts_of(found.instance, found.keys))
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command(cls=Command)
def admit_issuer(ctx: typer.Context, issuer: Issuer, operator: Operator) -> None:
    """Admit an issuer with its first operator, or give an admitted one another operator."""
    from eseal.ledger.administration import parse_address, parse_issuer

    issuer_id, address = parse_issuer(issuer), parse_address(operator, "operator")
    with _opened(ctx) as (administration, _):
        _tell(administration.admit_issuer(issuer_id, address))


@app.command(cls=Command)
def remove_operator(ctx: typer.Context, issuer: Issuer, operator: Operator) -> None:
    """Take an account's right to act for an issuer: its key was stolen or given up."""
    from eseal.ledger.administration import parse_address, parse_issuer

    issuer_id, address = parse_issuer(issuer), parse_address(operator, "operator")
    with _opened(ctx) as (administration, _):
        _tell(administration.remove_operator(issuer_id, address))


@app.command(cls=Command)
def retire_issuer(ctx: typer.Context, issuer: Issuer) -> None:
    """Retire an issuer for good: its history stays, and nobody may act for it."""
    from eseal.ledger.administration import parse_issuer

    issuer_id = parse_issuer(issuer)
    with _opened(ctx) as (administration, _):
        _tell(administration.retire_issuer(issuer_id))


@app.command(cls=Command)
def grant_regulator(ctx: typer.Context, address: Account) -> None:
    """Let an account suspend, resume and revoke any seal on the ledger."""
    from eseal.ledger.administration import parse_address

    account = parse_address(address, "address")
    with _opened(ctx) as (administration, _):
        _tell(administration.grant_regulator(account))


@app.command(cls=Command)
def revoke_regulator(ctx: typer.Context, address: Account) -> None:
    """Take that right from an account."""
    from eseal.ledger.administration import parse_address

    account = parse_address(address, "address")
    with _opened(ctx) as (administration, _):
        _tell(administration.revoke_regulator(account))


@app.command(cls=Command)
def transfer_admin(ctx: typer.Context, address: Account) -> None:
    """Name the registry's next administrator; nothing changes until that account accepts.

    Prints the call by which the account accepts: a contract that many must sign for, such as a
    Safe, is given it as a transaction to propose.
    """
    from eseal.ledger.administration import encode, parse_address

    successor = parse_address(address, "address")
    with _opened(ctx) as (administration, where):
        _tell(administration.begin_transfer(successor))
        office = administration.office()
    print_fields(
        {
            "successor": office.successor,
            "acceptable_from": office.acceptable_from,
            "call_to": where.deployment.seal_registry,
            "call_data": "0x" + encode("acceptDefaultAdminTransfer").hex(),
        }
    )


@app.command(cls=Command)
def cancel_transfer(ctx: typer.Context) -> None:
    """Take back the naming of a successor."""
    with _opened(ctx) as (administration, _):
        _tell(administration.cancel_transfer())


@app.command(cls=Command)
def accept_admin(ctx: typer.Context) -> None:
    """Take the office with this instance's own administrator key, once it has been named."""
    with _opened(ctx) as (administration, _):
        _tell(administration.accept_transfer())


@app.command(cls=Command)
def set_admin_delay(
    ctx: typer.Context,
    seconds: Annotated[int, typer.Argument(min=0, help="Seconds, at least, per hand-over.")],
) -> None:
    """Change how long a hand-over of the administrator's office takes."""
    with _opened(ctx) as (administration, _):
        _tell(administration.change_delay(seconds))


@contextlib.contextmanager
def _opened(ctx: typer.Context) -> Iterator[tuple[Administration, Membership]]:
    from eseal.service.consortium import administration, membership
    from eseal.service.instance import stored

    quiet()
    settings = state_of(ctx).settings()
    with (
        stored(settings) as found,
        administration(settings, found.instance, found.keys, found.deployment) as ledger,
    ):
        yield ledger, membership(found.instance, found.keys, found.deployment, ledger)


def _view(where: Membership) -> dict[str, Any]:
    office = where.office
    return {
        **_accounts_view(where.accounts),
        "admitted": where.admitted,
        "chain_id": where.deployment.chain_id,
        "seal_registry": where.deployment.seal_registry,
        "usage_ledger": where.deployment.usage_ledger,
        "administrator": office.administrator,
        "admin_delay": office.delay,
        "successor": office.successor,
        "acceptable_from": office.acceptable_from,
    }


def _accounts_view(accounts: Accounts) -> dict[str, Any]:
    return {
        "issuer": accounts.issuer.hex(),
        "operator": accounts.operator,
        "own_admin_account": accounts.administrator,
    }


def _tell(receipt: Receipt | None) -> None:
    if receipt is None:
        console().print("nothing to do")
        return
    block, gas = receipt.block.number, receipt.gas_used
    console().print(f"done in block {block} ({gas} gas): 0x{receipt.transaction.hex()}")
