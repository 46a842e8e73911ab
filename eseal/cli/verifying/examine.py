"""``eseal examine``: what a PDF holds that must not be sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.frame.command import REFUSED, AsJson, quiet, state_of
from eseal.cli.frame.files import read_limited
from eseal.cli.frame.output import print_json, printable
from eseal.cli.frame.refusals import OPTIONS
from eseal.errors import InvalidInputError
from eseal.words import Language

if TYPE_CHECKING:
    from eseal.documents.pdf import Hazard
    from eseal.words import Words


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

    quiet()
    words = state_of(ctx).words
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
        typer.echo(printable(_line(reason, words)))
    if reasons:
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(printable(f"{file}: {words('hazards.none.sentence')}"))


def _line(reason: dict[str, Any], words: Words) -> str:
    """What was found, in the reader's language, where, and what to do."""
    code, where = reason["code"], "" if reason["where"] is None else f" ({reason['where']})"
    section = "refusals" if words.find(f"hazards.{code}.sentence") is None else "hazards"
    exact = words.language is Language.EN or section == "refusals"
    what = reason["message"] if exact else words(f"{section}.{code}.sentence")
    return f"{code}: {what}{where}. {words(f'{section}.{code}.advice', **OPTIONS)}"


def _view(hazard: Hazard) -> dict[str, Any]:
    return {"code": hazard.code.value, "message": hazard.sentence, "where": hazard.where}
