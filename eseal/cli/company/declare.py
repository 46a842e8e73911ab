"""``eseal use declare`` and ``eseal seal dispute``: the owner's word about uses of a seal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.company.disclosing import DisclosingCommand, record_access
from eseal.cli.frame.command import AsJson, Command, actor, state_of
from eseal.cli.frame.output import print_fields, print_json, print_rows
from eseal.cli.frame.times import moment
from eseal.cli.frame.views import declaration_view
from eseal.model.records import Span, Word

if TYPE_CHECKING:
    from eseal.store.repositories.records import StoredRecord

app = typer.Typer(help="Uses of seals: the owner's word about them.", no_args_is_help=True)

UseName = Annotated[str, typer.Argument(metavar="USE_ID", help="The use's id.")]
Why = Annotated[
    str | None,
    typer.Option("--reason", help="In your words; shown to whoever verifies the document."),
]
_COLUMNS = ("log_index", "declared_at", "word", "reason")


@app.command(cls=Command)
def declare(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    use: UseName,
    void: Annotated[
        bool, typer.Option("--void", help="It never was to be: a mistake, a draft.")
    ] = False,
    rescinded: Annotated[
        bool, typer.Option("--rescinded", help="What was sealed has been ended since.")
    ] = False,
    disputed: Annotated[
        bool, typer.Option("--disputed", help="The company says that it did not do this.")
    ] = False,
    reason: Why = None,
    as_json: AsJson = False,
) -> None:
    """Say on the log, under the seal, that a use is void, rescinded or disputed.

    The use stays genuine and on record; whoever verifies it is told this word besides, for good.
    """
    said = {Word.VOID: void, Word.RESCINDED: rescinded, Word.DISPUTED: disputed}
    words = [word for word, chosen in said.items() if chosen]
    if len(words) != 1:
        raise typer.BadParameter("expected one of --void, --rescinded and --disputed")
    with state_of(ctx).service() as service:
        seal_id = service.records.use(use).use.seal_id
        made = service.declarations.declare(seal_id, use, words[0], actor=actor(), reason=reason)
    _show(made, as_json)


@app.command(cls=DisclosingCommand)
def declarations(ctx: typer.Context, use: UseName, as_json: AsJson = False) -> None:
    """Show what the owner of the seal said about a use."""
    with record_access(ctx) as access:
        rows = [declaration_view(each) for each in access.declarations(use)]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="nothing was declared about it")


def dispute(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    seal: Annotated[str, typer.Argument(metavar="SEAL", help="Its id or handle.")],
    since: Annotated[
        datetime, typer.Option("--since", parser=moment, metavar="TIME", help="From when on.")
    ],
    until: Annotated[
        datetime | None,
        typer.Option("--until", parser=moment, metavar="TIME", help="Up to when; else it goes on."),
    ] = None,
    reason: Why = None,
    as_json: AsJson = False,
) -> None:
    """Dispute all uses of a seal in a time, on the log: its key was stolen, say."""
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        made = service.declarations.declare(
            found.id, Span(since, until), Word.DISPUTED, actor=actor(), reason=reason
        )
    _show(made, as_json)


def _show(made: StoredRecord, as_json: bool) -> None:
    view = declaration_view(made)
    if as_json:
        print_json(view)
    else:
        print_fields({name: value for name, value in view.items() if value is not None})
