"""``eseal examine``: what a PDF holds that must not be sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.files import read_limited
from eseal.cli.framework import REFUSED, AsJson, state_of
from eseal.cli.output import print_json, printable

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
    from eseal.documents.pdf import examine as look_into

    settings = state_of(ctx).settings()
    data = read_limited(file, settings.max_upload_bytes)
    hazards = look_into(data, allow_embedded_files=settings.allow_embedded_files)
    if as_json:
        print_json({"file": str(file), "clean": not hazards, "reasons": [*map(_view, hazards)]})
    elif hazards:
        for hazard in hazards:
            typer.echo(printable(f"{hazard.code.value}: {hazard}"))
    else:
        typer.echo(printable(f"{file}: nothing found that must not be sealed"))
    if hazards:
        raise typer.Exit(REFUSED)


def _view(hazard: Hazard) -> dict[str, Any]:
    return {"code": hazard.code.value, "message": hazard.sentence, "where": hazard.where}
