"""``eseal examine``: what a PDF holds that must not be sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.files import read_limited
from eseal.cli.framework import REFUSED, AsJson, state_of
from eseal.cli.output import print_json, printable
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from eseal.documents.pdf import Hazard


def examine(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: AsJson = False,
) -> None:
    """Examine a PDF as before sealing. Needs no instance, records nothing.

    Exit code 0 if it can be sealed, 1 if not.
    """
    from eseal.documents.pdf import ContentPolicy
    from eseal.documents.pdf import examine as look_into

    settings = state_of(ctx).settings()
    data = read_limited(file, settings.max_upload_bytes)
    try:
        found = look_into(data, policy=ContentPolicy.of(settings))
        reasons = [*map(_view, found)]
    except InvalidInputError as error:  # not a PDF, broken, encrypted, too large
        reasons = [{"code": error.code, "message": str(error), "where": None}]
    if as_json:
        print_json({"file": str(file), "clean": not reasons, "reasons": reasons})
    for reason in [] if as_json else reasons:
        where = "" if reason["where"] is None else f" ({reason['where']})"
        typer.echo(printable(f"{reason['code']}: {reason['message']}{where}"))
    if reasons:
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(printable(f"{file}: nothing found that must not be sealed"))


def _view(hazard: Hazard) -> dict[str, Any]:
    return {"code": hazard.code.value, "message": hazard.sentence, "where": hazard.where}
