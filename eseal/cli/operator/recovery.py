"""``eseal recover``: after a database was lost or restored from an older state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.frame.command import REFUSED, AsJson, state_of
from eseal.cli.frame.output import console, print_fields, print_json
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from eseal.service.record.recovery import Loss


def recover(
    ctx: typer.Context,
    after_loss: Annotated[
        bool,
        typer.Option(
            "--after-loss",
            help="Go on from the database as it is: fresh volumes, and a mark on the log.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Let all processes seal again, where nothing is lacking any more.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the database with the highest head that was released; tell what is lost.

    Stop all other processes of this instance first. Where a newer backup exists, bring that back
    instead: what --after-loss gives up stays without a record for ever.
    """
    if after_loss and resume:
        raise InvalidInputError("expected one of --after-loss and --resume, got both")
    with state_of(ctx).service() as service:
        if resume:
            fields: dict[str, Any] = {"had_stopped": service.recovery.resume()}
        elif after_loss:
            done = service.recovery.go_on()
            fields = {
                **_view(done.loss),
                "mark": done.mark,
                "document": str(done.document),
                "books": done.books,
            }
        else:
            loss = service.recovery.loss()
            fields = {"lost": 0} if loss is None else _view(loss)
    if as_json:
        print_json(fields)
    else:
        _tell(fields)
    if not after_loss and "message" in fields:
        raise typer.Exit(REFUSED)


def _tell(fields: dict[str, Any]) -> None:
    if "had_stopped" in fields:
        stopped = fields["had_stopped"]
        console().print("the stop is lifted: all seal again" if stopped else "nothing was stopped")
    elif not fields["lost"]:
        console().print("nothing is lost: the database holds all that was released")
    else:
        told: dict[str, Any] = {"leaves lost": fields["lost"]}
        for name in ("released", "database"):
            told[name] = f"{fields[name]['size']} leaves, root {fields[name]['root']}"
        if "mark" in fields:
            told["mark on the log"] = f"leaf {fields['mark']}"
            told["books with a fresh volume"] = fields["books"]
            told["what was given up"] = f"{fields['document']} (keep it)"
        print_fields(told)
        if "mark" in fields:
            console().print(
                "\nwhat was lost stays without a record; sealing goes on once the fresh volumes "
                "are on the ledger: start eseal serve, or run eseal anchor"
            )
        else:
            console().print(f"\n{fields['message']}")


def _view(loss: Loss) -> dict[str, Any]:
    return {
        "lost": len(loss.leaves),
        "released": {"size": loss.released.size, "root": loss.released.root.hex()},
        "database": {"size": loss.database.size, "root": loss.database.root.hex()},
        "message": loss.message,
    }
