"""``eseal token``: bearer tokens for the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from eseal.cli.frame.command import AsJson, Command, state_of
from eseal.cli.frame.output import console, print_json, print_rows
from eseal.cli.frame.times import moment
from eseal.cli.frame.views import token_view

app = typer.Typer(help="Bearer tokens for the API.", no_args_is_help=True)


class ScopeName(StrEnum):
    """The scopes of ``eseal.service.people.permissions``, known without importing the service."""

    COMPANY = "company"
    REGULATOR = "regulator"
    OPERATOR = "operator"


@app.command(cls=Command)
def create(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    scope: Annotated[ScopeName, typer.Option("--scope", help="What it is good for.")],
    company: Annotated[
        str | None, typer.Option("--company", help="Whose it is, with scope company.")
    ] = None,
    label: Annotated[
        str,
        typer.Option("--label", help="A name to tell tokens apart; companies see it."),
    ] = "",
    order: Annotated[
        str | None,
        typer.Option(
            "--order", metavar="NUMBER", help="Under which order it looks, with scope regulator."
        ),
    ] = None,
    notice_after: Annotated[
        datetime | None,
        typer.Option(
            "--notice-after",
            parser=moment,
            metavar="TIME",
            help="Until when that order keeps looks from the companies.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown this once."""
    from eseal.model.actor import Order
    from eseal.service.people.permissions import Scope

    under = Order.of(order, notice_after)
    with state_of(ctx).service() as service:
        company_id = None if company is None else service.directory.company(company).id
        token = service.access.create(
            Scope(scope.value), company_id=company_id, label=label, order=under
        )
    if as_json:
        token_id = token.split("_")[1]
        print_json({"id": token_id, "scope": scope.value, "company_id": company_id, "token": token})
    else:
        console().print(token, soft_wrap=True)


@app.command("list", cls=Command)
def list_tokens(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens, without their secrets."""
    with state_of(ctx).service() as service:
        rows = [token_view(token) for token in service.access.tokens()]
    if as_json:
        print_json(rows)
    else:
        columns = ("id", "scope", "company_id", "label", "order", "revoked_at")
        print_rows(rows, columns, empty="no tokens")


@app.command(cls=Command)
def revoke(
    ctx: typer.Context, token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID")]
) -> None:
    """Make a token worthless from now on."""
    with state_of(ctx).service() as service:
        service.access.revoke(token_id)
    console().print(f"revoked {token_id}")
